"""Open appointments that lie outside of what their masters work now: somebody has to call these clients."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.time import Interval, start_of_day
from services.booking.domain.appointment import OPEN
from services.booking.domain.hours import covered
from services.booking.queries.catalogue import catalogue
from services.booking.queries.open_hours import open_of
from services.booking.tables import appointments, segments

FAR = timedelta(days=3)  # beyond which no segment of another day reaches, with its buffers and in any zone


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment of an open appointment, with the time for which its master must be at work."""

    appointment_id: UUID
    branch_id: UUID
    master_id: UUID
    starts: datetime  # of the appointment
    keeps: Interval


def stranded(
    session: Session,
    branch_ids: Collection[UUID] | None,
    master_ids: Collection[UUID],
    first: date,
    last: date,
    now: datetime,
    during: Interval | None = None,
) -> tuple[wire.Stranded, ...]:
    """What these masters cannot keep of what is booked from `first` to `last`, dates of the branches; by time.

    In all branches where it is None; with `during` only what needs a master then. What is over strands nobody.
    """
    zones = {each.id: each.tz for each in catalogue(session).branches.values()}
    by_branch: dict[UUID, list[Kept]] = {}
    for part in segments_of(session, branch_ids, master_ids, first, last, zones, now):
        if during is None or part.keeps.overlaps(during):
            by_branch.setdefault(part.branch_id, []).append(part)
    left = []
    for branch, parts in by_branch.items():
        tz = zones[branch]
        from_ = min(part.keeps.starts for part in parts).astimezone(tz).date()
        to = max(part.keeps.ends for part in parts).astimezone(tz).date()
        opened = open_of(session, branch, {part.master_id for part in parts}, from_, to)
        left += outside(parts, opened)
    return views(left, zones)


def segments_of(
    session: Session,
    branch_ids: Collection[UUID] | None,
    master_ids: Collection[UUID],
    first: date,
    last: date,
    zones: Mapping[UUID, ZoneInfo],
    now: datetime,
) -> list[Kept]:
    """The segments of open appointments that need one of the masters at some time from `first` to `last`."""
    before = func.make_interval(0, 0, 0, 0, 0, segments.c.before)
    after = func.make_interval(0, 0, 0, 0, 0, segments.c.after)
    utc = ZoneInfo("UTC")
    query = (
        select(
            segments.c.appointment_id,
            appointments.c.branch_id,
            segments.c.master_id,
            appointments.c.starts,
            (segments.c.starts - before).label("needed_from"),
            (segments.c.ends + after).label("needed_to"),
        )
        .join(appointments, appointments.c.id == segments.c.appointment_id)
        .where(
            segments.c.master_id.in_(master_ids),
            segments.c.starts > max(start_of_day(first, utc) - FAR, now - FAR),
            segments.c.starts < start_of_day(last, utc) + FAR + timedelta(days=1),
            segments.c.ends > now,
            appointments.c.status.in_([status.value for status in OPEN]),
        )
    )
    if branch_ids is not None:
        query = query.where(appointments.c.branch_id.in_(branch_ids))
    found = []
    for row in session.execute(query):
        tz = zones[row.branch_id]
        day = Interval(start_of_day(first, tz), start_of_day(last + timedelta(days=1), tz))
        keeps = Interval(row.needed_from, row.needed_to)
        if keeps.overlaps(day):
            found.append(Kept(row.appointment_id, row.branch_id, row.master_id, row.starts, keeps))
    return found


def outside(parts: Iterable[Kept], opened: Mapping[UUID, Sequence[Interval]]) -> list[Kept]:
    """Those of `parts` for which their master does not work throughout."""
    return [part for part in parts if not covered(part.keeps, opened.get(part.master_id, ()))]


def views(left: Iterable[Kept], zones: Mapping[UUID, ZoneInfo]) -> tuple[wire.Stranded, ...]:
    """One for each appointment and master, on the clocks of the branch."""
    once = {(part.starts, part.appointment_id, part.master_id): part for part in left}
    return tuple(
        wire.Stranded(part.appointment_id, part.master_id, part.starts.astimezone(zones[part.branch_id]))
        for _, part in sorted(once.items())
    )
