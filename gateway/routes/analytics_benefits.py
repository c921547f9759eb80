"""What the salon gains."""

from contracts.analytics import ShowBenefits
from gateway import pictures
from gateway.figures import FORMATS
from gateway.route import Area

area = Area("benefits", "What the salon gains")

area.expose(
    "GET",
    "/analytics/benefits",
    ShowBenefits,
    "What the salon gains, as far as it is measured",
    formats=FORMATS | pictures.BENEFITS,
)
