"""Loyalty on the wire, put together from what each part of it answers."""

from services.loyalty.service.certificates import Certificates
from services.loyalty.service.discounts import Discounts
from services.loyalty.service.edges import Edges
from services.loyalty.service.exclusions import Exclusions
from services.loyalty.service.facts import Facts
from services.loyalty.service.loyalty_cards import LoyaltyCards
from services.loyalty.service.memberships import Memberships
from services.loyalty.service.points import Points
from services.loyalty.service.programmes import Programmes
from services.loyalty.service.promotions import Promotions
from services.loyalty.service.simulations import Simulations
from services.loyalty.service.sorting import Sortings


class Loyalty(
    Facts,
    Discounts,
    Edges,
    Programmes,
    Promotions,
    Simulations,
    Exclusions,
    Sortings,
    Points,
    Certificates,
    Memberships,
    LoyaltyCards,
):
    name = "loyalty"
    needs_keyring = True
    needs_master = True
