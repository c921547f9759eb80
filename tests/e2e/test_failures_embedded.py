"""The system in one process under load: killed, started again on the same data, stopped, and started again."""

import random
import time

import pytest

from tests.e2e.survival import Scene, kill_each
from tests.e2e.systems import STOPS_WITHIN, Running

SEED = 20_262


@pytest.fixture(scope="module")
def scene(embedded: Running) -> Scene:
    return Scene.set(embedded)


def test_killed_again_and_again_under_load_it_loses_and_doubles_nothing(scene: Scene) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    with scene.load(SEED) as load:
        for _ in range(3):
            time.sleep(chance.uniform(1.0, 4.0))
            scene.system.kill()
            scene.system.start()
        time.sleep(1)
    print(f"done: {dict(load.done)}, tried again: {dict(load.retries)}")
    assert min(load.done[act] for act in ("register", "book", "complete")) > 5
    scene.assert_whole()


def test_its_database_server_killed_under_load_comes_back(scene: Scene) -> None:
    chance = random.Random(SEED + 1)
    with scene.load(SEED + 1) as load:
        kill_each(scene.system, ["postgres", "postgres"], chance)
    print(f"done: {dict(load.done)}, tried again: {dict(load.retries)}")
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
