"""The waiting list as it is seen, and who is next when time is freed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import convert
from sqlalchemy import Row, Select, exists, false, or_, select
from sqlalchemy.orm import Session

from contracts.booking import ListWaitingList, Offer, WaitingEntry, WaitingTime, WantedSegment
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import NotFound
from kernel.time import Interval, zone
from services.booking.domain.shifts import minutes_of
from services.booking.domain.waiting import Time, Wanted
from services.booking.queries.paging import page
from services.booking.queries.reach import in_branches
from services.booking.queries.salon import must_be_theirs, zone_of_asked
from services.booking.tables import branches, holds, openings, waiting_entries

A_DAY = timedelta(days=1)


def show_entry(session: Session, entry_id: UUID, caller: Caller, reach: Reach, now: datetime) -> WaitingEntry:
    return view(find(session, entry_id, caller, reach), now)


def list_entries(
    session: Session, request: ListWaitingList, caller: Caller, reach: Reach, now: datetime
) -> Page[WaitingEntry]:
    if request.branch_id:
        if reach is not Reach.OWN:
            must_be_theirs(request.branch_id, caller)
        zone_of_asked(session, request.branch_id)
    query = _query().where(_seen(caller, reach))
    if request.branch_id:
        query = query.where(waiting_entries.c.branch_id == request.branch_id)
    if request.client_id:
        query = query.where(waiting_entries.c.client_id == request.client_id)
    if request.status:
        query = query.where(waiting_entries.c.status == request.status)
    return page(session, query, waiting_entries, lambda row: view(row, now), request.limit, request.cursor)


def entries_of_client(session: Session, client_id: UUID, now: datetime) -> list[WaitingEntry]:
    theirs = _query().where(waiting_entries.c.client_id == client_id).order_by(waiting_entries.c.id)
    return [view(row, now) for row in session.execute(theirs)]


def find(session: Session, entry_id: UUID, caller: Caller, reach: Reach, *, to_change: bool = False) -> Row[Any]:
    """The entry with its offer, if the caller may reach it; `to_change` holds it until the end of the transaction."""
    query = _query().where(waiting_entries.c.id == entry_id, _seen(caller, reach))
    if to_change:
        query = query.with_for_update(of=waiting_entries)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("waiting_entry_not_found", "there is no such entry in the waiting list")
    return row


def _seen(caller: Caller, reach: Reach) -> Any:
    if reach is Reach.OWN:
        return waiting_entries.c.client_id == caller.client_id if caller.client_id else false()
    return in_branches(waiting_entries.c.branch_id, caller)


def _query() -> Select[Any]:
    offer = (
        holds.c.starts.label("offered"),
        holds.c.ends.label("offered_until"),
        holds.c.plan,
        holds.c.expires_at,
    )
    return (
        select(waiting_entries, branches.c.time_zone, *offer)
        .join(branches, branches.c.id == waiting_entries.c.branch_id)
        .outerjoin(holds, holds.c.id == waiting_entries.c.hold_id)
    )


def view(row: Row[Any], now: datetime) -> WaitingEntry:
    """An offer that has run out is none, also before the clock has taken it back."""
    tz = zone(row.time_zone)
    is_open = row.status == "offered" and row.expires_at is not None and row.expires_at > now
    return WaitingEntry(
        id=row.id,
        branch_id=row.branch_id,
        client_id=row.client_id,
        segments=segments_of(row),
        earliest=row.earliest,
        latest=row.latest,
        times=times_of(row),
        status="waiting" if row.status == "offered" and not is_open else row.status,
        created_at=row.created_at.astimezone(tz),
        version=row.version,
        offer=_offer(row, tz) if is_open else None,
        offers_made=row.offers_made,
        appointment_id=row.appointment_id,
    )


def _offer(row: Row[Any], tz: ZoneInfo) -> Offer:
    return Offer(
        row.hold_id,
        row.offered.astimezone(tz),
        row.offered_until.astimezone(tz),
        tuple(UUID(part["master_id"]) for part in row.plan),
        row.expires_at.astimezone(tz),
    )


def segments_of(row: Row[Any]) -> tuple[WantedSegment, ...]:
    return convert(row.segments, tuple[WantedSegment, ...])


def times_of(row: Row[Any]) -> tuple[WaitingTime, ...]:
    return convert(row.times, tuple[WaitingTime, ...])


def wanted_of(row: Row[Any]) -> Wanted:
    """When the client would come, as the rules know it."""
    times = (Time(each.weekday, minutes_of(each.earliest), minutes_of(each.latest)) for each in times_of(row))
    return Wanted(row.earliest, row.latest, tuple(times))


# --- whose turn it is -------------------------------------------------------------------------------------------------


def next_opening(session: Session) -> Row[Any] | None:
    """The oldest freed time that somebody may still fit into, held; one that another replica is about is left out."""
    query = (
        select(openings, branches.c.time_zone)
        .join(branches, branches.c.id == openings.c.branch_id)
        .where(~openings.c.worked_off)
        .order_by(openings.c.freed_at, openings.c.id)
        .limit(1)
        .with_for_update(of=openings, skip_locked=True)
    )
    return session.execute(query).one_or_none()


def in_turn(session: Session, opening: Row[Any], days: Interval) -> Sequence[Row[Any]]:
    """Who waits in the branch for dates of the freed time, first come first; without those who had their turn.

    A day more on both sides: their visit may begin before midnight, and end in the freed time.
    """
    tz = zone(opening.time_zone)
    query = (
        select(waiting_entries)
        .where(
            waiting_entries.c.branch_id == opening.branch_id,
            waiting_entries.c.status == "waiting",
            waiting_entries.c.earliest <= days.ends.astimezone(tz).date() + A_DAY,
            waiting_entries.c.latest >= days.starts.astimezone(tz).date() - A_DAY,
            waiting_entries.c.id.not_in(opening.passed_by),
        )
        .order_by(waiting_entries.c.id)
    )
    return session.execute(query).all()


def hold_as_read(session: Session, entry: Row[Any]) -> bool:
    """Lock the entry, which was read before; false if somebody has changed it since, or is about to.

    Nobody is waited for: who leaves the list may be waiting for the freed time that is held here.
    """
    same = (waiting_entries.c.id == entry.id, waiting_entries.c.version == entry.version)
    return session.scalar(select(waiting_entries.c.id).where(*same).with_for_update(skip_locked=True)) is not None


def run_out(session: Session, now: datetime) -> Sequence[Row[Any]]:
    """Entries whose offer is over and was not taken, held."""
    query = (
        _query()
        .where(waiting_entries.c.status == "offered", or_(holds.c.id.is_(None), holds.c.expires_at <= now))
        .order_by(waiting_entries.c.id)
        .with_for_update(of=waiting_entries, skip_locked=True)
    )
    return session.execute(query).all()


def offers_of(session: Session, opening_id: UUID) -> bool:
    """Whether something of the freed time is offered to somebody now."""
    offered = (waiting_entries.c.opening_id == opening_id, waiting_entries.c.status == "offered")
    return bool(session.scalar(select(exists(select(waiting_entries.c.id).where(*offered)))))
