"""The installation's settings, branches, rooms and the catalogue."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.words import Capacity, Currency, Days, Duration, Image, LongMinutes
from contracts.message import (
    FINANCE,
    INTERNAL,
    PUBLIC,
    Code,
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
class Stranded:
    """An open appointment that lies outside of what the master or the branch now works."""

    appointment_id: UUID
    master_id: UUID
    starts: datetime


@dataclass(frozen=True)
class BranchPolicy:
    """The limits of booking in a branch, where a service has none of its own.

    Clients book at least `lead_minutes` ahead, and cancel or move at least `cancel_minutes` ahead; staff may later.
    Nobody books beyond `horizon_days`. A hold lasts `hold_minutes`, an offer to the waiting list `offer_minutes`.
    """

    lead_minutes: LongMinutes = 0
    horizon_days: Days = 90
    cancel_minutes: LongMinutes = 0
    hold_minutes: Annotated[int, Meta(ge=1, le=120)] = 5
    offer_minutes: Annotated[int, Meta(ge=1, le=24 * 60)] = 30


@dataclass(frozen=True)
class Branch:
    """`opening_hours` bound the shifts of the weekdays that they name; a shift on another weekday stands as planned.

    After a change of them `stranded` is what it leaves over.
    """

    id: UUID
    name: str
    time_zone: str
    address: str | None
    opening_hours: tuple[OpeningHours, ...]
    version: int
    policy: BranchPolicy = field(default_factory=BranchPolicy)
    stranded: tuple[Stranded, ...] = ()


@dataclass(frozen=True)
class CreateBranch(Request[Branch], permission="branches.create"):
    name: Name
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)]
    address: Text | None = None
    opening_hours: Week = ()
    policy: BranchPolicy = field(default_factory=BranchPolicy)


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
    policy: BranchPolicy | UnsetType = UNSET


@dataclass(frozen=True)
class UnknownBranches:
    ids: tuple[UUID, ...]


@dataclass(frozen=True)
class CheckBranches(Request[UnknownBranches], permission=INTERNAL, timeout=1.0, effects=False):
    """Which of `ids` are no branches, for services that keep ids of branches."""

    ids: Annotated[tuple[UUID, ...], Meta(max_length=500)]


# --- holidays --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Holiday:
    """A day when the branch is closed, or open from `opens` to `closes` only. `stranded` is what it leaves over."""

    id: UUID
    branch_id: UUID
    date: date
    name: str
    opens: str | None
    closes: str | None
    version: int
    stranded: tuple[Stranded, ...] = ()


@dataclass(frozen=True)
class CreateHoliday(Request[Holiday], permission="holidays.create"):
    """One for each branch and date."""

    branch_id: UUID
    date: date
    name: Name
    opens: WallClock | None = None
    closes: WallClock | None = None


@dataclass(frozen=True)
class ShowHoliday(Request[Holiday], permission="holidays.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListHolidays(Request[Page[Holiday]], permission="holidays.read", effects=False):
    branch_id: UUID | None = None
    from_: date | None = None
    to: date | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeHoliday(Request[Holiday], permission="holidays.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    opens: WallClock | None | UnsetType = UNSET
    closes: WallClock | None | UnsetType = UNSET


@dataclass(frozen=True)
class Removed:
    id: UUID


@dataclass(frozen=True)
class RemoveHoliday(Request[Removed], permission="holidays.delete"):
    id: UUID
    version: Version


# --- rooms -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Room:
    """A room or unit of equipment of a `kind` that services ask for; `capacity` is how many segments it takes at once.

    `hours` is its own weekly schedule; without any it is there whenever somebody works.
    """

    id: UUID
    branch_id: UUID
    name: str
    capacity: int
    version: int
    kind: str = "room"
    hours: tuple[OpeningHours, ...] = ()
    active: bool = True


@dataclass(frozen=True)
class CreateRoom(Request[Room], permission="rooms.create"):
    branch_id: UUID
    name: Name
    capacity: Capacity = 1
    kind: Code = "room"
    hours: Week = ()
    active: bool = True


@dataclass(frozen=True)
class ShowRoom(Request[Room], permission="rooms.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListRooms(Request[Page[Room]], permission="rooms.read", effects=False):
    branch_id: UUID | None = None
    kind: Code | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeRoom(Request[Room], permission="rooms.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    kind: Code | UnsetType = UNSET
    hours: Week | UnsetType = UNSET
    active: bool | UnsetType = UNSET


# --- the catalogue ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Category:
    """Services of a kind, in the order in which they are shown. A service names its category; a new name makes one."""

    id: UUID
    name: str
    position: int
    version: int
    picture_id: UUID | None = None


@dataclass(frozen=True)
class CreateCategory(Request[Category], permission="categories.create"):
    name: Name
    position: Annotated[int, Meta(ge=0, le=10_000)] = 0
    picture_id: UUID | None = None


@dataclass(frozen=True)
class ShowCategory(Request[Category], permission="categories.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListCategories(Request[Page[Category]], permission="categories.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeCategory(Request[Category], permission="categories.edit"):
    """Another name goes to all services of the category."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    position: Annotated[int, Meta(ge=0, le=10_000)] | UnsetType = UNSET
    picture_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class Picture:
    id: UUID
    media_type: str
    width: int
    height: int


