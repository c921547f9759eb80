"""Blocks: when a master or a room takes nobody."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import Session

from contracts.booking import Block, ListBlocks
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import zone
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches
from services.booking.queries.salon import must_be_theirs, show_master, show_room, zone_of_asked
from services.booking.queries.shifts import check_dates, check_period
from services.booking.tables import blocks, branches, masters


def show_block(session: Session, block_id: UUID, caller: Caller, reach: Reach, *, to_change: bool = False) -> Block:
    """The block, if the caller may reach it; `to_change` holds it until the end of the transaction."""
    query = _seen(caller, reach).where(blocks.c.id == block_id)
    if to_change:
        query = query.with_for_update(of=blocks)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("block_not_found", "there is no such block")
    return _block(row)


def list_blocks(session: Session, request: ListBlocks, caller: Caller, reach: Reach) -> Page[Block]:
    """Those that reach into the dates, which are those of their branches."""
    check_period(request.from_, request.to)
    query = _seen(caller, reach)
    if request.branch_id:
        if reach is not Reach.OWN:
            must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
        query = query.where(blocks.c.branch_id == request.branch_id)
    if request.master_id:
        show_master(session, request.master_id, caller, reach)
        query = query.where(blocks.c.master_id == request.master_id)
    if request.room_id:
        show_room(session, request.room_id, caller)
        query = query.where(blocks.c.room_id == request.room_id)
    if request.from_:
        check_dates([("from", request.from_)])
        # The clocks of the branch are exact; the index knows instants, and is asked for a day more.
        query = query.where(
            func.timezone(branches.c.time_zone, blocks.c.ends) > request.from_,
            blocks.c.ends > datetime.combine(request.from_, time(), UTC) - timedelta(days=1),
        )
    if request.to:
        check_dates([("to", request.to)])
        query = query.where(func.timezone(branches.c.time_zone, blocks.c.starts) < request.to + timedelta(days=1))
    return page(session, query, blocks, _block, request.limit, request.cursor)


def _seen(caller: Caller, reach: Reach) -> Select[Any]:
    query = select(blocks, branches.c.time_zone).join(branches, branches.c.id == blocks.c.branch_id)
    if reach is not Reach.OWN:
        return query.where(in_branches(blocks.c.branch_id, caller))
    own = (masters.c.id == blocks.c.master_id) & (masters.c.user_id == caller.id)
    return query.where(exists(select(masters.c.id).where(own)))


def _block(row: Row[Any]) -> Block:
    tz = zone(row.time_zone)
    return Block(
        id=row.id,
        branch_id=row.branch_id,
        master_id=row.master_id,
        room_id=row.room_id,
        starts=row.starts.astimezone(tz),
        ends=row.ends.astimezone(tz),
        reason=row.reason,
        version=row.version,
    )
