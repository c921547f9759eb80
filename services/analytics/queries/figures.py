"""Which questions figures by day and month answer, and their answers."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, cast, func, literal, nulls_last, or_, select, true, union_all
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Date, Integer

from services.analytics.queries.client_years import cut_as_kept
from services.analytics.tables import client_days, client_years, figures, first_visits, visits

SUMS: tuple[ColumnElement[Any], ...] = (
    cast(func.coalesce(func.sum(figures.c.visits), 0), Integer).label("visits"),
    cast(func.coalesce(func.sum(figures.c.new_clients), 0), Integer).label("new_clients"),
    *(
        cast(func.coalesce(func.sum(amount), 0), BigInteger).label(amount.name)
        for amount in (figures.c.revenue, figures.c.discount, figures.c.cost)
    ),
)
KIND_OF = {"service_id": "service", "category": "category", "master_id": "master"}


class Piece(NamedTuple):
    """A period and the span by which figures tell of it; without one only facts do."""

    first: date
    last: date
    span: str | None


def pieces(first: date, last: date, names: Collection[str], branches: Collection[UUID] | None) -> list[Piece]:
    """The period in pieces of which each answers for itself, in the order of time.

    Distinct clients are kept of days and of months, of single branches and of the whole chain, and by one thing that
    parts of visits are for. Of any other period visits and revenue add up, and clients are looked for one by one, or in
    each branch.
    Whatever else is asked is counted from the facts.
    """
    if set(names) <= {"branch_id"} and not (first == last or _is_month(first, last)):
        return [Piece(first, last, "period")]
    of_some_branches = branches is not None and len(branches) != 1 and "branch_id" not in names
    if "source" in names or of_some_branches or len(KIND_OF.keys() & set(names)) > 1:
        return [Piece(first, last, None)]
    if "day" in names or first == last:
        return [Piece(first, last, "day")]
    if "month" in names:
        return _by_month(first, last)
    return [Piece(first, last, "month" if _is_month(first, last) else None)]


def _by_month(first: date, last: date) -> list[Piece]:
    """Whole months together, those that the period cuts apart."""
    found: list[Piece] = []
    start = first
    while start <= last:
        end = min(last, _end_of_month(start))
        span = "month" if _is_month(start, end) else "day" if start == end else None
        if found and span == found[-1].span == "month":
            found[-1] = found[-1]._replace(last=end)
        else:
            found.append(Piece(start, end, span))
        start = end + timedelta(days=1)
    return found


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _is_month(first: date, last: date) -> bool:
    return first.day == 1 and last == _end_of_month(first)


def kept_figures(
    session: Session, piece: Piece, branches: Collection[UUID] | None, names: Sequence[str]
) -> Sequence[Row[Any]]:
    """A row for each combination of keys, in their order; keys were checked by `pieces`."""
    keys = [_key(name) for name in names]
    kind = next((KIND_OF[name] for name in names if name in KIND_OF), "visit")
    asked: Select[Any] = select(
        *keys,
        figures.c.visits,
        figures.c.clients,
        figures.c.new_clients,
        figures.c.revenue,
        figures.c.discount,
        figures.c.cost,
    ).where(
        figures.c.span == piece.span,
        figures.c.kind == kind,
        figures.c.since.between(piece.first, piece.last),
        _of(branches, names),
    )
    return session.execute(asked.order_by(*(nulls_last(key) for key in keys))).all()


def period_figures(
    session: Session, piece: Piece, branches: Collection[UUID] | None, names: Sequence[str]
) -> Sequence[Row[Any]]:
    """All of the period in one row, or one for each branch."""
    return _of_each_branch(session, piece, branches) if names else _of_all(session, piece, branches)


def _of_all(session: Session, piece: Piece, branches: Collection[UUID] | None) -> Sequence[Row[Any]]:
    """Whoever has a client's visits by date at hand need not read those of everybody."""
    came = select(literal(1)).where(
        visits.c.client_id == first_visits.c.client_id, visits.c.local_date.between(piece.first, piece.last)
    )
    if branches is not None:
        came = came.where(visits.c.branch_id.in_(branches))
    clients = select(func.count()).select_from(first_visits).where(came.exists())
    asked: Select[Any] = select(*SUMS, clients.scalar_subquery().label("clients"))
    return session.execute(asked.where(_every_visit(piece.first, piece.last, branches, ()))).all()


def _of_each_branch(session: Session, piece: Piece, branches: Collection[UUID] | None) -> Sequence[Row[Any]]:
    """Who came to it in whole years is kept; of other days each is looked at."""
    years, rest = cut_as_kept(session, piece.first, piece.last)
    here = true() if branches is None else client_years.c.branch_id.in_(branches)
    there = true() if branches is None else client_days.c.branch_id.in_(branches)
    came: list[Select[Any]] = [
        select(client_years.c.branch_id, client_years.c.client_id).where(
            client_years.c.year.in_(years), client_years.c.branch_id.is_not(None), client_years.c.visits > 0, here
        )
    ]
    came += [
        select(client_days.c.branch_id, client_days.c.client_id).where(
            client_days.c.local_date.between(since, until), client_days.c.client_id.is_not(None), there
        )
        for since, until in rest
    ]
    each = union_all(*came).subquery()
    people = select(each).distinct().subquery()
    clients = select(people.c.branch_id, func.count().label("clients")).group_by(people.c.branch_id).subquery()
    sums = select(figures.c.branch_id, *SUMS).group_by(figures.c.branch_id)
    sums = sums.where(_every_visit(piece.first, piece.last, branches, ("branch_id",)))
    figured = sums.subquery()
    asked = select(figured, func.coalesce(clients.c.clients, 0).label("clients")).outerjoin_from(
        figured, clients, clients.c.branch_id == figured.c.branch_id
    )
    return session.execute(asked.order_by(figured.c.branch_id)).all()


def period_sums(session: Session, first: date, last: date, branches: Collection[UUID] | None) -> Row[Any]:
    """What all visits of a period add up to, those without a card among them; nobody is said to have returned."""
    names = ("visits", "revenue", "discount", "cost")
    sums: list[ColumnElement[Any]] = [
        cast(func.coalesce(func.sum(figures.c[name]), 0), BigInteger).label(name) for name in names
    ]
    asked: Select[Any] = select(*sums, literal(0).label("returned"))
    return session.execute(asked.where(_every_visit(first, last, branches, ()))).one()


def _every_visit(
    first: date, last: date, branches: Collection[UUID] | None, names: Collection[str]
) -> ColumnElement[bool]:
    """The figures of whole months and of single days that together are the period."""
    of_days = [each for each in _by_month(first, last) if each.span != "month"]
    of_months = [each for each in _by_month(first, last) if each.span == "month"]
    within = [and_(figures.c.span == "month", figures.c.since.between(each.first, each.last)) for each in of_months]
    within += [and_(figures.c.span == "day", figures.c.since.between(each.first, each.last)) for each in of_days]
    return and_(figures.c.kind == "visit", or_(*within), _of(branches, names))


def _key(name: str) -> ColumnElement[Any]:
    if name == "month":
        return cast(func.date_trunc(literal("month"), figures.c.since), Date).label(name)
    return figures.c.since.label(name) if name == "day" else figures.c[name]


def _of(branches: Collection[UUID] | None, names: Collection[str]) -> ColumnElement[bool]:
    if branches is not None:
        return figures.c.branch_id.in_(branches)
    return figures.c.branch_id.is_not(None) if "branch_id" in names else figures.c.branch_id.is_(None)
