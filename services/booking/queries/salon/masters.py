"""Masters with what they render, on which terms, and where."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from contracts.booking import CheckFavourites, ListMasters, Master, Permit, Rendering, UnknownFavourites
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from services.booking.queries.paging import page
from services.booking.queries.reach import master_seen
from services.booking.queries.salon.branches import must_be_theirs, zone_of_asked
from services.booking.queries.salon.services import money_of
from services.booking.tables import master_rooms, master_services, masters, services, shifts


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


def unknown_favourites(session: Session, asked: CheckFavourites) -> UnknownFavourites:
    known = set(session.scalars(select(masters.c.id).where(masters.c.id.in_(asked.master_ids))))
    known |= set(session.scalars(select(services.c.id).where(services.c.id.in_(asked.service_ids))))
    return UnknownFavourites(
        tuple(each for each in asked.master_ids if each not in known),
        tuple(each for each in asked.service_ids if each not in known),
    )


def _masters() -> Select[Any]:
    link = master_services.c
    entry = func.jsonb_build_array(
        link.service_id,
        link.duration_minutes,
        link.price,
        services.c.currency,
        link.buffer_before_minutes,
        link.buffer_after_minutes,
    )
    renders = (
        select(func.jsonb_agg(aggregate_order_by(entry, link.position)))
        .join(services, services.c.id == link.service_id)
        .where(link.master_id == masters.c.id)
        .scalar_subquery()
    )
    works_in = (
        select(func.array_agg(aggregate_order_by(master_rooms.c.room_id, master_rooms.c.position)))
        .where(master_rooms.c.master_id == masters.c.id)
        .scalar_subquery()
    )
    return select(masters, renders.label("renders"), works_in.label("room_ids"))


def _master(row: Row[Any]) -> Master:
    links = [(UUID(service_id), terms) for service_id, *terms in row.renders or ()]
    return Master(
        id=row.id,
        name=row.name,
        user_id=row.user_id,
        service_ids=tuple(service_id for service_id, _ in links),
        active=row.active,
        version=row.version,
        renderings=tuple(_rendering(service_id, *terms) for service_id, terms in links if _differs(*terms)),
        room_ids=tuple(row.room_ids or ()),
        bookable_online=row.bookable_online,
        permits=tuple(Permit(each["kind"], date.fromisoformat(each["expires_on"])) for each in row.permits),
        picture_id=row.picture_id,
    )


def _differs(duration: int | None, price: int | None, _currency: str, before: int | None, after: int | None) -> bool:
    return any(term is not None for term in (duration, price, before, after))


def _rendering(
    service_id: UUID, duration: int | None, price: int | None, currency: str, before: int | None, after: int | None
) -> Rendering:
    return Rendering(service_id, duration, money_of(price, currency), before, after)
