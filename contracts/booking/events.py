"""What booking announces: an appointment's whole state at each change, and the whole bill of a visit."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from contracts.booking.words import CancelledBy, DiscountSource, LineKind, Status
from contracts.message import (
    Event,
)


@dataclass(frozen=True)
class BookedSegment:
    """`unit_ids` are the room and the equipment that it takes."""

    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    unit_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class AppointmentState:
    """What every event about an appointment carries: all of its state that others may know, at `version`.

    `time_zone` is that of the branch. `promised_codes` are of promotions, as far as loyalty has said that they hold.
    """

    appointment_id: UUID
    version: int
    branch_id: UUID
    client_id: UUID | None
    status: Status
    starts: datetime
    ends: datetime
    local_date: date
    segments: tuple[BookedSegment, ...]
    channel: str | None
    occurred_at: datetime
    series_id: UUID | None = None
    group_event_id: UUID | None = None
    late_minutes: int | None = None
    cancelled_by: CancelledBy | None = None
    overlap: bool = False
    time_zone: str | None = None
    promised_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class AppointmentBooked(AppointmentState, Event):
    pass


@dataclass(frozen=True)
class AppointmentChanged(AppointmentState, Event):
    """Moved, given other services or masters, or another comment, which is not told: then only `version` differs."""


@dataclass(frozen=True)
class AppointmentConfirmed(AppointmentState, Event):
    pass


@dataclass(frozen=True)
class AppointmentArrived(AppointmentState, Event):
    pass


@dataclass(frozen=True)
class AppointmentCancelled(AppointmentState, Event):
    pass


@dataclass(frozen=True)
class AppointmentMissed(AppointmentState, Event):
    """The client did not come."""


@dataclass(frozen=True)
class VisitLine:
    """`due` is after the discount, `refunded` what of it went back so far, `cost` the salon's own. Minor units."""

    line_id: UUID
    kind: LineKind
    due: int
    refunded: int = 0
    discount: int = 0
    service_id: UUID | None = None
    category: str | None = None
    master_id: UUID | None = None
    cost: int | None = None


@dataclass(frozen=True)
class PaidPart:
    """What came in by one kind of payment, less what went back by it; `reservation_id` where loyalty set it aside.

    Points, gift certificates and memberships pay like money, and are none.
    """

    kind: str
    amount: int
    reservation_id: UUID | None = None


@dataclass(frozen=True)
class AppliedDiscount:
    """By what the discount was worked out: the answer of `loyalty` at completion, what was promised at booking
    (`promise`), booking's own `copy` of the percentage while loyalty was away, or the bill of another system as it was
    `recorded`. `codes` are those that were given; while loyalty was away nobody has looked at them.
    """

    source: DiscountSource
    as_of: datetime | None = None
    programme_version: int | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bill(AppointmentState):
    """The whole bill as it stands at `version`: a later one replaces an earlier one. Amounts are minor units."""

    currency: str
    total: int
    discount: int
    due: int
    paid: int
    refunded: int
    lines: tuple[VisitLine, ...]
    percent: Decimal = Decimal(0)
    completed_at: datetime | None = None
    payments: tuple[PaidPart, ...] = ()
    applied: AppliedDiscount | None = None


@dataclass(frozen=True)
class VisitCompleted(Bill, Event):
    pass


@dataclass(frozen=True)
class VisitRefunded(Bill, Event):
    """Something of a completed visit was given back; the whole bill after that."""


# --- schedules and the waiting list ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenTime:
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class OpenDay:
    """When a master works on a date of the branch: shifts within its hours, without absences and holidays."""

    date: date
    open: tuple[OpenTime, ...]


@dataclass(frozen=True)
class OpenHoursChanged(Event):
    """The days of a master in a branch as they stand at `version`; a later one replaces an earlier one, day by day."""

    master_id: UUID
    branch_id: UUID
    version: int
    days: tuple[OpenDay, ...]
    occurred_at: datetime


@dataclass(frozen=True)
class OfferMade(Event):
    """A freed time is held for somebody on the waiting list until `expires_at`."""

    entry_id: UUID
    client_id: UUID
    branch_id: UUID
    starts: datetime
    expires_at: datetime
    occurred_at: datetime


@dataclass(frozen=True)
class OfferEnded(Event):
    """The offer was taken, declined, or ran out."""

    entry_id: UUID
    client_id: UUID
    outcome: Literal["accepted", "declined", "expired"]
    occurred_at: datetime
