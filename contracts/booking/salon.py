"""The installation's settings, branches, rooms and the catalogue."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.words import Capacity, Currency, Duration
from contracts.message import (
    FINANCE,
    INTERNAL,
    Cursor,
    Limit,
    Minutes,
    Name,
    Page,
    Request,
    Text,
    Version,
    WallClock,
    sensitive,
)
from kernel.money import Money

# --- settings --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What holds for the whole installation. `currency` is None until the first price."""

    currency: str | None
    version: int


@dataclass(frozen=True)
class ShowSettings(Request[Settings], permission="settings.read", effects=False):
    pass


@dataclass(frozen=True)
class ChangeSettings(Request[Settings], permission="settings.edit"):
    version: Version
    currency: Currency | UnsetType = UNSET


# --- branches --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpeningHours:
    """Open on `weekday` (0 is Monday) from `opens` to `closes`, wall clock of the branch."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    opens: WallClock
    closes: WallClock


Week = Annotated[tuple[OpeningHours, ...], Meta(max_length=21)]


@dataclass(frozen=True)
class Branch:
    id: UUID
    name: str
    time_zone: str
    address: str | None
    opening_hours: tuple[OpeningHours, ...]
    version: int


@dataclass(frozen=True)
class CreateBranch(Request[Branch], permission="branches.create"):
    name: Name
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)]
    address: Text | None = None
    opening_hours: Week = ()


@dataclass(frozen=True)
class ShowBranch(Request[Branch], permission="branches.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListBranches(Request[Page[Branch]], permission="branches.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeBranch(Request[Branch], permission="branches.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    address: Text | None | UnsetType = UNSET
    opening_hours: Week | UnsetType = UNSET


@dataclass(frozen=True)
class UnknownBranches:
    ids: tuple[UUID, ...]


@dataclass(frozen=True)
class CheckBranches(Request[UnknownBranches], permission=INTERNAL, timeout=1.0, effects=False):
    """Which of `ids` are no branches, for services that keep ids of branches."""

    ids: Annotated[tuple[UUID, ...], Meta(max_length=500)]


# --- rooms -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    id: UUID
    branch_id: UUID
    name: str
    capacity: int
    version: int


@dataclass(frozen=True)
class CreateRoom(Request[Room], permission="rooms.create"):
    branch_id: UUID
    name: Name
    capacity: Capacity = 1


@dataclass(frozen=True)
class ShowRoom(Request[Room], permission="rooms.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListRooms(Request[Page[Room]], permission="rooms.read", effects=False):
    branch_id: UUID | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeRoom(Request[Room], permission="rooms.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET


# --- the catalogue ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Service:
    """Something a client books. A price of 0 means "priced at the chair". Times are whole minutes."""

    id: UUID
    name: str
    category: str
    duration_minutes: int
    price: Money
    buffer_before_minutes: int
    buffer_after_minutes: int
    bookable_online: bool
    active: bool
    version: int
    cost: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class CreateService(Request[Service], permission="services.create"):
    name: Name
    category: Name
    duration_minutes: Duration
    price: Money
    cost: Money | None = None
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    bookable_online: bool = True
    active: bool = True


@dataclass(frozen=True)
class ShowService(Request[Service], permission="services.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListServices(Request[Page[Service]], permission="services.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeService(Request[Service], permission="services.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    category: Name | UnsetType = UNSET
    duration_minutes: Duration | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    cost: Money | None | UnsetType = UNSET
    buffer_before_minutes: Minutes | UnsetType = UNSET
    buffer_after_minutes: Minutes | UnsetType = UNSET
    bookable_online: bool | UnsetType = UNSET
    active: bool | UnsetType = UNSET
