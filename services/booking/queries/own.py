"""A client's own visits: those ahead, and what became of the others."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import ColumnElement, and_, false, not_, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from kernel.money import Money
from services.booking.domain.appointment import Appointment, Status
from services.booking.queries.appointments import Kept, every_appointment, kept
from services.booking.queries.catalogue import Catalogue, catalogue
from services.booking.queries.online import online_view
from services.booking.tables import appointments

CHANGEABLE = (Status.BOOKED, Status.CONFIRMED)
AHEAD = (*CHANGEABLE, Status.ARRIVED)
KEY = (Annotated[datetime, Meta(tz=True)], UUID)


def list_own(
    session: Session, request: wire.ListOwnAppointments, caller: Caller, now: datetime
) -> Page[wire.OwnAppointment]:
    """Nobody's for whoever has no card."""
    ahead = and_(appointments.c.status.in_([each.value for each in AHEAD]), appointments.c.ends > now)
    place = tuple_(appointments.c.starts, appointments.c.id)
    query = every_appointment().where(_own(caller), not_(ahead) if request.past else ahead)
    if request.cursor:
        after = tuple_(*decode_cursor(request.cursor, *KEY))
        query = query.where(place < after if request.past else place > after)
    order: Any = (appointments.c.starts, appointments.c.id)
    query = query.order_by(*(each.desc() for each in order)) if request.past else query.order_by(*order)
    found = [each.appointment for each in kept(session, query.limit(request.limit + 1))]
    shown, known = found[: request.limit], catalogue(session)
    more = len(found) > request.limit
    return Page(
        tuple(own_view(known, each, now) for each in shown),
        encode_cursor(shown[-1].starts, shown[-1].id) if more else None,
    )


def show_own(session: Session, appointment_id: UUID, caller: Caller, now: datetime) -> wire.OwnAppointment:
    return own_view(catalogue(session), find_own(session, appointment_id, caller).appointment, now)


def find_own(session: Session, appointment_id: UUID, caller: Caller, *, to_change: bool = False) -> Kept:
    """The caller's own visit; `to_change` holds it until the end of the transaction."""
    query = every_appointment().where(appointments.c.id == appointment_id, _own(caller))
    found = kept(session, query.with_for_update(of=appointments) if to_change else query)
    if not found:
        raise NotFound("appointment_not_found", "there is no such appointment")
    return found[0]


def _own(caller: Caller) -> ColumnElement[bool]:
    return appointments.c.client_id == caller.client_id if caller.client_id else false()


def own_view(known: Catalogue, appointment: Appointment, now: datetime) -> wire.OwnAppointment:
    said = online_view(known, appointment)
    bill = appointment.bill
    changeable = appointment.status in CHANGEABLE and now < said.can_change_until
    return wire.OwnAppointment(
        id=appointment.id,
        status=said.status,
        branch=said.branch,
        starts=said.starts,
        ends=said.ends,
        segments=said.segments,
        total=said.total,
        discount=Money(bill.discount, bill.currency),
        due=Money(bill.due, bill.currency),
        version=appointment.version,
        can_change_until=said.can_change_until if changeable else None,
        cancelled_by=appointment.cancelled_by,  # type: ignore[arg-type]
    )
