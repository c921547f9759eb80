"""Discounts, referrals and the programme behind them."""

from contracts.loyalty import ShowDiscount, ShowProgramme, ShowReferrals
from gateway.route import Area

area = Area("loyalty", "Discounts and referrals")
expose = area.expose

expose(
    "GET",
    "/loyalty/clients/<uuid:client_id>",
    ShowDiscount,
    "Show a client's discount and its reasons",
    resource=ShowDiscount,
)
expose(
    "GET",
    "/loyalty/clients/<uuid:client_id>/referrals",
    ShowReferrals,
    "Show the people whom a client brought, and theirs",
    resource=ShowDiscount,
    names=True,
)
expose("GET", "/loyalty/programme", ShowProgramme, "Show the rules in force")
