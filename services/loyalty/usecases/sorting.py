"""Tell clients whom the rules put into categories and classes of importance, when that is something else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
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
    """Mark those of whom the rules of the chain's `programme` say something else than was told last.

    With the turn taken. Who was never given anything and is not now costs nothing but being looked up. They are looked
    at again in a moment, when more of what belongs together has arrived: while a rebuild reads all events once more,
    nobody shall lose for a while what they have. Of those who are gone nothing is kept: clients has forgotten it, too.
    """
    found = {each.client_id: sort_out(programme, each) for each in standings if not each.erased}
    kept = _kept(session, found)
    rows = []
    for client_id, sorting in found.items():
        row = kept.get(client_id)
        before = _given(row) if row is not None else Given()
        turns_at = now if _given_now(sorting) != before else sorting.turns_at
        if turns_at != (row.turns_at if row is not None else None):
            rows.append(_row(client_id, row.version if row is not None else 0, before, turns_at))
    _keep(session, rows)
    if gone := [each.client_id for each in standings if each.erased]:
        session.execute(delete(sortings).where(sortings.c.client_id.in_(gone)))


def sort_due(session: Session, now: datetime) -> bool:
    """Announce what the rules give to some of those who are marked, or of whom time may have made something else;
    whether there may be more.
    """
    if not _due(session, now):
        return False
    take_turn(session)
    due = _due(session, now)
    programme, standings = standings_of(session, due, now)
    kept = _kept(session, due)
    rows = []
    for standing in standings:
        sorting, row = sort_out(programme, standing), kept[standing.client_id]
        given = _given_now(sorting)
        news = given != _given(row)
        if news:
            announce(session, ClientSorted(row.client_id, row.version + 1, **vars(given), occurred_at=now))
        rows.append(_row(row.client_id, row.version + news, given, sorting.turns_at))
    _keep(session, rows)
    return len(due) == AT_ONCE


def _due(session: Session, now: datetime) -> Sequence[UUID]:
    due = select(sortings.c.client_id).where(sortings.c.turns_at <= now).order_by(sortings.c.turns_at).limit(AT_ONCE)
    return session.scalars(due).all()


def _kept(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Row[Any]]:
    rows = session.execute(select(sortings).where(sortings.c.client_id.in_(ids)))
    return {row.client_id: row for row in rows}


def _given(kept: Row[Any]) -> Given:
    return Given(tuple(kept.category_ids), tuple(kept.reasons), kept.importance, kept.importance_reason)


def _given_now(sorting: Sorting) -> Given:
    categories = sorting.categories
    return Given(tuple(categories), tuple(categories.values()), *sorting.importance)


def _row(client_id: UUID, version: int, given: Given, turns_at: datetime | None) -> dict[str, Any]:
    return {"client_id": client_id, "version": version, "turns_at": turns_at, **vars(given)}


def _keep(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(KEEP, sorted(rows, key=itemgetter("client_id")))
