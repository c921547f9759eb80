"""The planner: many masters over weeks, by templates or by hand; looked at before it is published, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, Invalid
from kernel.time import Interval, days_of, start_of_day
from services.booking.domain.diary import check_ahead
from services.booking.domain.plans import Around, Cycle, Fitted, Problem, check_painted, fit, lay_out, monday_of
from services.booking.domain.shifts import Shift, clock_of, minutes_of
from services.booking.queries.absences import absent
from services.booking.queries.catalogue import BranchEntry, MasterEntry, catalogue
from services.booking.queries.open_hours import open_by
from services.booking.queries.salon import masters_of, zone_of_named
from services.booking.queries.shifts import Worked, check_dates, check_period, worked
from services.booking.queries.templates import cycles_of
from services.booking.usecases.shifts import Rewrite, hold_shifts, rewrite
from services.booking.usecases.stranded import Kept, outside, segments_of

LONGEST = timedelta(days=92)
MARGIN = timedelta(days=3)  # a segment with its buffers reaches no further beyond the dates
CONFLICTS_AT_MOST = 1_000  # in a refusal; the preview shows all
ELSEWHERE = "overlaps_elsewhere"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an assignment asks for: these shifts, in place of those on `days`."""

    days: frozenset[date]
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """An assignment as it would be: the shifts, how many of before they replace, and what stands against them."""

    master_id: UUID
    days: frozenset[date]
    fitted: Fitted
    replaced: int


def preview(session: Session, request: wire.PreviewShifts, caller: Caller, now: datetime) -> wire.ShiftPlan:
    wanted = _checked(session, request, caller, caller.must("shifts.read"), now)
    return _view(request, _work_out(session, request, wanted, now), published=False)


def publish(session: Session, request: wire.PublishShifts, caller: Caller, now: datetime) -> wire.ShiftPlan:
    """Decided under the locks of all who are planned for; refused as a whole, or written as a whole."""
    wanted = _checked(session, request, caller, caller.must("shifts.edit"), now)
    master_ids = [each.master_id for each in request.assignments]
    hold_shifts(session, request.branch_id, master_ids, request.from_, request.to)
    plan = _work_out(session, request, wanted, now)
    _refuse_conflicts(plan, only=ELSEWHERE if request.despite_conflicts else None)
    rewrites = {each.master_id: Rewrite(each.days, each.fitted.shifts) for each in plan if each.days}
    if rewrites:
        rewrite(session, request.branch_id, rewrites, now)
    return _view(request, plan, published=True)


# --- what is asked --------------------------------------------------------------------------------------------------

Asked = wire.PreviewShifts | wire.PublishShifts


def _checked(session: Session, request: Asked, caller: Caller, reach: Reach, now: datetime) -> list[Wanted]:
    """What each assignment asks for; refused where the request names what is not there."""
    tz = zone_of_named(session, request.branch_id, caller)
    check_dates([("from", request.from_), ("to", request.to)])
    for field, day in (("from", request.from_), ("to", request.to)):
        check_ahead(field, day, now.astimezone(tz).date())
    check_period(request.from_, request.to, LONGEST)
    seen = masters_of(session, [each.master_id for each in request.assignments], caller, reach)
    known = cycles_of(session, [each.template_id for each in request.assignments if each.template_id])
    once: set[UUID] = set()
    for place, each in enumerate(request.assignments):
        master, field = seen.get(each.master_id), f"assignments.{place}"
        if master is None or not master.active:
            raise Invalid.field(f"{field}.master_id", "master_unknown", "there is no such master")
        if each.master_id in once:
            raise Invalid.field(f"{field}.master_id", "master_twice", "a master works by one template at a time")
        once.add(each.master_id)
    return [_wanted(request, place, known) for place in range(len(request.assignments))]


def _wanted(request: Asked, place: int, known: Mapping[UUID, Cycle]) -> Wanted:
    each, field = request.assignments[place], f"assignments.{place}"
    if each.template_id is None:
        shifts = tuple(Shift(one.date, minutes_of(one.starts), minutes_of(one.ends)) for one in each.shifts)
        days = frozenset({shift.day for shift in shifts} | set(each.dates))
        check_painted(field, shifts, days, request.from_, request.to)
        return Wanted(days, tuple(sorted(shifts, key=lambda shift: (shift.day, shift.starts))))
    if each.template_id not in known:
        raise Invalid.field(f"{field}.template_id", "template_unknown", "there is no such template")
    if each.shifts or each.dates:
        raise Invalid.field(f"{field}.shifts", "template_or_shifts", "either a template or shifts by hand")
    anchor = each.anchor or monday_of(request.from_)
    shifts = tuple(lay_out(known[each.template_id], anchor, request.from_, request.to))
    return Wanted(frozenset(days_of(request.from_, request.to)), shifts)


