"""Keeping time of a master or a room free of everybody: maintenance, a meeting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from contracts.message import UNSET
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Invalid, Stale
from kernel.time import Interval
from services.booking.domain.diary import check_ahead, check_instant
from services.booking.domain.hours import without
from services.booking.domain.wish import Piece
from services.booking.queries.blocks import show_block
from services.booking.queries.catalogue import catalogue
from services.booking.queries.salon import masters_of, zone_of_named
from services.booking.tables import blocks, busy
from services.booking.usecases.diary import Owner, leave, lock, occupy
from services.booking.usecases.openings import freed

LONGEST = timedelta(days=400)
OWNERS = ("appointment_id", "hold_id", "block_id", "group_event_id")


def create_block(session: Session, request: wire.CreateBlock, caller: Caller, now: datetime) -> wire.Block:
    reach = caller.must("blocks.create")
    tz = zone_of_named(session, request.branch_id, caller)
    _check_resource(session, request, caller, reach)
    _check_reason(request.reason)
    during = _span(request.starts, request.ends, now)
    block = wire.Block(
        id=new_id(),
        branch_id=request.branch_id,
        master_id=request.master_id,
        room_id=request.room_id,
        starts=request.starts.astimezone(tz),
        ends=request.ends.astimezone(tz),
        reason=request.reason,
        version=1,
    )
    lock(session, [(_resource(block), during)])
    _refuse_taken(session, block, during, now)
    columns = ("id", "branch_id", "master_id", "room_id", "starts", "ends", "reason")
    session.execute(insert(blocks).values({column: getattr(block, column) for column in columns}))
    _keep_free(session, block, during, now)
    return block


def change_block(session: Session, request: wire.ChangeBlock, caller: Caller, now: datetime) -> wire.Block:
    reach = caller.must("blocks.edit")
    block = show_block(session, request.id, caller, reach, to_change=True)
    _check_version(request.version, block)
    old = Interval(block.starts, block.ends)
    new = _span(
        block.starts if request.starts is UNSET else request.starts,
        block.ends if request.ends is UNSET else request.ends,
        now,
    )
    reason = block.reason if request.reason is UNSET else request.reason
    _check_reason(reason)
    if (new, reason) == (old, block.reason):
        return block
    if new != old:
        lock(session, [(_resource(block), old), (_resource(block), new)])
        _refuse_taken(session, block, new, now)
        leave(session, [block.id])
        _keep_free(session, block, new, now)
        for given_back in without([old], [new]):
            freed(session, block.branch_id, given_back.starts, given_back.ends, now)
    session.execute(
        update(blocks)
        .where(blocks.c.id == block.id)
        .values(starts=new.starts, ends=new.ends, reason=reason, version=block.version + 1)
    )
    return show_block(session, block.id, caller, reach)


def remove_block(session: Session, request: wire.RemoveBlock, caller: Caller, now: datetime) -> wire.Removed:
    block = show_block(session, request.id, caller, caller.must("blocks.delete"), to_change=True)
    _check_version(request.version, block)
    lock(session, [(_resource(block), Interval(block.starts, block.ends))])
    leave(session, [block.id])
    session.execute(delete(blocks).where(blocks.c.id == block.id))
    freed(session, block.branch_id, block.starts, block.ends, now)
    return wire.Removed(block.id)


def cover_places(session: Session, room_id: UUID, places: int) -> None:
    """Keep a room that takes more at once than before free of everybody where it is blocked."""
    there = session.execute(select(blocks).where(blocks.c.room_id == room_id).order_by(blocks.c.starts)).all()
    lock(session, [(room_id, Interval(row.starts, row.ends)) for row in there])
    leave(session, [row.id for row in there])
    for row in there:
        whole = Piece("room", room_id, Interval(row.starts, row.ends))
        occupy(session, Owner("block_id", row.id), [replace(whole, place=place) for place in range(places)])


def _check_resource(session: Session, request: wire.CreateBlock, caller: Caller, reach: Reach) -> None:
    """One of both, and there; a room of another branch is not there."""
    if (request.master_id is None) == (request.room_id is None):
        raise Invalid.field("master_id", "one_of_both", "a block is of a master or of a room")
    if request.master_id and request.master_id not in masters_of(session, [request.master_id], caller, reach):
        raise Invalid.field("master_id", "master_unknown", "there is no such master")
    if request.room_id:
        room = catalogue(session).rooms.get(request.room_id)
        if room is None or room.branch_id != request.branch_id or reach is Reach.OWN:
            raise Invalid.field("room_id", "room_unknown", "there is no such room in this branch")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid.field("reason", "reason_blank", "a block says what it is for")


def _check_version(asked: int, block: wire.Block) -> None:
    if asked != block.version:
        raise Stale("version_stale", "somebody has changed it since")


def _span(starts: datetime, ends: datetime, now: datetime) -> Interval:
    check_instant("starts", starts)
    check_instant("ends", ends)
    if ends <= starts:
        raise Invalid.field("ends", "block_ends_early", "a block ends after it starts")
    if ends - starts > LONGEST:
        raise Invalid.field("ends", "block_too_long", f"a block lasts at most {LONGEST.days} days")
    check_ahead("starts", starts.astimezone(UTC).date(), now.date())
    check_ahead("ends", ends.astimezone(UTC).date(), now.date())
    return Interval(starts, ends)


def _resource(block: wire.Block) -> UUID:
    resource = block.master_id or block.room_id
    assert resource, "a block is of a master or of a room"
    return resource


def _refuse_taken(session: Session, block: wire.Block, during: Interval, now: datetime) -> None:
    """Refuse what overlaps anything, in any place or lane; a hold that ran out counts for nobody."""
    there = (busy.c.resource_id == _resource(block), busy.c.during.overlaps(Range(during.starts, during.ends)))
    counts = or_(busy.c.expires_at.is_(None), busy.c.expires_at > now)
    others = or_(busy.c.block_id.is_(None), busy.c.block_id != block.id)
    starts, ends = func.lower(busy.c.during).label("starts"), func.upper(busy.c.during).label("ends")
    query = select(*(busy.c[owner] for owner in OWNERS), starts, ends).where(*there, counts, others)
    tz = block.starts.tzinfo
    conflicts = [
        {owner: row[owner] for owner in OWNERS if row[owner]}
        | {"starts": row["starts"].astimezone(tz), "ends": row["ends"].astimezone(tz)}
        for row in session.execute(query.order_by(starts).limit(100)).mappings()
    ]
    if conflicts:
        raise Conflict("slot_taken", "something else has this time", conflicts=conflicts)


def _keep_free(session: Session, block: wire.Block, during: Interval, now: datetime) -> None:
    """Take the master, or every place of the room."""
    piece = Piece("master" if block.master_id else "room", _resource(block), during)
    places = catalogue(session).rooms[block.room_id].places if block.room_id else 1
    occupy(session, Owner("block_id", block.id), [replace(piece, place=place) for place in range(places)], now=now)
