"""Demand by what was open: visits of days as months in a row, and as weekday and hour, over open master-hours."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Literal, NamedTuple

from services.analytics.domain.seasons import Series

Per = Literal["open_hours", "working_days"]

WEEK = 7
A_WEEK_INTO = 7  # a month whose first visit came later than on this day was not worked from its beginning


class Opened(NamedTuple):
    """What was open in the branches asked about: their visits, and minutes that masters were there, by date."""

    visits: Mapping[date, int]
    minutes: Mapping[date, int]


def whole_months(first: date, last: date) -> list[date]:
    """The first days of the months that lie wholly within the dates `first` to `last`."""
    at = first if first.day == 1 else _next(first)
    months = []
    while _next(at) - timedelta(days=1) <= last:
        months.append(at)
        at = _next(at)
    return months


def by_month(name: str, visits: Mapping[date, int], opened: Opened, months: Collection[date]) -> tuple[Series, Per]:
    """Visits of each month over what was open then, from the first month that was worked whole.

    What was open is master-hours, or days with work where hours are not known of every month with visits; each weighs
    what its weekday usually brings, so that a month with five Saturdays is no season. The mean of all values is 1.
    """
    worked = _worked(visits, months)
    counts = {month: sum(visits.get(day, 0) for day in _days(month)) for month in worked}
    known = all(any(opened.minutes.get(day) for day in _days(month)) for month in worked if counts[month])
    per: Per = "open_hours" if known else "working_days"
    open_by_day = opened.minutes if known else {day: 1 for day, number in opened.visits.items() if number}
    usual = usual_weekdays(Opened(opened.visits, open_by_day), worked)
    open_by_month = {
        month: sum(open_by_day.get(day, 0) * usual[day.weekday()] for day in _days(month)) for month in worked
    }
    rates = [counts[month] / open_by_month[month] if open_by_month[month] else None for month in worked]
    there = [each for each in rates if each is not None]
    scale = sum(there) / len(there) if sum(there) else 1.0
    values = tuple(None if each is None else each / scale for each in rates)
    return Series(name, worked[0].month - 1 if worked else 0, values, tuple(counts.values())), per


def usual_weekdays(opened: Opened, months: Collection[date]) -> list[float]:
    """How many visits a minute open brings on each weekday, Monday first, beside one of any day; 1 where none is."""
    visits, minutes = [0] * WEEK, [0] * WEEK
    for month in months:
        for day in _days(month):
            visits[day.weekday()] += opened.visits.get(day, 0)
            minutes[day.weekday()] += opened.minutes.get(day, 0)
    if not sum(visits) or not sum(minutes):
        return [1.0] * WEEK
    mean = sum(visits) / sum(minutes)
    return [came / there / mean if there else 1.0 for came, there in zip(visits, minutes, strict=True)]


def whole_weeks(visits: Mapping[date, int], first: date, last: date) -> tuple[date, list[int]]:
    """Visits of the weeks that lie wholly within the dates, from the first with a visit; with the Monday it begins."""
    monday = first + timedelta(days=-first.weekday() % WEEK)
    weeks: list[int] = []
    while monday + timedelta(days=WEEK * (len(weeks) + 1) - 1) <= last:
        start = monday + timedelta(days=WEEK * len(weeks))
        weeks.append(sum(visits.get(start + timedelta(days=day), 0) for day in range(WEEK)))
    empty = next((place for place, number in enumerate(weeks) if number), len(weeks))
    return monday + timedelta(days=WEEK * empty), weeks[empty:]


def _worked(visits: Mapping[date, int], months: Collection[date]) -> list[date]:
    """The months from the first that was worked from its beginning; none if nothing was."""
    began = min((day for day, number in visits.items() if number), default=None)
    if began is None:
        return []
    late = began.day > A_WEEK_INTO
    return [month for month in months if month > began or (month == began.replace(day=1) and not late)]


def _days(month: date) -> Iterator[date]:
    return (month + timedelta(days=each) for each in range((_next(month) - month).days))


def _next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
