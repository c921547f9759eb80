"""Planning group events, changing them with everybody who joined, and cancelling them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import UNSET
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid, Unavailable
from kernel.time import Interval
from services.booking.domain.appointment import OPEN, Status, check_reason
from services.booking.domain.diary import check_horizon, check_instant, check_start
from services.booking.domain.groups import (
    CANCELLED,
    GroupEvent,
    check_capacity,
    must_be_planned,
    resized,
)
from services.booking.domain.packing import pack
from services.booking.domain.wish import Placed, Wish
from services.booking.queries.appointments import Kept
from services.booking.queries.catalogue import Catalogue, by_catalogue, catalogue
from services.booking.queries.diaries import Asked, look, units_wanted
from services.booking.queries.groups import busy_among, find_event, in_the_way, participant_ids, participants, view
from services.booking.queries.limits import limits_of
from services.booking.queries.salon import zone_of_named
from services.booking.tables import group_events
from services.booking.usecases.appointments import cancel_visit, move_visit
from services.booking.usecases.diary import Owner, Visit, leave, lock, occupy
from services.booking.usecases.openings import freed
from services.booking.usecases.resolve import resolve
from services.booking.usecases.salon import check_version

STILL_TO_COME = (Status.BOOKED, Status.CONFIRMED)
ROUNDS = 20  # of waiting until nobody joins between looking who is there and holding them


def create(session: Session, request: wire.CreateGroupEvent, caller: Caller, now: datetime) -> wire.GroupEvent:
    """Plan the event if its master and a room of each kind are free, all places of it."""
    tz = zone_of_named(session, request.branch_id, caller)
    wanted = wire.WantedSegment(request.service_id, request.master_id, request.room_id)
    wish = _resolved(session, request.branch_id, wanted, caller)
    known = catalogue(session)
    service = known.services[wish.service_id]
    capacity = request.capacity or service.capacity
    check_capacity(capacity, service.capacity)
    check_start(request.starts, now)
    check_horizon(request.starts, limits_of(session, request.branch_id, [service.id]), now, tz)
    visit = Visit(request.branch_id, tz, None, request.starts.astimezone(UTC), (wish,))
    lock(session, _could_take(known, visit))
    placed = _placed(session, known, visit, now)
    event = GroupEvent(
        id=new_id(),
        branch_id=visit.branch_id,
        service_id=service.id,
        master_id=placed.master_id,
        unit_ids=tuple(unit for unit, _ in placed.units),
        starts=visit.starts,
        need=placed.need,
        service_version=service.version,
        cost=service.cost,
        currency=known.currency or "",
        capacity=capacity,
        places_left=capacity,
    )
    session.execute(insert(group_events).values(_row(event) | {"changed_at": now}))
    _occupy(session, known, event, now)
    return view(event, tz)


def _resolved(session: Session, branch_id: UUID, wanted: wire.WantedSegment, caller: Caller) -> Wish:
    """What is to be given; refused by the fields of an event, which has no segments."""
    try:
        (wish,) = resolve(session, branch_id, [wanted], caller)
    except Invalid as refusal:
        errors = {field.removeprefix("segments.0."): said for field, said in refusal.details["errors"].items()}
        raise Invalid(refusal.code, refusal.message, errors=errors) from None
    if catalogue(session).services[wish.service_id].capacity == 1:
        raise Invalid.field("service_id", "service_not_group", "this service is for one client at a time")
    return wish


def _could_take(known: Catalogue, visit: Visit) -> list[tuple[UUID, Interval]]:
    (wish,) = visit.wishes
    units = units_wanted(known, visit.branch_id, visit.wishes)
    return [(resource, visit.span) for resource in (*wish.needs, *units)]


def _placed(session: Session, known: Catalogue, visit: Visit, now: datetime) -> Placed:
    """Where the event lies, decided under the locks: a unit of which any place is taken is no room for a group."""
    (wish,) = visit.wishes
    units = units_wanted(known, visit.branch_id, visit.wishes)
    asked = Asked(visit.branch_id, visit.span, wish.needs, units, besides=visit.besides)
    seen = by_catalogue(session, lambda known: look(session, known, asked, now))
    whole = [replace(unit, places=1, busy=[(0, taken) for _, taken in unit.busy]) for unit in seen.units]
    try:
        (placed,) = pack(visit.starts, visit.wishes, seen.diaries, whole)
    except Conflict as refusal:
        if refusal.code not in ("slot_taken", "room_taken"):
            raise
        taken = [*wish.needs, *units]
        conflicts = in_the_way(session, taken, visit.span, visit.besides, now, visit.tz)
        raise Conflict(refusal.code, refusal.message, conflicts=conflicts) from None
    return placed


def _occupy(session: Session, known: Catalogue, event: GroupEvent, now: datetime) -> None:
    places = {unit: known.rooms[unit].places for unit in event.unit_ids}
    occupy(session, Owner("group_event_id", event.id), event.pieces(places), now=now)


def _row(event: GroupEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "branch_id": event.branch_id,
        "service_id": event.service_id,
        "master_id": event.master_id,
        "unit_ids": list(event.unit_ids),
        "starts": event.starts,
        "ends": event.work.ends,
        "before": event.need.before,
        "after": event.need.after,
        "phases": [{"minutes": phase.minutes, "busy": phase.busy} for phase in event.need.phases],
        "service_version": event.service_version,
        "price": event.need.price,
        "cost": event.cost,
        "currency": event.currency,
        "capacity": event.capacity,
        "places_left": event.places_left,
        "status": event.status,
        "version": event.version,
    }


# --- changing -------------------------------------------------------------------------------------------------------


def change(
    session: Session, keyring: Keyring, request: wire.ChangeGroupEvent, caller: Caller, now: datetime
) -> wire.GroupEvent:
    """Give it another time, master or number of places; everybody who joined comes along, or nobody moves."""
    old, tz, joined = _held(session, request.id, caller)
    check_version(request.version, old.version)
    new = _changed(session, old, request, caller, tz, now)
    if new == old:
        return view(old, tz)
    must_be_planned(old)
    if (new.starts, new.master_id) != (old.starts, old.master_id):
        new = _moved(session, keyring, old, new, joined, tz, caller, now)
    new = replace(new, version=old.version + 1)
    session.execute(update(group_events).where(group_events.c.id == new.id).values(_row(new) | {"changed_at": now}))
    return view(new, tz)


def _held(session: Session, event_id: UUID, caller: Caller) -> tuple[GroupEvent, ZoneInfo, list[Kept]]:
    """The event and the appointments of who joined, held until the end.

    Appointments come before events in the order of locks, for whoever cancels holds theirs and then gives the place
    back. So if somebody joins in between, all of it is let go and asked for again.
    """
    reach = caller.must("group_events.edit")
    find_event(session, event_id, caller, reach)
    for _ in range(ROUNDS):
        savepoint = session.begin_nested()
        joined = participants(session, event_id)
        event, tz = find_event(session, event_id, caller, reach, to_change=True)
        if participant_ids(session, event_id) <= {each.appointment.id for each in joined}:
            savepoint.commit()
            return event, tz, joined
        savepoint.rollback()
    raise Unavailable("timed_out", "people keep joining this event")


def _changed(
    session: Session,
    old: GroupEvent,
    request: wire.ChangeGroupEvent,
    caller: Caller,
    tz: ZoneInfo,
    now: datetime,
) -> GroupEvent:
    """The event as it is wanted; a new master gives it on their own terms."""
    new = old
    if request.master_id is not UNSET and request.master_id != old.master_id:
        wanted = wire.WantedSegment(old.service_id, request.master_id)
        wish = _resolved(session, old.branch_id, wanted, caller)
        new = replace(new, master_id=request.master_id, need=wish.needs[request.master_id])
    if request.starts is not UNSET:
        check_instant("starts", request.starts)
        if request.starts != old.starts:
            check_start(request.starts, now)
            check_horizon(request.starts, limits_of(session, old.branch_id, [old.service_id]), now, tz)
            new = replace(new, starts=request.starts.astimezone(UTC))
    if request.capacity is not UNSET and request.capacity != old.capacity:
        new = resized(new, request.capacity, catalogue(session).services[old.service_id].capacity)
    return new


def _moved(
    session: Session,
    keyring: Keyring,
    old: GroupEvent,
    new: GroupEvent,
    joined: Sequence[Kept],
    tz: ZoneInfo,
    caller: Caller,
    now: datetime,
) -> GroupEvent:
    """The event in its new place, with everybody in it."""
    over = [each for each in joined if each.appointment.status not in STILL_TO_COME]
    if over:
        raise Conflict("wrong_status", "some who joined have come already", conflicts=_named(over))
    known = catalogue(session)
    kinds = tuple(known.rooms[unit].kind for unit in old.unit_ids)
    wish = Wish(new.service_id, {new.master_id: new.need}, kinds, service_version=new.service_version, cost=new.cost)
    clients = {each.appointment.client_id for each in joined if each.appointment.client_id}
    besides = frozenset({old.id, *(each.appointment.id for each in joined)})
    visit = Visit(new.branch_id, tz, None, new.starts, (wish,), besides=besides)
    keeps = old.need.keeps(old.starts)
    held = [*_could_take(known, visit), *((each, keeps) for each in (old.master_id, *old.unit_ids, *clients))]
    lock(session, [*held, *((client, new.work) for client in clients)])
    new = replace(new, unit_ids=tuple(unit for unit, _ in _placed(session, known, visit, now).units))
    elsewhere = busy_among(session, clients, new.work, besides, now)
    if elsewhere:
        conflicts = _named(each for each in joined if each.appointment.client_id in elsewhere)
        raise Conflict("client_busy", "some who joined are somewhere else then", conflicts=conflicts)
    leave(session, besides)
    _occupy(session, known, new, now)
    for each in joined:
        _take_along(session, keyring, each, new, caller, now)
    freed(session, old.branch_id, keeps.starts, keeps.ends, now)
    return new


def _take_along(
    session: Session, keyring: Keyring, each: Kept, event: GroupEvent, caller: Caller, now: datetime
) -> None:
    """Move somebody who joined, at the price that they were promised."""
    old = each.appointment
    seat = event.seat(old.segments[0].price)
    visit = Visit(old.branch_id, each.tz, old.client_id, event.starts, (seat.wish,), besides=frozenset({old.id}))
    move_visit(session, keyring, each, visit, (seat,), caller=caller, now=now, group_event_id=event.id)


def _named(joined: Iterable[Kept]) -> list[dict[str, UUID]]:
    return [{"appointment_id": each.appointment.id} for each in joined]


# --- cancelling -----------------------------------------------------------------------------------------------------


def cancel(
    session: Session, keyring: Keyring, request: wire.CancelGroupEvent, caller: Caller, now: datetime
) -> wire.GroupEvent:
    """Cancel the event and the appointments of all who have not come yet."""
    old, _tz, joined = _held(session, request.id, caller)
    check_reason(request.reason)
    must_be_planned(old)
    for each in joined:
        if each.appointment.status in OPEN:
            cancel_visit(session, keyring, each, caller=caller, now=now, reason=request.reason, by="staff")
    keeps = old.need.keeps(old.starts)
    lock(session, [(each, keeps) for each in (old.master_id, *old.unit_ids)])
    leave(session, [old.id])
    row = update(group_events).where(group_events.c.id == old.id)
    session.execute(row.values(status=CANCELLED, changed_at=now, version=old.version + 1))
    freed(session, old.branch_id, keeps.starts, keeps.ends, now)
    return view(*find_event(session, old.id, caller, caller.must("group_events.edit")))
