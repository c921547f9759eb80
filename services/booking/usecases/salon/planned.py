"""What a change of the salon does to the masters who have shifts: told as open hours, given to those who wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.caller import Caller
from services.booking.queries.catalogue import catalogue
from services.booking.queries.open_hours import open_of
from services.booking.tables import shifts
from services.booking.usecases.open_hours import Opened, free_gained, tell_open_hours
from services.booking.usecases.stranded import stranded


@dataclass(frozen=True, slots=True)
class Planned:
    """Masters with shifts in the branch from `first` to `last`, and when they worked before the change."""

    branch_id: UUID
    masters: tuple[UUID, ...]
    first: date
    last: date
    before: Opened


def planned_on(session: Session, branch_id: UUID, day: date) -> tuple[UUID, ...]:
    """The masters with shifts in the branch on `day`, sorted."""
    on_day = select(shifts.c.master_id).where(shifts.c.branch_id == branch_id, shifts.c.day == day)
    return tuple(sorted(session.scalars(on_day.distinct())))


def planned_in(session: Session, branch_id: UUID, now: datetime) -> list[Planned]:
    """Who has shifts in the branch from today on."""
    return _planned(session, shifts.c.branch_id == branch_id, now)


def planned_for(session: Session, master_id: UUID, now: datetime) -> list[Planned]:
    """The branches in which the master has shifts from today on."""
    return _planned(session, shifts.c.master_id == master_id, now)


def as_before(session: Session, branch_id: UUID, masters: tuple[UUID, ...], first: date, last: date) -> Planned:
    return Planned(branch_id, masters, first, last, open_of(session, branch_id, masters, first, last))


def tell(session: Session, planned: Planned, now: datetime) -> None:
    """Announce when they work now, and let those who wait have what was gained."""
    after = tell_open_hours(session, planned.branch_id, planned.masters, planned.first, planned.last, now)
    free_gained(session, planned.branch_id, planned.before, after, now)


def carry_out(session: Session, planned: Sequence[Planned], caller: Caller, now: datetime) -> tuple[wire.Stranded, ...]:
    """Tell all of it; the answer is what it leaves over of what is booked in the caller's branches."""
    left: list[wire.Stranded] = []
    for each in planned:
        tell(session, each, now)
        if caller.in_branch(each.branch_id):
            left += stranded(session, [each.branch_id], each.masters, each.first, each.last, now)
    return tuple(sorted(left, key=lambda one: (one.starts, one.appointment_id)))


def _planned(session: Session, whose: ColumnElement[bool], now: datetime) -> list[Planned]:
    last = func.max(shifts.c.day)
    query = select(shifts.c.branch_id, shifts.c.master_id, last).where(whose, shifts.c.ends_at > now)
    rows = session.execute(query.group_by(shifts.c.branch_id, shifts.c.master_id)).all()
    by_branch: dict[UUID, dict[UUID, date]] = {}
    for branch_id, master_id, day in rows:
        by_branch.setdefault(branch_id, {})[master_id] = day
    zones = catalogue(session).branches
    return [
        as_before(
            session, branch_id, tuple(sorted(days)), now.astimezone(zones[branch_id].tz).date(), max(days.values())
        )
        for branch_id, days in sorted(by_branch.items())
    ]
