"""Categories of the catalogue, told apart without case."""

from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from kernel.errors import Conflict
from services.booking.domain.catalogue import name_of
from services.booking.queries.salon.services import show_category
from services.booking.tables import categories, services
from services.booking.usecases.salon.changes import change_row, changes_of, check_picture, check_version


def create_category(session: Session, request: wire.CreateCategory) -> wire.Category:
    values = _kept(session, request) | {"id": new_id()}
    try:
        with session.begin_nested():
            session.execute(insert(categories).values(values))
    except IntegrityError as error:
        raise _refusal(error) from None
    return show_category(session, values["id"])


def change_category(session: Session, request: wire.ChangeCategory) -> wire.Category:
    category = show_category(session, request.id)
    check_version(request.version, category.version)
    changes = _kept(session, request)
    if not changes:
        return category
    try:
        with session.begin_nested():
            change_row(session, categories, category.id, category.version, changes)
    except IntegrityError as error:
        raise _refusal(error) from None
    if changes.get("name", category.name) != category.name:
        _move_services(session, category.name, changes["name"])
    return show_category(session, category.id)


def category_named(session: Session, name: str) -> str:
    """The name as the category spells it; one that is not there yet is made."""
    spelled = select(categories.c.name).where(func.lower(categories.c.name) == func.lower(name))
    known = session.scalar(spelled)
    if known is None:
        session.execute(upsert(categories).values(id=new_id(), name=name).on_conflict_do_nothing())
        known = session.scalar(spelled)
    return known or name


def _kept(session: Session, request: wire.CreateCategory | wire.ChangeCategory) -> dict[str, Any]:
    changes = changes_of(request, "name", "position", "picture_id")
    if "name" in changes:
        changes["name"] = name_of("name", changes["name"])
    check_picture(session, changes.get("picture_id"))
    return changes


def _move_services(session: Session, old: str, new: str) -> None:
    session.execute(
        update(services)
        .where(func.lower(services.c.category) == func.lower(old))
        .values(category=new, version=services.c.version + 1)
    )


def _refusal(error: IntegrityError) -> Exception:
    return refusal_of(error, {"uq_categories_name": Conflict("category_exists", "there is a category of this name")})
