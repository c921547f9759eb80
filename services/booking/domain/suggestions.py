"""What to offer a known client: their masters, what they had last, when it is due again, and which times suit them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median_low
from uuid import UUID
from zoneinfo import ZoneInfo

from services.booking.domain.wish import Diary, Wish

ENOUGH_VISITS = 3  # to know a rhythm by
WEEKS_AROUND = timedelta(days=7)  # of the day that a visit is due on, before and after
MOST_SLOTS = 20
MOST_MASTERS = 10
NO_EDGE = 2  # sides that touch nothing


@dataclass(frozen=True, slots=True)
class Past:
    """A completed visit, on the clocks of its branch: which services, by whom, in their order."""

    id: UUID
    starts: datetime
    segments: tuple[tuple[UUID, UUID], ...]  # service, master


@dataclass(frozen=True, slots=True)
class Times:
    """A weekday (0 is Monday) and times of day `HH:MM` that suit a client."""

    weekday: int
    starts: str
    ends: str


# --- masters ---------------------------------------------------------------------------------------------------------


def masters_of(visits: Iterable[Past], favourite: UUID | None, here: Collection[UUID]) -> list[tuple[UUID, int]]:
    """The client's masters who may be booked (`here`) with the number of visits to each.

    The favourite that the client named first, then by visits; of equals whoever came last.
    """
    counts: Counter[UUID] = Counter()
    last: dict[UUID, datetime] = {}
    for visit in visits:
        for master in {master for _, master in visit.segments}:
            counts[master] += 1
            last[master] = max(last.get(master, visit.starts), visit.starts)
    usual = sorted(counts, key=lambda master: (-counts[master], -last[master].timestamp(), master))
    first = [favourite] if favourite else []
    ordered = [master for master in dict.fromkeys([*first, *usual]) if master in here]
    return [(master, counts[master]) for master in ordered[:MOST_MASTERS]]


# --- the next visit --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Due:
    """When a service is due again, by the client's own rhythm (`personal`) or by the service's."""

    service_id: UUID
    on: date
    days: int
    personal: bool
    master_id: UUID  # who rendered it last


def due(visits: Iterable[Past], repeat_days: Mapping[UUID, int | None]) -> list[Due]:
    """For each service of `repeat_days` that the client has had, soonest first.

    The rhythm is the median of the days between visits, the shorter of two in the middle, once there are three visits;
    before that the service's own interval, if it has one.
    """
    rendered: dict[UUID, dict[date, UUID]] = {}
    for visit in sorted(visits, key=lambda visit: visit.starts):
        for service, master in visit.segments:
            if service in repeat_days:
                rendered.setdefault(service, {})[visit.starts.date()] = master
    found = []
    for service, by_day in rendered.items():
        days = _rhythm(sorted(by_day))
        interval = days or repeat_days[service]
        if interval:
            last = max(by_day)
            when = last + timedelta(days=interval)
            found.append(Due(service, when, interval, days is not None, by_day[last]))
    return sorted(found, key=lambda each: (each.on, each.service_id))


def _rhythm(days: Sequence[date]) -> int | None:
    if len(days) < ENOUGH_VISITS:
        return None
    return median_low([(after - before).days for before, after in pairwise(days)])


def days_to_look_at(on: date | None, today: date) -> tuple[date, date]:
    """The two weeks around the day on which a visit is due, or from today where that is over or unknown."""
    if on is None or on + WEEKS_AROUND <= today:
        return today, today + 2 * WEEKS_AROUND
    return max(today, on - WEEKS_AROUND), on + WEEKS_AROUND


# --- times -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Habits:
    """When a client likes to come: as they said, else as their visits show."""

    stated: tuple[Times, ...]
    visits: tuple[datetime, ...]

    def suit(self, local: datetime) -> bool:
        """Whether a visit at that time is convenient.

        Without a word of the client it is on a weekday and within an hour of the time of day of a past visit, where
        at least every fifth of their visits was.
        """
        if self.stated:
            clock = f"{local:%H:%M}"
            return any(each.weekday == local.weekday() and each.starts <= clock < each.ends for each in self.stated)
        alike = sum(
            1
            for visit in self.visits
            if visit.weekday() == local.weekday() and abs(_minutes(visit) - _minutes(local)) <= 60
        )
        return alike > 0 and alike * 5 >= len(self.visits)


def _minutes(local: datetime) -> int:
    return local.hour * 60 + local.minute


def gaps_beside(
    free: Mapping[datetime, Iterable[UUID]], wishes: Sequence[Wish], diaries: Mapping[UUID, Diary]
) -> dict[tuple[datetime, UUID], int]:
    """For each start and master on how many sides of the visit they would be at work with nothing to do.

    Where they do not render all of it, how it ends is open, and counts as a gap.
    """
    edges = {
        master: (
            {each.ends for each in diary.busy} | {each.starts for each in diary.open},
            {each.starts for each in diary.busy} | {each.ends for each in diary.open},
        )
        for master, diary in diaries.items()
    }
    gaps = {}
    for starts, ids in free.items():
        for master in edges.keys() & set(ids):
            begins, ends = _reach(starts, wishes, master)
            lefts, rights = edges[master]
            gaps[starts, master] = (begins not in lefts) + (ends not in rights)
    return gaps


def _reach(starts: datetime, wishes: Sequence[Wish], master: UUID) -> tuple[datetime | None, datetime | None]:
    """When a visit that begins at `starts` begins and ends in the diary of a master, as far as that is known."""
    needs = [wish.needs.get(master) for wish in wishes]
    first, last = needs[0], needs[-1]
    begins = starts - timedelta(minutes=first.before) if first else None
    if last is None or None in needs or any(wish.parallel for wish in wishes):
        return begins, None
    minutes = sum(need.duration for need in needs if need) + last.after
    return begins, starts + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Offer:
    """A free start: by whom, how well it suits the client, and how many gaps it makes at best."""

    starts: datetime
    master_ids: tuple[UUID, ...]
    convenient: bool
    favourite: bool
    gaps: int


def offers(
    free: Mapping[datetime, tuple[UUID, ...]],
    theirs: Sequence[UUID],
    habits: Habits,
    gaps: Mapping[tuple[datetime, UUID], int],
    tz: ZoneInfo,
) -> list[Offer]:
    """The free starts that suit best, at most twenty.

    With one of `theirs` (the client's masters, dearest first) at a convenient time, then with one of theirs, then
    convenient; of equals those with the dearest, then those that leave the fewest gaps, the earliest first.
    """
    places = {master: place for place, master in enumerate(theirs)}
    made = []
    for starts, ids in free.items():
        dearest_first = tuple(sorted(ids, key=lambda master: (places.get(master, len(places)), master)))
        favourite = any(master in places for master in ids)
        least = min((gaps.get((starts, master), NO_EDGE) for master in ids), default=NO_EDGE)
        made.append(Offer(starts, dearest_first, habits.suit(starts.astimezone(tz)), favourite, least))
    dearest = tuple(theirs[:1])
    made.sort(
        key=lambda offer: (
            not offer.favourite,
            not offer.convenient,
            offer.master_ids[:1] != dearest,
            offer.gaps,
            offer.starts,
        )
    )
    return made[:MOST_SLOTS]
