"""The whole demo, from a seed and the moment when it was begun."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from deploy.demo.chain import SALONS, Stylist, make_stylists
from deploy.demo.people import Person, make_people
from deploy.demo.visits import Visit, make_visits

SEED = 2_026
CLIENTS = 5_000
HISTORY_DAYS = 913  # two and a half years


@dataclass(frozen=True)
class Begin:
    """What the whole demo follows from; kept, so that a later start goes on with the same one."""

    seed: int
    at: datetime
    clients: int

    @property
    def until(self) -> date:
        """The last whole day of the history, in the first salon's zone."""
        return self.at.astimezone(ZoneInfo(SALONS[0].time_zone)).date() - timedelta(1)

    @property
    def first(self) -> date:
        return self.until - timedelta(HISTORY_DAYS)


@dataclass(frozen=True)
class Demo:
    stylists: tuple[Stylist, ...]
    people: tuple[Person, ...]
    visits: list[Visit]


def generate(begin: Begin) -> Demo:
    rng = Random(begin.seed)  # noqa: S311 - repeatable on purpose
    stylists = make_stylists(rng, begin.first)
    people = make_people(rng, begin.clients, begin.first, begin.until)
    return Demo(stylists, people, make_visits(rng, people, stylists, begin.first, begin.until))
