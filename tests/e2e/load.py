"""A load of registrations, bookings, completions and refunds over HTTP, by callers who try again as they should."""

import itertools
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Self

from tests.e2e.desk import Desk

CHANNELS = ("instagram", "walk-by", "leaflet")
TAKEN = {"slot_taken", "client_busy"}  # refusals that a booking at a random time has to expect
STARS = 6  # clients who bring about half of the others, so that discounts rise
MINUTES = 10  # of a service, and between two starts


# --- where the load takes place -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Branch:
    """A branch where the day has just begun: much of it is left to book, and all of it may be completed."""

    id: str
    midnight: datetime
    masters: tuple[str, ...]

    def start(self, number: int) -> str:
        """The start number `number` of the day, some hours away."""
        return (self.midnight + timedelta(hours=4, minutes=MINUTES * number)).isoformat()


STARTS = 19 * 60 // MINUTES


@dataclass(frozen=True)
class Chain:
    """Two branches, each with masters who work all day, and two services."""

    branches: tuple[Branch, ...]
    services: tuple[dict[str, Any], ...]

    @property
    def today(self) -> date:
        return max(branch.midnight.date() for branch in self.branches)


def open_chain(desk: Desk, masters: int = 5) -> Chain:
    """Set everything up over HTTP."""
    services = tuple(
        desk.post(
            "/services",
            {
                "name": name,
                "category": category,
                "duration_minutes": MINUTES,
                "price": {"amount": price, "currency": "RUB"},
            },
        )
        for name, category, price in (("Fringe", "Hair", 123_45), ("Brows", "Face", 67_89))
    )
    return Chain(tuple(_open_branch(desk, number, services, masters) for number in range(2)), services)


def _open_branch(desk: Desk, number: int, services: tuple[dict[str, Any], ...], masters: int) -> Branch:
    now = datetime.now(UTC)
    hours = (1 + number - now.hour + 12) % 24 - 12  # the zone where it is one o'clock at night, or two
    midnight = now.astimezone(timezone(timedelta(hours=hours))).replace(hour=0, minute=0, second=0, microsecond=0)
    branch = desk.post("/branches", {"name": f"Branch {number}", "time_zone": f"Etc/GMT{-hours:+d}"})
    staff = []
    for _ in range(masters):
        master = desk.post("/masters", {"name": "Mila", "service_ids": [service["id"] for service in services]})
        shift = {"date": midnight.date().isoformat(), "starts": "00:00", "ends": "24:00"}
        desk.put(f"/masters/{master['id']}/shifts", {"branch_id": branch["id"], "shifts": [shift]})
        staff.append(master["id"])
    return Branch(branch["id"], midnight, tuple(staff))


# --- the load -------------------------------------------------------------------------------------------------------


@dataclass
class Ledger:
    """What was answered with success, and so must be there, once."""

    clients: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)  # by appointment
    refunded: Counter[str] = field(default_factory=Counter)  # minor units by appointment
    numbers: Any = field(default_factory=itertools.count)  # for phones and references, each once


class Load:
    """`with Load(url, chain, ledger, seed):` works meanwhile; whoever fails makes the end of the block fail.

    At the end each worker finishes what it has begun, however long the system is away.
    """

    def __init__(self, url: str, chain: Chain, ledger: Ledger, seed: object, workers: int = 3) -> None:
        self._workers = [Worker(url, chain, ledger, random.Random(f"{seed} {number}")) for number in range(workers)]
        self._threads = [threading.Thread(target=self._work, args=(worker,)) for worker in self._workers]
        self._enough = threading.Event()
        self._failures: list[BaseException] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    @property
    def done(self) -> Counter[str]:
        return sum((worker.done for worker in self._workers), Counter())

    @property
    def retries(self) -> Counter[str]:
        return sum((worker.desk.retries for worker in self._workers), Counter())

    def _work(self, worker: "Worker") -> None:
        try:
            with worker.desk:
                while not self._enough.is_set():
                    worker.step()
                    self._enough.wait(worker.chance.uniform(0, 0.06))
        except BaseException as failure:
            self._failures.append(failure)


