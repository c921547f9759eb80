"""Cycles of working days, and the shifts that they come to between two dates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from kernel.errors import Invalid
from kernel.time import days_of
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
