"""Booking, changing and following an appointment until the client comes, cancels or stays away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from contracts import booking as wire
from contracts.loyalty import DiscountQuote
from kernel.caller import Caller, Reach
from kernel.errors import Invalid
from services.booking.domain.appointment import Appointment, Segment, Status, become, must_be_open
from services.booking.domain.bill import Bill, Line, LineKind, better, discounted
from services.booking.domain.diary import Place, check_instant, check_start
from services.booking.queries.appointments import Kept, find, views
from services.booking.queries.salon import zone_of_named
from services.booking.queries.texts import sealed
from services.booking.tables import settings
from services.booking.usecases.asking import Asked, check_client, discount_of
from services.booking.usecases.diary import Visit, arrange, leave, occupy, resolve
from services.booking.usecases.record import Change, insert_all, rewrite, tell
from services.booking.usecases.salon import check_version

EVERYBODY = Caller(everywhere=True)


def book(
    session: Session, keyring: Keyring, request: wire.BookAppointment, caller: Caller, asked: Asked, now: datetime
) -> wire.Appointment:
    """Take the time if it is free, at the discount in force."""
    own = caller.must("appointments.create") is Reach.OWN
    if own and request.client_id != caller.client_id:
        raise Invalid.field("client_id", "client_unknown", "there is no such client")
    tz = zone_of_named(session, request.branch_id, replace(caller, everywhere=True) if own else caller)
    check_client(session, request.client_id, asked, caller)
    wishes = resolve(session, request.segments, caller)
    check_start(request.starts, now)
    visit = Visit(request.branch_id, tz, request.client_id, request.starts.astimezone(UTC), wishes)
    places, masters = arrange(session, visit, now)
    discount = discount_of(session, request.client_id, asked.quote)
    appointment = _made(visit, places, masters, request.channel, _currency(session), discount)
    comment = sealed(keyring, appointment, "comment", request.comment)
    insert_all(session, [appointment], ["booked"], caller, now, comment)
    occupy(session, appointment, places, masters)
    tell(session, [appointment], ["booked"], now)
    return seen(session, keyring, appointment.id)


def _currency(session: Session) -> str:
    """What prices are in; there is one as soon as there is a catalogue to book from."""
    return session.execute(select(settings.c.currency)).scalar_one() or ""


def _made(
    visit: Visit,
    places: Sequence[Place],
    masters: Sequence[UUID],
    channel: str | None,
    currency: str,
    discount: tuple[Decimal, datetime | None],
) -> Appointment:
    segments = _segments(places, masters)
    return Appointment(
        id=new_id(),
        branch_id=visit.branch_id,
        client_id=visit.client_id,
        status=Status.BOOKED,
        starts=visit.starts,
        ends=segments[-1].ends,
        local_date=visit.starts.astimezone(visit.tz).date(),
        segments=segments,
        bill=discounted(Bill(currency, service_lines(segments)), *discount),
        channel=channel,
    )


def _segments(places: Sequence[Place], masters: Sequence[UUID]) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            id=new_id(),
            service_id=place.wish.service_id,
            master_id=master,
            starts=place.work.starts,
            ends=place.work.ends,
            price=place.wish.price,
            before=place.wish.need.before,
            after=place.wish.need.after,
        )
        for place, master in zip(places, masters, strict=True)
    )


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
        )
        for segment in segments
    )


def seen(session: Session, keyring: Keyring, appointment_id: UUID) -> wire.Appointment:
    """The whole appointment, for somebody who has just changed it."""
    return views(keyring, [find(session, appointment_id, EVERYBODY, Reach.CHAIN)])[0]


# --- changing -------------------------------------------------------------------------------------------------------


def change(
    session: Session,
    keyring: Keyring,
    request: wire.ChangeAppointment,
    caller: Caller,
    quote: DiscountQuote | None,
    now: datetime,
) -> wire.Appointment:
    """Move it, give it other segments, or note something; time that it gives up is free for others at once."""
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    old = kept.appointment
    check_version(request.version, old.version)
    new = _replanned(session, kept, request, caller, quote, now)
    texts = {}
    if request.comment is not UNSET:
        texts["comment"] = sealed(keyring, old, "comment", request.comment)
    if new is old and not texts:
        return views(keyring, [kept])[0]
    changed = replace(new, version=old.version + 1)
    rewrite(session, old, changed, Change("noted" if new is old else "changed", caller, now), **texts)
    if new is not old:
        tell(session, [changed], ["changed"], now)
    return seen(session, keyring, old.id)


def _replanned(
    session: Session,
    kept: Kept,
    request: wire.ChangeAppointment,
    caller: Caller,
    quote: DiscountQuote | None,
    now: datetime,
) -> Appointment:
    """The appointment at its new time with its new segments, its place in the diaries taken; itself if all stays."""
    old = kept.appointment
    if request.starts is not UNSET:
        check_instant("starts", request.starts)
    starts = old.starts if request.starts is UNSET else request.starts.astimezone(UTC)
    if request.segments is UNSET and starts == old.starts:
        return old
    wishes = [part.wish for part in old.segments]
    if request.segments is not UNSET:
        wishes = resolve(session, request.segments, caller)
    if not wishes:
        raise Invalid.field("segments", "segments_missing", "say what the client comes for")
    if starts != old.starts:
        check_start(starts, now)
    must_be_open(old)
    visit = Visit(old.branch_id, kept.tz, old.client_id, starts, wishes, besides=old.id)
    places, masters = arrange(session, visit, now)
    segments, bill = _segments(places, masters), old.bill
    if request.segments is UNSET:
        segments = tuple(replace(new, id=part.id) for new, part in zip(segments, old.segments, strict=True))
    else:
        promised, current = (bill.percent, bill.as_of), discount_of(session, old.client_id, quote)
        bill = discounted(replace(bill, lines=service_lines(segments)), *better(promised, current))
    local_date = starts.astimezone(kept.tz).date()
    new = replace(old, starts=starts, ends=segments[-1].ends, local_date=local_date, segments=segments, bill=bill)
    occupy(session, new, places, masters)
    return new


# --- its way --------------------------------------------------------------------------------------------------------


def confirm(
    session: Session, keyring: Keyring, request: wire.ConfirmAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    return _step(session, keyring, kept, Status.CONFIRMED, caller, now)


def arrive(
    session: Session, keyring: Keyring, request: wire.ArriveAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    return _step(session, keyring, kept, Status.ARRIVED, caller, now)


def mark_no_show(
    session: Session, keyring: Keyring, request: wire.MarkNoShow, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.edit"), to_change=True)
    return _step(session, keyring, kept, Status.NO_SHOW, caller, now)


def cancel(
    session: Session, keyring: Keyring, request: wire.CancelAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    kept = find(session, request.id, caller, caller.must("appointments.cancel"), to_change=True)
    return _step(session, keyring, kept, Status.CANCELLED, caller, now, request.reason)


def _step(
    session: Session,
    keyring: Keyring,
    kept: Kept,
    status: Status,
    caller: Caller,
    now: datetime,
    reason: str | None = None,
) -> wire.Appointment:
    """One step of the status machine, with the reason if there is one."""
    new = become(kept.appointment, status, now, kept.tz)
    texts = {"reason": sealed(keyring, new, "reason", reason)} if reason else {}
    why = sealed(keyring, new, history_field(new), reason)
    step(session, kept.appointment, new, Change(status.value, caller, now, why), **texts)
    return seen(session, keyring, new.id)


def step(session: Session, old: Appointment, new: Appointment, change: Change, **texts: bytes | None) -> None:
    """Keep and announce a step; who does not come keeps nobody busy."""
    rewrite(session, old, new, change, **texts)
    if new.status in (Status.CANCELLED, Status.NO_SHOW):
        leave(session, new.id)
    tell(session, [new], [change.what], change.at)


def history_field(appointment: Appointment) -> str:
    """Where the reason of this version's change is kept, to bind it to that place."""
    return f"history.{appointment.version}"
