"""The cluster under load while its processes are killed one by one, two services are away, and all of it is stopped."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from chassis.config import SERVICES
from kernel.money import percent_of
from tests.e2e.desk import Desk
from tests.e2e.survival import Scene, kill_each, settled
from tests.e2e.systems import STOPS_WITHIN, Running, until

SEED = 20_261


@pytest.fixture(scope="module")
def scene(cluster: Running) -> Scene:
    return Scene.set(cluster)


@pytest.mark.parametrize(
    "victims",
    [
        SERVICES,
        tuple(f"{service}-relay" for service in SERVICES),
        ("gateway", "gateway-worker", "postgres", "postgres-session", "rabbitmq", "epmd"),
    ],
    ids=["services", "relays", "what they stand on"],
)
def test_a_process_killed_under_load_comes_back_and_nothing_is_lost_or_doubled(
    scene: Scene, victims: tuple[str, ...]
) -> None:
    seed = f"{SEED} {victims[0]}"
    chance = random.Random(seed)
    order = chance.sample(victims, len(victims))
    print(f"seed {seed}, killed in this order: {', '.join(order)}")
    with scene.load(seed) as load:
        kill_each(scene.system, order, chance)
        time.sleep(1)
    print(f"done: {dict(load.done)}, tried again: {dict(load.retries)}")
    assert min(load.done[act] for act in ("register", "book", "complete")) > 5
    scene.assert_whole()


@pytest.mark.parametrize("how", ["stopped", "dead"])
def test_booking_goes_on_without_loyalty_and_analytics_at_the_discount_that_it_knows(scene: Scene, how: str) -> None:
    with Desk(scene.system.url) as desk:
        clara = scene.register(desk, source={"channel": "instagram"})
        dina, emma, fay = (scene.register(desk, referrer_id=clara) for _ in range(3))
        scene.complete(desk, scene.book(desk, dina))
        known = settled(lambda: copied_discounts(scene, clara), [Decimal(3)])
        assert known == [Decimal(3)]
        with away(scene.system, how, ["loyalty", "analytics"]):
            for person in (emma, fay):
                scene.complete(desk, quickly(lambda person=person: scene.book(desk, person)))
            booked = quickly(lambda: scene.book(desk, clara))
            completed = quickly(lambda: scene.complete(desk, booked))
            for visit in (booked, completed):
                assert visit["discount"]["amount"] == percent_of(visit["total"]["amount"], Decimal(3))
                assert datetime.fromisoformat(visit["discount_as_of"]) == copied_since(scene, clara)
        until(scene.system.ready, 60, "all is ready again")
        assert settled(lambda: copied_discounts(scene, clara), [Decimal(5)]) == [Decimal(5)]
        dearer = scene.book(desk, clara)
        assert dearer["discount"]["amount"] == percent_of(dearer["total"]["amount"], Decimal(5))
    scene.assert_whole()


def test_its_supervisor_killed_under_load_everything_goes_on_where_it_was(scene: Scene) -> None:
    with scene.load(SEED + 1):
        time.sleep(1.5)
        scene.system.kill()
        scene.system.start()
        time.sleep(1)
    scene.assert_whole()


def test_stopped_under_load_it_keeps_every_promise_and_leaves_nothing_running(scene: Scene) -> None:
    with scene.load(SEED + 2):
        time.sleep(2)
        took = scene.system.stop()
        scene.system.start()
        time.sleep(1)
    print(f"it stopped in {took:.1f} s")
    assert took < STOPS_WITHIN
    scene.assert_whole()


# --- what the tests do and look at ----------------------------------------------------------------------------------


@contextmanager
def away(system: Running, how: str, names: list[str]) -> Iterator[None]:
    """Some services stand still, or are dead and nobody starts them again."""
    stopped = [system.pid(name) for name in names]
    if how == "dead":
        assert system.process is not None
        system.process.send_signal(signal.SIGSTOP)
        for victim in stopped:
            os.kill(victim, signal.SIGKILL)
        stopped = [system.process.pid]
    else:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def quickly(act: Any) -> Any:
    """What `act` answers, which must not take long."""
    began = time.monotonic()
    answer = act()
    assert time.monotonic() - began < 5
    return answer


def copied_discounts(scene: Scene, client: str) -> list[Decimal]:
    return [
        row[0] for row in scene.system.rows("booking", f"SELECT percent FROM discounts WHERE client_id = '{client}'")
    ]


def copied_since(scene: Scene, client: str) -> datetime:
    return scene.system.rows("booking", f"SELECT as_of FROM discounts WHERE client_id = '{client}'")[0][0]
