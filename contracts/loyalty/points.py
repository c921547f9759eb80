"""Bonus points of a client: what there is, what it is worth, and every entry that made it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import Cursor, Limit, Page, PastPage, Request
from kernel.money import LARGEST, Money

PointKind = Literal["earn", "adjust", "redeem", "reverse", "expire", "merge"]
PointAbout = Literal["visit", "referral", "welcome", "payment", "hand", "lot", "card"]
TenderKind = Literal["points", "certificate", "membership"]
PointReason = Annotated[str, Meta(min_length=1, max_length=2_000)]
PointChange = Annotated[int, Meta(ge=-(10**12), le=10**12)]


@dataclass(frozen=True)
class PointsExpiring:
    points: int
    at: datetime


@dataclass(frozen=True)
class PointsBalance:
    """`available` is what may be spent: the balance without what is `reserved` for visits that are just being paid.

    `debt` is what was earned, spent, and taken back by a refund; what is earned next pays it off. `worth` is that of
    `available` by the programme in force, where it has points. `usable` is how many may pay a visit of the `due` that
    was asked about.
    """

    client_id: UUID
    balance: int
    reserved: int
    available: int
    debt: int
    as_of: datetime
    value: Money | None = None
    worth: Money | None = None
    max_percent_of_visit: Decimal | None = None
    expiring: PointsExpiring | None = None
    usable: int | None = None


@dataclass(frozen=True)
class PointEntry:
    """One entry, never changed: `points` came or went, `balance` is what there was afterwards.

    earn and reverse: `about` a visit, somebody brought (`referral`), oneself having been brought (`welcome`); redeem
    and reverse: a `payment`. Who was brought, who wrote it and the `reason` are for the salon only.
    """

    id: UUID
    client_id: UUID
    number: int
    kind: PointKind
    about: PointAbout
    points: int
    balance: int
    at: datetime
    expires_at: datetime | None = None
    appointment_id: UUID | None = None
    person_id: UUID | None = None
    author_id: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ShowPoints(Request[PointsBalance], permission="loyalty.read", effects=False):
    """By the programme of `branch_id`, or the chain's. `due`: of a visit that points shall help to pay."""

    client_id: UUID
    branch_id: UUID | None = None
    due: Annotated[int, Meta(ge=0, le=LARGEST)] | None = None


@dataclass(frozen=True)
class ListPointEntries(Request[PastPage[PointEntry]], permission="loyalty.read", effects=False):
    """The newest first."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class AdjustPoints(Request[PointEntry], permission="points.adjust"):
    """Give `points`, or below zero take them: refused with `points_not_enough` where they are not there."""

    client_id: UUID
    points: PointChange
    reason: PointReason


@dataclass(frozen=True)
class UnsettledPayment:
    """What the bill of a visit says was paid so, and nothing covers."""

    appointment_id: UUID
    client_id: UUID
    branch_id: UUID
    kind: TenderKind
    amount: Money
    at: datetime


@dataclass(frozen=True)
class ListUnsettledPayments(Request[Page[UnsettledPayment]], permission="loyalty_differences.read", effects=False):
    """The oldest first."""

    limit: Limit = 50
    cursor: Cursor | None = None
