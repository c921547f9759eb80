"""Tell clients whom the rules put into categories and classes of importance, whenever that is something else."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.loyalty import ClientSorted
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.sorting import Sorting, sort_out
from services.loyalty.domain.standing import Standing
from services.loyalty.queries.sorting import standings_of
from services.loyalty.tables import sortings
from services.loyalty.usecases.turns import take_turn

AT_ONCE = 200

_put = insert(sortings)
KEEP = _put.on_conflict_do_update(
    index_elements=["client_id"],
    set_={column.name: _put.excluded[column.name] for column in sortings.c if not column.primary_key},
)


@dataclass(frozen=True)
class Given:
    """What somebody is given, as clients is told."""

    category_ids: tuple[UUID, ...] = ()
    reasons: tuple[str, ...] = ()
    importance: str | None = None
    importance_reason: str | None = None


def sort_again(session: Session, programme: Programme, standings: Collection[Standing], now: datetime) -> None:
    """Announce what the rules of the chain's `programme` give where it is not what was told last.

    With the turn taken. Whoever was never given anything and is not now costs nothing but being looked up. Of those who
    are gone nothing is kept and nothing told: clients has forgotten it, too.
    """
    found = {each.client_id: sort_out(programme, each) for each in standings if not each.erased}
    gone = [each.client_id for each in standings if each.erased]
    kept = _kept(session, found)
    rows = [row for client_id in sorted(found) if (row := _row(found[client_id], kept.get(client_id)))]
    for row in rows:
        if row.pop("news"):
            said = {**row, "category_ids": tuple(row["category_ids"]), "reasons": tuple(row["reasons"])}
            del said["turns_at"]
            announce(session, ClientSorted(**said, occurred_at=now))
    if rows:
        session.execute(KEEP, rows)
    if gone:
        session.execute(delete(sortings).where(sortings.c.client_id.in_(gone)))


def sort_by_time(session: Session, now: datetime) -> bool:
    """Look again at some of those of whom time may have made something else; whether there may be more."""
    take_turn(session)
    due = select(sortings.c.client_id).where(sortings.c.turns_at <= now).order_by(sortings.c.turns_at).limit(AT_ONCE)
    ids = session.scalars(due).all()
    if ids:
        programme, standings = standings_of(session, ids, now)
        sort_again(session, programme, standings, now)
    return len(ids) == AT_ONCE


def _kept(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Row[Any]]:
    rows = session.execute(select(sortings).where(sortings.c.client_id.in_(ids)))
    return {row.client_id: row for row in rows}


def _row(sorting: Sorting, kept: Row[Any] | None) -> dict[str, Any] | None:
    """What is to be kept, and whether it is news; None if all of it is kept already."""
    categories, (importance, importance_reason) = sorting.categories, sorting.importance
    given = Given(tuple(categories), tuple(categories.values()), importance, importance_reason)
    before = _given(kept) if kept is not None else Given()
    turns_at = sorting.turns_at
    if given == before and turns_at == (kept.turns_at if kept is not None else None):
        return None
    news = given != before
    return {
        "client_id": sorting.client_id,
        "version": (kept.version if kept is not None else 0) + news,
        "category_ids": list(given.category_ids),
        "reasons": list(given.reasons),
        "importance": given.importance,
        "importance_reason": given.importance_reason,
        "turns_at": turns_at,
        "news": news,
    }


def _given(kept: Row[Any]) -> Given:
    return Given(tuple(kept.category_ids), tuple(kept.reasons), kept.importance, kept.importance_reason)
