"""Everything that is held about one person."""

from contracts.clients import ExportClient, ShowClient
from gateway.export import FORMATS
from gateway.route import Area

area = Area("client export", "Everything that is held about one person")

area.expose(
    "GET",
    "/clients/<uuid:id>/export",
    ExportClient,
    "Everything that any service holds about a person",
    resource=ShowClient,
    formats=FORMATS,
)
