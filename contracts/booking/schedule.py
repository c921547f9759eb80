"""When masters work: shifts, templates and plans, absences, blocks, and the schedule that shows all of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.salon import Removed, Stranded
from contracts.booking.words import AbsenceKind, FewIds, Status
from contracts.message import HEALTH, Cursor, Limit, Name, Page, Request, Text, Version, WallClock, sensitive

# --- shifts ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shift:
    """Work on `date` from `starts` to `ends`, wall clock of the branch. A break is what lies between two shifts."""

    date: date
    starts: WallClock
    ends: WallClock


@dataclass(frozen=True)
class BranchShift(Shift):
    branch_id: UUID


@dataclass(frozen=True)
class MasterShifts:
    """`stranded` are open appointments that lie outside of the shifts now."""

    master_id: UUID
    shifts: tuple[BranchShift, ...]
    stranded: tuple[Stranded, ...] = ()


@dataclass(frozen=True)
class ReplaceShifts(Request[MasterShifts], permission="shifts.edit", timeout=15.0):
    """Replace the master's shifts in the branch on the dates that the shifts or `dates` name; so a day is cleared."""

    master_id: UUID
    branch_id: UUID
    shifts: Annotated[tuple[Shift, ...], Meta(max_length=1_000)]
    dates: Annotated[tuple[date, ...], Meta(max_length=400)] = ()


@dataclass(frozen=True)
class ListShifts(Request[MasterShifts], permission="shifts.read", effects=False):
    master_id: UUID
    from_: date
    to: date
    branch_id: UUID | None = None


# --- templates and plans ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TemplateShift:
    """Work on the `day` of the cycle, counted from 0."""

    day: Annotated[int, Meta(ge=0, le=55)]
    starts: WallClock
    ends: WallClock


TemplateShifts = Annotated[tuple[TemplateShift, ...], Meta(min_length=1, max_length=200)]
CycleDays = Annotated[int, Meta(ge=1, le=56)]


@dataclass(frozen=True)
class ShiftTemplate:
    """A cycle of working days: 7 days are a week from Monday on, 2/2 is a cycle of 4."""

    id: UUID
    name: str
    cycle_days: int
    shifts: tuple[TemplateShift, ...]
    version: int


@dataclass(frozen=True)
class CreateShiftTemplate(Request[ShiftTemplate], permission="shifts.edit"):
    name: Name
    cycle_days: CycleDays
    shifts: TemplateShifts


