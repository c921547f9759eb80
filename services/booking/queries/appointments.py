"""Appointments with their bills: read as the rules know them, shown as the contract says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta
from sqlalchemy import ColumnElement, Row, Select, exists, select, tuple_
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.wire import decode_cursor, encode_cursor
from contracts import booking as wire
from contracts.message import PastPage
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.money import Money
from kernel.time import zone
from services.booking.domain.appointment import Appointment, Segment, Status
from services.booking.domain.bill import Bill, Line, LineKind, Payment
from services.booking.domain.health import Health
from services.booking.domain.wish import Phase
from services.booking.queries.health import FIELD, read_health, shown_health, without_conditions
from services.booking.queries.reach import appointment_seen, looked_back_to
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.queries.shifts import check_period
from services.booking.queries.texts import opened
from services.booking.queries.verdicts import shown_verdict, terms_of
from services.booking.tables import appointments, branches, lines, payments, segments

FIRST, LAST = date(1900, 1, 1), date(2200, 1, 1)  # no appointment lies beyond; a day more would overflow
SORT_KEY = (Annotated[datetime, Meta(tz=True)], UUID)


@dataclass(frozen=True, slots=True)
class Kept:
    """An appointment as it is kept, with its texts sealed and the zone of its branch."""

    appointment: Appointment
    tz: ZoneInfo
    comment: bytes | None
    reason: bytes | None
    health: bytes | None


def show_appointment(
    session: Session, keyring: Keyring, appointment_id: UUID, caller: Caller, reach: Reach, since: date | None = None
) -> wire.Appointment:
    return listed(views(keyring, [find(session, appointment_id, caller, reach, since=since)])[0])


def list_appointments(
    session: Session,
    keyring: Keyring,
    request: wire.ListAppointments,
    caller: Caller,
    reach: Reach,
    since: date | None = None,
) -> PastPage[wire.Appointment]:
    if request.branch_id:
        if reach is not Reach.OWN:
            must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
    check_period(request.from_, request.to)
    query = every_appointment().where(appointment_seen(caller, reach), looked_back_to(since, caller), *_asked(request))
    if request.cursor:
        after = decode_cursor(request.cursor, *SORT_KEY)
        query = query.where(tuple_(appointments.c.starts, appointments.c.id) > tuple_(*after))
    query = query.order_by(appointments.c.starts, appointments.c.id).limit(request.limit + 1)
    found = kept(session, query)
    shown = found[: request.limit]
    last = shown[-1].appointment if shown else None
    following = encode_cursor(last.starts, last.id) if last and len(found) > request.limit else None
    return PastPage(tuple(map(listed, views(keyring, shown))), following, since)


def listed(shown: wire.Appointment) -> wire.Appointment:
    """As a list shows it: of what the card says against it one reads one appointment at a time, or on the card."""
    return replace(shown, health=shown.health and without_conditions(shown.health))


def _asked(request: wire.ListAppointments) -> Iterable[ColumnElement[bool]]:
    """The filters of a list. The day is the branch's own, so the index by instants is asked for a little more."""
    if request.branch_id:
        yield appointments.c.branch_id == request.branch_id
    if request.client_id:
        yield appointments.c.client_id == request.client_id
    if request.status:
        yield appointments.c.status == request.status
    if request.from_:
        yield appointments.c.local_date >= request.from_
        yield appointments.c.starts >= _midnight(request.from_) - timedelta(days=1)
    if request.to:
        yield appointments.c.local_date <= request.to
        yield appointments.c.starts < _midnight(request.to) + timedelta(days=2)
    if request.master_id:
        rendered = (segments.c.appointment_id == appointments.c.id) & (segments.c.master_id == request.master_id)
        yield exists(select(segments.c.id).where(rendered))


def _midnight(day: date) -> datetime:
    return datetime.combine(min(max(day, FIRST), LAST), time(), UTC)


def find(
    session: Session,
    appointment_id: UUID,
    caller: Caller,
    reach: Reach,
    *,
    to_change: bool = False,
    since: date | None = None,
) -> Kept:
    """The appointment, if the caller may reach it; `to_change` holds it until the end of the transaction."""
    theirs = (appointment_seen(caller, reach), looked_back_to(since, caller))
    query = every_appointment().where(appointments.c.id == appointment_id, *theirs)
    if to_change:
        query = query.with_for_update(of=appointments)
    found = kept(session, query)
    if not found:
        raise NotFound("appointment_not_found", "there is no such appointment")
    return found[0]


def open_of_client(session: Session, client_id: UUID, now: datetime) -> list[Kept]:
    """The client's appointments that are still to come, held until the end of the transaction."""
    upcoming = (
        appointments.c.client_id == client_id,
        appointments.c.status.in_(("booked", "confirmed", "arrived")),
        appointments.c.starts > now,
    )
    return kept(
        session, every_appointment().where(*upcoming).order_by(appointments.c.id).with_for_update(of=appointments)
    )


def all_of_client(session: Session, client_id: UUID) -> list[Kept]:
    """Every appointment that the client ever had, the earliest first."""
    theirs = every_appointment().where(appointments.c.client_id == client_id)
    return kept(session, theirs.order_by(appointments.c.starts, appointments.c.id))


def every_appointment() -> Select[Any]:
    return select(appointments, branches.c.time_zone).join(branches, branches.c.id == appointments.c.branch_id)


