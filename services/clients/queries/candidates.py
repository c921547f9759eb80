"""Who may be meant by a search, or listed for some branches, as far as the index knows, in order of registration."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    false,
    func,
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
from services.clients.tables import NO_BRANCH, clients, findable

WALKED_FIRST, WALKED_THEN = 1_000, 20_000  # cards looked at in one go
RARE = 500  # if fewer than one in so many fits, the inverted index is asked for all of them at once
AT_ONCE_AT_MOST, OPENED_AT_MOST = 12_800, 1_000  # found in one go, and of those handed on at once

MOST = bindparam("most", type_=Integer)


class Place(NamedTuple):
    """A card's place in the order of registration."""

    registered_at: datetime
    client_id: UUID


BEGINNING = Place(datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))


class Shape(NamedTuple):
    """What a question is about: each shape has a statement of its own."""

    alternatives: int
    within_branches: bool
    in_category: bool
    of_importance: bool


class Sought(NamedTuple):
    """Cards that have all entries of one of `alternatives`, if there are any, and what else is said.

    Those in none of `branch_ids` are left out, unless they are in no branch at all.
    """

    alternatives: Sequence[list[int]]
    branch_ids: Sequence[UUID] | None
    category_id: UUID | None = None
    importance: str | None = None

    @property
    def shape(self) -> Shape:
        alternatives = len(self.alternatives)
        return Shape(
            alternatives, self.branch_ids is not None, self.category_id is not None, self.importance is not None
        )

    @property
    def parameters(self) -> dict[str, Any]:
        entries = {f"entries_{number}": entries for number, entries in enumerate(self.alternatives)}
        branch_ids = [*(self.branch_ids or ()), NO_BRANCH]
        return {**entries, "branch_ids": branch_ids, "category_ids": [self.category_id], "importance": self.importance}


def candidates(session: Session, sought: Sought, after: Place | None, at_once: int) -> Iterator[list[UUID]]:
    """Those behind `after`, in parts: `at_once` first, as many as are needed at least, and then twice as many."""
    ids: list[UUID] = []
    size = at_once
    for met in _met(session, sought, after or BEGINNING, at_once):
        ids += met
        while len(ids) >= size:
            yield ids[:size]
            ids, size = ids[size:], min(size * 2, OPENED_AT_MOST)
    yield ids


def _met(session: Session, sought: Sought, place: Place, at_once: int) -> Iterator[list[UUID]]:
    """What many have is met soon by walking along; what few have is gathered from the inverted index and sorted.

    Which of the two it is shows on the way, and no plan of the database has to be guessed from statistics.
    """
    known, shape, steps = sought.parameters, sought.shape, WALKED_FIRST
    while True:
        rows = session.execute(_walk(shape, steps), {**known, **place._asdict(), "most": at_once}).all()
        fitting = [row.client_id for row in rows if not row.is_end]
        yield fitting
        if len(fitting) == len(rows) < at_once:
            return
        place = Place(rows[-1].registered_at, rows[-1].client_id)
        if len(fitting) == at_once:
            at_once = min(at_once * 2, AT_ONCE_AT_MOST)
        elif len(fitting) * RARE < steps:
            break
        else:
            steps = WALKED_THEN
    while True:
        rows = session.execute(_gather(shape), {**known, **place._asdict(), "most": at_once}).all()
        yield [row.client_id for row in rows]
        if len(rows) < at_once:
            return
        place = Place(rows[-1].registered_at, rows[-1].client_id)
        at_once = min(at_once * 4, AT_ONCE_AT_MOST)


def _behind(table: Any) -> Select[Any]:
    """Those of `table` behind a place, in order."""
    key = (table.c.registered_at, table.c.client_id)
    place = tuple_(bindparam("registered_at", type_=Instant), bindparam("client_id", type_=Uuid))
    return select(table).where(tuple_(*key) > place).order_by(*key)


def _fits(table: Any, shape: Shape) -> Any:
    """The branches first: they are few, and most cards that are walked along are of others."""
    conditions = []
    if shape.within_branches:
        conditions.append(table.c.branch_ids.overlap(bindparam("branch_ids", type_=ARRAY(Uuid))))
    if shape.alternatives:
        alternatives = (
            table.c.entries.contains(bindparam(f"entries_{number}", type_=ARRAY(BigInteger)))
            for number in range(shape.alternatives)
        )
        conditions.append(or_(*alternatives))
    return and_(*conditions)


def _labels(shape: Shape) -> Iterator[ColumnElement[bool]]:
    """What the cards themselves say of those that are sought."""
    if shape.in_category:
        yield clients.c.category_ids.contains(bindparam("category_ids", type_=ARRAY(Uuid)))
    if shape.of_importance:
        yield clients.c.importance == bindparam("importance", type_=Text)


@cache
def _walk(shape: Shape, steps: int) -> Any:
    """Of the next cards the first `most` that fit; if they are fewer, and the walk ends among cards, its end is last.

    The number is part of the statement: for one that it does not know the planner would rather read and sort all.
    Where the walk would end is looked for only if the limit was not reached before.
    """
    walked = _behind(findable).limit(literal_column(str(steps))).subquery()
    fits = select(walked.c.registered_at, walked.c.client_id, false().label("is_end")).where(_fits(walked, shape))
    if labels := tuple(_labels(shape)):
        # OFFSET 0, or the planner may read everybody with the label for the few who were met.
        labelled = select(clients.c.id).where(clients.c.id == walked.c.client_id, *labels).offset(literal_column("0"))
        fits = fits.where(labelled.exists())
    fitting = _first(fits.order_by(walked.c.registered_at, walked.c.client_id).limit(MOST), "fitting")
    last = _behind(findable).limit(literal_column("1")).offset(literal_column(str(steps - 1))).subquery()
    end = select(last.c.registered_at, last.c.client_id, true().label("is_end"))
    are_fewer = select(func.count()).select_from(fitting).scalar_subquery() < MOST
    both = union_all(select(fitting), end.where(are_fewer)).subquery()
    return select(both).order_by(both.c.is_end, both.c.registered_at, both.c.client_id)


@cache
def _gather(shape: Shape) -> Any:
    """All that fit, found first and sorted then: told to keep the order, the planner might walk through everybody."""
    fitting = select(findable.c.registered_at, findable.c.client_id).where(_fits(findable, shape))
    if labels := tuple(_labels(shape)):
        fitting = fitting.join(clients, clients.c.id == findable.c.client_id).where(*labels)
    return _behind(_first(fitting, "gathered")).limit(MOST)


def _first(rows: Select[Any], name: str) -> CTE:
    """`rows`, found before anything else is done with them."""
    return rows.cte(name).prefix_with("MATERIALIZED", dialect="postgresql")
