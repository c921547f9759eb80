"""Masters, their shifts, and the times at which they are free."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.words import Ids
from contracts.message import (
    PUBLIC,
    Cursor,
    Limit,
    Name,
    Page,
    Request,
    Version,
    WallClock,
)

# --- masters and their shifts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Master:
    """Somebody who renders services; `user_id` is the login with which they see their own schedule."""

    id: UUID
    name: str
    user_id: UUID | None
    service_ids: tuple[UUID, ...]
    active: bool
    version: int


@dataclass(frozen=True)
class CreateMaster(Request[Master], permission="masters.create"):
    name: Name
    user_id: UUID | None = None
    service_ids: Ids = ()
    active: bool = True


@dataclass(frozen=True)
class ShowMaster(Request[Master], permission="masters.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListMasters(Request[Page[Master]], permission="masters.read", effects=False):
    """Those with a shift in `branch_id`, if it is given."""

    branch_id: UUID | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeMaster(Request[Master], permission="masters.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    user_id: UUID | None | UnsetType = UNSET
    service_ids: Ids | UnsetType = UNSET
    active: bool | UnsetType = UNSET


@dataclass(frozen=True)
class Shift:
    """Work on `date` from `starts` to `ends`, wall clock of the branch."""

    date: date
    starts: WallClock
    ends: WallClock


@dataclass(frozen=True)
class BranchShift(Shift):
    branch_id: UUID


@dataclass(frozen=True)
class MasterShifts:
    master_id: UUID
    shifts: tuple[BranchShift, ...]


@dataclass(frozen=True)
class ReplaceShifts(Request[MasterShifts], permission="shifts.edit", timeout=15.0):
    """Replace the master's shifts in the branch on the dates that are named."""

    master_id: UUID
    branch_id: UUID
    shifts: Annotated[tuple[Shift, ...], Meta(max_length=1_000)]


@dataclass(frozen=True)
class ListShifts(Request[MasterShifts], permission="shifts.read", effects=False):
    master_id: UUID
    from_: date
    to: date
    branch_id: UUID | None = None


# --- availability ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    starts: datetime
    master_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class AvailableDay:
    date: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Availability:
    time_zone: str
    days: tuple[AvailableDay, ...]


@dataclass(frozen=True)
class FindAvailability(Request[Availability], permission=PUBLIC, effects=False):
    """Free starts for the services, one after another, by any master or by `master_id`."""

    branch_id: UUID
    service_id: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=10)]
    from_: date
    to: date
    master_id: UUID | None = None