def kept(session: Session, query: Select[Any]) -> list[Kept]:
    """The appointments of `query` in its order, their parts read with one statement for each kind."""
    rows = session.execute(query).all()
    ids = [row.id for row in rows]
    parts = {table: _parts(session, table, ids) for table in (segments, lines, payments)}
    return [
        Kept(
            Appointment(
                id=row.id,
                branch_id=row.branch_id,
                client_id=row.client_id,
                status=Status(row.status),
                starts=row.starts,
                ends=row.ends,
                local_date=row.local_date,
                segments=tuple(_segment(part) for part in parts[segments].get(row.id, ())),
                bill=Bill(
                    row.currency,
                    tuple(_line(part) for part in parts[lines].get(row.id, ())),
                    tuple(_payment(part) for part in parts[payments].get(row.id, ())),
                    terms_of(row),
                ),
                channel=row.channel,
                version=row.version,
                reference=row.reference,
                series_id=row.series_id,
                occurrence=row.occurrence,
                group_event_id=row.group_event_id,
                overlap=row.overlap,
                arrived_at=row.arrived_at,
                expected_at=row.expected_at,
                cancelled_by=row.cancelled_by,
                completed_at=row.completed_at,
            ),
            zone(row.time_zone),
            row.comment,
            row.reason,
            row.health,
        )
        for row in rows
    ]


def _parts(session: Session, table: Any, ids: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = {}
    if ids:
        query = select(table).where(table.c.appointment_id.in_(ids))
        for row in session.execute(query.order_by(table.c.appointment_id, table.c.position)):
            found.setdefault(row.appointment_id, []).append(row)
    return found


def _segment(row: Row[Any]) -> Segment:
    return Segment(
        id=row.id,
        service_id=row.service_id,
        master_id=row.master_id,
        starts=row.starts,
        ends=row.ends,
        price=row.price,
        before=row.before,
        after=row.after,
        phases=tuple(Phase(**phase) for phase in row.phases),
        unit_ids=tuple(row.unit_ids),
        service_version=row.service_version,
        parallel=row.parallel,
        cost=row.cost,
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        kind=LineKind(row.kind),
        price=row.price,
        discount=row.discount,
        refunded=row.refunded,
        segment_id=row.segment_id,
        service_id=row.service_id,
        master_id=row.master_id,
        text=row.text,
        cost=row.cost,
        percent=row.percent,
    )


def _payment(row: Row[Any]) -> Payment:
    return Payment(row.id, row.kind, row.amount, row.received_at, row.refund, row.reservation_id, row.line_id)


# --- views ----------------------------------------------------------------------------------------------------------


def views(keyring: Keyring, found: Sequence[Kept]) -> list[wire.Appointment]:
    """What the contract shows of `found`; texts whose key was destroyed are gone."""
    texts = opened(
        keyring,
        [
            (each.appointment, field, text)
            for each in found
            for field, text in (("comment", each.comment), ("reason", each.reason), (FIELD, each.health))
        ],
    )
    return [
        view(
            each.appointment,
            each.tz,
            comment=texts.get((each.appointment.id, "comment")),
            reason=texts.get((each.appointment.id, "reason")),
            health=read_health(texts.get((each.appointment.id, FIELD))),
        )
        for each in found
    ]


def view(
    appointment: Appointment,
    tz: ZoneInfo,
    comment: str | None = None,
    reason: str | None = None,
    health: Health | None = None,
) -> wire.Appointment:
    """The appointment as it is shown, in the offset of its branch."""
    bill = appointment.bill

    def money(amount: int) -> Money:
        return Money(amount, bill.currency)

    def local(instant: datetime) -> datetime:
        return instant.astimezone(tz)

    return wire.Appointment(
        id=appointment.id,
        branch_id=appointment.branch_id,
        client_id=appointment.client_id,
        status=appointment.status.value,
        starts=local(appointment.starts),
        ends=local(appointment.ends),
        segments=tuple(
            wire.Segment(
                id=part.id,
                service_id=part.service_id,
                master_id=part.master_id,
                starts=local(part.starts),
                ends=local(part.ends),
                price=money(part.price),
                room_id=part.room_id,
                unit_ids=part.unit_ids,
                service_version=part.service_version,
                phases=tuple(wire.Phase(phase.minutes, phase.busy) for phase in part.phases),
                buffer_before_minutes=part.before,
                buffer_after_minutes=part.after,
                cost=None if part.cost is None else money(part.cost),
            )
            for part in appointment.segments
        ),
        lines=tuple(
            wire.Line(
                id=line.id,
                kind=line.kind.value,
                price=money(line.price),
                discount=money(line.discount),
                due=money(line.due),
                refunded=money(line.refunded),
                segment_id=line.segment_id,
                service_id=line.service_id,
                master_id=line.master_id,
                text=line.text,
            )
            for line in bill.lines
        ),
        payments=tuple(
            wire.Payment(part.id, part.kind, money(part.amount), local(part.received_at))  # type: ignore[arg-type]
            for part in bill.payments
        ),
        total=money(bill.total),
        discount=money(bill.discount),
        due=money(bill.due),
        paid=money(bill.paid),
        refunded=money(bill.refunded),
        channel=appointment.channel,
        version=appointment.version,
        discount_as_of=local(bill.terms.as_of) if bill.terms.as_of else None,
        comment=comment,
        reason=reason,
        reference=appointment.reference,
        series_id=appointment.series_id,
        occurrence=local(appointment.occurrence) if appointment.occurrence else None,
        group_event_id=appointment.group_event_id,
        overlap=appointment.overlap,
        arrived_at=local(appointment.arrived_at) if appointment.arrived_at else None,
        late_minutes=appointment.late_minutes,
        cancelled_by=appointment.cancelled_by,  # type: ignore[arg-type]
        health=shown_health(health),
        verdict=shown_verdict(bill, tz),
    )
