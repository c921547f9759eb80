"""The installation's settings, branches with their holidays, and rooms."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.words import Capacity, Colour, Currency, Days, LongMinutes
from contracts.message import (
    INTERNAL,
    PUBLIC,
    Code,
    Cursor,
    Limit,
    Name,
    Page,
    Request,
    Text,
    Version,
    WallClock,
)

# --- settings --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What holds for the whole installation: its currency, None until the first price, and the brand."""

    currency: str | None
    version: int
    name: str | None = None
    logo_id: UUID | None = None
    colour: str | None = None


@dataclass(frozen=True)
class ShowSettings(Request[Settings], permission="settings.read", effects=False):
    pass


@dataclass(frozen=True)
class CurrencyInUse:
    """What prices are in; None until the first one."""

    currency: str | None


@dataclass(frozen=True)
class ShowCurrency(Request[CurrencyInUse], permission=INTERNAL, timeout=1.0, effects=False):
    """For services that take money."""


@dataclass(frozen=True)
class ChangeSettings(Request[Settings], permission="settings.edit"):
    version: Version
    currency: Currency | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    logo_id: UUID | None | UnsetType = UNSET
    colour: Colour | None | UnsetType = UNSET


@dataclass(frozen=True)
class Brand:
    """How the salon shows itself, to anybody: its name, the picture that is its logo, and its colour, `#7a3e5d`."""

    name: str | None
    logo_id: UUID | None
    colour: str | None


@dataclass(frozen=True)
class ShowBrand(Request[Brand], permission=PUBLIC, timeout=2.0, effects=False):
    pass


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
    `confirm_phone`: who books without an account shows first, by a code, that the phone is theirs.
    """

    lead_minutes: LongMinutes = 0
    horizon_days: Days = 90
    cancel_minutes: LongMinutes = 0
    hold_minutes: Annotated[int, Meta(ge=1, le=120)] = 5
    offer_minutes: Annotated[int, Meta(ge=1, le=24 * 60)] = 30
    confirm_phone: bool = False


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


@dataclass(frozen=True)
class UnknownFavourites:
    master_ids: tuple[UUID, ...]
    service_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class CheckFavourites(Request[UnknownFavourites], permission=INTERNAL, timeout=1.0, effects=False):
    """Which of `master_ids` are no masters and which of `service_ids` no services, for services that keep such ids."""

    master_ids: Annotated[tuple[UUID, ...], Meta(max_length=500)]
    service_ids: Annotated[tuple[UUID, ...], Meta(max_length=500)]


@dataclass(frozen=True)
class BranchZone:
    branch_id: UUID
    time_zone: str


@dataclass(frozen=True)
class BranchZones:
    items: tuple[BranchZone, ...]


@dataclass(frozen=True)
class ListZones(Request[BranchZones], permission=INTERNAL, timeout=1.0, effects=False):
    """The time zones of all branches, for services that tell when visits were: a copy of a zone would go stale."""


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
