"""A week of opening hours as seven fields, each written as hours of a shift are."""

from collections.abc import Iterable
from itertools import groupby

from contracts.booking import OpeningHours
from gateway.pages.formats import weekday
from gateway.pages.forms import Form
from gateway.pages.shifts_text import PATTERN, read, written

DAYS = range(7)
HOURS = PATTERN  # for the browser


def week_of(form: Form) -> tuple[OpeningHours, ...]:
    return tuple(
        OpeningHours(day, opens, closes)
        for day in DAYS
        for opens, closes in read(form.maybe(f"hours-{day}") or "", weekday(day), f"hours-{day}")
    )


def week_shown(hours: Iterable[OpeningHours]) -> list[str]:
    """What stands in each of the seven fields."""
    every = list(hours)
    return [written((one.opens, one.closes) for one in every if one.weekday == day) for day in DAYS]


def week_told(hours: Iterable[OpeningHours]) -> list[str]:
    """The same to read: days one after another that are alike stand together, Mon–Fri 9–21."""
    told = []
    for text, days in groupby(enumerate(week_shown(hours)), key=lambda day: day[1]):
        first, *more = [day for day, _text in days]
        if text:
            told.append(f"{weekday(first)}{f'–{weekday(more[-1])}' if more else ''} {text}")
    return told
