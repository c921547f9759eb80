"""What analytics and loyalty must say, worked out from what booking and clients show over HTTP."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.e2e.desk import Desk
from tests.e2e.load import Chain, Ledger

DISCOUNTS = ((20, 15), (10, 10), (5, 7), (3, 5), (1, 3))  # people who count, percentage
GROUPS = ("month", "month,branch,source", "service,category,master")


@dataclass
class Books:
    """All appointments and all cards."""

    visits: list[dict[str, Any]]
    clients: dict[str, dict[str, Any]]
    appointments: list[dict[str, Any]]
    categories: dict[str, str]

    def root(self, client: str | None) -> str | None:
        """The channel at the root of the chain through which somebody came."""
        while client and self.clients[client]["referrer_id"]:
            client = self.clients[client]["referrer_id"]
        source = self.clients[client]["source"] if client else None
        return source["channel"] if source else None


def read_books(desk: Desk, chain: Chain) -> Books:
    """Everything that booking and clients hold."""
    appointments = [
        each for branch in chain.branches for each in desk.every("/appointments", branch_id=branch.id, **period(chain))
    ]
    return Books(
        [each for each in appointments if each["status"] == "completed"],
        {each["id"]: each for each in desk.every("/clients")},
        appointments,
        {service["id"]: service["category"] for service in chain.services},
    )


def period(chain: Chain) -> dict[str, str]:
    return {
        "from": (chain.today - timedelta(days=300)).isoformat(),
        "to": (chain.today + timedelta(days=2)).isoformat(),
    }


def kept(ledger: Ledger) -> dict[str, Any]:
    """What was promised to the callers."""
    return {
        "clients": sorted(ledger.clients),
        "statuses": dict(sorted(ledger.statuses.items())),
        "refunded": {each: amount for each, amount in sorted(ledger.refunded.items()) if amount},
    }


def found(books: Books) -> dict[str, Any]:
    """The same as the services show it."""
    return {
        "clients": sorted(books.clients),
        "statuses": {each["id"]: each["status"] for each in sorted(books.appointments, key=lambda one: one["id"])},
        "refunded": {
            each["id"]: each["refunded"]["amount"]
            for each in sorted(books.appointments, key=lambda one: one["id"])
            if each["refunded"]["amount"]
        },
    }


# --- analytics ------------------------------------------------------------------------------------------------------

Figures = tuple[int, ...]


def expected_rows(books: Books, group_by: str) -> dict[tuple[Any, ...], Figures]:
    """Visits, clients, new clients and revenue by the keys of `group_by`."""
    names = group_by.split(",")
    visits: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    people: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    revenue: dict[tuple[Any, ...], int] = defaultdict(int)
    new: dict[tuple[Any, ...], int] = defaultdict(int)
    first = _first_visits(books.visits)
    for visit in books.visits:
        began = first.get(visit["client_id"]) == visit["id"]
        for key, amount in _parts(books, visit, names):
            new[key] += began and visit["id"] not in visits[key]
            visits[key].add(visit["id"])
            people[key] |= {visit["client_id"]} - {None}
            revenue[key] += amount
    return {key: (len(visits[key]), len(people[key]), new[key], revenue[key]) for key in visits}


def shown_rows(desk: Desk, chain: Chain, group_by: str) -> dict[tuple[Any, ...], Figures]:
    """The same as analytics shows it."""
    fields = [f"{name}_id" if name in ("branch", "service", "master") else name for name in group_by.split(",")]
    rows = desk.get("/analytics/visits", group_by=group_by, **period(chain))["rows"]
    return {
        tuple(row[name] for name in fields): (
            row["visits"],
            row["clients"],
            row["new_clients"],
            row["revenue"]["amount"],
        )
        for row in rows
    }


def _parts(books: Books, visit: Mapping[str, Any], names: Iterable[str]) -> Iterable[tuple[tuple[Any, ...], int]]:
    for line in visit["lines"]:
        keys = {
            "month": visit["starts"][:7],
            "branch": visit["branch_id"],
            "source": books.root(visit["client_id"]),
            "service": line["service_id"],
            "category": books.categories.get(line["service_id"]),
            "master": line["master_id"],
        }
        yield tuple(keys[name] for name in names), line["due"]["amount"] - line["refunded"]["amount"]


def _first_visits(visits: Iterable[Mapping[str, Any]]) -> dict[str | None, str]:
    """Everybody's first visit: of several on one day, the one that was made first."""
    first: dict[str | None, str] = {}
    for visit in sorted(visits, key=lambda one: (one["starts"][:10], one["id"]), reverse=True):
        first[visit["client_id"]] = visit["id"]
    first.pop(None, None)  # of a visit without a card nobody can say whose first one it was
    return first


