"""What a client's visits show of their habits: by which evidence something is called usual."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median_low
from typing import Generic, TypeVar
from uuid import UUID

LOOKED_AT = 20  # latest visits: what somebody did years ago says little of what they want now
FEWEST = 3  # visits, or days of visits, of which anything is said
ABOUT_DAYS = 3  # an interval differs by so many days, or by a quarter, and still is about as long

Kind = TypeVar("Kind", bound=Hashable)


@dataclass(frozen=True)
class PastVisit:
    """A completed visit by the calendar and the clock of its branch; `hour` is None where that is not known."""

    day: date
    hour: int | None
    services: frozenset[UUID]
    masters: frozenset[UUID]


@dataclass(frozen=True)
class Evidence(Generic[Kind]):
    """`what` was so `count` times `of` those that could have been."""

    what: Kind
    count: int
    of: int

    @property
    def is_usual(self) -> bool:
        return self.of >= FEWEST and 2 * self.count >= self.of


def usual(seen: Sequence[Iterable[Kind]]) -> list[Evidence[Kind]]:
    """What at least half of the visits have, most frequent first; `seen` is what each of them has, once."""
    counts = Counter(each for one in seen for each in one)
    evidence = [Evidence(what, count, len(seen)) for what, count in counts.items()]
    return sorted((each for each in evidence if each.is_usual), key=lambda each: (-each.count, str(each.what)))


def the_usual(seen: Sequence[Iterable[Kind]]) -> Evidence[Kind] | None:
    """The one that at least half of the visits have; None if two are as frequent."""
    found = usual(seen)
    if not found or (len(found) > 1 and found[0].count == found[1].count):
        return None
    return found[0]


def usual_interval(days: Iterable[date]) -> Evidence[int] | None:
    """The middle interval in days between visits, if at least half of them are about as long."""
    gaps = [(later - earlier).days for earlier, later in pairwise(sorted(set(days)))]
    if len(gaps) < FEWEST - 1:
        return None
    middle = median_low(gaps)
    alike = [gap for gap in gaps if abs(gap - middle) <= max(ABOUT_DAYS, middle // 4)]
    return Evidence(middle, len(alike), len(gaps)) if 2 * len(alike) >= len(gaps) else None


@dataclass(frozen=True)
class Habits:
    """What the latest `visits` visits show; nothing, if those are too few."""

    visits: int
    since: date | None
    until: date | None
    services: list[Evidence[UUID]]
    master: Evidence[UUID] | None
    weekday: Evidence[int] | None
    hour: Evidence[int] | None
    interval: Evidence[int] | None


def habits(visits: Sequence[PastVisit]) -> Habits:
    """The habits that `visits` show, in whatever order they come."""
    latest = sorted(visits, key=lambda visit: visit.day)[-LOOKED_AT:]
    days = [visit.day for visit in latest]
    return Habits(
        visits=len(latest),
        since=min(days, default=None),
        until=max(days, default=None),
        services=usual([visit.services for visit in latest]),
        master=the_usual([visit.masters for visit in latest]),
        weekday=the_usual([(day.weekday(),) for day in days]),
        hour=the_usual([(visit.hour,) for visit in latest if visit.hour is not None]),
        interval=usual_interval(days),
    )