@dataclass(frozen=True)
class AddPicture(Request[Picture], permission="pictures.create", timeout=15.0):
    """Kept as WebP, at most 1,024 pixels wide and high, without what the camera wrote into it."""

    image: Image


@dataclass(frozen=True)
class PictureFile:
    media_type: str
    content: bytes


@dataclass(frozen=True)
class ReadPicture(Request[PictureFile], permission=PUBLIC, effects=False):
    id: UUID


@dataclass(frozen=True)
class Phase:
    """A part of a service. While it waits (`busy` false: the colour works) the master may take somebody else."""

    minutes: Annotated[int, Meta(ge=1, le=24 * 60)]
    busy: bool = True


Phases = Annotated[tuple[Phase, ...], Meta(max_length=9)]
RoomKinds = Annotated[tuple[Code, ...], Meta(max_length=3)]


@dataclass(frozen=True)
class ServicePolicy:
    """A service's own limits; what is None is as the branch says."""

    lead_minutes: LongMinutes | None = None
    horizon_days: Days | None = None
    cancel_minutes: LongMinutes | None = None


@dataclass(frozen=True)
class BranchPrice:
    """What a service costs in one branch, and whether it is offered there."""

    branch_id: UUID
    price: Money | None = None
    price_max: Money | None = None
    offered: bool = True


BranchPrices = Annotated[tuple[BranchPrice, ...], Meta(max_length=1_000)]


@dataclass(frozen=True)
class Service:
    """Something a client books. A price of 0 means "priced at the chair"; up to `price_max` if there is one.

    Times are whole minutes. `phases` add up to `duration_minutes`; none means busy throughout. Every segment takes one
    unit of each of `room_kinds`. With a `capacity` above 1 it is a group service: clients join its group events.
    `repeat_days` is after how many days it is usually wanted again. What a master, else a branch, says of the price
    goes before what stands here.
    """

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
    price_max: Money | None = None
    description: str | None = None
    picture_id: UUID | None = None
    phases: tuple[Phase, ...] = ()
    room_kinds: tuple[str, ...] = ()
    capacity: int = 1
    repeat_days: int | None = None
    policy: ServicePolicy = field(default_factory=ServicePolicy)
    branch_prices: tuple[BranchPrice, ...] = ()


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
    price_max: Money | None = None
    description: Text | None = None
    picture_id: UUID | None = None
    phases: Phases = ()
    room_kinds: RoomKinds = ()
    capacity: Capacity = 1
    repeat_days: Days | None = None
    policy: ServicePolicy = field(default_factory=ServicePolicy)
    branch_prices: BranchPrices = ()


@dataclass(frozen=True)
class ShowService(Request[Service], permission="services.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListServices(Request[Page[Service]], permission="services.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeService(Request[Service], permission="services.edit"):
    """Appointments that are booked keep the times and prices of when they were booked."""

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
    price_max: Money | None | UnsetType = UNSET
    description: Text | None | UnsetType = UNSET
    picture_id: UUID | None | UnsetType = UNSET
    phases: Phases | UnsetType = UNSET
    room_kinds: RoomKinds | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET
    repeat_days: Days | None | UnsetType = UNSET
    policy: ServicePolicy | UnsetType = UNSET
    branch_prices: BranchPrices | UnsetType = UNSET
