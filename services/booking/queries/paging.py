"""Pages of lists: sorted by id, which is by the time of making, or by a column and then by id."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Column, Row, Select, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.message import Page

View = TypeVar("View")


def page(
    session: Session,
    query: Select[Any],
    table: Any,
    view: Callable[[Row[Any]], View],
    limit: int,
    cursor: str | None,
    *,
    by: Column[Any] | None = None,
) -> Page[View]:
    """The first `limit` rows of `query` after `cursor`, as views; `table` is the one whose ids sort them.

    With `by`, a column of `table` that is never null, the ids only order what is equal there.
    """
    keys = [table.c.id] if by is None else [by, table.c.id]
    if cursor:
        shape = [UUID] if by is None else [by.type.python_type, UUID]
        query = query.where(tuple_(*keys) > tuple_(*decode_cursor(cursor, *shape)))
    rows = session.execute(query.order_by(*keys).limit(limit + 1)).all()
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]._mapping  # noqa: SLF001  public in SQLAlchemy, underscored against columns of that name
        following = encode_cursor(*(last[key] for key in keys))
    return Page(tuple(view(row) for row in rows[:limit]), following)
