"""Who may be meant by a search, or listed for some branches, as far as the index knows, in order of registration."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    Select,
    Uuid,
    and_,
    bindparam,
    false,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.database import Instant
from services.clients.tables import NO_BRANCH, findable

WALKED_FIRST, WALKED_AT_MOST = 1_000, 10_000  # cards looked at in one go
RARE = 100  # if fewer than one in so many fits, the inverted index is asked for all of them at once
GATHERED_FIRST, GATHERED_AT_MOST = 200, 12_800  # each time all are found again, and few are asked for


class Place(NamedTuple):
    """A card's place in the order of registration."""

    registered_at: datetime
    client_id: UUID


BEGINNING = Place(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


class Asked(NamedTuple):
    """The shape of a question: each has a statement of its own."""

    alternatives: int
    within_branches: bool


def candidates(
    session: Session, alternatives: Sequence[list[int]], branch_ids: Sequence[UUID] | None, after: Place | None
) -> Iterator[list[UUID]]:
    """Those behind `after` who have all entries of one of `alternatives`, if there are any, in parts.

    Those in none of `branch_ids` are left out, unless they are in no branch at all.
    What many have is met soon by walking along; what few have is gathered from the inverted index and sorted. Which of
    the two it is shows in the first thousand, and no plan of the database has to be guessed from statistics.
    """
    known: dict[str, Any] = {f"entries_{number}": entries for number, entries in enumerate(alternatives)}
    if branch_ids is not None:
        known["branch_ids"] = [*branch_ids, NO_BRANCH]
    asked = Asked(len(alternatives), within_branches=branch_ids is not None)
    place, steps, gathered = after or BEGINNING, WALKED_FIRST, GATHERED_FIRST
    while True:
        rows = session.execute(_walk(asked, steps), {**known, **place._asdict()}).all()
        fitting = [row.client_id for row in rows if not row.is_end]
        yield fitting
        if len(fitting) == len(rows):
            return
        place = Place(rows[-1].registered_at, rows[-1].client_id)
        if len(fitting) * RARE < steps:
            break
        steps = min(steps * 4, WALKED_AT_MOST)
    while True:
        rows = session.execute(_gather(asked, gathered), {**known, **place._asdict()}).all()
        yield [row.client_id for row in rows]
        if len(rows) < gathered:
            return
        place = Place(rows[-1].registered_at, rows[-1].client_id)
        gathered = min(gathered * 4, GATHERED_AT_MOST)


def _behind(table: Any) -> Select[Any]:
    """Those of `table` behind a place, in order."""
    key = (table.c.registered_at, table.c.client_id)
    place = tuple_(bindparam("registered_at", type_=Instant), bindparam("client_id", type_=Uuid))
    return select(table).where(tuple_(*key) > place).order_by(*key)


def _fits(table: Any, asked: Asked) -> Any:
    alternatives = [
        table.c.entries.contains(bindparam(f"entries_{number}", type_=ARRAY(BigInteger)))
        for number in range(asked.alternatives)
    ]
    conditions = [or_(*alternatives)] if alternatives else []
    if asked.within_branches:
        conditions.append(table.c.branch_ids.overlap(bindparam("branch_ids", type_=ARRAY(Uuid))))
    return and_(*conditions)


@cache
def _walk(asked: Asked, steps: int) -> Any:
    """Of the next cards those that fit, and last where the walk ends, unless it ends before that many.

    The number is part of the statement: for one that it does not know the planner would rather read and sort all.
    """
    walked = _behind(findable).limit(literal_column(str(steps))).subquery()
    fitting = select(walked.c.registered_at, walked.c.client_id, false().label("is_end")).where(_fits(walked, asked))
    last = _behind(findable).limit(literal_column("1")).offset(literal_column(str(steps - 1))).subquery()
    end = select(last.c.registered_at, last.c.client_id, true().label("is_end"))
    both = union_all(fitting, end).subquery()
    return select(both).order_by(both.c.is_end, both.c.registered_at, both.c.client_id)


@cache
def _gather(asked: Asked, most: int) -> Any:
    """All that fit, found first and sorted then: told to keep the order, the planner might walk through everybody."""
    fitting = select(findable.c.registered_at, findable.c.client_id).where(_fits(findable, asked))
    gathered: CTE = fitting.cte("gathered").prefix_with("MATERIALIZED", dialect="postgresql")
    return _behind(gathered).limit(literal_column(str(most)))
