"""An appointment and the statuses that it goes through."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.errors import Conflict, Invalid
from kernel.time import start_of_day
from services.booking.domain.bill import Bill
from services.booking.domain.wish import Need, Phase


class Status(StrEnum):
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


OPEN = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED)

COMES_FROM = {
    Status.CONFIRMED: (Status.BOOKED,),
    Status.ARRIVED: (Status.BOOKED, Status.CONFIRMED),
    Status.COMPLETED: OPEN,
    Status.CANCELLED: OPEN,
    Status.NO_SHOW: (Status.BOOKED, Status.CONFIRMED),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One service by one master, on the terms of when it was booked.

    `phases` is empty where the master is busy throughout. `unit_ids` are the rooms and equipment that it takes.
    """

    id: UUID
    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    price: int
    before: int = 0
    after: int = 0
    phases: tuple[Phase, ...] = ()
    unit_ids: tuple[UUID, ...] = ()
    service_version: int | None = None
    parallel: bool = False
    cost: int | None = None

    @property
    def need(self) -> Need:
        """What it takes of its master, to be had again at another time."""
        minutes = int((self.ends - self.starts).total_seconds()) // 60
        return Need(self.phases or (Phase(minutes),), self.before, self.after, self.price)

    @property
    def room_id(self) -> UUID | None:
        return self.unit_ids[0] if self.unit_ids else None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit, booked or past. `version` grows with every change; `local_date` is its day in the branch's zone.

    `occurrence` is its start by the rule of its series; `overlap` says that it was put over another by right.
    `expected_at` is its start as it was when the client came, from which lateness counts for good. `completed_at` is
    when it was closed.
    """

    id: UUID
    branch_id: UUID
    client_id: UUID | None
    status: Status
    starts: datetime
    ends: datetime
    local_date: date
    segments: tuple[Segment, ...]
    bill: Bill
    channel: str | None = None
    version: int = 1
    reference: str | None = None
    series_id: UUID | None = None
    occurrence: datetime | None = None
    group_event_id: UUID | None = None
    overlap: bool = False
    arrived_at: datetime | None = None
    expected_at: datetime | None = None
    cancelled_by: str | None = None
    completed_at: datetime | None = None

    @property
    def late_minutes(self) -> int | None:
        """Whole minutes between the start and the client's coming; None for somebody who has not come."""
        if self.arrived_at is None or self.expected_at is None:
            return None
        return max(0, (self.arrived_at - self.expected_at) // timedelta(minutes=1))


def must_be_open(appointment: Appointment) -> None:
    """Time, services and masters change only before the visit is over."""
    if appointment.status not in OPEN:
        raise _wrong_status(appointment)


def must_keep_its_day(appointment: Appointment, day: date) -> None:
    """Who has come is here today: their visit may begin later, but on no other day."""
    if appointment.status is Status.ARRIVED and day != appointment.local_date:
        raise _wrong_status(appointment)


def kept_among(booked: Sequence[Segment], wanted: Iterable[tuple[UUID, UUID | None]]) -> tuple[Segment | None, ...]:
    """Which of the `booked` segments each of `wanted` (service, and master if one is named) is, each of them once."""
    left = list(booked)
    found: list[Segment | None] = []
    for service_id, master_id in wanted:
        same = next(
            (part for part in left if part.service_id == service_id and master_id in (None, part.master_id)), None
        )
        if same:
            left.remove(same)
        found.append(same)
    return tuple(found)


def handed_over(
    before: Iterable[tuple[UUID, UUID | None]], after: Iterable[tuple[UUID, UUID | None]]
) -> tuple[UUID, ...]:
    """The masters who lose a service (service, master) to another one; a service that is left out is lost to nobody."""
    new = Counter(after)
    gone = []
    for pair in before:
        if new[pair]:
            new[pair] -= 1
        else:
            gone.append(pair)
    taken = Counter(service_id for service_id, master_id in new.elements() if master_id is not None)
    lost = []
    for service_id, master_id in gone:
        if master_id is not None and taken[service_id]:
            taken[service_id] -= 1
            lost.append(master_id)
    return tuple(lost)


def become(appointment: Appointment, status: Status, now: datetime, tz: ZoneInfo) -> Appointment:
    """`appointment` in its next `status`, if it may go there from where it is and the time has come."""
    if appointment.status not in COMES_FROM[status]:
        raise _wrong_status(appointment)
    if status in (Status.ARRIVED, Status.COMPLETED) and now < start_of_day(appointment.local_date, tz):
        raise Conflict("too_early", "this is possible from the beginning of the appointment's day")
    if status is Status.NO_SHOW and now < appointment.starts:
        raise Conflict("too_early", "nobody is missed before the appointment starts")
    return replace(appointment, status=status, version=appointment.version + 1)


def arrived(appointment: Appointment, now: datetime, tz: ZoneInfo) -> Appointment:
    """`appointment` once its client has come."""
    there = become(appointment, Status.ARRIVED, now, tz)
    return replace(there, arrived_at=now, expected_at=appointment.starts)


def must_be_completed(appointment: Appointment) -> None:
    if appointment.status is not Status.COMPLETED:
        raise _wrong_status(appointment)


def check_reason(reason: str, field: str = "reason") -> None:
    """Where a reason is asked for, blanks are none."""
    if not reason.strip():
        raise Invalid.field(field, "reason_blank", "say why")


def _wrong_status(appointment: Appointment) -> Conflict:
    return Conflict("wrong_status", f"the appointment is {appointment.status.value}")
