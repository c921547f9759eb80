"""Rooms and equipment. One that takes fewer at once than before, or none any more, keeps whom it has."""

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from kernel.caller import Caller
from services.booking.domain.catalogue import name_of
from services.booking.queries import salon
from services.booking.tables import rooms
from services.booking.usecases.blocks import cover_places
from services.booking.usecases.salon.changes import change_row, changes_of, check_version, kept_week


def create_room(session: Session, request: wire.CreateRoom, caller: Caller) -> wire.Room:
    salon.zone_of_named(session, request.branch_id, caller)
    values = _kept(request) | {"id": new_id(), "branch_id": request.branch_id}
    session.execute(insert(rooms).values(values))
    return salon.show_room(session, values["id"], caller)


def change_room(session: Session, request: wire.ChangeRoom, caller: Caller) -> wire.Room:
    room = salon.show_room(session, request.id, caller)
    check_version(request.version, room.version)
    if changes := _kept(request):
        change_row(session, rooms, room.id, room.version, changes)
        if changes.get("capacity", 0) > room.capacity:
            cover_places(session, room.id, changes["capacity"])
    return salon.show_room(session, room.id, caller)


def _kept(request: wire.CreateRoom | wire.ChangeRoom) -> dict[str, Any]:
    changes = changes_of(request, "name", "capacity", "kind", "hours", "active")
    for field in ("name", "kind"):
        if field in changes:
            changes[field] = name_of(field, changes[field])
    if "hours" in changes:
        changes["hours"] = kept_week("hours", changes["hours"])
    return changes
