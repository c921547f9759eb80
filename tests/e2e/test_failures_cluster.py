"""The cluster under load while its processes are killed one by one, two services are away, and all of it is stopped."""

import random
import time

import pytest

from chassis.config import SERVICES
from tests.e2e.survival import Scene, kill_each
from tests.e2e.systems import Running

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
    chance = random.Random(f"{SEED} {victims[0]}")
    order = chance.sample(victims, len(victims))
    print(f"seed {SEED}, killed in this order: {', '.join(order)}")
    with scene.load(SEED + len(scene.ledger.statuses)) as load:
        kill_each(scene.system, order, chance)
        time.sleep(1)
    print(f"done: {dict(load.done)}, tried again: {dict(load.retries)}")
    assert min(load.done[act] for act in ("register", "book", "complete")) > 5
    scene.assert_whole()
