"""Programmes: which is in force, and what was published."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, or_, select
from sqlalchemy.orm import Session

from chassis.database import Instant
from services.loyalty.domain.parsing import read
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.timeline import NONE, Timeline
from services.loyalty.tables import programmes

_HEAD = (programmes.c.id, programmes.c.version, programmes.c.branch_id, programmes.c.starts, programmes.c.ends)
_AT = bindparam("at", type_=Instant)
_STANDS = (programmes.c.starts <= _AT, or_(programmes.c.ends.is_(None), programmes.c.ends > _AT))

# Made once: every quote asks for it.
IN_FORCE = (
    select(*_HEAD)
    .where(
        *_STANDS, or_(programmes.c.branch_id.is_(None), programmes.c.branch_id == bindparam("branch_id", type_=Uuid))
    )
    .order_by(programmes.c.branch_id.nulls_last())
    .limit(1)
)
ALL_IN_FORCE = select(*_HEAD).where(*_STANDS).order_by(programmes.c.branch_id.nulls_first())

_parsed: dict[UUID, Programme] = {}  # what a version says never changes, but for its end


def in_force(session: Session, branch_id: UUID | None, at: datetime) -> Programme:
    """What holds in a branch, or (None) what the chain has, at an instant; NONE, which gives nothing, where none is."""
    row = session.execute(IN_FORCE, {"branch_id": branch_id, "at": at}).one_or_none()
    return NONE if row is None else _programmes(session, [row])[0]


def all_in_force(session: Session, at: datetime) -> tuple[Programme, ...]:
    """The chain's, which may be NONE, and after it the branches' own."""
    found = _programmes(session, session.execute(ALL_IN_FORCE, {"at": at}).all())
    return tuple(found) if found and found[0].branch_id is None else (NONE, *found)


def timeline(session: Session) -> Timeline:
    """All that were ever published, for judging many instants."""
    return Timeline(_programmes(session, session.execute(select(*_HEAD)).all()))


def _programmes(session: Session, rows: Iterable[Row[Any]]) -> list[Programme]:
    rows = list(rows)
    missing = [row.id for row in rows if row.id not in _parsed]
    if missing:
        wanted = select(*_HEAD, programmes.c.document).where(programmes.c.id.in_(missing))
        for row in session.execute(wanted):
            _parsed[row.id] = read(
                row.document, id=row.id, version=row.version, starts=row.starts, branch_id=row.branch_id
            )
    return [replace(_parsed[row.id], ends=row.ends) for row in rows]
