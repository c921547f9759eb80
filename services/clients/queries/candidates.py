"""Who may be meant by a search, as far as the index knows, in order of registration."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, BigInteger, Select, Uuid, bindparam, func, literal, null, or_, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from chassis.database import Instant
from services.clients.tables import findable

WALKED_FIRST, WALKED_AT_MOST = 1_000, 8_000  # cards looked at in one go; more would not stay in memory
RARE = 100  # if fewer than one in so many fits, the inverted index is asked for all of them at once
GATHERED = 2_000


class Place(NamedTuple):
    """A card's place in the order of registration."""

    registered_at: datetime
    client_id: UUID


BEGINNING = Place(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


def candidates(session: Session, alternatives: Sequence[list[int]], after: Place | None) -> Iterator[list[UUID]]:
    """Those behind `after` who have all entries of one of `alternatives`, in parts.

    What many have is met soon by walking along; what few have is gathered from the inverted index and sorted. Which of
    the two it is shows in the first thousand, and no plan of the database has to be guessed from statistics.
    """
    known: dict[str, Any] = {f"entries_{number}": entries for number, entries in enumerate(alternatives)}
    place, steps = after or BEGINNING, WALKED_FIRST
    while True:
        *fitting, end = session.execute(_walk(len(alternatives)), {**known, **place._asdict(), "steps": steps}).all()
        yield [row.client_id for row in fitting]
        if end.walked < steps:
            return
        place = Place(end.registered_at, end.client_id)
        if len(fitting) * RARE < steps:
            break
        steps = min(steps * 4, WALKED_AT_MOST)
    while True:
        rows = session.execute(_gather(len(alternatives)), {**known, **place._asdict(), "steps": GATHERED}).all()
        yield [row.client_id for row in rows]
        if len(rows) < GATHERED:
            return
        place = Place(rows[-1].registered_at, rows[-1].client_id)


def _behind(table: Any) -> Select[Any]:
    """Some of `table` behind a place, in order."""
    key = (table.c.registered_at, table.c.client_id)
    place = tuple_(bindparam("registered_at", type_=Instant), bindparam("client_id", type_=Uuid))
    return select(table).where(tuple_(*key) > place).order_by(*key).limit(bindparam("steps"))


def _fits(table: Any, alternatives: int) -> Any:
    return or_(
        *(
            table.c.entries.contains(bindparam(f"entries_{number}", type_=ARRAY(BigInteger)))
            for number in range(alternatives)
        )
    )


@cache
def _walk(alternatives: int) -> Any:
    """Of the next cards those that fit, and last the end: how many were walked along, and where that led."""
    walked = _behind(findable).cte("walked").prefix_with("MATERIALIZED", dialect="postgresql")
    key = (walked.c.registered_at, walked.c.client_id)
    fitting = select(*key, null().label("walked")).where(_fits(walked, alternatives))
    last = select(*key).order_by(*(part.desc() for part in key)).limit(1).subquery()
    count = select(func.count().label("walked")).select_from(walked).subquery()
    end = select(*last.c, count.c.walked).select_from(count.outerjoin(last, literal(value=True)))
    both = union_all(fitting, end).subquery()
    return select(both).order_by(both.c.walked.is_not(None), both.c.registered_at, both.c.client_id)


@cache
def _gather(alternatives: int) -> Any:
    """All that fit, found first and sorted then: told to keep the order, the planner might walk through everybody."""
    fitting = select(findable.c.registered_at, findable.c.client_id).where(_fits(findable, alternatives))
    gathered: CTE = fitting.cte("gathered").prefix_with("MATERIALIZED", dialect="postgresql")
    return _behind(gathered)
