"""What a PATCH says, and writing it over the version that its sender saw."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, to_builtins
from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts import booking as wire
from contracts.message import Request
from kernel.errors import Invalid, Stale
from services.booking.domain.catalogue import check_week
from services.booking.domain.shifts import minutes_of
from services.booking.queries.salon.pictures import picture_exists


def changes_of(request: Request[Any], *fields: str) -> dict[str, Any]:
    """Those of `fields` that the request says something about."""
    return {field: value for field in fields if (value := getattr(request, field)) is not UNSET}


def check_version(asked: int, current: int) -> None:
    if asked != current:
        raise Stale("version_stale", "somebody has changed it since")


def change_row(session: Session, table: Any, row_id: UUID, version: int, changes: dict[str, Any]) -> None:
    """Write `changes` over the row if it still has `version`."""
    written = session.execute(
        update(table).where(table.c.id == row_id, table.c.version == version).values(version=version + 1, **changes)
    )
    if written.rowcount == 0:  # type: ignore[attr-defined]
        raise Stale("version_stale", "somebody has changed it since")


def kept_week(field: str, week: Sequence[wire.OpeningHours]) -> Any:
    """A weekly schedule as it is kept; refused if it cannot be."""
    check_week(field, [(each.weekday, minutes_of(each.opens), minutes_of(each.closes)) for each in week])
    return to_builtins(week)


def check_picture(session: Session, picture_id: UUID | None, field: str = "picture_id") -> None:
    if picture_id is not None and not picture_exists(session, picture_id):
        raise Invalid.field(field, "picture_unknown", "there is no such picture")
