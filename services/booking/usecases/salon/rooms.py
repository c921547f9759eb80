"""Rooms and equipment. One that takes none any more keeps whom it has."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, insert, or_, select
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict
from services.booking.domain.catalogue import name_of
from services.booking.queries import salon
from services.booking.tables import busy, rooms
from services.booking.usecases.blocks import cover_places
from services.booking.usecases.openings import freed_throughout
from services.booking.usecases.salon.changes import change_row, changes_of, check_version, kept_week


def create_room(session: Session, request: wire.CreateRoom, caller: Caller, now: datetime) -> wire.Room:
    salon.zone_of_named(session, request.branch_id, caller)
    values = _kept(request) | {"id": new_id(), "branch_id": request.branch_id}
    session.execute(insert(rooms).values(values))
    freed_throughout(session, request.branch_id, now)
    return salon.show_room(session, values["id"], caller)


def change_room(session: Session, request: wire.ChangeRoom, caller: Caller, now: datetime) -> wire.Room:
    room = salon.show_room(session, request.id, caller)
    check_version(request.version, room.version)
    if changes := _kept(request):
        _check_room_for_all(session, room.id, changes.get("capacity", room.capacity), now)
        change_row(session, rooms, room.id, room.version, changes)
        if changes.get("capacity", 0) > room.capacity:
            cover_places(session, room.id, changes["capacity"])
    changed = salon.show_room(session, room.id, caller)
    if _takes_more(room, changed):
        freed_throughout(session, room.branch_id, now)
    return changed


def _takes_more(old: wire.Room, new: wire.Room) -> bool:
    """Whether it may now be had at a time, or for a service, for which it could not be had before."""
    more = (not old.active, new.capacity > old.capacity, new.kind != old.kind, new.hours != old.hours)
    return new.active and any(more)


def _check_room_for_all(session: Session, room_id: UUID, capacity: int, now: datetime) -> None:
    """Whoever has one of the places that go would not be counted any more, and the room be filled beyond its size."""
    beyond = (busy.c.resource_id == room_id, busy.c.place >= capacity, busy.c.block_id.is_(None))
    still = func.upper(busy.c.during) > now, or_(busy.c.expires_at.is_(None), busy.c.expires_at > now)
    if session.scalar(select(exists(select(busy.c.id).where(*beyond, *still)))):
        raise Conflict("places_taken", "more than that have the room at the same time; move them first")


def _kept(request: wire.CreateRoom | wire.ChangeRoom) -> dict[str, Any]:
    changes = changes_of(request, "name", "capacity", "kind", "hours", "active")
    for field in ("name", "kind"):
        if field in changes:
            changes[field] = name_of(field, changes[field])
    if "hours" in changes:
        changes["hours"] = kept_week("hours", changes["hours"])
    return changes
