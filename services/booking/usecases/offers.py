"""Offering freed time to those who wait, one after another, each time with a short hold for them alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, update
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.booking import OfferMade
from kernel.errors import Conflict, Refusal
from kernel.time import Interval, zone
from services.booking.domain.series import wall_of
from services.booking.domain.waiting import best_first
from services.booking.domain.window import Window
from services.booking.domain.wish import Placed, Wish
from services.booking.queries.availability import free_starts_of
from services.booking.queries.catalogue import catalogue
from services.booking.queries.limits import limits_of
from services.booking.queries.times import taken_of
from services.booking.queries.waiting import (
    hold_as_read,
    in_turn,
    next_opening,
    offers_of,
    run_out,
    segments_of,
    wanted_of,
)
from services.booking.tables import openings
from services.booking.usecases.appointments import EVERYBODY
from services.booking.usecases.diary import Visit, arrange
from services.booking.usecases.holds import keep
from services.booking.usecases.resolve import resolve
from services.booking.usecases.waiting import end_offer, write

TRIES = 3  # starts that somebody is tried to be put at, before the next in the list has their turn
DAYS_AT_ONCE = timedelta(days=31)  # of a long absence that was called off


def work_off(session: Session, now: datetime) -> bool:
    """Take back what has run out, then offer the oldest freed time to the next; whether there may be more to do."""
    for entry in run_out(session, now):
        end_offer(session, entry, "expired", now)
    opening = next_opening(session)
    if opening is None:
        return False
    if opening.ends <= now or not _offer(session, opening, now):
        _close(session, opening, now)
    return True


def _close(session: Session, opening: Row[Any], now: datetime) -> None:
    """Nobody else fits: it is done with, unless something of it is offered now and may come back."""
    this = openings.c.id == opening.id
    if opening.ends > now and offers_of(session, opening.id):
        session.execute(update(openings).where(this).values(worked_off=True))
    else:
        session.execute(delete(openings).where(this))


def forget_openings(session: Session, now: datetime) -> None:
    """Freed time that is over is no more."""
    session.execute(delete(openings).where(openings.c.ends <= now))


def _offer(session: Session, opening: Row[Any], now: datetime) -> bool:
    """Hold a time for the first in the list whom it suits; false if it suits nobody."""
    freed = Interval(max(opening.starts, now), opening.ends)
    for entry in in_turn(session, opening, freed):
        wishes = _wishes(session, entry)
        starts = _starts(session, opening, entry, wishes, freed, now) if wishes else []
        if starts and not hold_as_read(session, entry):
            return True  # somebody is changing it: to be looked at again
        for start in starts[:TRIES]:
            visit = Visit(entry.branch_id, zone(opening.time_zone), entry.client_id, start, wishes)
            try:
                with session.begin_nested():  # whose locks go with it
                    placed = arrange(session, visit, now)
            except Conflict:
                continue
            _hold(session, opening, entry, visit, placed, now)
            return True
    return False


def _wishes(session: Session, entry: Row[Any]) -> list[Wish]:
    """What the client waits for; nothing if the service or the master is not there any more."""
    try:
        return resolve(session, entry.branch_id, segments_of(entry), EVERYBODY)
    except Refusal:
        return []


def _starts(
    session: Session, opening: Row[Any], entry: Row[Any], wishes: list[Wish], freed: Interval, now: datetime
) -> list[datetime]:
    """The free starts that suit the entry and take some of the freed time, the best first."""
    tz, wanted = zone(opening.time_zone), wanted_of(entry)
    # A visit from just after `after` to just before `before` may take some of it, its buffers included.
    longest = Visit(entry.branch_id, tz, entry.client_id, freed.starts, wishes).span
    after, before = freed.starts - (longest.ends - freed.starts), freed.ends + (freed.starts - longest.starts)
    if not wanted.may_suit(wall_of(after, tz), wall_of(before, tz)):
        return []
    first = max(wanted.earliest, after.astimezone(tz).date(), now.astimezone(tz).date())
    horizon = now + limits_of(session, entry.branch_id, [wish.service_id for wish in wishes]).horizon
    last = min(wanted.latest, before.astimezone(tz).date(), first + DAYS_AT_ONCE, horizon.astimezone(tz).date())
    if first > last:
        return []
    length = longest.ends - longest.starts
    taken = taken_of(session, entry.client_id, Window(after - length, before + length), now)
    free = free_starts_of(session, entry.branch_id, wishes, first, last, tz, now, taken)
    suiting = [start for start in free if after < start < before and start > now and wanted.suits(wall_of(start, tz))]
    return best_first(suiting, freed)


def _hold(
    session: Session, opening: Row[Any], entry: Row[Any], visit: Visit, placed: Sequence[Placed], now: datetime
) -> None:
    """Keep the time for the client, never beyond its start, and say so."""
    minutes = catalogue(session).branches[visit.branch_id].policy.offer_minutes
    expires_at = min(now + timedelta(minutes=minutes), visit.starts)
    hold_id = keep(session, visit, placed, expires_at, now)
    changes = {
        "status": "offered",
        "hold_id": hold_id,
        "opening_id": opening.id,
        "offers_made": entry.offers_made + 1,
    }
    write(session, entry, changes)
    announce(
        session,
        OfferMade(entry.id, entry.client_id, entry.branch_id, visit.starts, expires_at, now.astimezone(UTC)),
    )
