"""Save, change and remove segments, and keep who is in them up to date."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, exists, func, insert, literal, select, text, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.outbox import announce
from contracts import analytics as wire
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Stale
from services.analytics.domain.conditions import document_of
from services.analytics.domain.segments import filter_of, kept_filter, looks_at_standings
from services.analytics.queries.saved_segments import must_reach, segment_row, segment_view
from services.analytics.queries.segments import People, fitting
from services.analytics.tables import client_reports, segment_members, segments, segments_due, standings_due

LOCK = 20_180_417  # any number that nothing else locks
AT_ONCE = 2_000  # clients who are decided about in one transaction
IN_AN_EVENT = 1_000  # ids

DUE = text("INSERT INTO segments_due SELECT unnest(CAST(:clients AS UUID[])) ON CONFLICT DO NOTHING")
TRY_TURN = text("SELECT pg_try_advisory_xact_lock(:lock)")


def save(session: Session, request: wire.SaveSegment, caller: Caller, now: datetime) -> wire.SavedSegment:
    must_reach(session, caller, "segments.edit", request.branch_id)
    must_reach(session, caller, "analytics.read", request.branch_id)
    values: dict[str, Any] = {
        "id": new_id(),
        "version": 1,
        "name": request.name,
        "document": document_of(filter_of(request.filter)),
        "branch_id": request.branch_id,
        "created_at": now,
        "created_by": caller.id,
        "changed_at": now,
        "position": 0,
    }
    return segment_view(session.execute(insert(segments).values(values).returning(segments)).one())


def change(session: Session, request: wire.ChangeSegment, caller: Caller, now: datetime) -> wire.SavedSegment:
    """Another filter decides about everybody anew; until then the members are those of the one before."""
    row = _row_of(session, request.id, request.version, caller)
    values: dict[str, Any] = {"version": row.version + 1, "changed_at": now}
    if request.name is not UNSET:
        values["name"] = request.name
    if request.filter is not UNSET:
        values |= {"document": document_of(filter_of(request.filter)), "decided_on": None}
    statement = update(segments).where(segments.c.id == request.id).values(values)
    return segment_view(session.execute(statement.returning(segments)).one())


def remove(session: Session, request: wire.RemoveSegment, caller: Caller, now: datetime) -> wire.RemovedSegment:
    row = _row_of(session, request.id, request.version, caller)
    session.execute(delete(segments).where(segments.c.id == request.id))
    announce(session, wire.SegmentRemoved(request.id, row.position + 1, now))
    return wire.RemovedSegment(request.id)


def _row_of(session: Session, id: UUID, version: int, caller: Caller) -> Row[Any]:  # noqa: A002
    session.execute(select(segments.c.id).where(segments.c.id == id).with_for_update())
    row = segment_row(session, id, caller)
    if row.branch_id is None or not caller.in_branch(row.branch_id):
        must_reach(session, caller, "segments.edit", None)
    if row.version != version:
        raise Stale("version_stale", "somebody has changed it since; read it again")
    return row


# --- who is in them -------------------------------------------------------------------------------------------------


def note_changed(session: Session, clients: Iterable[UUID | None]) -> None:
    """Remember of whom something was told, so that segments decide about them again."""
    ids = sorted({each for each in clients if each is not None})
    if ids:
        session.execute(DUE, {"clients": ids})


def decide(session: Session, now: datetime) -> bool:
    """Everybody of a segment that is new, changed or of yesterday; else whoever is due. Whether more may be left.

    One replica at a time; where a segment goes by standings, who is yet to be judged anew waits for that.
    """
    if not session.scalar(TRY_TURN, {"lock": LOCK}):
        return False
    judged_at = session.scalar(select(func.max(client_reports.c.made_at)))
    stale = _stale(session, now, judged_at)
    if stale is not None:
        _decide(session, stale, None, now)
        decided = {"decided_on": now.date(), "judged_at": judged_at}
        session.execute(update(segments).where(segments.c.id == stale.id).values(decided))
        return True
    rows = session.execute(select(segments).order_by(segments.c.id).with_for_update()).all()
    due = _take_due(session, judged=any(looks_at_standings(kept_filter(row.document)) for row in rows))
    for row in rows if due else ():
        _decide(session, row, due, now)
    return len(due) == AT_ONCE


def _stale(session: Session, now: datetime, judged_at: datetime | None) -> Row[Any] | None:
    """A segment whose members all have to be decided about, if there is one."""
    oldest = select(segments).order_by(segments.c.decided_on.nulls_first(), segments.c.id).with_for_update()
    for row in session.execute(oldest).all():
        if row.decided_on != now.date():
            return row
        if row.judged_at != judged_at and looks_at_standings(kept_filter(row.document)):
            return row
    return None


def _take_due(session: Session, *, judged: bool) -> Sequence[UUID]:
    """Some of those who are due; `judged`: only those whose standing is that of today's facts already."""
    some = select(segments_due.c.client_id).limit(AT_ONCE)
    if judged:
        some = some.where(~exists().where(standings_due.c.client_id == segments_due.c.client_id))
    return session.scalars(
        delete(segments_due).where(segments_due.c.client_id.in_(some)).returning(segments_due.c.client_id)
    ).all()


def _decide(session: Session, row: Row[Any], only: Sequence[UUID] | None, now: datetime) -> None:
    """Bring the members in line with the filter, of everybody or of some, and tell of those who came and left."""
    fits = fitting(session, kept_filter(row.document), People(now.date(), row.branch_id, only)).subquery()
    there = segment_members.c.segment_id == row.id
    gone = delete(segment_members).where(there, segment_members.c.client_id.not_in(select(fits.c.client_id)))
    if only is not None:
        gone = gone.where(segment_members.c.client_id.in_(only))
    left = session.scalars(gone.returning(segment_members.c.client_id)).all()
    known = select(segment_members.c.client_id).where(there)
    fresh = select(literal(row.id), fits.c.client_id).where(fits.c.client_id.not_in(known))
    joined = session.scalars(
        insert(segment_members).from_select(["segment_id", "client_id"], fresh).returning(segment_members.c.client_id)
    ).all()
    position = _tell(session, row, sorted(joined), sorted(left), now)
    session.execute(
        update(segments)
        .where(segments.c.id == row.id)
        .values(
            members=func.coalesce(segments.c.members, 0) + len(joined) - len(left), counted_at=now, position=position
        )
    )


def _tell(session: Session, row: Row[Any], joined: Sequence[UUID], left: Sequence[UUID], now: datetime) -> int:
    position: int = row.position
    for start in range(0, max(len(joined), len(left)), IN_AN_EVENT):
        position += 1
        end = start + IN_AN_EVENT
        event = wire.SegmentMembersChanged(row.id, position, tuple(joined[start:end]), tuple(left[start:end]), now)
        announce(session, event)
    return position
