"""Rotating a master key: while the service runs, after a kill, by several at once; what is in use is not retired."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update

from chassis.assembly import keyring_of
from chassis.database import new_id
from chassis.keyring import Keyring, person_keys
from chassis.masters import MasterFile
from chassis.rotation import Progress, Rotation, Standing
from kernel.errors import Conflict
from tests.harness import Harness

Start = Callable[..., Harness]
PEOPLE = 1_200  # more than two batches


@pytest.fixture
def salon(start: Start) -> Harness:
    return start("clients")


def ring_of(harness: Harness) -> Keyring:
    keyring: Keyring = harness.dispatcher.instance.keyring
    return keyring


def add(harness: Harness, name: str = "clients") -> int:
    return MasterFile(harness.settings.keys / f"{name}.master").add()


def another(harness: Harness) -> Keyring:
    """What a second replica of the service has, which has read nothing yet."""
    return keyring_of("clients", harness.settings)


def last(steps: object) -> Progress:
    *_, progress = steps  # type: ignore[misc]
    return progress


def flip(keyring: Keyring, person: UUID, key_class: str = "person") -> None:
    flipped = func.set_byte(person_keys.c.wrapped, 20, func.get_byte(person_keys.c.wrapped, 20).op("#")(1))
    with keyring.engine.begin() as connection:
        connection.execute(
            update(person_keys)
            .where(person_keys.c.person_id == person, person_keys.c.key_class == key_class)
            .values(wrapped=flipped)
        )


def test_every_key_gets_under_the_new_version_and_opens_as_before(salon: Harness) -> None:
    """In batches, each shown; both classes apart; the old version is then retired and new keys are under the new."""
    ring, people = ring_of(salon), [new_id() for _ in range(PEOPLE)]
    before = ring.make(people)
    health = ring.make(people[:3], "health")
    assert add(salon) == 2
    rotation = Rotation(ring)
    steps = list(rotation.rotate("person"))
    assert [one.done for one in steps] == [0, 500, 1_000, 1_200]
    assert steps[-1] == Progress(PEOPLE, PEOPLE, 0)
    assert rotation.standings() == [
        Standing("health", 1, 3, newest=True),
        Standing("person", 1, 0, newest=False),
        Standing("person", 2, PEOPLE, newest=True),
    ]
    rotation.retire("person", 1)
    MasterFile(salon.settings.keys / "clients.master").leave_out(1)
    fresh = another(salon)
    assert fresh.keys(people) == before
    assert fresh.keys(people, "health") == health
    assert set(fresh.make([new_id()]))
    assert [one.version for one in rotation.standings() if one.key_class == "person"] == [2]
    fresh.close()


def test_what_wraps_is_not_retired(salon: Harness) -> None:
    """Neither a version with keys under it nor the newest; and nobody wraps under one that was retired."""
    ring = ring_of(salon)
    ring.make([new_id()])
    rotation = Rotation(ring)
    add(salon)
    with pytest.raises(Conflict, match="newest"):
        rotation.retire("person", 1)
    steps = rotation.rotate("person")
    next(steps)
    with pytest.raises(Conflict, match="rotate first"):
        rotation.retire("person", 1)
    last(steps)
    rotation.retire("person", 1)
    ring.make([new_id()])
    assert [(one.version, one.keys) for one in rotation.standings()] == [(2, 2)]


def test_replicas_that_started_before_know_the_new_version_at_once(salon: Harness) -> None:
    """One that has read nothing since goes on opening and making keys while and after everything is wrapped anew."""
    ring, early = ring_of(salon), another(salon)
    people = [new_id() for _ in range(PEOPLE)]
    keys = early.make(people[:600]) | ring.make(people[600:])
    add(salon)
    made: list[UUID] = []
    done = threading.Event()
    wrong: list[object] = []

    def live() -> None:
        while not done.is_set() or len(made) < 3:
            made.append(new_id())
            early.make(made[-1:])
            forgetful = another(salon)
            if forgetful.keys(people) != keys:
                wrong.append("a key that does not open")
            forgetful.close()

    thread = threading.Thread(target=live)
    thread.start()
    last(Rotation(ring).rotate("person"))
    done.set()
    thread.join()
    last(Rotation(ring).rotate("person"))
    assert not wrong
    standings = Rotation(ring).standings()
    assert [(one.version, one.keys) for one in standings] == [(1, 0), (2, PEOPLE + len(made))]
    early.close()


def test_a_rotation_that_was_killed_goes_on_where_it_was(salon: Harness) -> None:
    """kill -9 in the middle; the next one does what is left, and every key still opens."""
    ring, people = ring_of(salon), [new_id() for _ in range(4 * PEOPLE)]
    before = ring.make(people)
    add(salon)
    environment = {
        "LOKON_KEYS": str(salon.settings.keys),
        "LOKON_CLIENTS_DATABASE": salon.settings.databases["clients"],
        "LOKON_CLIENTS_KEYS_DATABASE": salon.settings.databases["clients_keys"],
        "PYTHONUNBUFFERED": "1",
        "PATH": "",
    }
    command = [sys.executable, "-m", "chassis.runner", "clients", "keys", "rotate"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as rotating:
        assert rotating.stdout
        for line in rotating.stdout:
            if line.startswith(("500 ", "1000 ")):
                rotating.send_signal(signal.SIGKILL)
                break
    under = {one.version: one.keys for one in Rotation(ring).standings()}
    assert under[2] >= 500
    assert sum(under.values()) == len(people)
    first = next(iter(Rotation(ring).rotate("person")))
    assert first.done == under[2]
    assert last(Rotation(ring).rotate("person")).percent == 100
    fresh = another(salon)
    assert fresh.keys(people) == before
    fresh.close()


def test_two_rotations_at_once_and_an_erasure_meanwhile_lose_nothing(salon: Harness) -> None:
    ring, people = ring_of(salon), [new_id() for _ in range(PEOPLE)]
    before = ring.make(people)
    add(salon)
    threads = [threading.Thread(target=lambda: last(Rotation(ring).rotate("person"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for person in people[::100]:
        ring.destroy(person)
        del before[person]
    for thread in threads:
        thread.join()
    fresh = another(salon)
    assert fresh.keys(people) == before
    assert [(one.version, one.keys) for one in Rotation(ring).standings()] == [(1, 0), (2, len(before))]
    fresh.close()


def test_a_damaged_key_is_named_stops_nothing_and_keeps_its_version(salon: Harness) -> None:
    """Flipped, moved to another person, or to another class: the others open and are wrapped anew."""
    ring = ring_of(salon)
    flipped, moved, whole = new_id(), new_id(), new_id()
    before = ring.make([flipped, moved, whole])
    ring.make([whole], "health")
    flip(ring, flipped)
    wrapped = select(person_keys.c.wrapped).where(person_keys.c.person_id == whole, person_keys.c.key_class == "person")
    with ring.engine.begin() as connection:
        for person, key_class in ((moved, "person"), (whole, "health")):
            connection.execute(
                update(person_keys)
                .where(person_keys.c.person_id == person, person_keys.c.key_class == key_class)
                .values(wrapped=wrapped.scalar_subquery())
            )
    fresh = another(salon)
    assert fresh.keys([flipped, moved, whole]) == {whole: before[whole]}
    assert fresh.keys([whole], "health") == {}
    assert fresh.has(flipped)
    with pytest.raises(Conflict, match="damaged"):
        fresh.make([flipped])
    rotation = Rotation(fresh)
    assert {(person, of) for person, of, _ in rotation.damaged()} == {
        (flipped, "person"),
        (moved, "person"),
        (whole, "health"),
    }
    add(salon)
    assert last(rotation.rotate("person")) == Progress(1, 3, 2)
    with pytest.raises(Conflict, match="rotate first"):
        rotation.retire("person", 1)
    fresh.close()


def test_destroying_a_person_destroys_every_class(salon: Harness) -> None:
    ring, person = ring_of(salon), new_id()
    ring.make([person])
    ring.make([person], "health")
    ring.destroy(person)
    with ring.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(person_keys)) == 0
    assert ring.keys([person]) == ring.keys([person], "health") == {}


def test_one_statement_brings_the_keys_of_all_classes(salon: Harness) -> None:
    """Opening a card asks the key database once."""
    ring, people = ring_of(salon), [new_id() for _ in range(5)]
    ring.make(people)
    ring.make(people, "health")
    fresh, asked = another(salon), []
    event.listen(fresh.engine, "after_cursor_execute", lambda *about: asked.append(about[2]))
    assert set(fresh.keys(people)) == set(fresh.keys(people, "health")) == set(people)
    assert len(asked) == 1
    fresh.close()
