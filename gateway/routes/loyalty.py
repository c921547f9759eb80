"""Discounts, why they are what they are, and the referrals behind them."""

from contracts.loyalty import (
    ExplainDiscount,
    ExplainVisit,
    ListDifferences,
    ListPastDiscounts,
    ShowDiscount,
    ShowReferrals,
)
from gateway.route import Area

area = Area("loyalty", "Discounts and referrals")
expose = area.expose

CLIENT = "/loyalty/clients/<uuid:client_id>"

expose("GET", CLIENT, ShowDiscount, "Show a client's discount and its reasons", resource=ShowDiscount)
expose(
    "GET",
    f"{CLIENT}/why",
    ExplainDiscount,
    "Explain a client's discount to the desk, to the client or to an auditor",
    resource=ShowDiscount,
    names=True,
)
expose(
    "GET",
    f"{CLIENT}/history",
    ListPastDiscounts,
    "List the percentages that a client has had",
    resource=ShowDiscount,
)
expose(
    "GET",
    f"{CLIENT}/referrals",
    ShowReferrals,
    "Show the people whom a client brought, and theirs",
    resource=ShowDiscount,
    names=True,
)
expose(
    "GET",
    "/loyalty/visits/<uuid:appointment_id>/why",
    ExplainVisit,
    "Explain what a completed visit is given",
    resource=ExplainVisit,
    names=True,
)
expose(
    "GET",
    "/loyalty/differences",
    ListDifferences,
    "List visits on which something else was taken off than loyalty gives",
    names=True,
)
