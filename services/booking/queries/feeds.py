"""Secret feeds: who sees that they exist, and what somebody with the key reads."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from chassis.crypto import fingerprint
from contracts.booking import CalendarFeed, CalendarFile, ListFeeds
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import Interval
from services.booking.domain.calendar import Entry, calendar
from services.booking.queries.appointments import find
from services.booking.queries.calendar.shifts import shift_entries
from services.booking.queries.calendar.visits import of_appointment, of_branch, of_master, one_of
from services.booking.queries.online import by_key
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches, master_seen
from services.booking.tables import appointments, branches, feeds, masters, shifts

BACK, AHEAD = timedelta(days=30), timedelta(days=400)
AT_ONCE = 200  # events written before others get their turn


# --- the feeds -------------------------------------------------------------------------------------------------------


def show_feed(session: Session, feed_id: UUID, caller: Caller, reach: Reach) -> CalendarFeed:
    return view(find_feed(session, feed_id, caller, reach))


def find_feed(session: Session, feed_id: UUID, caller: Caller, reach: Reach, *, to_change: bool = False) -> Row[Any]:
    query = _seen(caller, reach).where(feeds.c.id == feed_id)
    row = session.execute(query.with_for_update(of=feeds) if to_change else query).one_or_none()
    if row is None:
        raise NotFound("feed_not_found", "there is no such calendar feed")
    return row


def list_feeds(session: Session, request: ListFeeds, caller: Caller, reach: Reach) -> Page[CalendarFeed]:
    return page(session, _seen(caller, reach), feeds, view, request.limit, request.cursor)


def _seen(caller: Caller, reach: Reach) -> Select[Any]:
    """Feeds of masters and branches that the caller sees; with `.own` those of the master that they are."""
    seen = and_(feeds.c.master_id.is_not(None), master_seen(caller, reach))
    if reach is not Reach.OWN:
        seen = or_(seen, and_(feeds.c.branch_id.is_not(None), in_branches(feeds.c.branch_id, caller)))
    return select(feeds).outerjoin(masters, masters.c.id == feeds.c.master_id).where(seen)


def view(row: Row[Any]) -> CalendarFeed:
    return CalendarFeed(
        row.id,
        row.content,
        row.master_id,
        row.branch_id,
        row.created_at,
        row.revoked_at,
        row.version,
        created_by=row.created_by,
    )


# --- what they say ---------------------------------------------------------------------------------------------------


def read_feed(session: Session, key: str, now: datetime) -> CalendarFile:
    """The calendar of a feed that was not revoked, from a month ago to a year ahead."""
    query = select(feeds).where(feeds.c.key_hash == fingerprint(key), feeds.c.revoked_at.is_(None))
    feed = session.execute(query).one_or_none()
    if feed is None:
        raise NotFound("feed_not_found", "there is no such calendar feed")
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    during = Interval(today - BACK, today + AHEAD)
    if feed.master_id:
        return _file(_name(session, masters, feed.master_id), _of_master(session, feed, during))
    return _file(_name(session, branches, feed.branch_id), _of_branch(session, feed, during))


def _of_master(session: Session, feed: Row[Any], during: Interval) -> list[Entry]:
    entries = of_master(session, feed.master_id, feed.branch_ids, during) if feed.content != "shifts" else []
    if feed.content != "appointments":
        theirs = and_(shifts.c.master_id == feed.master_id, one_of(shifts.c.branch_id, feed.branch_ids))
        entries += shift_entries(session, theirs, during, named=False)
    return entries


def _of_branch(session: Session, feed: Row[Any], during: Interval) -> list[Entry]:
    entries = of_branch(session, feed.branch_id, during) if feed.content != "shifts" else []
    if feed.content != "appointments":
        entries += shift_entries(session, shifts.c.branch_id == feed.branch_id, during, named=True)
    return entries


def _name(session: Session, table: Any, owner_id: UUID) -> str:
    return str(session.execute(select(table.c.name).where(table.c.id == owner_id)).scalar_one())


def appointment_calendar(
    session: Session, appointment_id: UUID, caller: Caller, reach: Reach, since: date | None = None
) -> CalendarFile:
    """A visit to be added to a calendar of one's own, for whoever may see it."""
    found = find(session, appointment_id, caller, reach, since=since).appointment
    return _visit(session, appointments.c.id == found.id)


def online_calendar(session: Session, key: str, now: datetime) -> CalendarFile:
    """The same for whoever booked it without an account, by its key, until it is over."""
    return _visit(session, appointments.c.id == by_key(session, key, now).appointment.id)


def _visit(session: Session, whose: ColumnElement[bool]) -> CalendarFile:
    entries = of_appointment(session, whose)
    return _file(entries[0].summary if entries else "", entries)


def _file(name: str, entries: Sequence[Entry]) -> CalendarFile:
    return CalendarFile(calendar(name, _in_turns(entries)))


def _in_turns(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries, with a pause now and then in which the others go on who share the thread."""
    for place, entry in enumerate(entries):
        if place % AT_ONCE == 0:
            time.sleep(0)
        yield entry
