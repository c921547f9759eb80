"""Days and times that are free, as a visitor chooses among them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.booking import AvailableDay, Slot

DAYS = 14
FURTHEST = timedelta(days=400)  # further than anybody lets clients book
NOON, EVENING = 12, 17


@dataclass(frozen=True)
class Window:
    """The days that are shown at once, from `first` on; `earlier` and `later` begin the windows beside it."""

    first: date
    last: date
    earlier: date | None
    later: date | None


def window(today: date, asked: date | None) -> Window:
    """The days around the one asked for, none of them past."""
    first = min(max(asked or today, today), today + FURTHEST)
    later = first + timedelta(days=DAYS)
    earlier = max(today, first - timedelta(days=DAYS)) if first > today else None
    return Window(first, later - timedelta(days=1), earlier, later if later <= today + FURTHEST else None)


@dataclass(frozen=True)
class Day:
    date: date
    free: bool


def days_of(shown: Window, found: Iterable[AvailableDay]) -> list[Day]:
    free = {day.date for day in found if day.slots}
    count = (shown.last - shown.first).days + 1
    return [Day(day, day in free) for day in (shown.first + timedelta(days=number) for number in range(count))]


def chosen_day(days: Sequence[Day], asked: date | None) -> date | None:
    """The day asked for; where nothing is free then, the next one with a free time, else the first."""
    free = [day.date for day in days if day.free]
    within = asked if asked and any(day.date == asked for day in days) else None
    if within is None:
        return free[0] if free else None
    return next((day for day in free if day >= within), free[0] if free else within)


def parts_of_day(slots: Iterable[Slot]) -> dict[str, list[Slot]]:
    """Times in the morning, in the afternoon and in the evening, wall clock of the branch."""
    parts: dict[str, list[Slot]] = {"morning": [], "afternoon": [], "evening": []}
    for slot in slots:
        hour = slot.starts.hour
        parts["morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"].append(slot)
    return {name: found for name, found in parts.items() if found}


def at_branch(instant: datetime, time_zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(time_zone))
