"""Free starts: a window of time is one integer per master, a bit a minute, and finding a slot is shifting bits."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.time import Interval, days_of

GRID = 15  # minutes between two starts, counted from the start of the shift
HORIZON = timedelta(days=90)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Need:
    """What a service takes of a master: minutes of work, and minutes around it that nobody else gets."""

    duration: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Workday:
    """A master's time in the window: which of the wanted services they render (their places), shifts, what is taken."""

    capable: Collection[int]
    shifts: Sequence[Interval]
    busy: Sequence[Interval] = field(default=())


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes that are looked at; bit 0 is the first of them."""

    starts: datetime
    ends: datetime

    @property
    def minutes(self) -> int:
        return max(0, (self.ends - self.starts) // MINUTE)

    def minute_of(self, instant: datetime) -> int:
        """The whole minutes from the beginning of the window, cut to the window."""
        return min(max(0, (instant - self.starts) // MINUTE), self.minutes)

    def minute_after(self, instant: datetime) -> int:
        """As `minute_of`, but rounded up."""
        return min(max(0, -((self.starts - instant) // MINUTE)), self.minutes)

    def at(self, minute: int) -> datetime:
        return self.starts + minute * MINUTE


def free_starts(
    needs: Sequence[Need],
    masters: Mapping[UUID, Workday],
    window: Window,
    now: datetime,
    taken: Iterable[Interval] = (),
) -> dict[datetime, tuple[UUID, ...]]:
    """When a visit of `needs`, one after another, can begin after `now`, in order, and with whom.

    The masters named at a start can render the whole visit alone; where nobody can, those who can begin it and leave
    the rest to others. `taken` is when the client cannot come. Buffers lie inside the shift, too.
    """
    free = {master: _free(day, window) for master, day in masters.items()}
    offsets = _offsets(needs)
    anywhere = (1 << window.minutes) - 1
    whole = _runs(anywhere & ~_mask(taken, window, outwards=True), offsets[-1])
    whole &= anywhere << max(0, (now - window.starts) // MINUTE + 1)
    alone = dict.fromkeys(masters, anywhere)
    begins: dict[UUID, int] = {}
    for place, need in enumerate(needs):
        together = 0
        for master, day in masters.items():
            fits = _fits(free[master], need) >> offsets[place] if place in day.capable else 0
            together |= fits
            alone[master] &= fits
            if place == 0:
                begins[master] = fits & _grid(day.shifts, window)
        whole &= together
    at: dict[int, tuple[list[UUID], list[UUID]]] = {}
    for master in sorted(masters):
        for minute in _bits(begins[master] & whole & alone[master]):
            at.setdefault(minute, ([], []))[0].append(master)
        for minute in _bits(begins[master] & whole & ~alone[master]):
            at.setdefault(minute, ([], []))[1].append(master)
    return {window.at(minute): tuple(at[minute][0] or at[minute][1]) for minute in sorted(at)}


def by_day(
    starts: Mapping[datetime, tuple[UUID, ...]], first: date, last: date, tz: ZoneInfo
) -> dict[date, list[tuple[datetime, tuple[UUID, ...]]]]:
    """The starts of every day from `first` to `last`, with the wall clock of `tz`; in the fold of autumn none twice."""
    days: dict[date, list[tuple[datetime, tuple[UUID, ...]]]] = {day: [] for day in days_of(first, last)}
    for start, masters in starts.items():
        local = start.astimezone(tz)
        if local.date() in days and not local.fold:
            days[local.date()].append((local, masters))
    return days


def nearest(starts: Iterable[datetime], wanted: datetime, count: int) -> list[datetime]:
    """The `count` of `starts` that lie nearest to `wanted`, in order of time."""
    return sorted(sorted(starts, key=lambda start: (abs(start - wanted), start))[:count])


def _offsets(needs: Sequence[Need]) -> list[int]:
    """Minutes after the start at which each need begins, and the last one ends."""
    offsets = [0]
    for need in needs:
        offsets.append(offsets[-1] + need.duration)
    return offsets


def _free(day: Workday, window: Window) -> int:
    return _mask(day.shifts, window, outwards=False) & ~_mask(day.busy, window, outwards=True)


def _mask(intervals: Iterable[Interval], window: Window, *, outwards: bool) -> int:
    """The minutes of `intervals`; one that is only partly covered counts if `outwards`."""
    mask = 0
    for interval in intervals:
        if outwards:
            first, last = window.minute_of(interval.starts), window.minute_after(interval.ends)
        else:
            first, last = window.minute_after(interval.starts), window.minute_of(interval.ends)
        if first < last:
            mask |= ((1 << (last - first)) - 1) << first
    return mask


def _runs(free: int, length: int) -> int:
    """Where `length` free minutes in a row begin, found by doubling."""
    found = 1
    while found < length:
        step = min(found, length - found)
        free &= free >> step
        found += step
    return free


def _fits(free: int, need: Need) -> int:
    """Where the work of `need` can begin so that its buffers are free, too."""
    return _runs(free, need.before + need.duration + need.after) << need.before


def _grid(shifts: Sequence[Interval], window: Window) -> int:
    mask = 0
    for shift in shifts:
        minutes = (shift.ends - shift.starts) // MINUTE
        late = max(0, (window.starts - shift.starts) // MINUTE)  # the shift began before the window did
        every = _every(minutes) >> late
        mask |= every << window.minute_after(shift.starts)
    return mask & ((1 << window.minutes) - 1)


_EVERY = sum(1 << minute for minute in range(0, 26 * 60, GRID))


def _every(minutes: int) -> int:
    """Every `GRID`th of `minutes`, at most the longest day there is."""
    return _EVERY & ((1 << minutes) - 1)


def _bits(mask: int) -> Iterator[int]:
    """The places of the ones, lowest first: searching the written number is faster than shifting it bit by bit."""
    digits = f"{mask:b}"
    last = len(digits) - 1
    place = digits.rfind("1")
    while place >= 0:
        yield last - place
        place = digits.rfind("1", 0, place)
