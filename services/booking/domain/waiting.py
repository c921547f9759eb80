"""The waiting list: which times suit somebody who waits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from kernel.errors import Invalid
from kernel.time import Interval, days_of

LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Time:
    """On this weekday (0 is Monday) the visit may begin from `earliest` to `latest`, both included, in minutes."""

    weekday: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Dates from `earliest` to `latest`, both included, at one of `times`; at any time without them."""

    earliest: date
    latest: date
    times: tuple[Time, ...] = ()

    def suits(self, wall: datetime) -> bool:
        """Whether the visit may begin when the branch's clocks show `wall`."""
        if not self.earliest <= wall.date() <= self.latest:
            return False
        minute = _minute(wall)
        on_day = (time for time in self.times if time.weekday == wall.weekday())
        return not self.times or any(time.earliest <= minute <= time.latest for time in on_day)

    def may_suit(self, first: datetime, last: datetime) -> bool:
        """Whether any time from `first` to `last`, both included, suits."""
        for day in days_of(max(self.earliest, first.date()), min(self.latest, last.date())):
            opens = _minute(first) if day == first.date() else 0
            closes = _minute(last) if day == last.date() else 24 * 60
            on_day = (time for time in self.times if time.weekday == day.weekday())
            if not self.times or any(time.earliest <= closes and opens <= time.latest for time in on_day):
                return True
        return False


def _minute(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute


def check_wanted(wanted: Wanted, today: date) -> None:
    """Refuse dates that are over, run backwards or too far, times that end before they begin or never come."""
    if wanted.latest < wanted.earliest:
        raise Invalid.field("latest", "period_invalid", "the first date lies after the last")
    if wanted.latest - wanted.earliest > LONGEST_WAIT:
        raise Invalid.field("latest", "period_too_long", f"at most {LONGEST_WAIT.days} days can be waited for")
    if wanted.latest < today:
        raise Invalid.field("latest", "period_over", "these dates are over")
    for place, each in enumerate(wanted.times):
        if each.latest < each.earliest:
            raise Invalid.field(f"times.{place}.latest", "time_ends_early", "the times end before they begin")
    whole = datetime.combine(wanted.earliest, time.min), datetime.combine(wanted.latest, time.max)
    if not wanted.may_suit(*whole):
        raise Invalid.field("times", "times_on_no_date", "none of the dates is on one of these weekdays")


def best_first(starts: Collection[datetime], freed: Interval) -> list[datetime]:
    """The starts inside the freed time, earliest first; then those around it, which reach into it, nearest first."""
    inside = sorted(start for start in starts if freed.starts <= start < freed.ends)
    before = sorted((start for start in starts if start < freed.starts), reverse=True)
    after = sorted(start for start in starts if freed.ends <= start)
    return [*inside, *before, *after]
