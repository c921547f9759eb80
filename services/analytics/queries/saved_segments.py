"""Segments as they are saved, and who is in them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics.domain.segments import DEFINITION, OF_BRANCH, filter_of
from services.analytics.queries.scope import reaches_everywhere
from services.analytics.queries.segments import EVERYBODY, People, how_many
from services.analytics.tables import segment_members, segments


def must_reach(session: Session, caller: Caller, permission: str, branch_id: UUID | None) -> None:
    """A segment of the chain is for those whose right reaches over all of it, a branch's for those of the branch."""
    reach = caller.must(permission)
    if reach is Reach.CHAIN or (branch_id is None and reaches_everywhere(session, caller, permission)):
        return
    if reach is Reach.OWN or branch_id is None:
        raise Forbidden("permission_missing", "a segment of the chain is not that of a branch; name one of yours")
    if not caller.in_branch(branch_id):
        raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")


def count(session: Session, request: wire.CountSegment, caller: Caller, today: date) -> wire.SegmentCount:
    must_reach(session, caller, "analytics.read", request.branch_id)
    condition, people = filter_of(request.filter), People(today, request.branch_id)
    found, of = how_many(session, condition, people), how_many(session, EVERYBODY, people)
    return wire.SegmentCount(found, of, today, DEFINITION + (OF_BRANCH if request.branch_id else ""))


def segment_row(session: Session, id: UUID, caller: Caller) -> Row[Any]:  # noqa: A002  what the field is called
    """The segment, if it is one that the caller may see."""
    row = session.execute(select(segments).where(segments.c.id == id)).one_or_none()
    if row is None or not _sees(session, caller, row.branch_id):
        raise NotFound("segment_not_found", "no such segment")
    return row


def _sees(session: Session, caller: Caller, branch_id: UUID | None) -> bool:
    if branch_id is None:
        return reaches_everywhere(session, caller, "analytics.read")
    return caller.must("analytics.read") is not Reach.OWN and caller.in_branch(branch_id)


def segment_view(row: Row[Any]) -> wire.SavedSegment:
    return wire.SavedSegment(
        id=row.id,
        version=row.version,
        name=row.name,
        filter=row.document,
        created_at=row.created_at,
        changed_at=row.changed_at,
        branch_id=row.branch_id,
        created_by=row.created_by,
        members=row.members,
        counted_at=row.counted_at,
    )


def saved_segments(session: Session, request: wire.ListSavedSegments, caller: Caller) -> Page[wire.SavedSegment]:
    """In the order in which they were first saved."""
    wanted = select(segments).order_by(segments.c.id).limit(request.limit + 1)
    if caller.must("analytics.read") is not Reach.CHAIN:
        theirs = segments.c.branch_id.in_(caller.branch_ids)
        everything = reaches_everywhere(session, caller, "analytics.read")
        wanted = wanted.where(theirs | segments.c.branch_id.is_(None) if everything else theirs)
    if request.cursor:
        wanted = wanted.where(segments.c.id > decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(wanted).all()
    more = encode_cursor(rows[request.limit - 1].id) if len(rows) > request.limit else None
    return Page(tuple(segment_view(row) for row in rows[: request.limit]), more)


def members(session: Session, request: wire.ShowSegmentMembers, caller: Caller) -> Page[wire.SegmentMember]:
    row = segment_row(session, request.id, caller)
    ids, more = _members(session, row.id, request.limit, request.cursor)
    return Page(tuple(wire.SegmentMember(client_id) for client_id in ids), more)


def member_ids(session: Session, request: wire.ListSegmentMembers) -> wire.SegmentIds:
    row = session.execute(select(segments.c.position).where(segments.c.id == request.id)).one_or_none()
    if row is None:
        raise NotFound("segment_not_found", "no such segment")
    ids, more = _members(session, request.id, request.limit, request.cursor)
    return wire.SegmentIds(ids, row.position, more)


def _members(session: Session, segment_id: UUID, limit: int, cursor: str | None) -> tuple[tuple[UUID, ...], str | None]:
    wanted = select(segment_members.c.client_id).where(segment_members.c.segment_id == segment_id)
    if cursor:
        wanted = wanted.where(segment_members.c.client_id > decode_cursor(cursor, UUID)[0])
    ids = session.scalars(wanted.order_by(segment_members.c.client_id).limit(limit + 1)).all()
    return tuple(ids[:limit]), encode_cursor(ids[limit - 1]) if len(ids) > limit else None
