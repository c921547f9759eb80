"""Open time: when a master works in a branch, once its hours, its holidays, absences and permits are counted in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from kernel.time import Interval, days_of
from services.booking.domain.shifts import Shift, interval_of

Span = tuple[int, int]  # minutes after midnight on the wall clock, from and up to
Week = Mapping[int, Sequence[Span]]  # by weekday, 0 is Monday
Holidays = Mapping[date, Span | None]  # None is closed all day

NO_WEEK: Week = {}
NO_HOLIDAYS: Holidays = {}


def open_times(
    shifts: Iterable[Shift],
    week: Week,
    holidays: Holidays,
    absences: Iterable[Interval],
    permits: Iterable[date],
    tz: ZoneInfo,
) -> list[Interval]:
    """When a master with `shifts` in the branch may be booked, in order; times that touch are one.

    `week` and `holidays` are the branch's, `permits` the last days on which the master's papers hold.
    """
    last_day = min(permits, default=date.max)
    worked = [part for shift in shifts for part in within_hours(shift, week, holidays, last_day)]
    return without(joined(each for part in worked if (each := instants_of(part, tz))), joined(absences))


def within_hours(shift: Shift, week: Week, holidays: Holidays, last_day: date = date.max) -> Sequence[Shift]:
    """The parts of `shift` in which the branch is open: a weekday that `week` does not name sets no bounds."""
    if shift.day > last_day:
        return ()
    bounds = [week[shift.day.weekday()]] if week.get(shift.day.weekday()) else []
    if shift.day in holidays:
        special = holidays[shift.day]
        bounds.append([special] if special else [])
    parts: Sequence[Shift] = (shift,)
    for spans in bounds:
        parts = [
            Shift(part.day, max(part.starts, opens), min(part.ends, closes))
            for part in parts
            for opens, closes in sorted(spans)
            if max(part.starts, opens) < min(part.ends, closes)
        ]
    return parts


def week_times(week: Week, first: date, last: date, tz: ZoneInfo) -> list[Interval]:
    """A weekly schedule of its own (a room's) on the dates `first` to `last`: nothing on a weekday it does not name."""
    shifts = [Shift(day, *span) for day in days_of(first, last) for span in week.get(day.weekday(), ())]
    return joined(each for shift in shifts if (each := instants_of(shift, tz)))


@lru_cache(maxsize=32_768)
def instants_of(shift: Shift, tz: ZoneInfo) -> Interval | None:
    """As `interval_of`, remembered: the shifts of a month are asked for again and again."""
    return interval_of(shift, tz)


# --- sets of time ---------------------------------------------------------------------------------------------------


def joined(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time as few intervals as it takes, in order; those that touch become one."""
    whole: list[Interval] = []
    for interval in sorted(intervals, key=_start):
        if whole and interval.starts <= whole[-1].ends:
            if interval.ends > whole[-1].ends:
                whole[-1] = Interval(whole[-1].starts, interval.ends)
        else:
            whole.append(interval)
    return whole


def without(intervals: Sequence[Interval], cuts: Sequence[Interval]) -> list[Interval]:
    """What is left of `intervals` outside of `cuts`; both as `joined` gives them."""
    left = []
    for interval in intervals:
        starts = interval.starts
        for cut in cuts:
            if cut.ends <= starts:
                continue
            if cut.starts >= interval.ends:
                break
            if starts < cut.starts:
                left.append(Interval(starts, cut.starts))
            starts = cut.ends
        if starts < interval.ends:
            left.append(Interval(starts, interval.ends))
    return left


def covered(whole: Interval, intervals: Sequence[Interval]) -> bool:
    """Whether `whole` lies inside one of `intervals`, which are as `joined` gives them."""
    return any(interval.contains(whole) for interval in intervals)


def _start(interval: Interval) -> datetime:
    return interval.starts
