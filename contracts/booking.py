"""Branches, rooms, the catalogue, masters, shifts, appointments and the visit's bill."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import (
    FINANCE,
    INTERNAL,
    PUBLIC,
    Code,
    Cursor,
    Event,
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

Duration = Annotated[int, Meta(ge=5, le=24 * 60)]
Capacity = Annotated[int, Meta(ge=1, le=1_000)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3)]
Amount = Annotated[int, Meta(ge=-(10**11), le=10**11)]
Status = Literal["booked", "confirmed", "arrived", "completed", "cancelled", "no_show"]
LineKind = Literal["service", "retail", "adjustment"]
PaymentKind = Literal["cash", "card", "transfer", "online", "other"]
Ids = Annotated[tuple[UUID, ...], Meta(max_length=200)]

# --- settings -------------------------------------------------------------------------------------------------------


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


# --- branches -------------------------------------------------------------------------------------------------------


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


# --- rooms ----------------------------------------------------------------------------------------------------------


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


# --- the catalogue --------------------------------------------------------------------------------------------------


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


# --- masters and their shifts ---------------------------------------------------------------------------------------


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


# --- availability ---------------------------------------------------------------------------------------------------


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


# --- appointments ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    id: UUID
    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    price: Money
    room_id: UUID | None = None


@dataclass(frozen=True)
class Line:
    """A line of the bill: `due` = `price` - `discount`; `refunded` is what of it was given back."""

    id: UUID
    kind: LineKind
    price: Money
    discount: Money
    due: Money
    refunded: Money
    segment_id: UUID | None = None
    service_id: UUID | None = None
    master_id: UUID | None = None
    text: str | None = None


@dataclass(frozen=True)
class Payment:
    """Money that came in, or went back (a negative amount)."""

    id: UUID
    kind: PaymentKind
    amount: Money
    received_at: datetime


@dataclass(frozen=True)
class Appointment:
    """A booked or past visit; `total` is before the discount, `due` = `total` - `discount`."""

    id: UUID
    branch_id: UUID
    client_id: UUID | None
    status: Status
    starts: datetime
    ends: datetime
    segments: tuple[Segment, ...]
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    total: Money
    discount: Money
    due: Money
    paid: Money
    refunded: Money
    channel: str | None
    version: int
    discount_as_of: datetime | None = None
    comment: str | None = None
    reason: str | None = None
    reference: str | None = None


@dataclass(frozen=True)
class WantedSegment:
    service_id: UUID
    master_id: UUID | None = None


WantedSegments = Annotated[tuple[WantedSegment, ...], Meta(min_length=1, max_length=10)]
Channel = Code


@dataclass(frozen=True)
class BookAppointment(Request[Appointment], permission="appointments.create"):
    """Refused with `slot_taken` and alternatives if somebody else has the time."""

    branch_id: UUID
    client_id: UUID
    starts: datetime
    segments: WantedSegments
    channel: Channel | None = None
    comment: Text | None = None


@dataclass(frozen=True)
class ShowAppointment(Request[Appointment], permission="appointments.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListAppointments(Request[Page[Appointment]], permission="appointments.read", effects=False):
    """Those that start on the dates `from_` to `to` of the branch, both included; a master's own with `.own`."""

    branch_id: UUID | None = None
    from_: date | None = None
    to: date | None = None
    master_id: UUID | None = None
    client_id: UUID | None = None
    status: Status | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeAppointment(Request[Appointment], permission="appointments.edit"):
    id: UUID
    version: Version
    starts: datetime | UnsetType = UNSET
    segments: WantedSegments | UnsetType = UNSET
    comment: Text | None | UnsetType = UNSET


@dataclass(frozen=True)
class ConfirmAppointment(Request[Appointment], permission="appointments.edit"):
    id: UUID


@dataclass(frozen=True)
class ArriveAppointment(Request[Appointment], permission="appointments.edit"):
    id: UUID


@dataclass(frozen=True)
class FinalPrice:
    segment_id: UUID
    price: Money


@dataclass(frozen=True)
class WantedPayment:
    kind: PaymentKind
    amount: Money


@dataclass(frozen=True)
class CompleteAppointment(Request[Appointment], permission="appointments.complete"):
    """Prices of `lines` replace the booked ones; payment in full is recorded unless `payments` is given."""

    id: UUID
    lines: Annotated[tuple[FinalPrice, ...], Meta(max_length=10)] | None = None
    payments: Annotated[tuple[WantedPayment, ...], Meta(max_length=20)] | None = None


@dataclass(frozen=True)
class CancelAppointment(Request[Appointment], permission="appointments.cancel"):
    id: UUID
    reason: Text


@dataclass(frozen=True)
class MarkNoShow(Request[Appointment], permission="appointments.edit"):
    id: UUID


@dataclass(frozen=True)
class LineRefund:
    line_id: UUID
    amount: Money


@dataclass(frozen=True)
class RefundAppointment(Request[Appointment], permission="appointments.refund"):
    id: UUID
    lines: Annotated[tuple[LineRefund, ...], Meta(min_length=1, max_length=50)]
    reason: Text


# --- visits of the past, in bulk ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PastLine:
    """A line of an old bill: `amount` is what was due on it before tax; below zero for an offset or a return."""

    kind: LineKind
    amount: Amount
    service_id: UUID | None = None
    master_id: UUID | None = None
    text: Text | None = None


@dataclass(frozen=True)
class PastSegment:
    service_id: UUID
    master_id: UUID


@dataclass(frozen=True)
class PastVisit:
    """A visit as another system recorded it, with its own date and price; it occupies nothing.

    `reference` names it in that system and makes recording it again change nothing. `client_id` is None for somebody
    without a card. Only a completed visit has lines; amounts are in the installation's currency, paid in full.
    """

    reference: Annotated[str, Meta(min_length=1, max_length=200)]
    branch_id: UUID
    starts: datetime
    status: Status
    client_id: UUID | None = None
    segments: Annotated[tuple[PastSegment, ...], Meta(max_length=50)] = ()
    lines: Annotated[tuple[PastLine, ...], Meta(max_length=200)] = ()
    channel: Channel | None = None


@dataclass(frozen=True)
class Recorded:
    reference: str
    id: UUID
    created: bool


@dataclass(frozen=True)
class RecordedVisits:
    items: tuple[Recorded, ...]


@dataclass(frozen=True)
class RecordVisits(Request[RecordedVisits], permission="visits.import", timeout=30.0):
    """All or nothing: one visit that is wrong refuses the batch and names its place (`visits.17.lines.0`)."""

    currency: Currency
    visits: Annotated[tuple[PastVisit, ...], Meta(min_length=1, max_length=500)]


# --- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BookedSegment:
    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class AppointmentState:
    """What every event about an appointment carries: all of its state that others may know, at `version`."""

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


@dataclass(frozen=True)
class AppointmentBooked(AppointmentState, Event):
    pass


@dataclass(frozen=True)
class AppointmentChanged(AppointmentState, Event):
    """Moved, or given other services or masters."""


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
    """`due` is after the discount; `refunded` is what of it went back so far. Minor units."""

    line_id: UUID
    kind: LineKind
    due: int
    refunded: int = 0
    discount: int = 0
    service_id: UUID | None = None
    category: str | None = None
    master_id: UUID | None = None


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class VisitCompleted(Bill, Event):
    pass


@dataclass(frozen=True)
class VisitRefunded(Bill, Event):
    """Something of a completed visit was given back; the whole bill after that."""
