"""A master's time as bits: when they are open and busy, where a visit may begin, and where a service fits in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from kernel.time import Interval
from services.booking.domain.hours import joined
from services.booking.domain.window import MINUTE, Window, runs
from services.booking.domain.wish import Need

GRID = 15  # minutes between two starts, counted from the start of the shift


@dataclass(frozen=True, slots=True)
class Workday:
    """A master's time in the window, a bit a minute: when they are open and busy, and where a visit may begin."""

    open: int
    busy: int = 0
    grid: int = 0
    room_ids: frozenset[UUID] = field(default=frozenset())


def workday(
    window: Window,
    shifts: Iterable[Interval],
    open_: Iterable[Interval],
    busy: Iterable[Interval] = (),
    room_ids: frozenset[UUID] = frozenset(),
) -> Workday:
    """The time of a master with `shifts`, of which `open_` is when they may be booked."""
    return Workday(
        window.mask(joined(open_), outwards=False), window.mask(busy, outwards=True), grid(shifts, window), room_ids
    )


def grid(shifts: Iterable[Interval], window: Window) -> int:
    """Every `GRID`th minute of each shift."""
    mask = 0
    for shift in shifts:
        if shift.ends <= window.starts or shift.starts >= window.ends:
            continue
        minutes = (shift.ends - shift.starts) // MINUTE
        late = max(0, (window.starts - shift.starts) // MINUTE)  # the shift began before the window did
        mask |= (every(minutes) >> late) << window.minute_after(shift.starts)
    return mask & window.all


_EVERY = sum(1 << minute for minute in range(0, 26 * 60, GRID))


def every(minutes: int) -> int:
    """Every `GRID`th of `minutes`, at most the longest day there is."""
    return _EVERY & ((1 << minutes) - 1)


def fits(day: Workday, need: Need) -> int:
    """Where the work of `need` can begin: at work with its buffers, and free in the minutes that are busy ones."""
    keeps = need.before + need.duration + need.after
    if need.pieces == ((-need.before, need.duration + need.after),):
        return runs(day.open & ~day.busy, keeps) << need.before
    mask = runs(day.open, keeps) << need.before
    for first, last in need.pieces:
        free = runs(_idle(day), last - first)
        mask &= free >> first if first >= 0 else free << -first
    return mask


def _idle(day: Workday) -> int:
    """Minutes at work and not busy; busy pieces lie in open time anyway."""
    return day.open & ~day.busy
