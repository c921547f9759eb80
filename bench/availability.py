"""Free times in a branch of fifty masters, with a short and with a long history; peers are named with their figures."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import structlog
from sqlalchemy import Engine

from bench import chain, slots
from bench.alone import full_size
from bench.chain import Chain
from bench.looking import at_most, look, p95
from bench.reads import Site
from bench.report import Figure
from bench.world import World, cpu_seconds
from chassis import assembly
from chassis.config import SERVICES, read
from chassis.crypto import USERS, KeyFolder
from chassis.database import connect, new_id
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.envelope import ask_bytes, decode_answer
from contracts.booking import FindAvailability, ShowBranch
from contracts.message import Request
from deploy.postgres import PostgresServer
from kernel.caller import Caller
from kernel.errors import Unavailable

SHORT, LONG = (30_000, 300_000) if full_size() else (3_000, 30_000)  # appointments
TIMES = 180 if full_size() else 120  # each question at the service
SECONDS = 3.0 if full_size() else 1.0
# What the best known open booking system did on two such cores with 20 masters and 30,000 appointments.
PEER = {"one": 170.0, "cpu": 10.7, "day": 158.0, "month": 287.0, "booking": 33.0}


def over_rabbitmq(world: World, site: Site) -> Iterator[Figure]:
    """The cluster with the chain in it: first with a short history, then with a long one, then everybody books."""
    with _booking(world, site.home) as (engine, dispatcher):
        salon = chain.found(engine)
        chain.book_ahead(engine, salon)
        chain.grow_to(engine, salon, SHORT)
        looked = Looked(world, site, salon, dispatcher)
        before = looked.at_the_service()
        there = chain.grow_to(engine, salon, LONG)
        yield from looked.figures(before, there)
        yield from slots.figures(world, site, salon, engine, PEER["booking"])


@contextmanager
def _booking(world: World, home: Path) -> Iterator[tuple[Engine, Dispatcher]]:
    """The cluster's database of booking, and one more instance of the service, here."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL)
    )  # lines that nobody reads
    socket = PostgresServer.socket_of_running(home / "postgres")
    assert socket
    databases = {name: f"postgresql+psycopg://postgres@/{name}?host={socket}" for name in ("booking", "booking_keys")}
    keys = KeyFolder(world.folder / "chain-keys")
    keys.make(set(SERVICES), ("booking",))
    settings = replace(read({}), keys=world.folder / "chain-keys", databases=databases, workers=4)
    dispatcher = assembly.assemble("booking", settings, NoBus(), lambda: None)
    engine = connect(databases["booking"], slots.BARE_WRITERS)
    try:
        yield engine, dispatcher
    finally:
        dispatcher.close()
        engine.dispose()


class NoBus:
    """Who only looks asks nobody else; whoever does after all is told that nobody is there."""

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes:  # noqa: ARG002  the shape of a bus
        raise Unavailable("service_unavailable", f"{service} is not part of this measurement")


@dataclass(frozen=True)
class Looked:
    """Somebody who looks for free times, at the service and through the gateway."""

    world: World
    site: Site
    chain: Chain
    dispatcher: Dispatcher

    def at_the_service(self) -> dict[str, list[float]]:
        """Milliseconds of each question in this process, the answer encoded."""
        first = self.chain.today + timedelta(days=1)
        salon, every = self.chain, (self.chain.service,)
        return {
            "row": self._took(ShowBranch(salon.branch), TIMES),
            "one": self._took(FindAvailability(salon.branch, every, first, first, salon.masters[0]), TIMES),
            "month": self._took(FindAvailability(salon.branch, every, first, first + timedelta(days=29)), TIMES // 3),
        }

    def _took(self, request: Request[Any], times: int) -> list[float]:
        signer = KeyFolder(self.world.folder / "chain-keys").signer(USERS)
        everything = frozenset({"*"})
        owner = Caller(new_id(), "user", everything, everything, everywhere=True, session_id=new_id())
        token = signer.sign(owner, time.time() + 600)
        body = ask_bytes(request, request_id="bench", deadline=time.time() + 600, token=token, key=None)
        took = []
        for _ in range(times):
            began = time.perf_counter()
            reply = self.dispatcher.answer(body)
            took.append((time.perf_counter() - began) * 1000)
        assert decode_answer(reply).error is None
        return took

    def figures(self, before: dict[str, list[float]], appointments: int) -> Iterator[Figure]:
        now = self.at_the_service()
        row = p95(now["row"])
        yield at_most("p95 of 30 days of any of 50 masters, service", p95(now["month"]), row, "a row there", 60)
        for name, what in (("month", "30 days of any of 50 masters"), ("one", "a day of one master")):
            # The quickest tenth, so that whatever else the machine did at one of the two times does not count.
            long, short = (quantiles(took[name], n=10)[0] for took in (now, before))
            figure = Figure(f"{what}, {appointments:,} appointments", long, short, "ms", f"{SHORT:,}")
            yield replace(figure, target=1.3, of_ratio=True, at_most=True)
        yield from self._through_the_gateway()

    def _through_the_gateway(self) -> Iterator[Figure]:
        row = [["GET", self.site.path, None]]
        masters, days = self.chain.masters, [self.chain.today + timedelta(days=ahead) for ahead in range(1, 30)]
        one = [self._question(day, day, master) for day in days for master in masters]
        bare = self._look("closed", row, 8)
        found = self._look("closed", one, 8)
        yield Figure(
            "a day of one master, 8 callers", found.rate, PEER["one"], "req/s", "peer", target=3, of_ratio=True
        )
        yield at_most("p95 of a day of one master, 8 callers", found.p95, bare.p95, "a row", 30)
        yield at_most("CPU of a day of one master, all processes", found.cpu, bare.cpu, "a row", 3)
        calm, bare = self._look("open", one, 150), self._look("open", row, 150)
        yield at_most("p95 of a day of one master at 150 req/s", calm.p95, bare.p95, "a row", 15)
        alone = self._look("closed", row, 1)
        for name, questions, peer, bound in (
            ("p95 of a day of any of 50 masters", [self._question(day, day) for day in days], "day", 15.8),
            (
                "p95 of 30 days of one master",
                [self._question(days[0], days[-1], each) for each in masters],
                "month",
                28.7,
            ),
        ):
            took = self._look("closed", questions, 1).p95
            yield at_most(name, took, PEER[peer], "peer", bound)
        month = self._look("closed", [self._question(days[0], days[0] + timedelta(days=29))], 1)
        yield at_most("p95 of 30 days of any of 50 masters, gateway", month.p95, alone.p95, "a row", 100)

    def _question(self, first: object, last: object, master: object = None) -> list[Any]:
        words = {"branch_id": self.chain.branch, "service_id": self.chain.service, "from": first, "to": last}
        if master:
            words["master_id"] = master
        return ["GET", f"/api/v1/availability?{urlencode(words)}", None]

    def _look(self, mode: str, requests: Sequence[Any], number: int) -> "Seen":
        used = cpu_seconds([self.site.root])
        result = look(self.world, self.site, mode, requests, number, SECONDS)
        used = cpu_seconds([self.site.root]) - used
        took = [each * 1000 for each in result["took"]]
        assert set(result["outcomes"]) == {"200"}, result["outcomes"]
        return Seen(len(took) / result["seconds"], p95(took), used * 1000 / len(took))


@dataclass(frozen=True)
class Seen:
    """Answers a second, the 95th percentile in milliseconds, milliseconds of CPU for each."""

    rate: float
    p95: float
    cpu: float
