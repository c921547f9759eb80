"""The generated visits: each client comes back when a service is due, likes some masters, and stops at some point."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from deploy.demo import seasons
from deploy.demo.catalogue import CATALOGUE, RETAIL, Offer
from deploy.demo.chain import SALONS, Stylist
from deploy.demo.people import Person

DAYS_AHEAD = 14
NO_SHOWS, CANCELLED = 0.04, 0.07
CHURN = 0.055  # who was here does not come again
WITH_RETAIL, RETURNED = 0.11, 0.006
INFLATION_PER_YEAR = 0.08
CHANNELS = (("phone", 4), ("online", 4), ("messenger", 2), ("walk-in", 1))

_GRID_MINUTES = 15
_TRIES = 6

Status = Literal["completed", "cancelled", "no_show", "booked"]


@dataclass(frozen=True)
class Sale:
    """A line of the bill, in roubles; without `offer` it is retail, or below zero something brought back."""

    text: str
    roubles: int
    offer: Offer | None = None


@dataclass(frozen=True)
class Visit:
    """`booked` ones lie ahead and have no bill yet."""

    reference: str
    person: Person
    stylist: Stylist
    starts: datetime
    offers: tuple[Offer, ...]
    status: Status
    sales: tuple[Sale, ...]
    channel: str

    @property
    def roubles(self) -> int:
        return sum(sale.roubles for sale in self.sales)


def make_visits(
    rng: Random, people: Sequence[Person], stylists: Sequence[Stylist], first: date, until: date
) -> list[Visit]:
    """All visits from `first` to `until` and what is booked for the days after, in the order of time."""
    diary = _Diary(rng, stylists)
    visits: list[Visit] = []
    for person in people:
        visits += _life(rng, person, diary, first, until)
    return sorted(visits, key=lambda visit: (visit.starts, visit.reference))


class _Diary:
    """Which masters can do what where, and when they are free."""

    def __init__(self, rng: Random, stylists: Sequence[Stylist]) -> None:
        self._rng = rng
        self._busy: dict[tuple[int, date], list[tuple[int, int]]] = defaultdict(list)
        self._able: dict[tuple[int, str], list[Stylist]] = defaultdict(list)
        for stylist in stylists:
            for category in stylist.categories:
                self._able[stylist.salon, category].append(stylist)

    def offers(self, salon: int) -> list[Offer]:
        return [offer for offer in CATALOGUE if self._able[salon, offer.category]]

    def favourite(self, salon: int, category: str) -> Stylist:
        return self._rng.choice(self._able[salon, category])

    def place(
        self, salon: int, day: date, category: str, minutes: int, favourite: Stylist
    ) -> tuple[Stylist, int] | None:
        """A free master and a start in minutes after midnight, preferably with the favourite one."""
        others = [stylist for stylist in self._able[salon, category] if stylist is not favourite]
        self._rng.shuffle(others)
        for stylist in (favourite, *others):
            start = self._free(stylist, day, minutes)
            if start is not None:
                self._busy[stylist.number, day].append((start, start + minutes))
                return stylist, start
        return None

    def _free(self, stylist: Stylist, day: date, minutes: int) -> int | None:
        shift = stylist.works(day)
        if shift is None or shift[1] - shift[0] < minutes:
            return None
        taken = self._busy[stylist.number, day]
        for _ in range(_TRIES):
            start = shift[0] + self._rng.randrange((shift[1] - shift[0] - minutes) // _GRID_MINUTES + 1) * _GRID_MINUTES
            if all(start + minutes <= begun or ended <= start for begun, ended in taken):
                return start
        return None


def _life(rng: Random, person: Person, diary: _Diary, first: date, until: date) -> Iterator[Visit]:
    """What one client does from the first visit on."""
    offers = diary.offers(person.salon)
    liking: dict[str, float] = {}
    favourites: dict[str, Stylist] = {}
    for category in dict.fromkeys(offer.category for offer in offers):
        liking[category] = rng.lognormvariate(0, 1.4)  # most people want one or two kinds of service
        favourites[category] = diary.favourite(person.salon, category)
    pace = rng.lognormvariate(0, 0.3)
    known_since = max(person.since, first)
    day = person.since if person.since >= first else first + timedelta(rng.randrange(50))
    number = 0
    while (day := _day_near(rng, day, known_since, first)) <= until + timedelta(DAYS_AHEAD):
        tastes = [
            wish * liking[offer.category]
            for offer, wish in zip(CATALOGUE, _wishes(day, person.female), strict=True)
            if offer.category in liking
        ]
        chosen = _choose(rng, offers, tastes)
        category = chosen[0].category
        minutes = sum(offer.minutes for offer in chosen)
        found = diary.place(person.salon, day, category, minutes, favourites[category])
        if found and not (day > until and rng.random() < 0.1 + 0.05 * (day - until).days):
            number += 1
            yield _visit(rng, f"demo/visit/{person.number}/{number}", person, found, day, chosen, until)
            if day > until or rng.random() < CHURN:
                return
        day += timedelta(max(4, round(chosen[0].returns * pace * rng.lognormvariate(0, 0.25))))


def _day_near(rng: Random, due: date, since: date, first: date) -> date:
    """A day of that week on which people like to come."""
    days = [day for day in (due + timedelta(shift) for shift in range(-2, 5)) if day >= since]
    return rng.choices(days, [_demand(day, first) for day in days])[0]


def _choose(rng: Random, offers: Sequence[Offer], tastes: Sequence[float]) -> tuple[Offer, ...]:
    """One service, or two that the same master does one after another."""
    main = rng.choices(offers, tastes)[0]
    if rng.random() > 0.22:
        return (main,)
    beside = [offer for offer in offers if offer.category == main.category and offer is not main]
    return (main, rng.choice(beside)) if beside and main.minutes < 120 else (main,)


def _visit(
    rng: Random,
    reference: str,
    person: Person,
    found: tuple[Stylist, int],
    day: date,
    offers: tuple[Offer, ...],
    until: date,
) -> Visit:
    stylist, minute = found
    zone = ZoneInfo(SALONS[stylist.salon].time_zone)
    luck = rng.random()
    status: Status = "completed"
    if day > until:
        status = "booked"
    elif luck < NO_SHOWS:
        status = "no_show"
    elif luck < NO_SHOWS + CANCELLED:
        status = "cancelled"
    return Visit(
        reference,
        person,
        stylist,
        starts=datetime.combine(day, time(*divmod(minute, 60)), tzinfo=zone),
        offers=offers,
        status=status,
        sales=tuple(_sales(rng, stylist, offers, day, until)) if status in ("completed", "booked") else (),
        channel=rng.choices([name for name, _ in CHANNELS], [weight for _, weight in CHANNELS])[0],
    )


def _sales(rng: Random, stylist: Stylist, offers: Sequence[Offer], day: date, until: date) -> Iterator[Sale]:
    for offer in offers:
        yield Sale(offer.name, price_on(stylist.price(offer), day, until), offer)
    if rng.random() < WITH_RETAIL:
        name, price = rng.choice(RETAIL)
        yield Sale(name, price_on(price, day, until))
    if rng.random() < RETURNED:
        name, price = rng.choice(RETAIL)
        yield Sale(f"возврат: {name}", -price_on(price, day, until))


def price_on(price: int, day: date, until: date) -> int:
    """What `price` of today was on `day`, in whole tens of roubles."""
    years = max(0, (until - day).days) / 365.25
    return round(price / float((1 + INFLATION_PER_YEAR) ** years) / 10) * 10


@cache
def _demand(day: date, first: date) -> float:
    return max(seasons.demand(day, first), 0.001)


@cache
def _wishes(day: date, female: bool) -> list[float]:
    return [seasons.wanted(offer, day, female=female) for offer in CATALOGUE]
