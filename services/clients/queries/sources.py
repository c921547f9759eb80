"""The tree of channels."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from msgspec import convert
from sqlalchemy import Row, exists, func, or_, select
from sqlalchemy.orm import Session

from contracts.clients import Channel, MonthlyCost
from kernel.errors import NotFound
from services.clients.queries.sight import among
from services.clients.tables import clients, compared_by, sources

NAMED = select(sources, compared_by.label("compared_by"))


def channel(row: Row[Any]) -> Channel:
    costs = convert(row.costs, tuple[MonthlyCost, ...])
    return Channel(row.id, row.name, row.parent_id, row.active, costs, row.version)


def source(session: Session, source_id: UUID, *, locked: bool = False) -> Row[Any]:
    query = select(sources).where(sources.c.id == source_id)
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound("source_not_found", "there is no such source")
    return row


def sources_named(session: Session, keys: Iterable[str]) -> Mapping[str, Row[Any]]:
    """The sources whose names are compared by `keys`; none of them can be removed until the transaction ends."""
    rows = session.execute(NAMED.where(among(compared_by, keys)).with_for_update(read=True, key_share=True))
    return {row.compared_by: row for row in rows}


def sources_above(session: Session, source_id: UUID) -> set[UUID]:
    """What the source hangs on, and what that hangs on, to the top."""
    chain = select(sources.c.parent_id.label("id")).where(sources.c.id == source_id).cte(recursive=True)
    chain = chain.union(select(sources.c.parent_id).where(sources.c.id == chain.c.id))  # UNION ends a loop
    return set(session.scalars(select(chain.c.id).where(chain.c.id.is_not(None))))


def is_used(session: Session, row: Row[Any]) -> bool:
    """Whether a card, also one of somebody erased, or another source hangs on it."""
    cards = exists().where(clients.c.channel_key == row.key)
    return bool(session.scalar(select(or_(cards, exists().where(sources.c.parent_id == row.id)))))


def currency_of_costs(session: Session, but: UUID | None) -> str | None:
    """The currency in which other sources than `but` cost something."""
    query = select(sources.c.costs[0]["monthly"]["currency"].astext).where(func.jsonb_array_length(sources.c.costs) > 0)
    return session.scalar((query if but is None else query.where(sources.c.id != but)).limit(1))
