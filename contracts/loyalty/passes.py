"""What a person has of certificates, memberships and cards, for the export of all that is held of them."""

from dataclasses import dataclass

from contracts.loyalty.certificates import Certificate
from contracts.loyalty.loyalty_cards import LoyaltyCard
from contracts.loyalty.memberships import Membership


@dataclass(frozen=True)
class HeldPasses:
    certificates: tuple[Certificate, ...]
    memberships: tuple[Membership, ...]
    loyalty_cards: tuple[LoyaltyCard, ...]
