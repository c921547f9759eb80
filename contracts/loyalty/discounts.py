"""A client's discount and its reasons."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts.message import Request


@dataclass(frozen=True)
class DiscountLine:
    """One rule's part of the percentage, in words that name the count and the percentage."""

    rule: str
    text: str
    percent: Decimal


@dataclass(frozen=True)
class ReferralCounts:
    """People whom the client brought, and those of them who count."""

    direct: int
    qualified: int


@dataclass(frozen=True)
class Discount:
    client_id: UUID
    discount_percent: Decimal
    lines: tuple[DiscountLine, ...]
    referrals: ReferralCounts
    points: int
    as_of: datetime
    version: int


@dataclass(frozen=True)
class ShowDiscount(Request[Discount], permission="loyalty.read", effects=False):
    """Not found until the client's own event has arrived."""

    client_id: UUID
