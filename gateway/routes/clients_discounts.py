"""The personal discount of a client."""

from contracts.clients import (
    ListPersonalDiscounts,
    RemovePersonalDiscount,
    SetPersonalDiscount,
    ShowPersonalDiscount,
)
from gateway.route import Area

area = Area("personal discounts", "Discounts that one client has")
expose = area.expose

DISCOUNT = "/clients/<uuid:client_id>/personal-discount"

expose("GET", DISCOUNT, ShowPersonalDiscount, "Show a client's own discount", resource=ShowPersonalDiscount)
expose("PUT", DISCOUNT, SetPersonalDiscount, "Give a client a discount", resource=ShowPersonalDiscount)
expose(
    "DELETE",
    DISCOUNT,
    RemovePersonalDiscount,
    "Take a client's discount away",
    status=204,
    resource=ShowPersonalDiscount,
)
expose(
    "GET",
    f"{DISCOUNT}/history",
    ListPersonalDiscounts,
    "List the discounts that a client had",
    resource=ShowPersonalDiscount,
)
