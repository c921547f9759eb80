"""The generated chain: three salons and the masters who work in them, each in a rhythm of their own."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deploy.demo.catalogue import CATALOGUE, TRADES, Offer
from deploy.demo.names import FAMILY, FEMALE, MALE, family_name

_EPOCH = date(2020, 1, 6)  # a Monday, from which the rhythms of work are counted


@dataclass(frozen=True)
class Salon:
    """`share` of the clients are at home here; times are minutes after midnight."""

    key: str
    name: str
    time_zone: str
    address: str
    opens: int
    closes: int
    share: float


SALONS = (
    Salon("prudy", "Локон на Чистых прудах", "Europe/Moscow", "Москва, Чистопрудный бульвар, 11", 540, 1260, 0.42),
    Salon(
        "petrograd",
        "Локон на Петроградской",
        "Europe/Moscow",
        "Санкт-Петербург, Большой пр., 48",
        600,
        1260,
        0.33,
    ),
    Salon("ural", "Локон на Малышева", "Asia/Yekaterinburg", "Екатеринбург, ул. Малышева, 36", 600, 1200, 0.25),
)


@dataclass(frozen=True)
class Stylist:
    """A master: where, what, since when, and the days of `rhythm` on which they work."""

    number: int
    name: str
    salon: int
    categories: tuple[str, ...]
    since: date
    rhythm: tuple[bool, ...]
    offset: int
    early: bool

    @property
    def offers(self) -> tuple[Offer, ...]:
        return tuple(offer for offer in CATALOGUE if offer.category in self.categories)

    @property
    def leads(self) -> bool:
        """Whether this is one of the few whom people ask for, and pay more for."""
        return self.number % 6 == 0

    def price(self, offer: Offer) -> int:
        """What `offer` costs with this master today, in roubles."""
        return round(offer.price * 0.12) * 10 if self.leads else offer.price

    @property
    def cycle(self) -> tuple[int, int, int]:
        """The days after which the rhythm begins anew, and from when to when the shifts are, in minutes."""
        salon = SALONS[self.salon]
        if len(self.rhythm) == 4:  # two days on, two off: the whole day
            return 4, salon.opens, salon.closes
        return 7, *((salon.opens, salon.opens + 540) if self.early else (salon.closes - 540, salon.closes))

    @property
    def anchor(self) -> date:
        """A day on which the rhythm begins."""
        return _EPOCH - timedelta(self.offset)

    def works(self, day: date) -> tuple[int, int] | None:
        """From when to when on `day`, in minutes after midnight of the salon."""
        if day < self.since or not self.rhythm[((day - _EPOCH).days + self.offset) % len(self.rhythm)]:
            return None
        return self.cycle[1:]


def make_stylists(rng: Random, first: date) -> tuple[Stylist, ...]:
    """The masters of all salons; some joined after `first`."""
    stylists: list[Stylist] = []
    names: set[str] = set()
    for trade, categories, count in TRADES:
        for place in range(count):
            number = len(stylists)
            female = rng.random() < (0.75 if trade in ("hair", "body") else 0.97)
            name = ""
            while not name or name in names:
                name = f"{rng.choice(FEMALE if female else MALE)} {family_name(rng.choice(FAMILY), female=female)}"
            names.add(name)
            newcomer = place >= 3 and rng.random() < 0.5
            since = date.fromordinal(first.toordinal() + rng.randrange(60, 600)) if newcomer else first
            pairs = rng.random() < 0.6
            stylists.append(
                Stylist(
                    number,
                    name,
                    salon=place % len(SALONS),
                    categories=categories,
                    since=since,
                    rhythm=(True, True, False, False) if pairs else (True,) * 5 + (False,) * 2,
                    offset=rng.randrange(7),
                    early=rng.random() < 0.5,
                )
            )
    return tuple(stylists)
