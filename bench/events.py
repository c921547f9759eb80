"""Events end to end: event log, relay, bus, inbox and a rollup, with their writers; and one event in an idle system."""

import json
import time
from collections.abc import Callable
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import tally
from bench.ledger import Deposit
from bench.report import Figure
from bench.world import World
from chassis.database import sessions
from chassis.messaging.ask import Call
from chassis.messaging.client import Client

SECONDS = 6.0
IDLE_EVENTS = 100
PATIENCE = 30.0


def measure(world: World) -> list[Figure]:
    """Over RabbitMQ: the writers, the relay and the consumer are processes of their own."""
    consumer, relay = world.start("serve", "tally"), world.start("relay", "ledger")
    with sessions(world.engine("tally"))() as session:
        sustained = _sustained(world, session)
        service = world.start("serve", "ledger")
        idle = _idle(world, session)
    world.stop(service, relay, consumer)
    return [sustained, idle]


def _sustained(world: World, session: Session) -> Figure:
    writers = world.start(str(SECONDS), module="bench.writers")
    assert writers.stdout is not None
    result = json.loads(writers.stdout.readline())
    wait_until(lambda: _seen(session)[0] == result["written"])
    _, last = _seen(session)
    world.stop(writers)
    return Figure(
        name="events end to end over RabbitMQ, with 8 writers",
        value=result["written"] / (last - result["began"]),
        floor=result["floor"],
        unit="events/s",
        floor_is="the same inserts without events",
        target=1000,
    )


def _idle(world: World, session: Session) -> Figure:
    """From the reply to a deposit, which is just after its commit, to the moment that its sum is committed."""
    client = Client(world.bus, name="bench")
    call = Call(client, world.identity(), ("ledger",))
    floor, took = [], []
    before, _ = _seen(session)
    for expected in range(before + 1, before + 1 + IDLE_EVENTS):
        asked = time.time()
        call(Deposit(1, 1))
        answered = time.time()
        wait_until(lambda expected=expected: _seen(session)[0] == expected)  # type: ignore[misc]
        took.append((_seen(session)[1] - answered) * 1000)
        floor.append((answered - asked) * 1000)
        time.sleep(0.03)
    client.close()
    return Figure(
        name="one event in an idle system, commit to effect, p50",
        value=median(took),
        floor=median(floor),
        unit="ms",
        floor_is="the request that announced it",
        target=10,
        at_most=True,
    )


def _seen(session: Session) -> tuple[int, float]:
    """How many deposits the tally has added up, and when it added up the last one."""
    with session.begin():
        row = session.execute(
            select(func.coalesce(func.sum(tally.sums.c.deposits), 0), func.coalesce(func.max(tally.sums.c.seen_at), 0))
        ).one()
    return int(row[0]), float(row[1])


def wait_until(true: Callable[[], bool]) -> None:
    """Look every two milliseconds; TimeoutError after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("what was announced is not seen")
        time.sleep(0.002)
