"""Shifts: what the branch's wall clock says turned into instants, and which of them collide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from kernel.errors import Invalid
from kernel.time import Interval, at_wall_clock, start_of_day

END_OF_DAY = 24 * 60
YEARS = range(1900, 2200)  # far from the ends of the calendar, where a day more overflows


@dataclass(frozen=True, slots=True)
class Shift:
    """Work on `day` from `starts` to `ends`, minutes after midnight on the wall clock; 1440 ends a day."""

    day: date
    starts: int
    ends: int


def minutes_of(clock: str) -> int:
    """Minutes after midnight of `HH:MM`; `24:00` is 1440."""
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """`HH:MM` of minutes after midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def next_instant(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    """The first instant (UTC) at or after the wall clock shows `minutes`: in the gap of spring, the end of the gap."""
    if minutes >= END_OF_DAY:
        return start_of_day(day + timedelta(days=1), tz)
    clock = time(minutes // 60, minutes % 60)
    return at_wall_clock(day, clock, tz) or _end_of_gap(datetime.combine(day, clock), tz)


def _end_of_gap(missing: datetime, tz: ZoneInfo) -> datetime:
    """When the clocks jump over the local time `missing`."""
    # Read with the offset of after the jump it lies before the jump, and the other way round (PEP 495).
    before = missing.replace(tzinfo=tz, fold=1).astimezone(UTC)
    after = missing.replace(tzinfo=tz, fold=0).astimezone(UTC)
    old = before.astimezone(tz).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(tz).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def interval_of(shift: Shift, tz: ZoneInfo) -> Interval | None:
    """The instants of `shift`; None if all of it lies in the gap of spring."""
    starts, ends = (next_instant(shift.day, minutes, tz) for minutes in (shift.starts, shift.ends))
    return Interval(starts, ends) if starts < ends else None


def intervals_of(shifts: Sequence[Shift], tz: ZoneInfo) -> list[Interval]:
    """The instants of `shifts`, in their order; refused if one of them is empty or two overlap."""
    intervals = []
    for place, shift in enumerate(shifts):
        if shift.day.year not in YEARS:
            raise Invalid.field(f"shifts.{place}.date", "date_out_of_range", "this is too long ago or too far ahead")
        if shift.ends <= shift.starts:
            raise Invalid.field(f"shifts.{place}.ends", "shift_ends_early", "a shift ends after it starts")
        interval = interval_of(shift, tz)
        if interval is None:
            raise Invalid.field(f"shifts.{place}", "shift_in_gap", "on this day the clocks jump over the whole shift")
        intervals.append(interval)
    by_start = sorted(range(len(intervals)), key=lambda place: intervals[place].starts)
    for earlier, later in pairwise(by_start):
        if intervals[earlier].overlaps(intervals[later]):
            raise Invalid.field(f"shifts.{max(earlier, later)}", "shift_overlaps", "two of the shifts overlap")
    return intervals


def by_date(intervals: Iterable[Interval], tz: ZoneInfo) -> dict[date, list[Interval]]:
    """`intervals` by their date in `tz`, cut where a day ends."""
    days: dict[date, list[Interval]] = {}
    for each in intervals:
        starts = each.starts
        while starts < each.ends:
            day = starts.astimezone(tz).date()
            ends = min(each.ends, start_of_day(day + timedelta(days=1), tz))
            days.setdefault(day, []).append(Interval(starts, ends))
            starts = ends
    return days
