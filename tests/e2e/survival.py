"""What must hold after whatever a test did to a system under load."""

import os
import random
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import kombu
from kombu.exceptions import ChannelError

from chassis.messaging.link import DEAD_LETTERS
from tests.e2e import reckoning
from tests.e2e.desk import Desk
from tests.e2e.load import Chain, Ledger, Load, open_chain
from tests.e2e.systems import Running, until

SETTLES_WITHIN = 60.0

OVERLAPS = """
    SELECT one.resource_id, one.during, other.during FROM busy AS one JOIN busy AS other
    ON one.resource_id = other.resource_id AND one.id < other.id AND one.during && other.during
"""


@dataclass
class Scene:
    """A running system with a chain of salons in it, and what its callers were promised."""

    system: Running
    chain: Chain
    ledger: Ledger = field(default_factory=Ledger)

    @classmethod
    def set(cls, system: Running) -> "Scene":
        with Desk(system.url) as desk:
            return cls(system, open_chain(desk))

    def load(self, seed: object) -> Load:
        return Load(self.system.url, self.chain, self.ledger, seed)

    def register(self, desk: Desk, **words: Any) -> str:
        """A new client's id."""
        client = desk.post("/clients", {"first_name": "Guest", **words})["id"]
        self.ledger.clients.append(client)
        return str(client)

    def book(self, desk: Desk, client: str) -> dict[str, Any]:
        """An appointment at the first free time of a master."""
        branch, service = self.chain.branches[0], self.chain.services[0]["id"]
        day = branch.midnight.date().isoformat()
        asked = {"branch_id": branch.id, "service_id": service, "master_id": branch.masters[0], "from": day, "to": day}
        (free,) = desk.get("/availability", **asked)["days"]
        segment = {"service_id": service, "master_id": branch.masters[0]}
        body = {"branch_id": branch.id, "client_id": client, "segments": [segment]}
        booked = desk.post("/appointments", {**body, "starts": free["slots"][0]["starts"]})
        self.ledger.statuses[booked["id"]] = "booked"
        return dict(booked)

    def complete(self, desk: Desk, appointment: dict[str, Any]) -> dict[str, Any]:
        """The appointment after the visit."""
        self.ledger.statuses[appointment["id"]] = "completed"
        return dict(desk.post(f"/appointments/{appointment['id']}/complete"))

    def assert_whole(self) -> None:
        """Nothing that was promised is missing, nothing is there twice, and all services agree about it."""
        until(self.system.ready, 60, "the system is ready")
        with Desk(self.system.url) as desk:
            books = reckoning.read_books(desk, self.chain)
            assert reckoning.found(books) == reckoning.kept(self.ledger)
            for name, (show, expected) in reckoning.comparisons(desk, self.chain, books).items():
                assert settled(show, expected) == expected, name
        assert self.system.parked() == []
        assert self.system.rows("booking", OVERLAPS) == []
        copied = "SELECT client_id, percent FROM discounts WHERE percent > 0"
        expected = sorted(self.system.rows("loyalty", copied))
        assert settled(lambda: sorted(self.system.rows("booking", copied)), expected) == expected
        if self.system.shape == "cluster":
            assert dead_letters(self.system) == 0


def settled(show: Any, expected: Any) -> Any:
    """What is shown as soon as it is as expected, or what it is when patience ends."""
    deadline = time.monotonic() + SETTLES_WITHIN
    while (shown := show()) != expected and time.monotonic() < deadline:
        time.sleep(0.3)
    return shown


def dead_letters(system: Running) -> int:
    with kombu.Connection(system.bus()) as bus:
        try:
            return int(bus.channel().queue_declare(DEAD_LETTERS, passive=True).message_count)
        except ChannelError:
            return 0


def kill_each(system: Running, names: Iterable[str], chance: random.Random) -> None:
    """End one process after another at random moments; each must be there again before the next one goes."""
    for name in names:
        time.sleep(chance.uniform(0.3, 2.0))
        kill(system, name)
        until(system.ready, 60, f"all is ready again after the death of {name}")


def kill(system: Running, name: str) -> None:
    """End the process called `name` and wait until another one stands in its place."""
    victim = system.pid(name)
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in system.processes().get(name, [victim]), 30, f"{name} is started again")
