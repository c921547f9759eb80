"""The generated clients: who they are, how they heard of the chain, and who brought whom."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from deploy.demo.chain import SALONS
from deploy.demo.names import (
    ALLERGIES,
    FAMILY,
    FEMALE,
    MAIL_HOSTS,
    MALE,
    PATRONYMICS,
    WISHES,
    family_name,
)

CHANNELS = (
    ("Instagram", 24),
    ("Яндекс Карты", 23),
    ("Проходили мимо", 15),
    ("2ГИС", 11),
    ("Google", 8),
    ("Сайт", 8),
    ("Telegram", 6),
    ("Листовка", 3),
    ("Партнёры", 2),
)
BROUGHT = 0.42  # of all clients came because somebody told them
DEEPEST = 6  # links between a client and the channel that began it
AT_THE_BEGINNING = 0.3  # of the clients were there when the history begins


@dataclass(frozen=True)
class Person:
    """`referrer` is the number of the one who brought them; then `channel` is None."""

    number: int
    first_name: str
    last_name: str
    patronymic: str | None
    female: bool
    phone: str | None
    email: str | None
    born: date | None
    salon: int
    since: date
    channel: str | None
    referrer: int | None
    depth: int
    allergy: str | None
    wish: str | None

    @property
    def reference(self) -> str:
        return f"demo/client/{self.number}"


def make_people(rng: Random, count: int, first: date, until: date) -> tuple[Person, ...]:
    """`count` people in the order in which they came, most of them from `first` to `until`."""
    phones = rng.sample(range(10_000_000), count)
    people: list[Person] = []
    # Preferential attachment (Barabási and Albert): whoever brought somebody is drawn again more often. A client has
    # one ticket, and two more for everybody brought; tickets are kept by salon, because friends live near each other.
    tickets: list[list[int]] = [[] for _ in SALONS]
    for number, since in enumerate(_arrivals(rng, count, first, until)):
        salon = rng.choices(range(len(SALONS)), [salon.share for salon in SALONS])[0]
        referrer = _referrer(rng, people, tickets[salon])
        person = _person(rng, number, salon, since, f"+7972{phones[number]:07d}", referrer)
        people.append(person)
        tickets[salon].append(number)
        if referrer:
            tickets[salon] += [referrer.number] * 2
    return tuple(people)


def _arrivals(rng: Random, count: int, first: date, until: date) -> list[date]:
    """Those of the years before the history, then ever more newcomers, fewer in summer."""
    length = (until - first).days
    days = range(length)
    weights = [(1 + 0.4 * day / length) * (0.8 if (first + timedelta(day)).month in (6, 7) else 1.0) for day in days]
    before = [-rng.randrange(1, 900) for _ in range(int(count * AT_THE_BEGINNING))]
    newcomers = rng.choices(days, weights, k=count - len(before))
    return [first + timedelta(day) for day in sorted(before + newcomers)]


def _referrer(rng: Random, people: list[Person], tickets: list[int]) -> Person | None:
    if not tickets or rng.random() >= BROUGHT:
        return None
    candidate = people[rng.choice(tickets)]
    return candidate if candidate.depth < DEEPEST else None


def _person(rng: Random, number: int, salon: int, since: date, phone: str, referrer: Person | None) -> Person:
    female = rng.random() < 0.81
    first_name = rng.choice(FEMALE if female else MALE)
    masculine, feminine = rng.choice(PATRONYMICS)
    return Person(
        number=number,
        first_name=first_name,
        last_name=family_name(rng.choice(FAMILY), female=female),
        patronymic=(feminine if female else masculine) if rng.random() < 0.35 else None,
        female=female,
        phone=phone if rng.random() < 0.97 else None,
        email=f"client{number}@{rng.choice(MAIL_HOSTS)}" if rng.random() < 0.3 else None,
        born=since - timedelta(int(rng.triangular(16, 72, 32) * 365.25)) if rng.random() < 0.7 else None,
        salon=salon,
        since=since,
        channel=None if referrer else _channel(rng),
        referrer=referrer.number if referrer else None,
        depth=referrer.depth + 1 if referrer else 1,
        allergy=rng.choice(ALLERGIES) if rng.random() < 0.05 else None,
        wish=rng.choice(WISHES) if rng.random() < 0.07 else None,
    )


def _channel(rng: Random) -> str:
    return rng.choices([name for name, _ in CHANNELS], [weight for _, weight in CHANNELS])[0]
