"""An appointment and the statuses that it goes through."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.errors import Conflict
from kernel.time import start_of_day
from services.booking.domain.availability import Need
from services.booking.domain.bill import Bill
from services.booking.domain.diary import Wish


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
    """One service by one master, with the duration, the buffers and the price of when it was booked."""

    id: UUID
    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    price: int
    before: int = 0
    after: int = 0
    room_id: UUID | None = None

    @property
    def wish(self) -> Wish:
        """The same again, at another time."""
        duration = int((self.ends - self.starts).total_seconds()) // 60
        return Wish(self.service_id, Need(duration, self.before, self.after), self.price, self.master_id)


@dataclass(frozen=True, slots=True)
class Appointment:
    """A visit, booked or past. `version` grows with every change; `local_date` is its day in the branch's zone."""

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


def must_be_open(appointment: Appointment) -> None:
    """Time, services and masters change only before the visit is over."""
    if appointment.status not in OPEN:
        raise _wrong_status(appointment)


def become(appointment: Appointment, status: Status, now: datetime, tz: ZoneInfo) -> Appointment:
    """`appointment` in its next `status`, if it may go there from where it is and the time has come."""
    if appointment.status not in COMES_FROM[status]:
        raise _wrong_status(appointment)
    if status in (Status.ARRIVED, Status.COMPLETED) and now < start_of_day(appointment.local_date, tz):
        raise Conflict("too_early", "this is possible from the beginning of the appointment's day")
    if status is Status.NO_SHOW and now < appointment.starts:
        raise Conflict("too_early", "nobody is missed before the appointment starts")
    return replace(appointment, status=status, version=appointment.version + 1)


def must_be_completed(appointment: Appointment) -> None:
    if appointment.status is not Status.COMPLETED:
        raise _wrong_status(appointment)


def _wrong_status(appointment: Appointment) -> Conflict:
    return Conflict("wrong_status", f"the appointment is {appointment.status.value}")
