"""What shall pay for a visit and is not money: set aside before the bill, free again if there comes none.

Certificates and memberships are kept by `passes`, under the same reservation and in the same transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.crypto import blind_index
from chassis.merged import kept_ids
from chassis.wire import encode
from contracts.booking import AppointmentState
from contracts.loyalty import Released, ReleaseTenders, Reserved, ReserveTenders
from kernel.errors import Conflict, Invalid
from services.loyalty.domain.points import check_payment
from services.loyalty.queries.programmes import in_force
from services.loyalty.tables import reservations
from services.loyalty.usecases import passes
from services.loyalty.usecases.points import account_of

KEPT_FOR = timedelta(minutes=30)


def reserve(session: Session, request: ReserveTenders, codes_key: bytes, now: datetime) -> Reserved:
    """Set everything aside or nothing. Asked again for the same it is the same; for something else, that instead."""
    asked = blind_index(codes_key, encode(request).decode(), 32)
    held = _held(session, request, asked, now)
    if held.state == "confirmed" or (held.state == "reserved" and held.expires_at > now and held.asked == asked):
        return Reserved(held.id, held.expires_at)
    if held.state == "reserved":
        passes.free(session, held.id)
    _refuse_overpaid(request)
    client_id = kept_ids(session, [request.client_id]).get(request.client_id, request.client_id)
    points, value = _set_points_aside(session, request, client_id, now)
    expires_at = now + KEPT_FOR
    session.execute(
        update(reservations)
        .where(reservations.c.id == request.reservation_id)
        .values(
            client_id=client_id,
            state="reserved",
            asked=asked,
            points=points,
            value=value,
            made_at=now,
            expires_at=expires_at,
        )
    )
    passes.reserve(session, request, codes_key, expires_at, now)
    return Reserved(request.reservation_id, expires_at)


def _held(session: Session, request: ReserveTenders, asked: bytes, now: datetime) -> Row[Any]:
    """The row of the reservation, made if there is none: whoever asks at the same time waits here."""
    session.execute(
        upsert(reservations)
        .values(
            id=request.reservation_id,
            appointment_id=request.appointment_id,
            client_id=request.client_id,
            state="released",
            asked=asked,
            points=0,
            value=1,
            made_at=now,
            expires_at=now,
        )
        .on_conflict_do_nothing()
    )
    one = select(reservations).where(reservations.c.id == request.reservation_id).with_for_update()
    row = session.execute(one).one()
    if row.appointment_id != request.appointment_id:
        raise Conflict("reservation_taken", "this reservation is of another visit")
    return row


def _refuse_overpaid(request: ReserveTenders) -> None:
    if sum(tender.amount for tender in request.tenders) > request.due:
        raise Invalid.field("tenders", "overpaid", "the payments are more than what is due")


def _set_points_aside(session: Session, request: ReserveTenders, client_id: UUID, now: datetime) -> tuple[int, int]:
    """How many points the tenders take, and what one pays."""
    wanted = [(place, tender.amount) for place, tender in enumerate(request.tenders) if tender.kind == "points"]
    if not wanted:
        return 0, 1
    rules = in_force(session, request.branch_id, now).points
    total = points = 0
    for number, amount in wanted:
        place = f"tenders.{number}.amount"
        if rules is None:
            raise Invalid.field(place, "points_not_accepted", "the programme in force knows no points")
        check_payment(rules, amount, request.due, place)
        total += amount
        points = check_payment(rules, total, request.due, place)
    assert rules is not None
    with account_of(session, client_id, now) as account:
        there = account.available(besides={request.reservation_id})
    if points > there:
        raise Invalid.field(f"tenders.{wanted[-1][0]}.amount", "points_not_enough", f"there are {there} points")
    return points, rules.value


def release(session: Session, request: ReleaseTenders) -> Released:
    """What was set aside is free again, unless a bill has confirmed it."""
    if _release(session, reservations.c.id == request.reservation_id):
        passes.free(session, request.reservation_id)
    return Released(request.reservation_id)


def release_expired(session: Session, now: datetime) -> None:
    """What no bill has confirmed in time. It counts nowhere since then; this only says so."""
    _release(session, reservations.c.expires_at <= now)
    passes.free_expired(session, now)


def free_visits(session: Session, events: Iterable[AppointmentState]) -> None:
    """What was set aside for visits that do not take place."""
    ids = {event.appointment_id for event in events}
    if not ids:
        return
    for appointment_id in sorted(_release(session, reservations.c.appointment_id.in_(ids))):
        passes.free_visit(session, appointment_id)


def _release(session: Session, which: Any) -> set[UUID]:
    """The visits of what is free again by it."""
    freed = update(reservations).where(which, reservations.c.state == "reserved").values(state="released")
    return set(session.scalars(freed.returning(reservations.c.appointment_id)))
