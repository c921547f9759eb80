"""What loyalty holds of a person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts.loyalty.discounts import Discount
from contracts.loyalty.edges import ReferralReview
from contracts.loyalty.exclusions import Exclusion
from contracts.loyalty.passes import HeldPasses
from contracts.loyalty.points import PointEntry
from contracts.message import FINANCE, INTERNAL, Request, sensitive
from kernel.money import Money


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
class GivenDiscount:
    """What loyalty gives a completed visit, and what was taken off; `why` in the words for clients."""

    appointment_id: UUID
    completed_at: datetime
    why: str
    given: Money | None = sensitive(FINANCE, default=None)
    applied: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class KnownOccasion:
    """That a birthday or an anniversary of a year came near (`open`), or was over."""

    kind: str
    year: int
    open: bool
    at: datetime


@dataclass(frozen=True)
class SegmentKept:
    """That the client came into a saved segment (`member`) or left it, since when."""

    segment_id: UUID
    member: bool
    at: datetime


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
    passes: HeldPasses | None = None
    points: tuple[PointEntry, ...] = ()
    grants: tuple[GivenDiscount, ...] = ()
    occasions: tuple[KnownOccasion, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    reviews: tuple[ReferralReview, ...] = ()
    works_here: bool = False
    segments: tuple[SegmentKept, ...] = ()


@dataclass(frozen=True)
class ExportFromLoyalty(Request[HeldByLoyalty], permission=INTERNAL, timeout=8.0, effects=False):
    """What clients puts into the export of a person; whether somebody may have it was decided there."""

    client_id: UUID
