"""Pages of what a salon keeps beside the cards, in the order of the ids, which is that of making."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.message import Page

View = TypeVar("View")


def by_id(
    session: Session, table: Table, view: Callable[[Row[Any]], View], limit: int, cursor: str | None
) -> Page[View]:
    """The first `limit` rows of `table` after `cursor`, as views."""
    rows = select(table)
    if cursor:
        (after,) = decode_cursor(cursor, UUID)
        rows = rows.where(table.c.id > after)
    found = session.execute(rows.order_by(table.c.id).limit(limit + 1)).all()
    more = len(found) > limit
    return Page(tuple(view(row) for row in found[:limit]), encode_cursor(found[limit - 1].id) if more else None)