# --- working it out -------------------------------------------------------------------------------------------------


def _work_out(session: Session, request: Asked, wanted: Sequence[Wanted], now: datetime) -> list[Planned]:
    """What would come of the plan. It looks only, with a fixed number of statements, and is the same for both."""
    catalogue_now = catalogue(session)
    branch = catalogue_now.branches[request.branch_id]
    ids = [each.master_id for each in request.assignments]
    first, last = request.from_ - MARGIN, request.to + MARGIN
    there = worked(session, ids, first, last)
    whole = Interval(start_of_day(first, branch.tz), start_of_day(last + timedelta(days=1), branch.tz))
    away = absent(session, ids, whole)
    zones = {branch.id: branch.tz}
    booked: dict[UUID, list[Kept]] = {}
    for part in segments_of(session, [branch.id], ids, request.from_, request.to, zones, now):
        booked.setdefault(part.master_id, []).append(part)
    plan = []
    for each, asked in zip(request.assignments, wanted, strict=True):
        master = catalogue_now.masters[each.master_id]
        theirs, absences = there.get(master.id, []), away.get(master.id, [])
        fitted = fit(asked.shifts, _around(branch, master, theirs, absences))
        here = [shift for shift in theirs if shift.branch_id == branch.id]
        kept = [shift for shift in here if shift.shift.day not in asked.days]
        shifts = [shift.shift for shift in kept] + [shift for shift, _ in fitted.shifts]
        opened = {master.id: open_by(branch, master, shifts, absences)}
        left = [_left_over(part, branch) for part in outside(booked.get(master.id, ()), opened)]
        left = [problem for problem in left if problem.day in asked.days]
        problems = sorted({*fitted.problems, *left}, key=_by_day)
        plan.append(Planned(master.id, asked.days, replace(fitted, problems=tuple(problems)), len(here) - len(kept)))
    return plan


def _around(branch: BranchEntry, master: MasterEntry, theirs: Sequence[Worked], absences: Sequence[Interval]) -> Around:
    return Around(
        branch.tz,
        branch.week,
        branch.holidays,
        min(master.permits, default=date.max),
        absences,
        [each.during for each in theirs if each.branch_id != branch.id],
    )


def _left_over(part: Kept, branch: BranchEntry) -> Problem:
    return Problem("stranded", part.starts.astimezone(branch.tz).date(), part.appointment_id)


def _by_day(problem: Problem) -> tuple[date, str, str]:
    return problem.day, problem.code, str(problem.appointment_id)


# --- what is said of it ---------------------------------------------------------------------------------------------


def _refuse_conflicts(plan: Sequence[Planned], only: str | None) -> None:
    """Refuse a plan with problems, or with those of one code only."""
    conflicts: list[Mapping[str, Any]] = [
        {"master_id": each.master_id, "date": problem.day, "code": problem.code}
        | ({"appointment_id": problem.appointment_id} if problem.appointment_id else {})
        for each in plan
        for problem in each.fitted.problems
        if only in (None, problem.code)
    ]
    if conflicts:
        message = "a master would be in two places at once" if only else "something stands against the plan"
        raise Conflict("plan_conflicts", message, conflicts=conflicts[:CONFLICTS_AT_MOST])


def _view(request: Asked, plan: Sequence[Planned], *, published: bool) -> wire.ShiftPlan:
    return wire.ShiftPlan(request.branch_id, tuple(_master(each) for each in plan), published)


def _master(planned: Planned) -> wire.PlannedMaster:
    return wire.PlannedMaster(
        planned.master_id,
        tuple(
            wire.Shift(shift.day, clock_of(shift.starts), clock_of(shift.ends)) for shift, _ in planned.fitted.shifts
        ),
        planned.replaced,
        tuple(
            wire.PlanProblem(problem.code, problem.day, problem.appointment_id)  # type: ignore[arg-type]
            for problem in planned.fitted.problems
        ),
    )
