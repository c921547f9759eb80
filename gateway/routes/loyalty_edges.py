"""Who brought whom, whether that holds, and what somebody who looked at it says."""

from contracts.loyalty import ListDoubtfulEdges, ReviewReferral, ShowDiscount, ShowEdges
from gateway.route import Area

area = Area("loyalty edges", "Who brought whom, and whether that holds")
expose = area.expose

expose(
    "GET",
    "/loyalty/clients/<uuid:client_id>/edges",
    ShowEdges,
    "Show who brought a client and whom they brought, with every verdict",
    resource=ShowDiscount,
    names=True,
)
expose(
    "POST",
    "/loyalty/clients/<uuid:client_id>/referrer-review",
    ReviewReferral,
    "Say whether a client was brought by their referrer",
    status=201,
    resource=ShowDiscount,
)
expose("GET", "/loyalty/edges", ListDoubtfulEdges, "List edges that do not hold or are flagged", names=True)
