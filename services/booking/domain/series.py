"""Series: the occurrences of a rule on the wall clock of the branch, and what becomes of them when it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MO, MONTHLY, WEEKLY, rrule, weekday

from kernel.errors import Invalid
from kernel.time import at_wall_clock
from services.booking.domain.shifts import next_instant

LONGEST = 104  # occurrences
FREQUENCIES: dict[str, Literal[1, 2, 3]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Rule:
    """A subset of RFC 5545: it ends after `count` occurrences or on the date `until`; `exdates` count and are left out.

    `by_day` is `MO`, or with MONTHLY also `1MO` and `-1FR`.
    """

    freq: str
    interval: int = 1
    by_day: tuple[str, ...] = ()
    count: int | None = None
    until: date | None = None
    exdates: tuple[date, ...] = ()


def check_rule(rule: Rule, first: datetime) -> None:
    """Refuse what has no end, has two, or does not begin at `first` (wall clock)."""
    if rule.count is None and rule.until is None:
        raise Invalid.field("rule.count", "series_endless", "a series ends by a count or on a date")
    if rule.count is not None and rule.until is not None:
        raise Invalid.field("rule.until", "series_ends_twice", "a series ends by a count or on a date, not by both")
    if rule.until and rule.until < first.date():
        raise Invalid.field("rule.until", "until_before_start", "the series ends before it begins")
    for place, each in enumerate(rule.by_day):
        _check_by_day(f"rule.by_day.{place}", each, rule.freq)
    # The weekday before the rest: a rule that never meets it would be followed to the end of the calendar.
    on_day = not rule.by_day or WEEKDAYS[first.weekday()] in {each[-2:] for each in rule.by_day}
    walls = list(islice(_rrule(rule, first), LONGEST + 1)) if on_day else []
    if not walls or walls[0] != first:
        raise Invalid.field("starts", "start_not_by_rule", "the first appointment is not one that the rule says")
    if len(walls) > LONGEST:
        raise Invalid.field("rule.until", "series_too_long", f"a series has at most {LONGEST} appointments")
    if not occurrences(rule, first):
        raise Invalid.field("rule.exdates", "series_empty", "every appointment of the series is left out")


def _check_by_day(field: str, by_day: str, freq: str) -> None:
    number = by_day[:-2]
    if number in ("+", "-"):
        raise Invalid.field(field, "by_day_invalid", "a sign needs its number")
    if number and freq != "MONTHLY":
        raise Invalid.field(field, "by_day_numbered", "only a monthly rule counts the weekdays")


def _rrule(rule: Rule, first: datetime) -> rrule:
    return rrule(
        FREQUENCIES[rule.freq],
        dtstart=first,
        interval=rule.interval,
        wkst=MO,
        count=rule.count,
        until=datetime.combine(rule.until, time.max) if rule.until else None,
        byweekday=[_weekday(each) for each in rule.by_day] or None,
    )


def _weekday(by_day: str) -> weekday:
    number = by_day[:-2]
    return weekday(WEEKDAYS.index(by_day[-2:]), int(number) if number else None)


def expand(rule: Rule, first: datetime) -> list[datetime]:
    """When the rule says, from `first` on, on the wall clock (naive); the excluded dates as well."""
    return list(islice(_rrule(rule, first), LONGEST))


def occurrences(rule: Rule, first: datetime) -> list[datetime]:
    """As `expand`, without the excluded dates."""
    excluded = set(rule.exdates)
    return [wall for wall in expand(rule, first) if wall.date() not in excluded]


def exists(wall: datetime, tz: ZoneInfo) -> bool:
    """Whether clocks in `tz` ever show `wall`: in the gap of spring they do not."""
    return at_wall_clock(wall.date(), wall.time(), tz) is not None


def instant_of(wall: datetime, tz: ZoneInfo) -> datetime:
    """The instant (UTC) of the wall clock; the earlier one in the fold, and the end of the gap where there is none."""
    return next_instant(wall.date(), wall.hour * 60 + wall.minute, tz)


def wall_of(instant: datetime, tz: ZoneInfo) -> datetime:
    """What the clocks in `tz` show."""
    return instant.astimezone(tz).replace(tzinfo=None, fold=0)


def text_of(rule: Rule, tz: ZoneInfo) -> str:
    """The value of an RRULE (RFC 5545, 3.3.10); as DTSTART has a zone, UNTIL is in UTC."""
    parts = [f"FREQ={rule.freq}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.by_day:
        parts.append(f"BYDAY={','.join(each.removeprefix('+') for each in rule.by_day)}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until:
        last = datetime.combine(rule.until, time(23, 59, 59), tz).astimezone(UTC)
        parts.append(f"UNTIL={last:%Y%m%dT%H%M%SZ}")
    return ";".join(parts)


# --- changing ---------------------------------------------------------------------------------------------------------


def head_of(rule: Rule, walls: Sequence[datetime], position: int) -> Rule:
    """The rule of the occurrences before `position` of `walls` (`expand`), of which there is at least one."""
    last = walls[position - 1].date()
    return replace(rule, count=None, until=last, exdates=tuple(day for day in rule.exdates if day <= last))


def tail_of(rule: Rule, walls: Sequence[datetime], position: int, first: datetime) -> Rule:
    """The rule of the occurrences from `position` of `walls` on, moved so that they begin at `first`.

    Another day of the week moves the weekdays of the rule, too; those that a monthly rule counts cannot be moved.
    """
    days = (first.date() - walls[position].date()).days
    by_day = rule.by_day
    if days % 7 and by_day:
        if rule.freq == "MONTHLY":
            raise Invalid.field("rule", "start_not_by_rule", "the rule names its weekdays: say the new ones")
        by_day = tuple(WEEKDAYS[(WEEKDAYS.index(each) + days) % 7] for each in by_day)
    count = len(walls) - position
    moved = replace(rule, by_day=by_day, count=count, until=None, exdates=())
    excluded = set(rule.exdates)
    exdates = tuple(
        new.date() for old, new in zip(walls[position:], expand(moved, first), strict=False) if old.date() in excluded
    )
    if rule.until:
        moved = replace(moved, count=None, until=rule.until + timedelta(days=days))
        if len(expand(moved, first)) != count:  # the months are not alike
            moved = replace(moved, count=count, until=None)
    return replace(moved, exdates=exdates)


def followed_by(old: Sequence[datetime], new: Sequence[datetime], freq: str) -> Mapping[datetime, datetime]:
    """Which of the `new` occurrences stands for which of the `old` ones.

    The same date; else one of the same week (of the same month where the new rule is monthly), in order; and if none
    is found so, the first for the first and so on. Never two for one.
    """
    by_date = {wall.date(): wall for wall in new}
    pairs = {wall: by_date[wall.date()] for wall in old if wall.date() in by_date}
    taken = set(pairs.values())
    rest: dict[object, list[datetime]] = {}
    for wall in new:
        if wall not in taken:
            rest.setdefault(_period(wall, freq), []).append(wall)
    for wall in old:
        if wall not in pairs and rest.get(_period(wall, freq)):
            pairs[wall] = rest[_period(wall, freq)].pop(0)
    return pairs or dict(zip(old, new, strict=False))


def _period(wall: datetime, freq: str) -> object:
    return (wall.year, wall.month) if freq == "MONTHLY" else wall.date().isocalendar()[:2]
