"""The catalogue: services with their prices by branch, and their categories."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from contracts.booking import (
    BranchPrice,
    Category,
    Contraindication,
    ListCategories,
    ListServices,
    Phase,
    Service,
    ServicePolicy,
)
from contracts.message import Page
from kernel.errors import NotFound
from kernel.money import Money
from services.booking.queries.paging import page
from services.booking.tables import branch_prices, categories, services


def show_service(session: Session, service_id: UUID) -> Service:
    row = session.execute(_services().where(services.c.id == service_id)).one_or_none()
    if row is None:
        raise NotFound("service_not_found", "there is no such service")
    return _service(row)


def list_services(session: Session, request: ListServices) -> Page[Service]:
    return page(session, _services(), services, _service, request.limit, request.cursor)


def services_of(session: Session, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """The rows of those of `ids` that exist."""
    rows = session.execute(select(services).where(services.c.id.in_(set(ids)))).all()
    return {row.id: row for row in rows}


def _services() -> Select[Any]:
    entry = func.jsonb_build_array(
        branch_prices.c.branch_id, branch_prices.c.price, branch_prices.c.price_max, branch_prices.c.offered
    )
    by_branch = (
        select(func.jsonb_agg(aggregate_order_by(entry, branch_prices.c.branch_id)))
        .where(branch_prices.c.service_id == services.c.id)
        .scalar_subquery()
    )
    return select(services, by_branch.label("by_branch"))


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
        cost=money_of(row.cost, row.currency),
        price_max=money_of(row.price_max, row.currency),
        description=row.description,
        picture_id=row.picture_id,
        phases=tuple(Phase(**phase) for phase in row.phases),
        room_kinds=tuple(row.room_kinds),
        capacity=row.capacity,
        repeat_days=row.repeat_days,
        policy=ServicePolicy(**row.policy),
        branch_prices=tuple(
            BranchPrice(UUID(branch), money_of(price, row.currency), money_of(price_max, row.currency), offered)
            for branch, price, price_max, offered in row.by_branch or ()
        ),
        contraindications=tuple(Contraindication(**each) for each in row.contraindications),
    )


def money_of(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


# --- categories -----------------------------------------------------------------------------------------------------


def show_category(session: Session, category_id: UUID) -> Category:
    row = session.execute(select(categories).where(categories.c.id == category_id)).one_or_none()
    if row is None:
        raise NotFound("category_not_found", "there is no such category")
    return _category(row)


def list_categories(session: Session, request: ListCategories) -> Page[Category]:
    by = categories.c.position
    return page(session, select(categories), categories, _category, request.limit, request.cursor, by=by)


def _category(row: Row[Any]) -> Category:
    return Category(row.id, row.name, row.position, row.version, row.picture_id)
