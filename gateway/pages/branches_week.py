"""A week of opening hours as seven fields, each written as hours of a shift are."""

from collections.abc import Iterable

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
