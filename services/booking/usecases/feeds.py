"""Making secret feeds and taking them back."""

import secrets
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from chassis.crypto import fingerprint
from chassis.database import new_id
from contracts.booking import CalendarFeed, CreateFeed, RevokeFeed
from kernel.caller import Caller, Reach
from kernel.errors import Invalid, NotFound
from services.booking.queries.feeds import find_feed, show_feed, view
from services.booking.queries.reach import master_seen
from services.booking.queries.salon import zone_of_named
from services.booking.tables import feeds, masters

PATH = "/api/v1/calendar-feeds/read.ics?key="


def create_feed(session: Session, request: CreateFeed, caller: Caller, reach: Reach, now: datetime) -> CalendarFeed:
    """A feed whose key is told this once: what is kept of it does not open anything."""
    if (request.master_id is None) == (request.branch_id is None):
        raise Invalid.field("master_id", "feed_of_one", "a feed is of a master or of a branch")
    branch_ids = None
    if request.master_id:
        branch_ids = _branches_shown(session, request.master_id, caller, reach)
    elif reach is Reach.OWN:  # nobody is a branch
        raise NotFound("branch_not_found", "there is no such branch")
    elif request.branch_id:
        zone_of_named(session, request.branch_id, caller)
    feed_id, key = new_id(), secrets.token_urlsafe(32)
    session.execute(
        insert(feeds).values(
            id=feed_id,
            content=request.content,
            master_id=request.master_id,
            branch_id=request.branch_id,
            branch_ids=branch_ids,
            key_hash=fingerprint(key),
            created_by=str(caller.id or caller.service),
            created_at=now,
        )
    )
    row = session.execute(select(feeds).where(feeds.c.id == feed_id)).one()
    return replace(view(row), key=key, path=PATH + key)


def _branches_shown(session: Session, master_id: UUID, caller: Caller, reach: Reach) -> list[UUID] | None:
    """Of which branches the caller may see what the master does: all of them (None) for themselves."""
    if not session.scalar(select(exists().where(masters.c.id == master_id))):
        raise Invalid.field("master_id", "master_unknown", "there is no such master")
    seen = select(masters.c.user_id).where(masters.c.id == master_id, master_seen(caller, reach))
    master = session.execute(seen).one_or_none()
    if master is None:
        raise NotFound("master_not_found", "there is no such master")
    own = caller.id is not None and master.user_id == caller.id
    return None if own or reach is not Reach.BRANCHES else sorted(caller.branch_ids)


def revoke_feed(session: Session, request: RevokeFeed, caller: Caller, reach: Reach, now: datetime) -> CalendarFeed:
    """From now on its key opens nothing. To revoke it again changes nothing."""
    feed = find_feed(session, request.id, caller, reach, to_change=True)
    if feed.revoked_at is None:
        revoked = {"revoked_at": now, "version": feed.version + 1}
        session.execute(update(feeds).where(feeds.c.id == feed.id).values(revoked))
    return show_feed(session, feed.id, caller, reach)
