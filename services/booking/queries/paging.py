"""Pages of lists that are sorted by id, which is by the time of making."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.message import Page

View = TypeVar("View")


def page(
    session: Session, query: Select[Any], table: Any, view: Callable[[Row[Any]], View], limit: int, cursor: str | None
) -> Page[View]:
    """The first `limit` rows of `query` after `cursor`, as views; `table` is the one whose ids sort them."""
    if cursor:
        (after,) = decode_cursor(cursor, UUID)
        query = query.where(table.c.id > after)
    rows = session.execute(query.order_by(table.c.id).limit(limit + 1)).all()
    following = encode_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return Page(tuple(view(row) for row in rows[:limit]), following)
