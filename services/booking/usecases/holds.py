"""Holds: time that is kept for somebody for a while, released, run out, or quoted by the booking that uses it up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, insert, select
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict, Gone, Invalid, NotFound
from services.booking.domain.diary import check_horizon, check_lead, check_start
from services.booking.domain.wish import Need, Phase, Placed, Wish
from services.booking.queries.catalogue import Catalogue, catalogue
from services.booking.queries.holds import show_hold
from services.booking.queries.limits import limits_in
from services.booking.tables import appointments, holds, waiting_entries
from services.booking.usecases.diary import Owner, Visit, arrange, occupy, pieces_of, whole_of
from services.booking.usecases.openings import freed
from services.booking.usecases.record import phases_kept
from services.booking.usecases.resolve import is_client, naming_what_never_fits, resolve, zone_of

AT_ONCE = 100  # expired holds that are cleared away in one transaction


def hold_time(session: Session, request: wire.HoldTime, caller: Caller, now: datetime) -> wire.Hold:
    """Keep the time from everybody; clients get the minutes of the branch at most."""
    client = is_client(caller)
    known = catalogue(session)
    tz = zone_of(known, request.branch_id, caller)
    wishes = resolve(session, request.branch_id, request.segments, caller, known)
    if known.services[wishes[0].service_id].capacity > 1:
        raise Invalid.field("segments.0.service_id", "group_service_not_held", "the places of a group are not held")
    check_start(request.starts, now)
    limits = limits_in(known, request.branch_id, [wish.service_id for wish in wishes])
    check_horizon(request.starts, limits, now, tz)
    soonest = now + limits.lead if client else now
    if client:
        check_lead(request.starts, limits, now)
    usual = known.branches[request.branch_id].policy.hold_minutes
    minutes = request.minutes or usual
    expires_at = now + timedelta(minutes=min(minutes, usual) if client else minutes)
    visit = Visit(request.branch_id, tz, None, request.starts.astimezone(UTC), wishes, soonest=soonest)
    with naming_what_never_fits(session, visit.branch_id, wishes, now):
        placed = arrange(session, visit, now)
    hold_id = keep(session, visit, placed, expires_at, now)
    return show_hold(session, hold_id, now)


def keep(session: Session, visit: Visit, placed: Sequence[Placed], expires_at: datetime, now: datetime) -> UUID:
    """Write down a hold of what was `placed`, under the locks of that; for nobody if the visit has no client."""
    hold_id, whole = new_id(), whole_of(placed)
    session.execute(
        insert(holds).values(
            id=hold_id,
            branch_id=visit.branch_id,
            client_id=visit.client_id,
            starts=whole.starts,
            ends=whole.ends,
            plan=[_planned(each) for each in placed],
            expires_at=expires_at,
        )
    )
    occupy(session, Owner("hold_id", hold_id, expires_at), pieces_of(visit.client_id, placed), now=now)
    return hold_id


def _planned(each: Placed) -> dict[str, Any]:
    """A segment on the terms that are promised: what the catalogue says later changes nothing of them."""
    return {
        "service_id": str(each.wish.service_id),
        "service_version": each.wish.service_version,
        "master_id": str(each.master_id),
        "starts": each.work.starts.isoformat(),
        "ends": each.work.ends.isoformat(),
        "phases": phases_kept(each.need.phases),
        "before": each.need.before,
        "after": each.need.after,
        "price": each.need.price,
        "cost": each.wish.cost,
        "unit_ids": [str(unit) for unit, _ in each.units],
        "parallel": each.wish.parallel,
    }


# --- using it up ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quoted:
    """What is booked, and the hold that gives way to it; `held` if it is what was promised, by those who were held."""

    wishes: Sequence[Wish]
    besides: frozenset[UUID] = frozenset()
    held: bool = False


def quoted(
    session: Session,
    known: Catalogue,
    request: wire.BookAppointment | wire.BookOnline,
    caller: Caller,
    now: datetime,
) -> Quoted:
    """What the request books: as it is held if it quotes a hold, else, or if that has run out, as things are now.

    The hold stays locked until the end: it is booked once.
    """
    row = _held(session, request) if request.hold_id else None
    if row is None or row.expires_at <= now:
        wishes = resolve(session, request.branch_id, request.segments, caller, known)
        return Quoted(wishes, frozenset({row.id}) if row else frozenset())
    if row.starts != request.starts:
        raise _differs()
    return Quoted(as_held(session, row.plan, request.segments), frozenset({row.id}), held=True)


def _held(session: Session, request: wire.BookAppointment | wire.BookOnline) -> Row[Any] | None:
    row = session.execute(select(holds).where(holds.c.id == request.hold_id).with_for_update()).one_or_none()
    if row is None:
        if session.scalar(select(exists().where(appointments.c.hold_id == request.hold_id))):
            raise Conflict("hold_booked", "this hold was booked already")
    elif row.branch_id != request.branch_id or _is_offer(session, row.id):
        raise _differs()
    return row


def as_held(session: Session, plan: Sequence[dict[str, Any]], wanted: Sequence[wire.WantedSegment]) -> list[Wish]:
    """The wishes on the terms of a hold's plan, by its masters and in its rooms; refused if something else is wanted.

    Only a service or a master who is not there at all any more cannot be had.
    """
    if len(plan) != len(wanted):
        raise _differs()
    known = catalogue(session)
    wishes = []
    for place, (held, segment) in enumerate(zip(plan, wanted, strict=True)):
        wish = _promised(known, held)
        (master_id,) = wish.needs
        units = {UUID(unit) for unit in held["unit_ids"]}
        same = (segment.service_id, segment.parallel) == (wish.service_id, wish.parallel)
        same = same and segment.duration_minutes in (None, wish.needs[master_id].duration)
        if not same or segment.master_id not in (None, master_id) or (segment.room_id and segment.room_id not in units):
            raise _differs()
        if not known.services[wish.service_id].active:
            field = f"segments.{place}.service_id"
            raise Invalid.field(field, "service_inactive", "this service is not offered any more")
        if not known.masters[master_id].active:
            field = f"segments.{place}.master_id"
            raise Invalid.field(field, "master_unknown", "who was held does not work here any more")
        wishes.append(replace(wish, room_id=segment.room_id or wish.room_id))
    return wishes


def _promised(known: Catalogue, held: dict[str, Any]) -> Wish:
    units = [known.rooms[UUID(unit)] for unit in held["unit_ids"]]
    phases = tuple(Phase(**phase) for phase in held["phases"])
    need = Need(phases, held["before"], held["after"], held["price"])
    return Wish(
        service_id=UUID(held["service_id"]),
        needs={UUID(held["master_id"]): need},
        room_kinds=tuple(unit.kind for unit in units),
        room_id=next((unit.id for unit in units if unit.active), None),
        parallel=held["parallel"],
        service_version=held["service_version"],
        cost=held["cost"],
    )


def _differs() -> Invalid:
    return Invalid.field("hold_id", "hold_differs", "the hold is of another time or of other services")


# --- letting it go --------------------------------------------------------------------------------------------------


def release(session: Session, request: wire.ReleaseHold, now: datetime) -> wire.Released:
    """Give the time back; an offer to the waiting list is declined instead."""
    row = session.execute(select(holds).where(holds.c.id == request.id).with_for_update()).one_or_none()
    if row is None or _is_offer(session, row.id):
        raise NotFound("hold_not_found", "there is no such hold")
    if row.expires_at <= now:
        raise Gone("hold_expired", "the hold has run out")
    _let_go(session, row, now)
    return wire.Released(request.id)


def expire(session: Session, now: datetime) -> bool:
    """Clear away holds that have run out, but for offers, whose turn passes on; whether there may be more of them."""
    offered = exists().where(waiting_entries.c.hold_id == holds.c.id)
    query = select(holds).where(holds.c.expires_at <= now, ~offered).order_by(holds.c.expires_at, holds.c.id)
    rows = session.execute(query.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for row in rows:
        _let_go(session, row, now)
    return len(rows) == AT_ONCE


def _let_go(session: Session, row: Row[Any], now: datetime) -> None:
    session.execute(delete(holds).where(holds.c.id == row.id))  # and its busy rows with it
    freed(session, row.branch_id, row.starts, row.ends, now)


def _is_offer(session: Session, hold_id: UUID) -> bool:
    return bool(session.scalar(select(exists().where(waiting_entries.c.hold_id == hold_id))))
