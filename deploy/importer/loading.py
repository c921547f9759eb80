"""Sends a plan to a running Lokon: what is missing by name is made, everything else goes in bulk by reference."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.api import Api, Refused, batches
from deploy.importer.export import CannotImport, Note, Place
from deploy.importer.plan import Plan, PlannedClient, PlannedLine, PlannedVisit
from deploy.importer.standing import Standing, Target

# The export holds no durations. Visits of the past occupy nothing, so this only matters for bookings to come.
DURATION_MINUTES = 60

Advance = Callable[[str, int], None]
Item = Mapping[str, Any]


@dataclass
class Loaded:
    """What was sent; `created` counts what was not there before."""

    branch_id: str
    created: dict[str, int] = field(default_factory=dict)
    visits: list[PlannedVisit] = field(default_factory=list)
    refused: list[Note] = field(default_factory=list)


class Loader:
    """One run over one plan. `advance(what, count)` is told of every step."""

    def __init__(self, api: Api, target: Target, standing: Standing, advance: Advance) -> None:
        self._api = api
        self._target = target
        self._standing = standing
        self._advance = advance
        self._services: dict[str, str] = {}
        self._masters: dict[str, str] = {}
        self._clients: dict[str, str] = {}

    def load(self, plan: Plan) -> Loaded:
        loaded = Loaded(self._branch())
        loaded.created["branches"] = int(self._standing.branch is None)
        loaded.created["services"] = sum(self._service(service) for service in plan.services)
        loaded.created["masters"] = sum(self._master(master.name, master.services) for master in plan.masters)
        self._load_clients(plan.clients, loaded)
        self._load_visits(plan.visits, loaded)
        return loaded

    def _branch(self) -> str:
        branch = self._standing.branch or self._make(
            "/branches", {"name": self._target.branch, "time_zone": self._target.time_zone}
        )
        self._advance("branches", 1)
        return str(branch["id"])

    def _service(self, planned: Any) -> bool:
        there = self._standing.services.get(planned.name.casefold())
        service = there or self._make(
            "/services",
            {
                "name": planned.name,
                "category": planned.category,
                "duration_minutes": DURATION_MINUTES,
                "price": self._money(planned.price),
                "cost": self._money(planned.cost),
                "active": planned.active,
            },
        )
        self._services[planned.name] = service["id"]
        self._advance("services", 1)
        return there is None

    def _master(self, name: str, services: Iterable[str]) -> bool:
        done = [self._services[service] for service in services]
        there = self._standing.masters.get(name.casefold())
        if there is None:
            master = self._make("/masters", {"name": name, "service_ids": done})
        else:
            learnt = [service for service in done if service not in there["service_ids"]]
            master = there
            if learnt:
                change = {"service_ids": [*there["service_ids"], *learnt]}
                master = self._api.patch(f"/masters/{there['id']}", there["version"], change)
        self._masters[name] = master["id"]
        self._advance("masters", 1)
        return there is None

    def _load_clients(self, clients: Sequence[PlannedClient], loaded: Loaded) -> None:
        items = [
            {
                "reference": self._target.reference(client.code),
                "first_name": client.code,
                "home_branch_id": loaded.branch_id,
                "registered_at": client.since.isoformat(),
            }
            for client in clients
        ]
        bulk = _Bulk(self._api, "/clients/bulk", "clients", {}, lambda count: self._advance("clients", count))
        places = {self._target.reference(client.code): (client.place,) for client in clients}
        answers = list(bulk.send(items, places))
        ids = {answer["reference"]: answer["id"] for answer in answers}
        by_code = {client.code: ids.get(self._target.reference(client.code)) for client in clients}
        self._clients = {code: client_id for code, client_id in by_code.items() if client_id}
        loaded.created["clients"] = sum(answer["created"] for answer in answers)
        loaded.refused += bulk.refused

    def _load_visits(self, visits: Sequence[PlannedVisit], loaded: Loaded) -> None:
        known = [visit for visit in visits if visit.client is None or visit.client in self._clients]
        for visit in visits:
            if visit.client is not None and visit.client not in self._clients:
                loaded.refused += [Note(place, f"its client {visit.client} was refused") for place in visit.places]
        common = {"currency": self._target.currency}
        bulk = _Bulk(self._api, "/appointments/bulk", "visits", common, lambda count: self._advance("visits", count))
        items = [self._visit(visit, loaded.branch_id) for visit in known]
        answers = list(bulk.send(items, {self._target.reference(visit.reference): visit.places for visit in known}))
        arrived = {answer["reference"] for answer in answers}
        loaded.visits = [visit for visit in known if self._target.reference(visit.reference) in arrived]
        loaded.created["visits"] = sum(answer["created"] for answer in answers)
        loaded.refused += bulk.refused

    def _visit(self, visit: PlannedVisit, branch_id: str) -> Item:
        return {
            "reference": self._target.reference(visit.reference),
            "branch_id": branch_id,
            "client_id": self._clients[visit.client] if visit.client else None,
            "starts": visit.starts.isoformat(),
            "status": visit.status,
            "segments": [
                {"service_id": self._services[one.service], "master_id": self._masters[one.master]}
                for one in visit.segments
            ],
            "lines": [self._line(line) for line in visit.lines],
        }

    def _line(self, line: PlannedLine) -> Item:
        return {
            "kind": line.kind,
            "amount": line.amount,
            "service_id": self._services[line.service] if line.service else None,
            "master_id": self._masters[line.master],
            "text": line.text,
        }

    def _make(self, path: str, body: Item) -> Any:
        try:
            return self._api.post(path, body)
        except Refused as refused:
            raise CannotImport(f"{body['name']} cannot be made: {refused.sentence}.") from None

    def _money(self, amount: int) -> Item:
        return {"amount": amount, "currency": self._target.currency}


class _Bulk:
    """Portions of one kind; items that are refused by their place are left out, and the rest is sent again."""

    def __init__(self, api: Api, path: str, name: str, common: Item, advance: Callable[[int], None]) -> None:
        self._api = api
        self._path = path
        self._name = name
        self._common = common
        self._advance = advance
        self.refused: list[Note] = []

    def send(self, items: Sequence[Item], places: Mapping[str, Iterable[Place]]) -> Iterator[Any]:
        for batch in batches(items):
            wanted = list(batch)
            while wanted:
                try:
                    answer = self._api.send(self._path, {**self._common, self._name: wanted})
                except Refused as refused:
                    wanted = self._without(self._named(refused), wanted, places)
                else:
                    yield from answer["items"]
                    break
            self._advance(len(batch))

    def _named(self, refused: Refused) -> dict[int, str]:
        """Which items are wrong, and why: the errors name them as `visits.17.lines.0`."""
        reasons: dict[int, str] = {}
        for path, texts in refused.errors.items():
            found = re.match(rf"{self._name}\.(\d+)(?:\.(.*))?$", path)
            if found:
                about = f"{found[2]}: " if found[2] else ""
                reasons.setdefault(int(found[1]), about + ", ".join(texts))
        if not reasons:
            raise CannotImport(f"The {self._name} are refused: {refused.sentence}.")
        return reasons

    def _without(
        self, reasons: Mapping[int, str], items: list[Item], places: Mapping[str, Iterable[Place]]
    ) -> list[Item]:
        for number, reason in reasons.items():
            self.refused += [Note(place, reason) for place in places[items[number]["reference"]]]
        return [item for number, item in enumerate(items) if number not in reasons]
