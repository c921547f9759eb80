"""Loyalty in a forest of clients who brought each other: an event, many of them, a read. `SIZE=full`: a million people.

`python -m bench.loyalty` measures only this.
"""

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from statistics import median

import structlog
from sqlalchemy import Engine, text

from bench import forest
from bench.alone import full_size, told
from bench.availability import NoBus
from bench.looking import at_most, look, p95
from bench.reads import Site, system
from bench.report import Figure
from bench.world import World, world
from chassis import assembly
from chassis.config import SERVICES, read
from chassis.crypto import KeyFolder
from chassis.database import connect, sessions
from chassis.messaging.dispatch import Dispatcher
from chassis.outbox import announce
from deploy.postgres import PostgresServer

SMALL, USUAL, FULL = 10_000, 30_000, 1_000_000  # people
RATIO = 1.5
EVENTS, A_SECOND = 5_000 if full_size() else 2_000, 500.0
ONE_BY_ONE, WARM = (200, 150) if full_size() else (100, 100)
READ_MS = 15.0
CALLERS, SECONDS, ASKED = 2, 3.0 if full_size() else 1.5, 400
PATIENCE = 120.0
INSTALLED = ("auth", "booking", "loyalty")  # who else hears of visits is measured elsewhere


def over_rabbitmq(made: World) -> Iterator[Figure]:
    """The cluster: gunicorn, the services, the broker and PostgreSQL on this machine."""
    people = FULL if full_size() else USUAL
    with system(made, "cluster", "loyalty", INSTALLED) as site, _inside(made) as inside:
        forest.grow_to(inside.loyalty, SMALL)
        small = inside.one_by_one(SMALL)
        began = time.perf_counter()
        forest.grow_to(inside.loyalty, people)
        built = time.perf_counter() - began
        large = inside.one_by_one(people)
        yield Figure("a forest put into the tables", built, built, "s", f"{people} people")
        yield Figure(
            f"one referral event among {people} people", large, small, "ms", f"among {SMALL}", RATIO, True, True
        )
        yield from _read(made, site, people)
        yield inside.sustained(people)


def _read(made: World, site: Site, people: int) -> Iterator[Figure]:
    chance = Random(people)
    paths = [f"/api/v1/loyalty/clients/{forest.client_id(chance.randint(1, people))}" for _ in range(ASKED)]
    row = look(made, site, "closed", [["GET", site.path, None]], CALLERS, SECONDS)["took"]
    found = look(made, site, "closed", [["GET", path, None] for path in paths], CALLERS, SECONDS)
    assert set(found["outcomes"]) == {"200"}, found["outcomes"]
    took, floor = ([each * 1000 for each in every] for every in (found["took"], row))
    yield at_most("p95 of a client's discount through the gateway", p95(took), p95(floor), "a row", READ_MS)


@dataclass(frozen=True)
class Inside:
    """The databases of the cluster, and one more instance of loyalty, here."""

    booking: Engine
    loyalty: Engine
    dispatcher: Dispatcher

    def one_by_one(self, people: int) -> float:
        """Milliseconds of the handler for one visit of somebody who was brought, its transaction included."""
        chance, took = Random(people), []
        for place in range(WARM + ONE_BY_ONE):
            visit = forest.visit(people * 1_000 + place, chance.randint(2, people), place % 60)
            began = time.perf_counter()
            with self.dispatcher.transaction() as session:
                self.dispatcher.instance.bill_stated(session, [visit])
                self.dispatcher.commit(session)
            took.append((time.perf_counter() - began) * 1000)
        return median(took[WARM:])

    def sustained(self, people: int) -> Figure:
        """Visits a second from booking's log through relay, broker and handler until the last has its grant."""
        chance, given = Random(1), self._given()
        visits = [forest.visit(place, chance.randint(2, people), place % 60) for place in range(EVENTS)]
        began = time.perf_counter()
        with sessions(self.booking)() as session:
            for visit in visits:
                announce(session, visit)
            session.commit()
        written = time.perf_counter() - began
        deadline = time.monotonic() + PATIENCE
        while self._given() < given + EVENTS:
            if time.monotonic() > deadline:
                raise TimeoutError("visits are not taken in")
            time.sleep(0.05)
        rate = EVENTS / (time.perf_counter() - began)
        return Figure(
            "visits taken in over RabbitMQ", rate, EVENTS / written, "events/s", "writing them down", A_SECOND
        )

    def _given(self) -> int:
        with self.loyalty.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM grants")).scalar_one())


@contextmanager
def _inside(made: World) -> Iterator[Inside]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # lines nobody reads
    socket = PostgresServer.socket_of_running(made.folder / "loyalty" / "postgres")
    assert socket
    names = ("booking", "loyalty", "loyalty_keys")
    databases = {name: f"postgresql+psycopg://postgres@/{name}?host={socket}" for name in names}
    keys = KeyFolder(made.folder / "loyalty-keys")
    keys.make(set(SERVICES), ("loyalty",))
    settings = replace(read({}), keys=made.folder / "loyalty-keys", databases=databases, workers=4)
    dispatcher = assembly.assemble("loyalty", settings, NoBus(), lambda: None)
    booking, loyalty = connect(databases["booking"], 1), connect(databases["loyalty"], 1)
    try:
        yield Inside(booking, loyalty, dispatcher)
    finally:
        dispatcher.close()
        booking.dispose()
        loyalty.dispose()


def main() -> int:
    logging.disable(logging.WARNING)
    with world() as made:
        return min(1, told(over_rabbitmq(made)))


if __name__ == "__main__":
    sys.exit(main())
