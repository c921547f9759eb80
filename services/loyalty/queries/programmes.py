"""Programmes: which is in force, and what was published."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from chassis.database import Instant
from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from services.loyalty.domain.parsing import read
from services.loyalty.domain.programme import Programme, Referrals
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.timeline import NONE, Timeline
from services.loyalty.domain.writing import document_of
from services.loyalty.tables import programmes

_HEAD: tuple[Any, ...] = (
    programmes.c.id,
    programmes.c.version,
    programmes.c.branch_id,
    programmes.c.starts,
    programmes.c.ends,
)
_AT = bindparam("at", type_=Instant)
_STANDS = (programmes.c.starts <= _AT, or_(programmes.c.ends.is_(None), programmes.c.ends > _AT))

# Made once: every quote asks for it.
IN_FORCE: Select[Any] = (
    select(*_HEAD)
    .where(
        *_STANDS, or_(programmes.c.branch_id.is_(None), programmes.c.branch_id == bindparam("branch_id", type_=Uuid))
    )
    .order_by(programmes.c.branch_id.nulls_last())
    .limit(1)
)
EVERY: Select[Any] = select(*_HEAD)
ALL_IN_FORCE: Select[Any] = select(*_HEAD).where(*_STANDS).order_by(programmes.c.branch_id.nulls_first())

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
    return Timeline(_programmes(session, session.execute(EVERY).all()))


def _programmes(session: Session, rows: Iterable[Row[Any]]) -> list[Programme]:
    rows = list(rows)
    missing = [row.id for row in rows if row.id not in _parsed]
    if missing:
        wanted = select(*_HEAD, programmes.c.document).where(programmes.c.id.in_(missing))
        for row in session.execute(wanted):
            _parsed[row.id] = read(
                row.document, id=row.id, version=row.version, starts=row.starts, branch_id=row.branch_id
            )
    return [_ending(row.id, row.ends) for row in rows]


def _ending(id: UUID, ends: datetime | None) -> Programme:  # noqa: A002
    """The version as it ends by now; the same object as long as that does not change."""
    if _parsed[id].ends != ends:
        _parsed[id] = replace(_parsed[id], ends=ends)
    return _parsed[id]


# --- what people see -------------------------------------------------------------------------------------------------


def show(session: Session, request: wire.ShowProgramme, caller: Caller, now: datetime) -> wire.Programme:
    """What holds for a scope at an instant."""
    found = in_force(session, request.branch_id, request.at or now)
    if found.id is None:
        raise NotFound("no_programme_in_force", "no programme is in force then")
    shown = version(session, found.id, now, newest_of=request.branch_id)
    return shown if caller.may("programme_versions.read") else replace(shown, document=None)


def version(session: Session, id: UUID, now: datetime, newest_of: UUID | None = None) -> wire.Programme:  # noqa: A002
    row = row_of(session, id)
    return _view(session, row, newest(session, newest_of or row.branch_id, now))


def row_of(session: Session, id: UUID) -> Row[Any]:  # noqa: A002
    row = session.execute(select(programmes).where(programmes.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("programme_not_found", "no such programme")
    return row


def versions(session: Session, request: wire.ListProgrammes) -> Page[wire.Programme]:
    wanted = select(programmes).order_by(programmes.c.version.desc()).limit(request.limit + 1)
    if request.branch_id is not None:
        wanted = wanted.where(programmes.c.branch_id == request.branch_id)
    if request.cursor:
        wanted = wanted.where(programmes.c.version < decode_cursor(request.cursor, int)[0])
    rows = session.execute(wanted).all()
    more = encode_cursor(rows[request.limit - 1].version) if len(rows) > request.limit else None
    return Page(tuple(_view(session, row, None) for row in rows[: request.limit]), more)


def newest(session: Session, branch_id: UUID | None, now: datetime) -> int:
    """The version that a change in this scope has to name: the last one that holds there or is going to."""
    for scope in dict.fromkeys((branch_id, None)):
        mine = programmes.c.branch_id.is_not_distinct_from(scope)
        alive = or_(programmes.c.ends.is_(None), and_(programmes.c.ends > now, programmes.c.ends > programmes.c.starts))
        found = session.scalar(select(func.max(programmes.c.version)).where(mine, alive))
        if found is not None:
            return int(found)
    return session.scalar(select(func.max(programmes.c.version)).where(programmes.c.branch_id.is_(None))) or 0


def _view(session: Session, row: Row[Any], newest_version: int | None) -> wire.Programme:
    (programme,) = _programmes(session, [row])
    referrals = programme.rule(Referrals)
    tiers = referrals.tiers if isinstance(referrals, Referrals) else ()
    return wire.Programme(
        version=row.version,
        in_force_since=row.starts,
        tiers=tuple(wire.Tier(tier.people, plain(tier.percent)) for tier in tiers),
        id=row.id,
        name=programme.name,
        branch_id=row.branch_id,
        until=row.ends,
        newest=newest_version,
        published_at=row.published_at,
        published_by=row.published_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        simulation_id=row.simulation_id,
        document=document_of(programme),
    )
