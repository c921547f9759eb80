"""Half-open intervals, time zones and the branch's wall clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


def utc_now() -> datetime:
    """The clock; asked only by `service.py`, `chassis` and `gateway`."""
    return datetime.now(UTC)  # noqa: TID251  this is the one place


@cache
def zone(name: str) -> ZoneInfo:
    """The IANA time zone `name`; `ValueError` if there is none."""
    if name not in available_timezones():
        raise ValueError(f"no such time zone: {name!r}")
    return ZoneInfo(name)


def at_wall_clock(day: date, clock: time, tz: ZoneInfo) -> datetime | None:
    """The instant (UTC) when clocks in `tz` show `clock` on `day`.

    In the fold of autumn the earlier one; in the gap of spring there is none.
    """
    local = datetime.combine(day, clock, tzinfo=tz)
    instant = local.astimezone(UTC)
    return instant if instant.astimezone(tz).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def start_of_day(day: date, tz: ZoneInfo) -> datetime:
    """The first instant (UTC) of `day` in `tz`, also where midnight falls into the gap."""
    return datetime.combine(day, time(0), tzinfo=tz).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Interval:
    """Instants from `starts` up to, not including, `ends`; both aware."""

    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        if self.ends <= self.starts:
            raise ValueError("an interval ends after it starts")

    def overlaps(self, other: "Interval") -> bool:
        return self.starts < other.ends and other.starts < self.ends

    def contains(self, other: "Interval") -> bool:
        return self.starts <= other.starts and other.ends <= self.ends

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        return Interval(self.starts - before, self.ends + after)


def days_of(first: date, last: date) -> Iterator[date]:
    """The dates from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
