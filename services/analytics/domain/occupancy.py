"""How much of open time is booked, in words and in intervals."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timezone

from kernel.time import Interval

MASTERS = (
    "Minutes booked within the time in which masters work (shifts within opening hours, absences taken out), "
    "by minutes of that time. What is booked twice counts once; cancelled and missed appointments take no time; "
    "a master is busy from the start of a segment to its end."
)
UNITS = (
    "Minutes in which a place of a room or unit is booked, by minutes in which a master of its branch works. "
    "Known are rooms and units that were booked at least once; cancelled and missed appointments take no time."
)
IDLE = "Times of at least {minutes} minutes in which a master works and nothing is booked."


def idle(open_times: Iterable[Interval], booked: Sequence[Interval]) -> Iterator[Interval]:
    """What is left of `open_times` without `booked`, in their order."""
    taken = sorted(booked, key=lambda each: each.starts)
    for during in open_times:
        at = during.starts
        for each in taken:
            if each.starts > at and at < during.ends:
                yield Interval(at, min(each.starts, during.ends))
            at = max(at, each.ends)
        if at < during.ends:
            yield Interval(at, during.ends)


def offset_of(instant: datetime, clock: datetime) -> timezone:
    """The offset of a place where the clock (without an offset) shows `clock` at `instant`."""
    return timezone(clock - instant.astimezone(UTC).replace(tzinfo=None))