class Worker:
    """One receptionist; the visits that they booked are theirs to complete."""

    def __init__(self, url: str, chain: Chain, ledger: Ledger, chance: random.Random) -> None:
        self.desk = Desk(url)
        self.chance = chance
        self.done: Counter[str] = Counter()
        self._chain = chain
        self._ledger = ledger
        self._booked: list[str] = []
        self._completed: list[dict[str, Any]] = []

    def step(self) -> None:
        """One thing that happens at a reception."""
        weights = {self._register: 20, self._book: 40, self._complete: 28, self._refund: 6, self._cancel: 3}
        act = self.chance.choices([*weights, self._record], weights=[*weights.values(), 3])[0]
        if len(self._ledger.clients) < STARS:
            act = self._register
        if act():
            self.done[act.__name__.strip("_")] += 1

    def _register(self) -> bool:
        number = next(self._ledger.numbers)
        known = self._ledger.clients
        body: dict[str, Any] = {"first_name": f"Guest {number}", "phones": [f"+7916{number:07d}"]}
        if len(known) >= STARS and self.chance.random() < 0.7:
            body["referrer_id"] = self.chance.choice(known[:STARS] if self.chance.random() < 0.8 else known)
        else:
            body["source"] = {"channel": self.chance.choice(CHANNELS)}
        known.append(self.desk.post("/clients", body)["id"])
        return True

    def _book(self) -> bool:
        branch = self.chance.choice(self._chain.branches)
        service = self.chance.choice(self._chain.services)
        body = {
            "branch_id": branch.id,
            "client_id": self.chance.choice(self._ledger.clients),
            "starts": branch.start(self.chance.randrange(STARTS)),
            "segments": [{"service_id": service["id"], "master_id": self.chance.choice(branch.masters)}],
        }
        booked = self.desk.post("/appointments", body, refusals=TAKEN)
        if booked is None:
            return False
        assert booked["id"] not in self._ledger.statuses, "two requests were given one appointment"
        self._ledger.statuses[booked["id"]] = "booked"
        self._booked.append(booked["id"])
        return True

    def _complete(self) -> bool:
        return self._end("complete", {}, "completed")

    def _cancel(self) -> bool:
        return self._end("cancel", {"reason": "rain"}, "cancelled")

    def _end(self, action: str, body: dict[str, Any], status: str) -> bool:
        if not self._booked:
            return False
        ended = self._booked.pop(self.chance.randrange(len(self._booked)))
        answer = self.desk.post(f"/appointments/{ended}/{action}", body)
        assert answer["status"] == status
        self._ledger.statuses[ended] = status
        if status == "completed":
            self._completed.append(answer)
        return True

    def _refund(self) -> bool:
        if not self._completed:
            return False
        visit = self._completed.pop(self.chance.randrange(len(self._completed)))
        line = visit["lines"][0]
        amount = self.chance.choice([line["due"]["amount"], self.chance.randrange(1, line["due"]["amount"])])
        given = {"line_id": line["id"], "amount": line["due"] | {"amount": amount}}
        self.desk.post(f"/appointments/{visit['id']}/refund", {"lines": [given], "reason": "it grew back"})
        self._ledger.refunded[visit["id"]] += amount
        return True

    def _record(self) -> bool:
        """Visits of earlier months, some of them by nobody in particular."""
        branch = self.chance.choice(self._chain.branches)
        visits = [self._past_visit(branch) for _ in range(3)]
        recorded = self.desk.post("/appointments/bulk", {"currency": "RUB", "visits": visits})["items"]
        self._ledger.statuses |= {each["id"]: "completed" for each in recorded}
        return True

    def _past_visit(self, branch: Branch) -> dict[str, Any]:
        work = {
            "service_id": self.chance.choice(self._chain.services)["id"],
            "master_id": self.chance.choice(branch.masters),
        }
        starts = branch.midnight - timedelta(days=self.chance.randrange(1, 200)) + timedelta(hours=12)
        return {
            "reference": f"past {next(self._ledger.numbers)}",
            "branch_id": branch.id,
            "starts": starts.isoformat(),
            "status": "completed",
            "client_id": self.chance.choice([None, self.chance.choice(self._ledger.clients)]),
            "segments": [work],
            "lines": [
                {"kind": "service", "amount": self.chance.randrange(1, 20_000)} | work,
                {"kind": "retail", "amount": self.chance.randrange(-500, 3_000), "text": "Shampoo"},
            ],
        }
