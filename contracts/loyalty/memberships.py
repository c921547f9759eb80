"""Memberships: so many visits, or money for services, sold ahead and used within a time that can be frozen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.loyalty.certificates import PassPaidBy
from contracts.message import Cursor, Event, Limit, Name, Page, Request, Version
from kernel.money import Money

MembershipState = Literal["active", "frozen", "used_up", "expired"]
MembershipEntryKind = Literal["sold", "used", "given_back", "expired", "frozen", "unfrozen"]
MembershipUnit = Literal["visits", "money"]
Visits = Annotated[int, Meta(ge=1, le=10_000)]
ValidDays = Annotated[int, Meta(ge=1, le=3_660)]
FreezeDays = Annotated[int, Meta(ge=0, le=3_660)]
SomeServices = Annotated[tuple[UUID, ...], Meta(max_length=200)]
SomeCategories = Annotated[tuple[Name, ...], Meta(max_length=50)]
SomeBranches = Annotated[tuple[UUID, ...], Meta(max_length=200)]


@dataclass(frozen=True)
class VisitCounter:
    """`visits` to any of the services or categories named; to any service where none is."""

    visits: Visits
    service_ids: SomeServices = ()
    categories: SomeCategories = ()


Counters = Annotated[tuple[VisitCounter, ...], Meta(max_length=20)]


@dataclass(frozen=True)
class MembershipType:
    """What can be sold: visits by `counters`, or an `amount` for services. Without branches it is good in all.

    What was sold keeps the terms that it was sold on.
    """

    id: UUID
    name: str
    price: Money
    counters: tuple[VisitCounter, ...]
    amount: Money | None
    valid_days: int
    freeze_days: int
    branch_ids: tuple[UUID, ...]
    on_sale: bool
    version: int


@dataclass(frozen=True)
class CreateMembershipType(Request[MembershipType], permission="membership_types.edit"):
    """Either `counters` or an `amount`. `freeze_days` is for how many days at most one may be frozen in all."""

    name: Name
    price: Money
    valid_days: ValidDays
    counters: Counters = ()
    amount: Money | None = None
    freeze_days: FreezeDays = 0
    branch_ids: SomeBranches = ()


@dataclass(frozen=True)
class ShowMembershipType(Request[MembershipType], permission="memberships.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListMembershipTypes(Request[Page[MembershipType]], permission="memberships.read", effects=False):
    on_sale: bool | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeMembershipType(Request[MembershipType], permission="membership_types.edit"):
    """Terms of what is sold from now on."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    valid_days: ValidDays | UnsetType = UNSET
    counters: Counters | UnsetType = UNSET
    amount: Money | None | UnsetType = UNSET
    freeze_days: FreezeDays | UnsetType = UNSET
    branch_ids: SomeBranches | UnsetType = UNSET
    on_sale: bool | UnsetType = UNSET


@dataclass(frozen=True)
class Remaining:
    """Of `granted` visits, or minor units of money, `left` are there, `reserved` of them for a visit."""

    unit: MembershipUnit
    granted: int
    left: int
    reserved: int
    service_ids: tuple[UUID, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Freeze:
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Membership:
    """`expires_at` has moved by every day of a freeze; `freeze_days_left` can still be used."""

    id: UUID
    type_id: UUID
    name: str
    client_id: UUID
    branch_id: UUID
    price: Money
    paid_by: PassPaidBy
    sold_at: datetime
    sold_by: UUID | None
    expires_at: datetime
    state: MembershipState
    remaining: tuple[Remaining, ...]
    branch_ids: tuple[UUID, ...]
    freeze_days_left: int
    freezes: tuple[Freeze, ...]


@dataclass(frozen=True)
class MembershipEntry:
    """One entry, never changed: so many units more or less on a counter, or days of a freeze."""

    id: UUID
    number: int
    kind: MembershipEntryKind
    units: int
    at: datetime
    counter: int | None = None
    author_id: UUID | None = None
    appointment_id: UUID | None = None


@dataclass(frozen=True)
class SellMembership(Request[Membership], permission="memberships.sell"):
    """It is valid from now on."""

    client_id: UUID
    type_id: UUID
    branch_id: UUID
    paid_by: PassPaidBy


@dataclass(frozen=True)
class ShowMembership(Request[Membership], permission="memberships.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class ListMemberships(Request[Page[Membership]], permission="memberships.read", effects=False):
    """The newest first; with `usable`, those with which a visit can be paid now."""

    client_id: UUID
    usable: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ListMembershipEntries(Request[Page[MembershipEntry]], permission="memberships.read", effects=False):
    """The newest first."""

    client_id: UUID
    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class FreezeMembership(Request[Membership], permission="memberships.freeze"):
    """For `days` times 24 hours from `starts` on (now, if nothing is said); so much later it expires.

    Meanwhile no visit is paid with it. Not in the past, not beside another freeze, and within the days of its type.
    """

    client_id: UUID
    id: UUID
    days: ValidDays
    starts: datetime | None = None


@dataclass(frozen=True)
class UnfreezeMembership(Request[Membership], permission="memberships.freeze"):
    """End the freeze that runs, or take back the one that has not begun. A day that has begun counts."""

    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class MembershipSold(Event):
    """Money came in for a membership, in minor units."""

    membership_id: UUID
    type_id: UUID
    branch_id: UUID
    client_id: UUID
    price: int
    currency: str
    paid_by: str
    expires_at: datetime
    occurred_at: datetime
