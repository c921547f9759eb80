"""Visits and open hours by day, for whatever compares days."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import cast, func, literal_column, select
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Integer

from kernel.errors import Invalid
from services.analytics.domain.openness import Opened
from services.analytics.tables import figures, visit_parts, work_days

Branches = Collection[UUID] | None  # None is the whole chain


def check_one_of(service_id: UUID | None, category: str | None) -> None:
    if service_id is not None and category is not None:
        raise Invalid.field("category", "service_or_category", "ask for a service or for a category, not for both")


def visits_by_day(
    session: Session,
    first: date,
    last: date,
    branches: Branches,
    service_id: UUID | None = None,
    category: str | None = None,
) -> dict[date, int]:
    """Completed visits of each day that has any: of a service, of a category, or all of them."""
    kind = "service" if service_id is not None else "category" if category is not None else "visit"
    asked = select(figures.c.since, cast(func.sum(figures.c.visits), Integer).label("visits")).where(
        figures.c.span == "day", figures.c.kind == kind, figures.c.since.between(first, last)
    )
    if service_id is not None:
        asked = asked.where(figures.c.service_id == service_id)
    elif category is not None:
        asked = asked.where(figures.c.category == category)
    asked = asked.where(figures.c.branch_id.is_(None) if branches is None else figures.c.branch_id.in_(branches))
    return {row.since: row.visits for row in session.execute(asked.group_by(figures.c.since))}


def opened_by_day(session: Session, first: date, last: date, branches: Branches) -> Opened:
    """All visits of the branches, and the minutes that their masters were there."""
    asked = select(work_days.c.local_date, cast(func.sum(work_days.c.open_minutes), BigInteger).label("minutes"))
    asked = asked.where(work_days.c.kind == literal_column("'masters'"), work_days.c.local_date.between(first, last))
    if branches is not None:
        asked = asked.where(work_days.c.branch_id.in_(branches))
    rows = session.execute(asked.group_by(work_days.c.local_date))
    return Opened(visits_by_day(session, first, last, branches), {row.local_date: row.minutes for row in rows})


def category_of(session: Session, service_id: UUID, day: date) -> str | None:
    """The category that a service had on a day on which it was given."""
    return session.scalar(
        select(visit_parts.c.category)
        .where(visit_parts.c.local_date == day, visit_parts.c.service_id == service_id)
        .order_by(visit_parts.c.category)
        .limit(1)
    )
