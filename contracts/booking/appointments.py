"""Appointments from booking to refund, and their bills."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.catalogue import Phase
from contracts.booking.words import (
    CancelledBy,
    Channel,
    Decision,
    DiscountSource,
    Duration,
    LineKind,
    PaymentKind,
    Status,
    Why,
)
from contracts.message import FINANCE, HEALTH, Code, Cursor, Limit, PastPage, Request, Text, Version, sensitive
from kernel.money import Money


@dataclass(frozen=True)
class Segment:
    """One service by one master, on the terms of when it was booked (`service_version`).

    `unit_ids` are all rooms and units of equipment that it takes, `room_id` the first of them.
    """

    id: UUID
    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    price: Money
    room_id: UUID | None = None
    unit_ids: tuple[UUID, ...] = ()
    service_version: int | None = None
    phases: tuple[Phase, ...] = ()
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    cost: Money | None = sensitive(FINANCE, default=None)


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
    """What came in, or went back (a negative amount): money, or points, a gift certificate or a membership."""

    id: UUID
    kind: PaymentKind
    amount: Money
    received_at: datetime


@dataclass(frozen=True)
class VerdictPart:
    """What one rule of loyalty takes off the visit, and why."""

    rule: str
    kind: str
    text: str
    amount: Money


@dataclass(frozen=True)
class VisitVerdict:
    """The one thing to tell the client about this visit, by what (`source`), as it was at `as_of`.

    `loyalty`: its answer. `promise`: what was promised when it was booked, which was more. `copy`: the percentage that
    was last heard of, while loyalty does not answer. The parts add up to the discount, where it has any. `codes` are of
    promotions.
    """

    decision: Decision
    source: DiscountSource
    text: str | None = None
    parts: tuple[VerdictPart, ...] = ()
    gifts: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    as_of: datetime | None = None
    programme_version: int | None = None


@dataclass(frozen=True)
class AppointmentHealth:
    """What the marks of the services came to when they were compared with the card.

    `unchecked`: clients did not answer. `overridden`: booked in spite of a block, by right and with a reason. A visit
    with a block that is not overridden was booked online, where nobody may be told; the desk decides.
    """

    verdict: Literal["ok", "warn", "block", "unchecked"]
    conditions: tuple[str, ...] = sensitive(HEALTH, default=())
    overridden: bool = False


@dataclass(frozen=True)
class Appointment:
    """A booked or past visit; `total` is before the discount, `due` = `total` - `discount`.

    `overlap` marks one that was put over another by right. `occurrence` is its start by the rule of its series.
    `health` is there if a service is marked with contraindications.
    """

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
    series_id: UUID | None = None
    occurrence: datetime | None = None
    group_event_id: UUID | None = None
    overlap: bool = False
    arrived_at: datetime | None = None
    late_minutes: int | None = None
    cancelled_by: CancelledBy | None = None
    health: AppointmentHealth | None = None
    verdict: VisitVerdict | None = None


@dataclass(frozen=True)
class Alternative:
    """Another start that is free."""

    starts: datetime
    master_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class WantedSegment:
    """By anybody who can unless `master_id` is given; `parallel` begins together with the segment before it.

    With `duration_minutes` it takes that long this time, whoever renders it; the price stays. Only staff say so, and
    not of a group service. What waits within it waits as long as ever; the work gives way.
    """

    service_id: UUID
    master_id: UUID | None = None
    room_id: UUID | None = None
    parallel: bool = False
    duration_minutes: Duration | None = None


# Permissions beside those of Requests:
OVERLAP = "appointments.overlap"  # to book over what is there
TRANSFER = "appointments.transfer"  # to give what is booked to another master
OVERRIDE_HEALTH = "appointments.override_health"  # to book what a card speaks against

WantedSegments = Annotated[tuple[WantedSegment, ...], Meta(min_length=1, max_length=10)]
Codes = Annotated[tuple[Code, ...], Meta(max_length=5)]


@dataclass(frozen=True)
class BookAppointment(Request[Appointment], permission="appointments.create"):
    """Refused with `slot_taken` and alternatives if somebody else has the time.

    `hold_id` quotes a hold of this time. `overlap_reason` puts it over what is there, by a right of its own
    (`appointments.overlap`). A group service joins its group event at that time, or the one that is named.
    Refused with `contraindicated` if the card speaks against a service; `health_reason` books it all the same, by a
    right of its own (`appointments.override_health`). `codes` are of promotions; one that gives nothing here is refused
    with `code_refused`.
    """

    branch_id: UUID
    client_id: UUID
    starts: datetime
    segments: WantedSegments
    channel: Channel | None = None
    comment: Text | None = None
    hold_id: UUID | None = None
    overlap_reason: Why | None = None
    group_event_id: UUID | None = None
    health_reason: Why | None = None
    codes: Codes = ()


@dataclass(frozen=True)
class PreviewBooking(Request[Appointment], permission="appointments.create", keyed=False):
    """What `BookAppointment` would make, with its price, or refuse with. Nothing is kept."""

    branch_id: UUID
    client_id: UUID
    starts: datetime
    segments: WantedSegments
    codes: Codes = ()


@dataclass(frozen=True)
class ShowAppointment(Request[Appointment], permission="appointments.read", effects=False):
    """As a list shows it: that something speaks against the visit, not what."""

    id: UUID


@dataclass(frozen=True)
class OpenAppointment(Request[Appointment], permission="appointments.read", keyed=False):
    """The appointment as a person reads it; what speaks against it is told to the journal as read."""

    id: UUID


@dataclass(frozen=True)
class ListAppointments(Request[PastPage[Appointment]], permission="appointments.read", effects=False):
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
    """`health_reason` passes over what a card speaks against, be it of the new segments or of what was booked.

    To give a booked service to another master takes `appointments.transfer`, too.
    """

    id: UUID
    version: Version
    starts: datetime | UnsetType = UNSET
    segments: WantedSegments | UnsetType = UNSET
    comment: Text | None | UnsetType = UNSET
    overlap_reason: Why | None = None
    reason: Text | None = None
    health_reason: Why | None = None


@dataclass(frozen=True)
class PreviewChange(Request[Appointment], permission="appointments.edit", keyed=False):
    """What `ChangeAppointment` would make of it, with its price, or refuse with. Nothing is kept."""

    id: UUID
    version: Version
    starts: datetime | UnsetType = UNSET
    segments: WantedSegments | UnsetType = UNSET


@dataclass(frozen=True)
class HistoryEntry:
    """Who did what when, and why. `caller` is a user's id or a service's name; `details` is old and new, ids only.

    `health_reason` is why a contraindication was passed over. A client is told only of their own doing by whom and
    why; of others it is `staff`.
    """

    version: int
    at: datetime
    caller: str
    change: str
    reason: str | None = None
    details: dict[str, Any] | None = None
    health_reason: str | None = sensitive(HEALTH, default=None)


@dataclass(frozen=True)
class AppointmentHistory:
    id: UUID
    items: tuple[HistoryEntry, ...]


@dataclass(frozen=True)
class ShowHistory(Request[AppointmentHistory], permission="appointments.read", effects=False):
    """Every change of an appointment, oldest first."""

    id: UUID


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
    """Money, points (`amount` is what they are to pay), a gift certificate by its `code`, or the membership
    `membership_id` for the service of `segment_id`, which pays what is due on it unless an `amount` is given. One
    payment of money may leave its `amount` out and pays the rest.
    """

    kind: PaymentKind
    amount: Money | None = None
    code: Code | None = None
    membership_id: UUID | None = None
    segment_id: UUID | None = None


@dataclass(frozen=True)
class CompleteAppointment(Request[Appointment], permission="appointments.complete"):
    """Prices of `lines` replace the booked ones; payment in full is recorded unless `payments` is given.

    Points, certificates and memberships are set aside in loyalty first, all of them or none; its refusals name the
    place (`payments.0.amount`). `codes` are of promotions, besides those of when it was booked.
    """

    id: UUID
    lines: Annotated[tuple[FinalPrice, ...], Meta(max_length=10)] | None = None
    payments: Annotated[tuple[WantedPayment, ...], Meta(max_length=20)] | None = None
    codes: Codes = ()


@dataclass(frozen=True)
class PreviewCompletion(Request[Appointment], permission="appointments.complete", keyed=False):
    """What `CompleteAppointment` would make of it, with its bill, or refuse with. Nothing is kept.

    Loyalty is not asked whether points, certificates and memberships suffice; it is once the visit is completed.
    """

    id: UUID
    lines: Annotated[tuple[FinalPrice, ...], Meta(max_length=10)] | None = None
    payments: Annotated[tuple[WantedPayment, ...], Meta(max_length=20)] | None = None
    codes: Codes = ()


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
