"""Whom rules put into categories, and why."""

from contracts.loyalty import ShowDiscount, ShowSorting
from gateway.route import Area

area = Area("loyalty sorting", "Whom rules put into categories, and why")

area.expose(
    "GET",
    "/loyalty/clients/<uuid:client_id>/sorting",
    ShowSorting,
    "Show into which categories the rules put a client, and why",
    resource=ShowDiscount,
)
