"""Events end to end: event log, relay, bus, inbox and a rollup, with their writers; and one event in an idle system."""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import tally
from bench.alone import full_size
from bench.ledger import Deposit
from bench.report import Figure
from bench.world import World, answer, ask
from chassis.database import sessions
from chassis.messaging.ask import Call
from chassis.messaging.client import Client

SECONDS = 6.0 if full_size() else 2.0
IDLE_EVENTS = 100 if full_size() else 60
PAUSE = 0.04  # seconds between two events in the idle system
PATIENCE = 30.0


def over_rabbitmq(world: World) -> list[Figure]:
    """The writers, the relay and the consumer are processes of their own."""
    consumer, relay = world.start("serve", "tally"), world.start("relay", "ledger")
    with sessions(world.engine("tally"))() as session:
        before, _ = _seen(session)
        writers = world.start(str(SECONDS), module="bench.writers")
        sustained = _sustained(session, before, answer(writers))
        service = world.start("serve", "ledger")
        idle = _idle(session, _deposits(world))
    world.stop(writers, service, relay, consumer)
    return [
        _figure("events end to end over RabbitMQ, with 8 writers", *sustained, target=1000),
        _idle_figure("one event in an idle system, commit to effect, p50", *idle),
    ]


def embedded(world: World) -> list[Figure]:
    """Everything but PostgreSQL in one process."""
    with sessions(world.engine("tally"))() as session:
        before, _ = _seen(session)
        process = world.start(str(SECONDS), module="bench.embedded")
        sustained = _sustained(session, before, answer(process))
        idle = _idle(session, _deposits_inside(process))
    world.stop(process)
    return [
        _figure("events end to end, embedded, with 8 writers", *sustained),
        _idle_figure("one event, embedded and idle, commit to effect, p50", *idle),
    ]


def _sustained(session: Session, before: int, result: dict[str, float]) -> tuple[float, float]:
    """Events per second until the last one was added up, and inserts per second without events."""
    wait_until(lambda: _seen(session)[0] >= before + result["written"])
    _, last = _seen(session)
    return result["written"] / (last - result["began"]), result["floor"]


def _idle(session: Session, deposits: Iterator[tuple[float, float]]) -> tuple[float, float]:
    """Milliseconds from the reply to a deposit, which is just after its commit, until its sum can be seen; and how long
    the request itself took.
    """
    floor, took = [], []
    before, _ = _seen(session)
    for expected in range(before + 1, before + 1 + IDLE_EVENTS):
        asked, answered = next(deposits)
        while _seen(session)[0] < expected:
            time.sleep(0.0005)
        took.append((time.time() - answered) * 1000)
        floor.append((answered - asked) * 1000)
        time.sleep(PAUSE)
    return median(took), median(floor)


def _deposits(world: World) -> Iterator[tuple[float, float]]:
    client = Client(world.bus, name="bench")
    call = Call(client, world.identity(), ("ledger",))
    for _ in range(IDLE_EVENTS):
        asked = time.time()
        call(Deposit(1, 1))
        yield asked, time.time()
    client.close()


def _deposits_inside(process: Any) -> Iterator[tuple[float, float]]:
    for _ in range(IDLE_EVENTS):
        said = ask(process)
        yield said["asked"], said["answered"]


def _figure(name: str, value: float, floor: float, target: float | None = None) -> Figure:
    return Figure(name, value, floor, "events/s", "the same inserts without events", target=target)


def _idle_figure(name: str, value: float, floor: float) -> Figure:
    return Figure(name, value, floor, "ms", "the request that announced it", target=10, at_most=True)


def _seen(session: Session) -> tuple[int, float]:
    """How many deposits the tally has added up, and when it added up the last one."""
    with session.begin():
        row = session.execute(
            select(func.coalesce(func.sum(tally.sums.c.deposits), 0), func.coalesce(func.max(tally.sums.c.seen_at), 0))
        ).one()
    return int(row[0]), float(row[1])


def wait_until(true: Callable[[], bool]) -> None:
    """Look now and then; TimeoutError after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("what was announced is not seen")
        time.sleep(0.05)
