"""Everybody wants the same time: one gets it, through whatever entrance; and bookings at random."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from sqlalchemy import Engine, text

from bench.alone import full_size
from bench.chain import AHEAD, CLOSES, OPENS, ZONE, Chain
from bench.looking import at_most, look
from bench.reads import Site
from bench.report import Figure
from bench.world import World

AT_ONCE = 200
CALLERS = 50
ONLINE_CALLERS = 8
FREE_TIMES = 1_500 if full_size() else 400
SECONDS = 20.0 if full_size() else 3.0
BARE_SECONDS = 1.0
BARE_WRITERS = 8
TIMES_THE_PEER = 5


def figures(world: World, site: Site, salon: Chain, engine: Engine, peer: float) -> Iterator[Figure]:
    with httpx.Client(base_url=f"http://127.0.0.1:{site.port}/api/v1", timeout=20) as http:
        http.headers["Authorization"] = f"Bearer {site.token}"
        races = Races(world, site, salon, http)
        yield from races.figures()
        yield _of_free_times(world, site, salon, peer)
        yield from _at_random(world, site, salon, engine, races.clients)


@dataclass
class Races:
    """Two hundred at once for one time of one master, and what became of them."""

    world: World
    site: Site
    salon: Chain
    http: httpx.Client
    clients: list[str] = field(default_factory=list)
    won: int = 0
    wrong: int = 0
    races: int = 0
    _masters: Iterator[UUID] = field(init=False)

    def __post_init__(self) -> None:
        self._masters = iter(self.salon.masters)  # each race is about another one

    def figures(self) -> Iterator[Figure]:
        bare = look(self.world, self.site, "once", [["GET", self.site.path, None]] * AT_ONCE)["seconds"]
        made = look(self.world, self.site, "once", [_client(number) for number in range(AT_ONCE)])["answers"]
        self.clients = [body["id"] for status, body in made if status == 201]
        assert len(self.clients) == AT_ONCE, [each for each in made if each[0] != 201][:3]
        for name, race in (
            ("POST /appointments", (self._appointment,)),
            ("online", (self._online,)),
            ("holds", (self._hold,)),
            ("series", (self._series,)),
            ("all entrances", (self._appointment, self._online, self._hold, self._series)),
            ("an offer of the waiting list, and all others", ()),
        ):
            seconds = self._run(self._of(*race) if race else self._offered())
            yield at_most(f"{AT_ONCE} at one slot: {name}", seconds, bare, f"{AT_ONCE} rows", 2, "s")
        yield Figure("winners of a slot, on average", self.won / self.races, 1, "", "one", target=1, of_ratio=True)
        yield at_most("losers without a 409 and alternatives", self.wrong, 1, "one", 0, "")

    def _of(self, *entrances: Any) -> list[Any]:
        master, starts = self._free(next(self._masters))
        return [
            entrances[number % len(entrances)](client, master, starts) for number, client in enumerate(self.clients)
        ]

    def _run(self, race: Sequence[Any]) -> float:
        result = look(self.world, self.site, "once", race)
        self.races += 1
        for status, body in result["answers"]:
            self.won += status in (200, 201)
            self.wrong += status not in (200, 201) and not _is_honest(status, body)
        return float(result["seconds"])

    # --- entrances --------------------------------------------------------------------------------------------------

    def _free(self, master: UUID) -> tuple[str, str]:
        """A free time of the master's, in the second half of what is booked ahead."""
        first = self.salon.today + timedelta(days=AHEAD // 2)
        words = {"branch_id": self.salon.branch, "service_id": self.salon.service, "master_id": master}
        asked = urlencode(words | {"from": first, "to": first + timedelta(days=6)})
        days = self.http.get(f"/availability?{asked}").raise_for_status().json()["days"]
        slots = [slot["starts"] for day in days for slot in day["slots"]]
        return str(master), slots[len(slots) // 2]

    def _visit(self, master: str, starts: str) -> dict[str, Any]:
        segments = [{"service_id": str(self.salon.service), "master_id": master}]
        return {"branch_id": str(self.salon.branch), "starts": starts, "segments": segments}

    def _appointment(self, client: str, master: str, starts: str) -> list[Any]:
        return ["POST", "/api/v1/appointments", self._visit(master, starts) | {"client_id": client}]

    def _online(self, client: str, master: str, starts: str) -> list[Any]:
        contact = {"first_name": "Clara", "phone": _phone(int(UUID(client)) % 10**6)}
        return ["POST", "/api/v1/online/appointments", self._visit(master, starts) | {"contact": contact}]

    def _hold(self, _client: str, master: str, starts: str) -> list[Any]:
        return ["POST", "/api/v1/holds", self._visit(master, starts)]

    def _series(self, client: str, master: str, starts: str) -> list[Any]:
        more = {"client_id": client, "rule": {"freq": "WEEKLY", "count": 1}}
        return ["POST", "/api/v1/series", self._visit(master, starts) | more]

    def _offered(self) -> list[Any]:
        """One client who is offered a time that was given back may take it; nobody else, however they try."""
        master, starts = self._free(next(self._masters))
        booked = self.http.post("/appointments", json=self._appointment(self.clients[0], master, starts)[2])
        visit = self._visit(master, starts)
        day = starts[:10]
        waits = {key: visit[key] for key in ("branch_id", "segments")} | {"earliest": day, "latest": day}
        entry = self.http.post("/waiting-list", json=waits | {"client_id": self.clients[1]}).raise_for_status().json()
        given_back = f"/appointments/{booked.raise_for_status().json()['id']}/cancel"
        self.http.post(given_back, json={"reason": "another time"}).raise_for_status()
        deadline = time.monotonic() + 20
        while self.http.get(f"/waiting-list/{entry['id']}").json()["status"] != "offered":
            if time.monotonic() > deadline:
                raise TimeoutError("nobody is offered the time that was given back")
            time.sleep(0.2)
        others = [self._appointment(client, master, starts) for client in self.clients[2:]]
        accept = ["POST", f"/api/v1/waiting-list/{entry['id']}/accept", None]
        return [*others[:100], accept, *others[100:]]


def _client(number: int) -> list[Any]:
    return ["POST", "/api/v1/clients", {"first_name": f"Client {number}", "phones": [_phone(number)]}]


def _phone(number: int) -> str:
    return f"+7900{1_000_000 + number:07}"


def _is_honest(status: int, body: dict[str, Any]) -> bool:
    """A loser is told 409 and when else it is free; one of a series for each time that it lacks."""
    told = body.get("alternatives") or any(each.get("alternatives") for each in body.get("conflicts", ()))
    return status == 409 and bool(told)


# --- free times -----------------------------------------------------------------------------------------------------


def _of_free_times(world: World, site: Site, salon: Chain, peer: float) -> Figure:
    """Booked online by people who have been here before, each a time that is free: what the peer is measured by."""
    requests = [_free_time(salon, number) for number in range(FREE_TIMES)]
    result = look(world, site, "all", requests, ONLINE_CALLERS)
    booked = result["outcomes"].get("201", 0)
    assert booked == FREE_TIMES, result["outcomes"]
    return Figure(
        f"{ONLINE_CALLERS} callers book free times online", booked / result["seconds"], peer, "a second", "the peer",
        target=TIMES_THE_PEER, of_ratio=True,
    )  # fmt: skip


def _free_time(salon: Chain, number: int) -> list[Any]:
    """Of each hour of the first days that nobody has booked yet one for each master."""
    hours = (CLOSES - OPENS) // 60 - 1
    hour, master = divmod(number, len(salon.masters))
    day, hour = divmod(hour, hours)
    return _online(salon, number % AT_ONCE, salon.masters[master], AHEAD + 1 + day, OPENS + 60 * hour)


# --- at random ------------------------------------------------------------------------------------------------------


def _at_random(world: World, site: Site, salon: Chain, engine: Engine, clients: Sequence[str]) -> Iterator[Figure]:
    """Half of the bookings are made at the desk, half online by people who have been here before."""
    floor = _bare(engine)
    requests = [_any_time(salon, clients, online=number % 2 == 0) for number in range(20_000)]
    result = look(world, site, "closed", requests, CALLERS, SECONDS)
    outcomes: dict[str, int] = result["outcomes"]
    answers = sum(outcomes.values()) / result["seconds"]
    booked = outcomes.pop("201", 0) / result["seconds"]
    yield Figure(f"{CALLERS} callers book at random", booked, floor, "a second", "bare constraint insert")
    yield Figure("their answers, conflicts included", answers, floor, "a second", "bare constraint insert")
    wrong = sum(count for each, count in outcomes.items() if each not in ("409 slot_taken", "409 client_busy"))
    yield at_most(f"other answers than conflicts {sorted(outcomes) if wrong else ''}", wrong, 1, "one", 0, "")
    with engine.connect() as connection:
        yield at_most("overlaps in the tables", connection.execute(text(OVERLAPS)).scalar_one(), 1, "one", 0, "")


def _any_time(salon: Chain, clients: Sequence[str], *, online: bool) -> list[Any]:
    number, days = random.randrange(len(clients)), random.randint(AHEAD - 10, AHEAD + 28)
    time_of_day = random.choice(salon.masters), days, random.randrange(OPENS, CLOSES - 60, 15)
    if online:
        return _online(salon, number, *time_of_day)
    return ["POST", "/api/v1/appointments", _visit(salon, *time_of_day) | {"client_id": clients[number]}]


def _online(salon: Chain, number: int, master: UUID, days: int, minute: int) -> list[Any]:
    contact = {"first_name": f"Client {number}", "phone": _phone(number)}
    return ["POST", "/api/v1/online/appointments", _visit(salon, master, days, minute) | {"contact": contact}]


def _visit(salon: Chain, master: UUID, days: int, minute: int) -> dict[str, Any]:
    day = salon.today + timedelta(days=days)
    starts = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZoneInfo(ZONE)).isoformat()
    segments = [{"service_id": str(salon.service), "master_id": str(master)}]
    return {"branch_id": str(salon.branch), "starts": starts, "segments": segments}


OVERLAPS = """
SELECT count(*) FROM busy AS one JOIN busy AS other
    ON one.resource_id = other.resource_id AND one.place = other.place AND one.during && other.during
    AND one.id < other.id
WHERE one.during && tstzrange(now(), NULL)
"""
BARE_TABLE = """
CREATE TABLE IF NOT EXISTS bare_busy (
    id UUID PRIMARY KEY, resource_id UUID, during TSTZRANGE,
    EXCLUDE USING gist (resource_id WITH =, during WITH &&)
)
"""
BARE_INSERT = text("""
INSERT INTO bare_busy SELECT gen_random_uuid(), gen_random_uuid(),
    tstzrange(at.instant, at.instant + interval '1 hour')
FROM (SELECT now() + make_interval(mins => CAST(random() * 1000000 AS int)) AS instant) AS at
""")


def _bare(engine: Engine) -> float:
    """Transactions a second that insert one row under such a constraint, and nothing else."""
    with engine.begin() as connection:
        connection.execute(text(BARE_TABLE))
    done: list[int] = []
    end = time.perf_counter() + BARE_SECONDS

    def keep_inserting() -> None:
        count = 0
        with engine.connect() as connection:
            while time.perf_counter() < end:
                with connection.begin():
                    connection.execute(BARE_INSERT)
                count += 1
        done.append(count)

    threads = [threading.Thread(target=keep_inserting) for _ in range(BARE_WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / BARE_SECONDS
