"""Cycles of working days, the shifts that they come to between two dates, and what stands against these."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.errors import Invalid
from kernel.time import Interval, days_of
from services.booking.domain.hours import NO_HOLIDAYS, NO_WEEK, Holidays, Week, instants_of, within_hours
from services.booking.domain.shifts import Shift


@dataclass(frozen=True, slots=True)
class CycleShift:
    """Work on the `day` of a cycle, counted from 0, in minutes after midnight on the wall clock."""

    day: int
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """What repeats every `days` days: a week from Monday on, 2/2, anything."""

    days: int
    shifts: tuple[CycleShift, ...]


def check_cycle(cycle: Cycle) -> None:
    """Refuse shifts that end before they start, lie outside of the cycle, or overlap."""
    for place, shift in enumerate(cycle.shifts):
        if shift.day >= cycle.days:
            raise Invalid.field(f"shifts.{place}.day", "day_outside_cycle", f"the cycle has {cycle.days} days, from 0")
        if shift.ends <= shift.starts:
            raise Invalid.field(f"shifts.{place}.ends", "shift_ends_early", "a shift ends after it starts")
    by_start = sorted(range(len(cycle.shifts)), key=lambda place: _begins(cycle.shifts[place]))
    for earlier, later in pairwise(by_start):
        first, second = cycle.shifts[earlier], cycle.shifts[later]
        if first.day == second.day and second.starts < first.ends:
            raise Invalid.field(f"shifts.{max(earlier, later)}", "template_overlaps", "two of the shifts overlap")


def _begins(shift: CycleShift) -> tuple[int, int]:
    return shift.day, shift.starts


def monday_of(day: date) -> date:
    """The Monday on or before `day`."""
    return day - timedelta(days=day.weekday())


def lay_out(cycle: Cycle, anchor: date, first: date, last: date) -> Iterator[Shift]:
    """The shifts from `first` to `last`, both included, in order; day 0 of the cycle falls on `anchor`.

    The cycle reaches in both directions: an anchor may lie before, between or after the two dates.
    """
    by_day: dict[int, Sequence[CycleShift]] = {}
    for shift in sorted(cycle.shifts, key=_begins):
        by_day[shift.day] = (*by_day.get(shift.day, ()), shift)
    for day in days_of(first, last):
        for shift in by_day.get((day - anchor).days % cycle.days, ()):
            yield Shift(day, shift.starts, shift.ends)


def check_painted(field: str, shifts: Sequence[Shift], days: Iterable[date], first: date, last: date) -> None:
    """Refuse shifts by hand that end before they start, overlap, or lie outside of the dates of the plan."""
    for place, shift in enumerate(shifts):
        if shift.ends <= shift.starts:
            raise Invalid.field(f"{field}.shifts.{place}.ends", "shift_ends_early", "a shift ends after it starts")
    by_start = sorted(range(len(shifts)), key=lambda place: (shifts[place].day, shifts[place].starts))
    for earlier, later in pairwise(by_start):
        if shifts[earlier].day == shifts[later].day and shifts[later].starts < shifts[earlier].ends:
            raise Invalid.field(f"{field}.shifts.{max(earlier, later)}", "shift_overlaps", "two of the shifts overlap")
    if any(not first <= day <= last for day in days):
        raise Invalid.field(f"{field}.dates", "date_outside_plan", "this date lies outside of the plan")


# --- what stands against a plan -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a planned day, by a code of the contract, and the appointment that it would leave over."""

    code: str
    day: date
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What the shifts of a master meet in a branch: its hours, and the master's papers, absences and other branches."""

    tz: ZoneInfo
    week: Week
    holidays: Holidays
    last_day: date = date.max
    absences: Sequence[Interval] = ()
    elsewhere: Sequence[Interval] = ()


@dataclass(frozen=True, slots=True)
class Fitted:
    """The shifts that come of a plan, with their instants, and the problems by day."""

    shifts: tuple[tuple[Shift, Interval], ...]
    problems: tuple[Problem, ...]


def fit(wanted: Iterable[Shift], around: Around) -> Fitted:
    """What comes of the shifts that somebody wants, and what stands against them: whoever plans decides.

    Left out are shifts on days when the branch is closed, and those that the clocks jump over.
    """
    shifts: list[tuple[Shift, Interval]] = []
    problems: dict[Problem, None] = {}  # in order, each once
    for shift in wanted:
        during = instants_of(shift, around.tz)
        if shift.day in around.holidays and around.holidays[shift.day] is None:
            problems[Problem("holiday", shift.day)] = None
        elif during is None:
            problems[Problem("shift_in_gap", shift.day)] = None
        else:
            shifts.append((shift, during))
            problems |= {Problem(code, shift.day): None for code in _against(shift, during, around)}
    return Fitted(tuple(shifts), tuple(problems))


def _against(shift: Shift, during: Interval, around: Around) -> Iterator[str]:
    if list(within_hours(shift, NO_WEEK, around.holidays)) != [shift]:
        yield "holiday"
    if list(within_hours(shift, around.week, NO_HOLIDAYS)) != [shift]:
        yield "outside_opening_hours"
    if shift.day > around.last_day:
        yield "permit_expired"
    if any(each.overlaps(during) for each in around.absences):
        yield "absent"
    if any(each.overlaps(during) for each in around.elsewhere):
        yield "overlaps_elsewhere"
