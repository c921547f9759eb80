"""Making, moving and cancelling an appointment: the one way to them for the desk, the public page, series and lists."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from msgspec import UNSET, UnsetType
from sqlalchemy import delete
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict
from services.booking.domain.appointment import Appointment, Segment, Status, become
from services.booking.domain.bill import Bill, Line, LineKind, better, discounted, promise_of
from services.booking.domain.health import Weighed
from services.booking.domain.terms import Offer
from services.booking.domain.wish import Phase, Piece, Placed
from services.booking.queries.appointments import Kept, find, views
from services.booking.queries.catalogue import catalogue, remembered
from services.booking.queries.diaries import lanes_over
from services.booking.queries.health import sealed_health
from services.booking.queries.texts import sealed
from services.booking.tables import holds
from services.booking.usecases.diary import (
    Owner,
    Visit,
    insist,
    leave,
    occupy,
    pieces_of,
    taken_by,
    whole_of,
    with_alternatives,
)
from services.booking.usecases.openings import freed
from services.booking.usecases.places import give_back
from services.booking.usecases.record import Change, insert_all, rewrite
from services.booking.usecases.showing import accounted
from services.booking.usecases.telling import tell

EVERYBODY = Caller(everywhere=True)
UNGUARDED = Weighed()  # no service is marked


def book_visit(
    session: Session,
    keyring: Keyring,
    visit: Visit,
    placed: Sequence[Placed],
    *,
    caller: Caller,
    now: datetime,
    discount: Offer,
    channel: str | None = None,
    comment: str | None = None,
    hold_id: UUID | None = None,
    series: tuple[UUID, datetime] | None = None,
    group_event_id: UUID | None = None,
    overlap_reason: str | None = None,
    key_hash: bytes | None = None,
    weighed: Weighed = UNGUARDED,
) -> Appointment:
    """Keep the visit as it was `placed`, under the locks of that.

    `series` is its id and the occurrence. The hold that is quoted is used up. In a group event only the client is busy:
    the event itself keeps its master and its room.
    """
    wanted = _wanted(visit.client_id, placed, group_event_id)
    if hold_id:
        leave(session, [hold_id])
        session.execute(delete(holds).where(holds.c.id == hold_id))
    appointment = _made(session, visit, placed, channel, discount)
    appointment = replace(
        appointment,
        series_id=series[0] if series else None,
        occurrence=series[1] if series else None,
        group_event_id=group_event_id,
        overlap=visit.overlap and bool(lanes_over(session, wanted)),
    )
    why = sealed(keyring, appointment, history_field(appointment), overlap_reason) if appointment.overlap else None
    text = sealed(keyring, appointment, "comment", comment)
    health = sealed_health(keyring, appointment, weighed.at(appointment.version))
    taking = taken_by(session, Owner("appointment_id", appointment.id), wanted, overlap=visit.overlap)
    besides = {"comment": text, "hold_id": hold_id, "key_hash": key_hash, "health": health}
    if not insert_all(session, [appointment], ["booked"], caller, now, why, taking, **besides):
        with _naming_others(session, visit, now):
            insist(session, taking, wanted, now)
    return appointment


def _made(
    session: Session, visit: Visit, placed: Sequence[Placed], channel: str | None, discount: Offer
) -> Appointment:
    segments = segments_of(placed)
    whole = whole_of(placed)
    return Appointment(
        id=new_id(),
        branch_id=visit.branch_id,
        client_id=visit.client_id,
        status=Status.BOOKED,
        starts=whole.starts,
        ends=whole.ends,
        local_date=whole.starts.astimezone(visit.tz).date(),
        segments=segments,
        bill=discounted(Bill(_currency(session), service_lines(segments)), discount),
        channel=channel,
    )


def _currency(session: Session) -> str:
    """What prices are in; it never changes once there is a catalogue to book from."""
    return (remembered(session) or catalogue(session)).currency or ""


def _wanted(client_id: UUID | None, placed: Sequence[Placed], group_event_id: UUID | None) -> list[Piece]:
    return [piece for piece in pieces_of(client_id, placed) if not group_event_id or piece.kind == "client"]


def _take(session: Session, visit: Visit, appointment: Appointment, wanted: Sequence[Piece], now: datetime) -> None:
    if wanted:
        with _naming_others(session, visit, now):
            occupy(session, Owner("appointment_id", appointment.id), wanted, overlap=visit.overlap, now=now)


@contextmanager
def _naming_others(session: Session, visit: Visit, now: datetime) -> Iterator[None]:
    """Somebody may write past the locks: the constraint is the last guard, and the refusal says when it is free."""
    try:
        yield
    except Conflict as refusal:
        raise with_alternatives(session, visit, refusal, now) from None


def segments_of(placed: Sequence[Placed]) -> tuple[Segment, ...]:
    """The segments of a visit as it was placed, with the terms that hold from now on."""
    return tuple(
        Segment(
            id=new_id(),
            service_id=each.wish.service_id,
            master_id=each.master_id,
            starts=each.work.starts,
            ends=each.work.ends,
            price=each.need.price,
            before=each.need.before,
            after=each.need.after,
            phases=_unless_busy(each.need.phases),
            unit_ids=tuple(unit for unit, _ in each.units),
            service_version=each.wish.service_version,
            parallel=each.wish.parallel,
            cost=each.wish.cost,
        )
        for each in placed
    )


def _unless_busy(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """None where the master is busy throughout."""
    return () if all(phase.busy for phase in phases) else phases


def service_lines(segments: Sequence[Segment]) -> tuple[Line, ...]:
    """A line of the bill for each segment, before any discount."""
    return tuple(
        Line(
            id=new_id(),
            kind=LineKind.SERVICE,
            price=segment.price,
            segment_id=segment.id,
            service_id=segment.service_id,
            master_id=segment.master_id,
            cost=segment.cost,
        )
        for segment in segments
    )


def seen(session: Session, keyring: Keyring, appointment_id: UUID, caller: Caller, now: datetime) -> wire.Appointment:
    """The appointment, for somebody who has just changed it."""
    shown = views(keyring, [find(session, appointment_id, EVERYBODY, Reach.CHAIN)])[0]
    return accounted(session, shown, caller, now)


# --- changing -------------------------------------------------------------------------------------------------------


def move_visit(
    session: Session,
    keyring: Keyring,
    kept: Kept,
    visit: Visit,
    placed: Sequence[Placed],
    *,
    caller: Caller,
    now: datetime,
    reason: str | None = None,
    bill: Bill | None = None,
    discount: Offer | None = None,
    group_event_id: UUID | UnsetType | None = UNSET,
    same: Sequence[Segment | None] = (),
    texts: Mapping[str, bytes | None] | None = None,
) -> Appointment:
    """Keep the appointment as it is `placed` now; time that it gives up is free for others at once.

    With a `discount` it is priced anew, at the better of that and the promised one, but for those of the segments that
    are the `same` as before. Without one all of them are, with their lines and prices, unless there is another `bill`
    for them. `group_event_id` is
    the event that it is in from now on, if it was in one or will be. `texts` are written along, sealed.
    """
    old = kept.appointment
    event_id = old.group_event_id if group_event_id is UNSET else group_event_id
    bill = bill or old.bill
    before = old.segments if discount is None else same or (None,) * len(placed)
    segments = tuple(
        replace(new, id=part.id) if part else new for new, part in zip(segments_of(placed), before, strict=True)
    )
    if discount is None:
        bill = replace(bill, lines=_rendered_by(bill.lines, segments))
    else:
        lines = _lines_of(segments, bill)
        promised = promise_of(bill, [line.id for line in lines])
        bill = better(replace(bill, lines=lines), promised, discount)
    leave(session, visit.besides | {old.id})
    wanted = _wanted(old.client_id, placed, event_id)
    whole = whole_of(placed)
    new = replace(
        old,
        starts=whole.starts,
        ends=whole.ends,
        local_date=whole.starts.astimezone(kept.tz).date(),
        segments=segments,
        bill=bill,
        group_event_id=event_id,
        overlap=visit.overlap and bool(lanes_over(session, wanted)),
        version=old.version + 1,
    )
    _take(session, visit, new, wanted, now)
    why = sealed(keyring, new, history_field(new), reason)
    rewrite(session, old, new, Change("changed", caller, now, why), **(texts or {}))
    freed(session, old.branch_id, old.starts, old.ends, now)
    tell(session, [new], ["changed"], now)
    return new


def _lines_of(segments: Sequence[Segment], bill: Bill) -> tuple[Line, ...]:
    """A line for each segment: the one that it has, or a new one."""
    there = {line.segment_id: line for line in _rendered_by(bill.lines, segments)}
    return tuple(there.get(line.segment_id, line) for line in service_lines(segments))


def _rendered_by(lines: Sequence[Line], segments: Sequence[Segment]) -> tuple[Line, ...]:
    """The same lines, by whoever renders their segments now."""
    masters = {segment.id: segment.master_id for segment in segments}
    return tuple(
        replace(line, master_id=masters.get(line.segment_id, line.master_id)) if line.segment_id else line
        for line in lines
    )


def cancel_visit(
    session: Session,
    keyring: Keyring,
    kept: Kept,
    *,
    caller: Caller,
    now: datetime,
    reason: str | None,
    by: wire.CancelledBy,
) -> Appointment:
    """Nobody comes; the reason is kept sealed."""
    new = replace(become(kept.appointment, Status.CANCELLED, now, kept.tz), cancelled_by=by)
    if new.group_event_id:
        give_back(session, new.group_event_id)
    texts = {"reason": sealed(keyring, new, "reason", reason)} if reason else {}
    why = sealed(keyring, new, history_field(new), reason)
    step(session, kept.appointment, new, Change(Status.CANCELLED.value, caller, now, why), **texts)
    return new


def step(session: Session, old: Appointment, new: Appointment, change: Change, **texts: bytes | None) -> None:
    """Keep and announce a step; who does not come keeps nobody busy."""
    rewrite(session, old, new, change, **texts)
    if new.status in (Status.CANCELLED, Status.NO_SHOW):
        leave(session, [new.id])
        freed(session, new.branch_id, new.starts, new.ends, change.at)
    tell(session, [new], [change.what], change.at)


def history_field(appointment: Appointment) -> str:
    """Where the reason of this version's change is kept, to bind it to that place."""
    return f"history.{appointment.version}"
