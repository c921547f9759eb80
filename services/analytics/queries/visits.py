"""Visits, people, newcomers and revenue by what visits have in common."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, Table, cast, func, literal, nulls_last, select
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Date, Integer

from contracts.analytics import Dimension, VisitRow, VisitRows
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain.periods import check_period
from services.analytics.queries.figures import KIND_OF, Piece, kept_figures, period_figures, pieces
from services.analytics.queries.scope import branches_asked_for, channels, currency
from services.analytics.tables import clients, first_visits, visit_parts, visits

# Every dimension by the name of its field in a row; the order is that of the rows.
FIELDS: dict[Dimension, str] = {
    "month": "month",
    "day": "day",
    "branch": "branch_id",
    "service": "service_id",
    "category": "category",
    "master": "master_id",
    "source": "source",
}
AMOUNTS = ("revenue", "discount", "cost")


def visit_rows(
    session: Session, first: date, last: date, group_by: Collection[Dimension], branch_id: UUID | None, caller: Caller
) -> VisitRows:
    """A row for each combination of the keys asked for that has a visit on the dates `first` to `last`."""
    branches = branches_asked_for(caller, branch_id)
    check_period(first, last)
    names = [name for dimension, name in FIELDS.items() if dimension in group_by]
    found = [
        row for piece in pieces(first, last, names, branches) for row in _answered(session, piece, branches, names)
    ]
    money = currency(session)
    known_as = channels(session) if "source" in group_by else None

    def row(each: Any) -> VisitRow:
        keys: dict[str, Any] = {name: getattr(each, name) for name in names}
        if "month" in keys:
            keys["month"] = keys["month"].strftime("%Y-%m")
        if known_as is not None:
            keys["source"] = known_as.name(keys["source"])
        return VisitRow(
            each.visits,
            each.clients,
            each.new_clients,
            Money(each.revenue, money),
            discount=Money(each.discount, money),
            margin=Money(each.revenue - each.cost, money),
            **keys,
        )

    found_rows = (row(each) for each in found if each.visits)
    rows = tuple(found_rows if known_as is None else _by_name(found_rows, names[:-1]))
    return VisitRows(rows, None if rows else "no_visits")


def _by_name(rows: Iterable[VisitRow], others: Sequence[str]) -> Iterator[VisitRow]:
    """Rows of one channel that is known under two keys as one, those of a group in the order of their names.

    Nobody has two channels at the root, so people add up.
    """
    for _, group in groupby(rows, key=lambda each: [getattr(each, name) for name in others]):
        one: dict[str | None, VisitRow] = {}
        for each in group:
            name = each.source or None
            one[name] = _together(one[name], each) if name in one else each
        yield from (one[name] for name in sorted(one, key=lambda name: (name is None, (name or "").casefold())))


def _together(one: VisitRow, other: VisitRow) -> VisitRow:
    return replace(
        one,
        visits=one.visits + other.visits,
        clients=one.clients + other.clients,
        new_clients=one.new_clients + other.new_clients,
        revenue=_added(one.revenue, other.revenue),
        discount=_added(one.discount, other.discount),
        margin=_added(one.margin, other.margin),
    )


def _added(one: Money | None, other: Money | None) -> Money:
    assert one is not None and other is not None
    return Money(one.amount + other.amount, one.currency)


def _answered(
    session: Session, piece: Piece, branches: Collection[UUID] | None, names: Sequence[str]
) -> Sequence[Row[Any]]:
    if piece.span == "period":
        return period_figures(session, piece, branches, names)
    return (kept_figures if piece.span else _counted)(session, piece, branches, names)


def _counted(
    session: Session, piece: Piece, branches: Collection[UUID] | None, names: Sequence[str]
) -> Sequence[Row[Any]]:
    """The same as figures tell, from the facts."""
    each_client = _by_part if KIND_OF.keys() & set(names) else _by_visit
    return session.execute(_summed(each_client(piece.first, piece.last, branches, names), names)).all()


def _by_visit(first: date, last: date, branches: Collection[UUID] | None, names: Sequence[str]) -> Select[Any]:
    """One row per client and keys, from whole visits."""
    source, keys = _keys(visits, names)
    return (
        select(
            *keys,
            visits.c.client_id,
            func.count().label("visits"),
            *(func.sum(visits.c[amount]).label(amount) for amount in AMOUNTS),
            func.count(first_visits.c.client_id).label("began"),
        )
        .select_from(source.outerjoin(first_visits, first_visits.c.appointment_id == visits.c.appointment_id))
        .where(*_within(visits, first, last, branches))
        .group_by(*keys, visits.c.client_id)
    )


def _by_part(first: date, last: date, branches: Collection[UUID] | None, names: Sequence[str]) -> Select[Any]:
    """One row per client and keys, from parts: a visit counts once for a key, however many of its parts have it."""
    source, keys = _keys(visit_parts, names)
    each = (
        select(
            *keys,
            visit_parts.c.appointment_id,
            visit_parts.c.client_id,
            *(func.sum(visit_parts.c[amount]).label(amount) for amount in AMOUNTS),
        )
        .select_from(source)
        .where(*_within(visit_parts, first, last, branches))
        .group_by(*keys, visit_parts.c.appointment_id, visit_parts.c.client_id)
        .subquery()
    )
    again = [each.c[name] for name in names]
    return (
        select(
            *again,
            each.c.client_id,
            func.count().label("visits"),
            *(func.sum(each.c[amount]).label(amount) for amount in AMOUNTS),
            func.count(first_visits.c.client_id).label("began"),
        )
        .select_from(each.outerjoin(first_visits, first_visits.c.appointment_id == each.c.appointment_id))
        .group_by(*again, each.c.client_id)
    )


def _summed(each_client: Select[Any], names: Sequence[str]) -> Select[Any]:
    """One row per keys."""
    each = each_client.subquery()
    keys = [each.c[name] for name in names]
    return (
        select(
            *keys,
            cast(func.coalesce(func.sum(each.c.visits), 0), Integer).label("visits"),
            func.count(each.c.client_id).label("clients"),
            cast(func.coalesce(func.sum(each.c.began), 0), Integer).label("new_clients"),
            *(cast(func.coalesce(func.sum(each.c[amount]), 0), BigInteger).label(amount) for amount in AMOUNTS),
        )
        .group_by(*keys)
        .order_by(*(nulls_last(key) for key in keys))
    )


def _keys(facts: Table, names: Sequence[str]) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """The columns to group `facts` by, and where to read them from."""
    source: FromClause = facts
    keys: list[ColumnElement[Any]] = []
    for name in names:
        if name == "month":
            keys.append(cast(func.date_trunc(literal("month"), facts.c.local_date), Date).label(name))
        elif name == "day":
            keys.append(facts.c.local_date.label(name))
        elif name == "source":
            source = facts.outerjoin(clients, clients.c.client_id == facts.c.client_id)
            keys.append(clients.c.root_key.label(name))
        else:
            keys.append(facts.c[name])
    return source, keys


def _within(facts: Table, first: date, last: date, branches: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = [facts.c.local_date.between(first, last)]
    return asked if branches is None else [*asked, facts.c.branch_id.in_(branches)]
