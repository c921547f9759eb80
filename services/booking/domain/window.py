"""A window of time as the bits of an integer, a minute each: what is free is found by shifting and masking."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel.time import Interval

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes that are looked at; bit 0 is the first of them."""

    starts: datetime
    ends: datetime

    @property
    def minutes(self) -> int:
        return max(0, (self.ends - self.starts) // MINUTE)

    @property
    def all(self) -> int:
        """Every minute."""
        return (1 << self.minutes) - 1

    def minute_of(self, instant: datetime) -> int:
        """The whole minutes from the beginning of the window, cut to the window."""
        return min(max(0, (instant - self.starts) // MINUTE), self.minutes)

    def minute_after(self, instant: datetime) -> int:
        """As `minute_of`, but rounded up."""
        return min(max(0, -((self.starts - instant) // MINUTE)), self.minutes)

    def at(self, minute: int) -> datetime:
        return self.starts + minute * MINUTE

    def mask(self, intervals: Iterable[Interval], *, outwards: bool) -> int:
        """The minutes of `intervals`; one that is only partly covered counts if `outwards`."""
        mask = 0
        for interval in intervals:
            if interval.ends <= self.starts or interval.starts >= self.ends:
                continue
            if outwards:
                first, last = self.minute_of(interval.starts), self.minute_after(interval.ends)
            else:
                first, last = self.minute_after(interval.starts), self.minute_of(interval.ends)
            mask |= ones(first, last)
        return mask


def ones(first: int, last: int) -> int:
    """The minutes from `first` up to `last`; none if it does not lie after."""
    return ((1 << (last - first)) - 1) << first if first < last else 0


def runs(free: int, length: int) -> int:
    """Where `length` free minutes in a row begin, found by doubling."""
    found = 1
    while found < length:
        step = min(found, length - found)
        free &= free >> step
        found += step
    return free


def bits(mask: int) -> Iterator[int]:
    """The places of the ones, lowest first: searching the written number is faster than shifting it bit by bit."""
    digits = f"{mask:b}"
    last = len(digits) - 1
    place = digits.rfind("1")
    while place >= 0:
        yield last - place
        place = digits.rfind("1", 0, place)
