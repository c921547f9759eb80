"""Rooms and equipment."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts.booking import ListRooms, Room
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches
from services.booking.queries.salon.branches import must_be_theirs, week_of, zone_of_asked
from services.booking.tables import rooms


def show_room(session: Session, room_id: UUID, caller: Caller) -> Room:
    query = select(rooms).where(rooms.c.id == room_id, in_branches(rooms.c.branch_id, caller))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("room_not_found", "there is no such room")
    return _room(row)


def list_rooms(session: Session, request: ListRooms, caller: Caller) -> Page[Room]:
    query = select(rooms).where(in_branches(rooms.c.branch_id, caller))
    if request.branch_id:
        must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
        query = query.where(rooms.c.branch_id == request.branch_id)
    if request.kind:
        query = query.where(rooms.c.kind == request.kind.strip())
    return page(session, query, rooms, _room, request.limit, request.cursor)


def _room(row: Row[Any]) -> Room:
    return Room(
        id=row.id,
        branch_id=row.branch_id,
        name=row.name,
        capacity=row.capacity,
        version=row.version,
        kind=row.kind,
        hours=week_of(row.hours),
        active=row.active,
    )
