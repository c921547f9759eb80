"""Telling when masters work: whoever changes shifts, absences, hours or holidays says what the days are like now."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts import booking as wire
from kernel.time import Interval
from services.booking.domain.hours import joined, without
from services.booking.domain.shifts import by_date
from services.booking.queries.catalogue import catalogue
from services.booking.queries.open_hours import open_of
from services.booking.queries.shifts import worked
from services.booking.tables import open_hours
from services.booking.usecases.openings import freed

DAYS_OF_AN_EVENT = 100

Opened = Mapping[UUID, Sequence[Interval]]


def tell_open_hours(
    session: Session,
    branch_id: UUID,
    master_ids: Collection[UUID],
    first: date,
    last: date,
    now: datetime,
    cleared: Mapping[UUID, Collection[date]] | None = None,
) -> Opened:
    """Announce the days from `first` to `last` on which these masters have shifts in the branch, and what is open then.

    `cleared` are days by master that had shifts and have none any more: they are told as empty. Returned is what is
    open now. The version of an event is given under a lock before anything is read, so the latest event is right.
    """
    if not master_ids or last < first:
        return {}
    chunks = list(_chunks(first, last))
    versions = _next_versions(session, branch_id, master_ids, len(chunks))
    opened = open_of(session, branch_id, master_ids, first, last)
    shifts = worked(session, master_ids, first, last, branch_id)
    tz = catalogue(session).branches[branch_id].tz
    for master_id in sorted(master_ids):
        days: dict[date, list[wire.OpenTime]] = {each.shift.day: [] for each in shifts.get(master_id, ())}
        days |= {day: [] for day in (cleared or {}).get(master_id, ()) if day not in days}
        for day, open_then in by_date(opened.get(master_id, ()), tz).items():
            days[day] = [wire.OpenTime(each.starts.astimezone(tz), each.ends.astimezone(tz)) for each in open_then]
        for place, (from_, to) in enumerate(chunks):
            told = tuple(wire.OpenDay(day, tuple(days[day])) for day in sorted(days) if from_ <= day <= to)
            if told:
                version = versions[master_id] + place
                announce(session, wire.OpenHoursChanged(master_id, branch_id, version, told, now))
    return opened


def _chunks(first: date, last: date) -> Iterable[tuple[date, date]]:
    while first <= last:
        to = min(last, first + timedelta(days=DAYS_OF_AN_EVENT - 1))
        yield first, to
        first = to + timedelta(days=1)


def _next_versions(session: Session, branch_id: UUID, master_ids: Collection[UUID], events: int) -> dict[UUID, int]:
    """The first of the next `events` versions of each master; nobody else gets one until the end."""
    put = insert(open_hours)
    put = put.on_conflict_do_update(
        index_elements=["master_id", "branch_id"], set_={"version": open_hours.c.version + put.excluded.version}
    )
    # Sorted: two who tell of the same masters wait for each other, once.
    rows = [{"master_id": each, "branch_id": branch_id, "version": events} for each in sorted(master_ids)]
    given = session.execute(put.returning(open_hours.c.master_id, open_hours.c.version), rows)
    return {row.master_id: row.version - events + 1 for row in given}


def free_gained(session: Session, branch_id: UUID, before: Opened, after: Opened, now: datetime) -> None:
    """Let those who wait have the time that is open in `after` and was not in `before`."""
    more = [each for master_id, opened in after.items() for each in without(opened, before.get(master_id, ()))]
    for during in joined(more):
        freed(session, branch_id, during.starts, during.ends, now)
