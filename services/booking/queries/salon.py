"""What the salon is: settings, branches, rooms, the catalogue and the masters."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from contracts.booking import (
    Branch,
    ListBranches,
    ListMasters,
    ListRooms,
    ListServices,
    Master,
    OpeningHours,
    Room,
    Service,
    Settings,
    UnknownBranches,
)
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from kernel.time import zone
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches, master_seen
from services.booking.tables import branches, master_services, masters, rooms, services, settings, shifts


def show_settings(session: Session) -> Settings:
    row = session.execute(select(settings.c.currency, settings.c.version)).one()
    return Settings(row.currency, row.version)


# --- branches -------------------------------------------------------------------------------------------------------


def show_branch(session: Session, branch_id: UUID, caller: Caller) -> Branch:
    query = select(branches).where(branches.c.id == branch_id, in_branches(branches.c.id, caller))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("branch_not_found", "there is no such branch")
    return _branch(row)


def list_branches(session: Session, request: ListBranches, caller: Caller) -> Page[Branch]:
    query = select(branches).where(in_branches(branches.c.id, caller))
    return page(session, query, branches, _branch, request.limit, request.cursor)


def unknown_branches(session: Session, branch_ids: Sequence[UUID]) -> UnknownBranches:
    known = set(session.scalars(select(branches.c.id).where(branches.c.id.in_(branch_ids))))
    return UnknownBranches(tuple(branch_id for branch_id in branch_ids if branch_id not in known))


def time_zone(session: Session, branch_id: UUID) -> ZoneInfo | None:
    """The zone of the branch; None if there is no such branch."""
    name = session.scalar(select(branches.c.time_zone).where(branches.c.id == branch_id))
    return zone(name) if name else None


def zone_of_asked(session: Session, branch_id: UUID) -> ZoneInfo:
    """The zone of a branch that the path or the query names."""
    tz = time_zone(session, branch_id)
    if tz is None:
        raise NotFound("branch_not_found", "there is no such branch")
    return tz


def zone_of_named(session: Session, branch_id: UUID, caller: Caller) -> ZoneInfo:
    """The zone of a branch that a body names; one that is not the caller's is not there for them."""
    tz = time_zone(session, branch_id)
    if tz is None:
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
    must_be_theirs(branch_id, caller)
    return tz


def must_be_theirs(branch_id: UUID | None, caller: Caller) -> None:
    """Refuse a branch that the caller's branches do not include."""
    if branch_id is not None and not caller.in_branch(branch_id):
        raise NotFound("branch_not_found", "there is no such branch")


def _branch(row: Row[Any]) -> Branch:
    hours = tuple(OpeningHours(**hours) for hours in row.opening_hours)
    return Branch(row.id, row.name, row.time_zone, row.address, hours, row.version)


# --- rooms ----------------------------------------------------------------------------------------------------------


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
    return page(session, query, rooms, _room, request.limit, request.cursor)


def _room(row: Row[Any]) -> Room:
    return Room(row.id, row.branch_id, row.name, row.capacity, row.version)


# --- the catalogue --------------------------------------------------------------------------------------------------


def show_service(session: Session, service_id: UUID) -> Service:
    row = session.execute(select(services).where(services.c.id == service_id)).one_or_none()
    if row is None:
        raise NotFound("service_not_found", "there is no such service")
    return _service(row)


def list_services(session: Session, request: ListServices) -> Page[Service]:
    return page(session, select(services), services, _service, request.limit, request.cursor)


def services_of(session: Session, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The rows of those of `ids` that exist."""
    rows = session.execute(select(services).where(services.c.id.in_(set(ids)))).all()
    return {row.id: row for row in rows}


def _service(row: Row[Any]) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        category=row.category,
        duration_minutes=row.duration_minutes,
        price=Money(row.price, row.currency),
        buffer_before_minutes=row.buffer_before_minutes,
        buffer_after_minutes=row.buffer_after_minutes,
        bookable_online=row.bookable_online,
        active=row.active,
        version=row.version,
        cost=None if row.cost is None else Money(row.cost, row.currency),
    )


# --- masters --------------------------------------------------------------------------------------------------------


def show_master(session: Session, master_id: UUID, caller: Caller, reach: Reach) -> Master:
    query = _masters().where(masters.c.id == master_id, master_seen(caller, reach))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("master_not_found", "there is no such master")
    return _master(row)


def list_masters(session: Session, request: ListMasters, caller: Caller, reach: Reach) -> Page[Master]:
    query = _masters().where(master_seen(caller, reach))
    if request.branch_id:
        must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
        works = (shifts.c.master_id == masters.c.id) & (shifts.c.branch_id == request.branch_id)
        query = query.where(exists(select(shifts.c.id).where(works)))
    return page(session, query, masters, _master, request.limit, request.cursor)


def masters_of(session: Session, ids: Collection[UUID], caller: Caller, reach: Reach) -> dict[UUID, Master]:
    """Those of `ids` that the caller sees."""
    rows = session.execute(_masters().where(masters.c.id.in_(set(ids)), master_seen(caller, reach))).all()
    return {row.id: _master(row) for row in rows}


def _masters() -> Select[Any]:
    renders = (
        select(func.array_agg(aggregate_order_by(master_services.c.service_id, master_services.c.position)))
        .where(master_services.c.master_id == masters.c.id)
        .scalar_subquery()
    )
    return select(masters, renders.label("service_ids"))


def _master(row: Row[Any]) -> Master:
    return Master(row.id, row.name, row.user_id, tuple(row.service_ids or ()), row.active, row.version)
