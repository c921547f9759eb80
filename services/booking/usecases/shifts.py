"""Replacing shifts, of one master or of many at once: what was open, what is now, who is told of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.database import new_id, refusal_of
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Conflict
from kernel.time import Interval
from services.booking.domain.diary import check_ahead
from services.booking.domain.shifts import Shift, clock_of, intervals_of, minutes_of
from services.booking.queries.open_hours import open_of
from services.booking.queries.salon import show_master, zone_of_named
from services.booking.queries.shifts import Worked, check_dates, shifts_on, worked
from services.booking.tables import masters, shifts
from services.booking.usecases.diary import lock
from services.booking.usecases.open_hours import free_gained, tell_open_hours
from services.booking.usecases.stranded import stranded

ELSEWHERE = "the master has another shift at this time"
A_DAY = timedelta(days=1)  # how far the dates of two branches may be apart at one moment


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The shifts that a master is to have in the branch on `days`, each with its instants."""

    days: Collection[date]
    shifts: Sequence[tuple[Shift, Interval]]


def replace_shifts(session: Session, request: wire.ReplaceShifts, caller: Caller, now: datetime) -> wire.MasterShifts:
    """Appointments stay as they are, also those that lose their shift: the answer names them."""
    show_master(session, request.master_id, caller, caller.must("shifts.edit"))
    tz = zone_of_named(session, request.branch_id, caller)
    wanted = [Shift(shift.date, minutes_of(shift.starts), minutes_of(shift.ends)) for shift in request.shifts]
    intervals = intervals_of(wanted, tz)
    check_dates((f"dates.{place}", day) for place, day in enumerate(request.dates))
    _check_ahead(request, now.astimezone(tz).date())
    days = {shift.day for shift in wanted} | set(request.dates)
    if not days:
        return wire.MasterShifts(request.master_id, ())
    first, last = min(days), max(days)
    master_id, branch_id = request.master_id, request.branch_id
    hold_shifts(session, branch_id, [master_id], first, last)
    _check_elsewhere(session, request, intervals, caller)
    rewrite(session, branch_id, {master_id: Rewrite(days, list(zip(wanted, intervals, strict=True)))}, now)
    left = stranded(session, [branch_id], [master_id], first, last, now)
    return wire.MasterShifts(master_id, shifts_on(session, master_id, branch_id, days).shifts, left)


def _check_ahead(request: wire.ReplaceShifts, today: date) -> None:
    for place, shift in enumerate(request.shifts):
        check_ahead(f"shifts.{place}.date", shift.date, today)
    for place, day in enumerate(request.dates):
        check_ahead(f"dates.{place}", day, today)


def _check_elsewhere(
    session: Session, request: wire.ReplaceShifts, intervals: Sequence[Interval], caller: Caller
) -> None:
    """Nobody works in two branches at once: refused with the shifts that are wrong, and those they overlap.

    A branch that is not the caller's is not named, but when the master is there is.
    """
    if not intervals:
        return
    days = [shift.date for shift in request.shifts]
    there = worked(session, [request.master_id], min(days) - A_DAY, max(days) + A_DAY).get(request.master_id, [])
    elsewhere = [each for each in there if each.branch_id != request.branch_id]
    errors, conflicts = {}, {}
    for place, during in enumerate(intervals):
        for other in elsewhere:
            if other.during.overlaps(during):
                errors[f"shifts.{place}"] = [ELSEWHERE]
                conflicts[other.during] = _named(other, caller)
    if errors:
        raise Conflict("shift_overlaps", ELSEWHERE, errors=errors, conflicts=list(conflicts.values()))


def _named(other: Worked, caller: Caller) -> dict[str, Any]:
    named = {
        "date": other.shift.day,
        "starts": clock_of(other.shift.starts),
        "ends": clock_of(other.shift.ends),
    }
    return named | ({"branch_id": other.branch_id} if caller.in_branch(other.branch_id) else {})


def hold_shifts(session: Session, branch_id: UUID, master_ids: Collection[UUID], first: date, last: date) -> None:
    """Keep everybody else from changing the shifts of these masters, and from booking into those of the dates.

    A booking that looked at a shift before it went is committed when this returns, and is seen; one that comes later
    sees the shift gone. Time without shifts needs no lock: nobody loses it.
    """
    # Before the locks of the diaries, as are rows of appointments; in one order for everybody.
    session.execute(
        select(masters.c.id).where(masters.c.id.in_(master_ids)).order_by(masters.c.id).with_for_update(key_share=True)
    )
    theirs = worked(session, master_ids, first, last, branch_id)
    held = [(master_id, each.during) for master_id, there in theirs.items() for each in there]
    if held:
        lock(session, held)


def rewrite(session: Session, branch_id: UUID, plans: Mapping[UUID, Rewrite], now: datetime) -> None:
    """Write the shifts instead of those of their days, under `hold_shifts`; tell it, and offer the time that is new."""
    first = min(day for plan in plans.values() for day in plan.days)
    last = max(day for plan in plans.values() for day in plan.days)
    before = open_of(session, branch_id, plans, first, last)
    old = worked(session, plans, first, last, branch_id)
    _write(session, branch_id, plans)
    cleared = {master_id: _days_of(old.get(master_id, ())) & set(plan.days) for master_id, plan in plans.items()}
    after = tell_open_hours(session, branch_id, plans, first, last, now, cleared)
    free_gained(session, branch_id, before, after, now)


def _days_of(there: Collection[Worked]) -> set[date]:
    return {each.shift.day for each in there}


def _write(session: Session, branch_id: UUID, plans: Mapping[UUID, Rewrite]) -> None:
    rows = [
        {
            "id": new_id(),
            "master_id": master_id,
            "branch_id": branch_id,
            "day": shift.day,
            "starts": shift.starts,
            "ends": shift.ends,
            "starts_at": during.starts,
            "ends_at": during.ends,
        }
        for master_id, plan in plans.items()
        for shift, during in plan.shifts
    ]
    by_days: dict[frozenset[date], list[UUID]] = {}
    for master_id, plan in plans.items():
        by_days.setdefault(frozenset(plan.days), []).append(master_id)
    try:
        with session.begin_nested():
            for days, ids in by_days.items():
                there = (shifts.c.master_id.in_(ids), shifts.c.branch_id == branch_id, shifts.c.day.in_(days))
                session.execute(delete(shifts).where(*there))
            if rows:
                session.execute(insert(shifts), rows)
    except IntegrityError as error:
        elsewhere = Conflict("shift_overlaps", ELSEWHERE)
        raise refusal_of(error, {"no_two_shifts_at_once": elsewhere}) from None