@dataclass(frozen=True)
class ShowShiftTemplate(Request[ShiftTemplate], permission="shifts.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListShiftTemplates(Request[Page[ShiftTemplate]], permission="shifts.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeShiftTemplate(Request[ShiftTemplate], permission="shifts.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    cycle_days: CycleDays | UnsetType = UNSET
    shifts: TemplateShifts | UnsetType = UNSET


@dataclass(frozen=True)
class Assignment:
    """A master works by a template whose day 0 is `anchor`; without one, the Monday on or before the first date.

    Without a template as painted by hand: by `shifts` on the dates that they or `dates` name, on others as before.
    """

    master_id: UUID
    template_id: UUID | None = None
    anchor: date | None = None
    shifts: Annotated[tuple[Shift, ...], Meta(max_length=1_000)] = ()
    dates: Annotated[tuple[date, ...], Meta(max_length=400)] = ()


Assignments = Annotated[tuple[Assignment, ...], Meta(min_length=1, max_length=200)]
Problem = Literal[
    "overlaps_elsewhere", "stranded", "holiday", "outside_opening_hours", "absent", "permit_expired", "shift_in_gap"
]


@dataclass(frozen=True)
class PlanProblem:
    """What is wrong with a planned day, and the appointment that it would leave over."""

    code: Problem
    date: date
    appointment_id: UUID | None = None


@dataclass(frozen=True)
class PlannedMaster:
    master_id: UUID
    shifts: tuple[Shift, ...]
    replaced: int
    problems: tuple[PlanProblem, ...]


@dataclass(frozen=True)
class ShiftPlan:
    branch_id: UUID
    masters: tuple[PlannedMaster, ...]
    published: bool


@dataclass(frozen=True)
class PreviewShifts(Request[ShiftPlan], permission="shifts.read", timeout=15.0, effects=False):
    """What `PublishShifts` would do, and what stands against it."""

    branch_id: UUID
    from_: date
    to: date
    assignments: Assignments


@dataclass(frozen=True)
class PublishShifts(Request[ShiftPlan], permission="shifts.edit", timeout=30.0):
    """Replace the shifts of all these masters in the branch from `from_` to `to`, all or nothing.

    By hand only those on the dates that the assignment names.

    Refused with `plan_conflicts` and the conflicts, unless `despite_conflicts`; two places at once is always refused.
    """

    branch_id: UUID
    from_: date
    to: date
    assignments: Assignments
    despite_conflicts: bool = False


# --- absences --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Absence:
    """A time at which a master does not work, whatever the shifts say; `stranded` is what it leaves over."""

    id: UUID
    master_id: UUID
    kind: AbsenceKind
    starts: datetime
    ends: datetime
    version: int
    reason: str | None = sensitive(HEALTH, default=None)
    stranded: tuple[Stranded, ...] = ()


@dataclass(frozen=True)
class CreateAbsence(Request[Absence], permission="absences.create"):
    master_id: UUID
    kind: AbsenceKind
    starts: datetime
    ends: datetime
    reason: Text | None = None


@dataclass(frozen=True)
class ShowAbsence(Request[Absence], permission="absences.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListAbsences(Request[Page[Absence]], permission="absences.read", effects=False):
    master_id: UUID | None = None
    from_: date | None = None
    to: date | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeAbsence(Request[Absence], permission="absences.edit"):
    id: UUID
    version: Version
    kind: AbsenceKind | UnsetType = UNSET
    starts: datetime | UnsetType = UNSET
    ends: datetime | UnsetType = UNSET
    reason: Text | None | UnsetType = UNSET


@dataclass(frozen=True)
class RemoveAbsence(Request[Removed], permission="absences.delete"):
    id: UUID
    version: Version


# --- blocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A time at which a master or a room takes nobody: maintenance, a meeting. It never overlaps what is booked."""

    id: UUID
    branch_id: UUID
    master_id: UUID | None
    room_id: UUID | None
    starts: datetime
    ends: datetime
    reason: str
    version: int


@dataclass(frozen=True)
class CreateBlock(Request[Block], permission="blocks.create"):
    """Of a master or of a room. Refused with `slot_taken` and the appointments in the way as `conflicts`."""

    branch_id: UUID
    starts: datetime
    ends: datetime
    reason: Name
    master_id: UUID | None = None
    room_id: UUID | None = None


@dataclass(frozen=True)
class ShowBlock(Request[Block], permission="blocks.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListBlocks(Request[Page[Block]], permission="blocks.read", effects=False):
    branch_id: UUID | None = None
    master_id: UUID | None = None
    room_id: UUID | None = None
    from_: date | None = None
    to: date | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeBlock(Request[Block], permission="blocks.edit"):
    id: UUID
    version: Version
    starts: datetime | UnsetType = UNSET
    ends: datetime | UnsetType = UNSET
    reason: Name | UnsetType = UNSET


@dataclass(frozen=True)
class RemoveBlock(Request[Removed], permission="blocks.delete"):
    id: UUID
    version: Version


# --- the schedule ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    starts: datetime
    ends: datetime


HealthSign = Literal["warned", "blocked"]


@dataclass(frozen=True)
class BusySpan(Span):
    """Taken time. In the mode `busy` nobody learns by what: `kind` is `busy` and there are no ids.

    `health` says that the client's card speaks against the services, and never what it says: `blocked` until the desk
    passes over it, `warned` otherwise.
    """

    kind: Literal["appointment", "hold", "block", "group_event", "busy"]
    appointment_id: UUID | None = None
    hold_id: UUID | None = None
    block_id: UUID | None = None
    group_event_id: UUID | None = None
    overlap: bool = False
    health: HealthSign | None = None


@dataclass(frozen=True)
class AbsentSpan(Span):
    kind: AbsenceKind


@dataclass(frozen=True)
class MasterSchedule:
    """`open` is when the master works in the branch: the shifts within its hours, without absences and holidays."""

    master_id: UUID
    shifts: tuple[Span, ...]
    open: tuple[Span, ...]
    absences: tuple[AbsentSpan, ...]
    busy: tuple[BusySpan, ...]


@dataclass(frozen=True)
class RoomSchedule:
    room_id: UUID
    busy: tuple[BusySpan, ...]


@dataclass(frozen=True)
class Schedule:
    branch_id: UUID
    time_zone: str
    masters: tuple[MasterSchedule, ...]
    rooms: tuple[RoomSchedule, ...]


@dataclass(frozen=True)
class ShowSchedule(Request[Schedule], permission="appointments.read", effects=False):
    """Who works and who is busy in the branch, at most 31 days; of all masters and rooms, or of those named."""

    branch_id: UUID
    from_: date
    to: date
    master_id: FewIds = ()
    room_id: FewIds = ()
    mode: Literal["full", "busy"] = "full"


# --- the day of a master ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SheetVisit:
    """One visit as its master prepares for it: the part that is theirs. `name`, by which the client likes to be called,
    and `wishes` stand there for whoever may read the card.
    """

    appointment_id: UUID
    client_id: UUID | None
    status: Status
    starts: datetime
    ends: datetime
    service_ids: tuple[UUID, ...]
    comment: str | None = None
    health: HealthSign | None = None
    name: str | None = None
    wishes: str | None = None


@dataclass(frozen=True)
class MasterDay:
    master_id: UUID
    appointments: tuple[SheetVisit, ...]


@dataclass(frozen=True)
class DaySheet:
    branch_id: UUID
    time_zone: str
    date: date
    masters: tuple[MasterDay, ...]


@dataclass(frozen=True)
class ShowDaySheet(Request[DaySheet], permission="appointments.read", effects=False):
    """Who comes to each master on a day, in order; with `.own` to the masters that the caller is."""

    branch_id: UUID
    date: date
    master_id: FewIds = ()
