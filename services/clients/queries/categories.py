"""The categories of clients."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts.clients import ClientCategory
from kernel.errors import NotFound
from services.clients.tables import client_categories


def category(row: Row[Any]) -> ClientCategory:
    return ClientCategory(row.id, row.name, row.colour, row.version)


def show_category(session: Session, category_id: UUID, *, locked: bool = False) -> ClientCategory:
    query = select(client_categories).where(client_categories.c.id == category_id)
    row = session.execute(query.with_for_update() if locked else query).one_or_none()
    if row is None:
        raise NotFound("category_not_found", "there is no such category of clients")
    return category(row)
