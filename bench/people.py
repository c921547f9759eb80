"""A base of many clients, sealed for real: how long a list and a search take. `python -m bench.people [CARDS]`."""

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx

from bench import crowd
from bench.alone import full_size, told
from bench.availability import Seen
from bench.crowd import Met
from bench.looking import at_most, look, p95
from bench.reads import PASSWORD, Site, system
from bench.report import Figure
from bench.world import World, cpu_seconds, world
from chassis.wire import encode_cursor

CARDS = 100_000 if full_size() else 10_000
BOUNDS = ((100_000, 50.0), (1_000_000, 100.0))  # milliseconds up to so many cards
SECONDS = 2.0 if full_size() else 0.5
CALLERS = 2
ASKED = 200  # different questions of a kind
SMALL_BRANCH = {"name": "Small", "time_zone": "Europe/Moscow", "address": "2 Main Street", "opening_hours": []}


def over_rabbitmq(made: World, site: Site, cards: int = CARDS) -> Iterator[Figure]:
    """The cluster with all these people in it, asked by the owner and by administrators of a branch each."""
    branch = UUID(site.path.rpartition("/")[2])
    with httpx.Client(
        base_url=f"http://127.0.0.1:{site.port}/api/v1", headers={"Authorization": f"Bearer {site.token}"}
    ) as http:
        small = UUID(http.post("/branches", json=SMALL_BRANCH).raise_for_status().json()["id"])
        desks = [replace(site, token=_administrator(http, each)) for each in (branch, small)]
    people = crowd.found(site.home, cards, branch, small)
    asked = Asked(made, people, next(bound for most, bound in BOUNDS if cards <= most))
    yield from asked.figures(site, *desks)


def _administrator(owner: httpx.Client, branch: UUID) -> str:
    """The token of somebody who sees what one branch sees."""
    said = {"login": f"desk-{branch}", "name": "Desk", "role": "administrator", "branch_ids": [str(branch)]}
    owner.post("/users", json={**said, "password": PASSWORD}).raise_for_status()
    answered = owner.post("/auth/login", json={"login": said["login"], "password": PASSWORD}).raise_for_status()
    return str(answered.json()["access_token"])


@dataclass(frozen=True)
class Asked:
    """What people type, and what it costs."""

    world: World
    people: Sequence[Met]
    bound: float

    def figures(self, owner: Site, desk: Site, small_desk: Site) -> Iterator[Figure]:
        self._look(owner, [["GET", "/api/v1/clients", None]])  # nobody has asked yet
        row = self._look(owner, [["GET", owner.path, None]])
        for name, questions in self._questions():
            for who, site in (("", owner), (", one branch", desk), (", a small one", small_desk)):
                seen = self._look(site, questions)
                yield at_most(f"p95 of {name}{who}", seen.p95, row.p95, "a row", self.bound)
                yield Figure(f"CPU of {name}{who}", seen.cpu, row.cpu, "ms", "a row")

    def _questions(self) -> Iterator[tuple[str, Sequence[Any]]]:
        chance = Random(1)
        cards = chance.choices(self.people, k=ASKED)
        spelt = ("+7 {} {}-{}-{}", "8({}){}{}{}", "{}{}{}{}")
        typed = {
            "two letters of a name": [chance.choice(one.names)[:2] for one in cards],
            "beginnings of two names": [
                " ".join(chance.sample([one.names[0][:3], one.names[1][:4]], 2)) for one in cards
            ],
            "a whole name": [" ".join(chance.sample(one.names, 2)) for one in cards],
            "a phone": [
                chance.choice(spelt).format(one.phone[2:5], one.phone[5:8], one.phone[8:10], one.phone[10:])
                for one in cards
            ],
            "four last digits": [one.phone[-4:] for one in cards],
            "an e-mail": [one.email for one in cards],
        }
        for name, words in typed.items():
            yield name, [["POST", "/api/v1/clients/search", {"q": q}] for q in words]
        yield "the first page", [["GET", "/api/v1/clients", None]]
        cursors = [urlencode({"cursor": encode_cursor(one.registered_at, one.id)}) for one in cards]
        yield "a page far down", [["GET", f"/api/v1/clients?{cursor}", None] for cursor in cursors]

    def _look(self, site: Site, requests: Sequence[Any]) -> Seen:
        used = cpu_seconds([site.root])
        result = look(self.world, site, "closed", requests, CALLERS, SECONDS)
        used = cpu_seconds([site.root]) - used
        took = [each * 1000 for each in result["took"]]
        assert set(result["outcomes"]) == {"200"}, result["outcomes"]
        return Seen(len(took) / result["seconds"], p95(took), used * 1000 / len(took))


def main(cards: str = str(CARDS)) -> int:
    logging.disable(logging.WARNING)
    with world() as made, system(made, "cluster") as site:
        return min(1, told(over_rabbitmq(made, site, int(cards))))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