def expected_sources(books: Books) -> dict[Any, Figures]:
    """Clients, visits and revenue of everybody with all whom they brought, of each channel, and (`root`) of all."""
    nodes: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    own: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for visit in books.visits:
        mine = own[visit["client_id"]]
        mine[0] = int(visit["client_id"] is not None)
        mine[1] += 1
        mine[2] += _revenue(visit)
    for client, figures in own.items():
        places: list[Any] = ["root"]
        if client is not None:
            places.append(("channel", books.root(client)))
        while client is not None:
            places.append(client)
            client = books.clients[client]["referrer_id"]
        for place in places:
            nodes[place] = [old + more for old, more in zip(nodes[place], figures, strict=True)]
    return {place: tuple(figures) for place, figures in nodes.items()}


def shown_sources(desk: Desk, chain: Chain) -> dict[Any, Figures]:
    """The same as analytics shows it, out of its tree."""
    nodes: dict[Any, Figures] = {}

    def walk(node: Mapping[str, Any]) -> None:
        named = {"root": "root", "channel": ("channel", node["name"]), "client": node.get("client_id")}
        nodes[named[node["kind"]]] = (node["clients"], node["visits"], node["revenue"]["amount"])
        for child in node["children"]:
            walk(child)

    walk(desk.get("/analytics/sources", **period(chain)))
    return nodes


def _revenue(visit: Mapping[str, Any]) -> int:
    return sum(line["due"]["amount"] - line["refunded"]["amount"] for line in visit["lines"])


# --- loyalty --------------------------------------------------------------------------------------------------------


def expected_discounts(books: Books) -> dict[str, tuple[float, int, int]]:
    """Percentage, people brought and those of them who count, of everybody who brought somebody."""
    counting = {visit["client_id"] for visit in books.visits if _counts(visit)}
    brought: dict[str, list[str]] = defaultdict(list)
    for client in books.clients.values():
        if client["referrer_id"]:
            brought[client["referrer_id"]].append(client["id"])
    discounts = {}
    for referrer, people in brought.items():
        qualified = len(counting & set(people))
        percent = next((percent for least, percent in DISCOUNTS if qualified >= least), 0)
        discounts[referrer] = (float(percent), len(people), qualified)
    return discounts


def shown_discounts(desk: Desk, clients: Iterable[str]) -> dict[str, tuple[float, int, int]]:
    """The same as loyalty shows it."""
    shown = {}
    for client in clients:
        answer = desk.get(f"/loyalty/clients/{client}")
        referrals = answer["referrals"]
        shown[client] = (float(answer["discount_percent"]), referrals["direct"], referrals["qualified"])
    return shown


def _counts(visit: Mapping[str, Any]) -> bool:
    services = any(line["kind"] == "service" for line in visit["lines"])
    return services and min(visit["due"]["amount"], visit["paid"]["amount"]) > visit["refunded"]["amount"]


# --- all of it ------------------------------------------------------------------------------------------------------


def comparisons(desk: Desk, chain: Chain, books: Books) -> dict[str, tuple[Callable[[], Any], Any]]:
    """What is shown, to be asked for again until it is what it must be."""
    discounts = expected_discounts(books)
    return {
        **{
            group: (lambda group=group: shown_rows(desk, chain, group), expected_rows(books, group)) for group in GROUPS
        },
        "sources": (lambda: shown_sources(desk, chain), expected_sources(books)),
        "discounts": (lambda: shown_discounts(desk, discounts), discounts),
    }
