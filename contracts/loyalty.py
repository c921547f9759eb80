"""The referral graph, the programme, and each client's discount with its explanation."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import FINANCE, INTERNAL, Event, Request, sensitive
from kernel.money import Money


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


@dataclass(frozen=True)
class ReferralNode:
    """Somebody brought; `visits` and `revenue` are their own, `children` the people they brought in turn."""

    client_id: UUID
    qualified: bool
    visits: int
    revenue: Money
    children: tuple["ReferralNode", ...] = ()
    name: str | None = None


@dataclass(frozen=True)
class Referrals:
    client_id: UUID
    children: tuple[ReferralNode, ...]


@dataclass(frozen=True)
class ShowReferrals(Request[Referrals], permission="loyalty.read", effects=False):
    client_id: UUID
    depth: Annotated[int, Meta(ge=1, le=10)] = 3


@dataclass(frozen=True)
class Tier:
    """From `people` who count on, the discount is `percent`."""

    people: int
    percent: Decimal


@dataclass(frozen=True)
class Programme:
    """The rules in force: tiers of the number of people brought who count."""

    version: int
    in_force_since: datetime
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class ShowProgramme(Request[Programme], permission="programme.read", effects=False):
    pass


# --- for booking ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DiscountQuote:
    client_id: UUID
    percent: Decimal
    version: int
    as_of: datetime


@dataclass(frozen=True)
class QuoteDiscount(Request[DiscountQuote], permission=INTERNAL, timeout=0.5, effects=False):
    """The percentage in force for the client now; 0 for somebody of whom nothing was heard yet."""

    client_id: UUID


@dataclass(frozen=True)
class DiscountChanged(Event):
    """The client's discount is `percent` from `occurred_at` on; `version` grows by client."""

    client_id: UUID
    version: int
    percent: Decimal
    occurred_at: datetime


# --- for the export of a person -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReferrerClaim:
    """Who is said to have brought the client, by the card's `version`, and since when."""

    version: int
    referrer_id: UUID | None
    claimed_at: datetime


@dataclass(frozen=True)
class BroughtClient:
    """Somebody whom the client brought; `refused` is why that does not count."""

    client_id: UUID
    since: datetime | None
    refused: str | None


@dataclass(frozen=True)
class CountedVisit:
    """A visit as loyalty counts it: `revenue` with refunds taken off, and whether it makes the client count."""

    appointment_id: UUID
    branch_id: UUID
    qualifies: bool
    changed_at: datetime
    revenue: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class KnownRule:
    """The client's own discount as their card stated it; `percent` is None after it was taken back."""

    percent: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    stated_at: datetime


@dataclass(frozen=True)
class HeldByLoyalty:
    """`discount` is as `ShowDiscount` tells it, its lines are what it follows from.

    `merged_ids` are cards that became part of this one; what was known of them is told here.
    """

    referrer_id: UUID | None
    referrer_since: datetime | None
    referrer_refused: str | None
    claims: tuple[ReferrerClaim, ...]
    brought: tuple[BroughtClient, ...]
    visits: tuple[CountedVisit, ...]
    branch_ids: tuple[UUID, ...]
    discount: Discount | None
    personal: KnownRule | None = None
    merged_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class ExportFromLoyalty(Request[HeldByLoyalty], permission=INTERNAL, timeout=8.0, effects=False):
    """What clients puts into the export of a person; whether somebody may have it was decided there."""

    client_id: UUID
