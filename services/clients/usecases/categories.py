"""Create, change and remove the categories of clients, and look whether cards name such as there are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts.clients import (
    ChangeClientCategory,
    ClientCategory,
    CreateClientCategory,
    RemoveClientCategory,
    RemovedClientCategory,
)
from kernel.errors import Conflict, Invalid
from services.clients import domain
from services.clients.domain.sources import named
from services.clients.queries.categories import category, show_category
from services.clients.queries.sight import among
from services.clients.tables import client_categories, clients, untold
from services.clients.usecases.changes import changes_of, check_version, refusing

REFUSALS = {"uq_client_categories_name_key": Conflict("category_exists", "there is a category of this name")}


def create_category(session: Session, request: CreateClientCategory) -> ClientCategory:
    values = _kept(request) | {"id": new_id(), "version": 1}
    with refusing(session, REFUSALS):
        return category(session.execute(insert(client_categories).values(values).returning(client_categories)).one())


def change_category(session: Session, request: ChangeClientCategory) -> ClientCategory:
    known = show_category(session, request.id, locked=True)
    check_version(request.version, known.version)
    values = _kept(request)
    if not values:
        return known
    statement = update(client_categories).where(client_categories.c.id == known.id)
    with refusing(session, REFUSALS):
        row = session.execute(statement.values(version=known.version + 1, **values).returning(client_categories)).one()
    return category(row)


def remove_category(session: Session, request: RemoveClientCategory) -> RemovedClientCategory:
    """Cards lose the label and keep their versions: nobody's change is lost by it. Others are told of them in time."""
    check_version(request.version, show_category(session, request.id, locked=True).version)
    labelled = clients.c.category_ids.contains(literal([request.id], ARRAY(client_categories.c.id.type)))
    without = {
        column.name: func.array_remove(column, request.id)
        for column in (clients.c.category_ids, clients.c.sorted_category_ids)
    }
    wore_it = update(clients).where(labelled).values(without).returning(clients.c.id).cte("wore_it")
    marks = upsert(untold).from_select(["client_id"], select(wore_it.c.id).order_by(wore_it.c.id))
    session.execute(marks.on_conflict_do_nothing())
    session.execute(delete(client_categories).where(client_categories.c.id == request.id))
    return RemovedClientCategory(request.id)


def refuse_unknown_categories(session: Session, category_ids: Sequence[UUID], place: str = "") -> None:
    """Refuse what is no category; the others stay until the transaction ends."""
    if not category_ids:
        return
    wanted = select(client_categories.c.id).where(among(client_categories.c.id, category_ids))
    known = set(session.scalars(wanted.with_for_update(read=True, key_share=True)))
    for index, category_id in enumerate(category_ids):
        if category_id not in known:
            field = f"{place}category_ids.{index}"
            raise Invalid.field(field, "category_unknown", "there is no such category of clients")


def _kept(request: CreateClientCategory | ChangeClientCategory) -> dict[str, Any]:
    values = changes_of(request, "name", "colour")
    if "name" in values:
        values["name"] = named(values["name"])
        values["name_key"] = domain.channel_key(values["name"])
    return values
