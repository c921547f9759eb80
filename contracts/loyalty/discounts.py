"""A client's discount, its reasons, and what it was in the past."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from contracts.message import Cursor, Limit, Page, Request

AUDIT = "loyalty_audit.read"
View = Literal["administrator", "client", "auditor"]


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
class LevelReached:
    """The status of the client, and what is missing to the next: `missing` visits, people or minor units."""

    name: str | None
    by: str
    reached: int
    next_name: str | None = None
    missing: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Discount:
    """What the client has at any visit; `lines` add up to it, or the last of them says what capped it.

    `gifts` and `offers` are what rules give besides; `version` is that of what was announced last.
    """

    client_id: UUID
    discount_percent: Decimal
    lines: tuple[DiscountLine, ...]
    referrals: ReferralCounts
    points: int
    as_of: datetime
    version: int
    gifts: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    level: LevelReached | None = None
    programme_version: int | None = None


@dataclass(frozen=True)
class ShowDiscount(Request[Discount], permission="loyalty.read", effects=False):
    """Not found until the client's own event has arrived.

    `as_of` an instant of the past: by the facts and the programme of then. `branch_id`: by what is in force there.
    """

    client_id: UUID
    as_of: datetime | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True)
class Reason:
    """One sentence, for other languages by its `code` and `params`, and in `children` what it rests on.

    `client_id` is the person whom it is about, if it is about one.
    """

    code: str
    text: str
    params: dict[str, str] = field(default_factory=dict)
    children: tuple["Reason", ...] = ()
    client_id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True)
class Explanation:
    """How a discount comes about as of `at`, for one of three readers."""

    view: View
    at: datetime
    programme_version: int
    percent: Decimal
    decision: str
    reason: Reason


@dataclass(frozen=True)
class ExplainDiscount(Request[Explanation], permission="loyalty.read", effects=False):
    """Why the discount is what it is, or was `as_of` an instant of the past.

    Clients see their own as `client`, where the people whom they brought are only counted; `auditor` needs
    `loyalty_audit.read`. Without `view` it is the fullest that the caller's rights are made for: `administrator`, or
    `client` for clients.
    """

    client_id: UUID
    view: View | None = None
    as_of: datetime | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True)
class PastDiscount:
    """The percentage from `since` on, by which version of the programme, and the sentences behind it."""

    since: datetime
    percent: Decimal
    programme_version: int
    lines: tuple[DiscountLine, ...]


@dataclass(frozen=True)
class ListPastDiscounts(Request[Page[PastDiscount]], permission="loyalty.read", effects=False):
    """Every percentage that the client has had, the newest first, worked out from the facts."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None
