"""What visits add to figures by day and by month, and what a change moves them by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple


class Came(NamedTuple):
    """A completed visit: ids as text, amounts in minor units; `first` if somebody became a client with it."""

    local_date: date
    branch_id: str
    client_id: str | None
    first: bool
    revenue: int
    discount: int
    cost: int


class Part(NamedTuple):
    """What a visit was for, and what that was worth."""

    service_id: str | None
    category: str | None
    master_id: str | None
    revenue: int
    discount: int
    cost: int


class Key(NamedTuple):
    """What a figure is of: a day or a month from its first day, a branch or the whole chain, and the visits `of` one
    service, category or master, or every visit.
    """

    span: str
    since: date
    branch_id: str | None
    kind: str
    of: str | None


class Amounts(NamedTuple):
    visits: int
    clients: int
    new_clients: int
    revenue: int
    discount: int
    cost: int


Place = tuple[str, date, str | None]  # a span, its first day, and a branch or the whole chain
Thing = tuple[str, str | None]  # a kind, and the one id that it names
Visit = tuple[Came, Sequence[Part]]
Worth = tuple[int, int, int]
NOTHING: Worth = (0, 0, 0)


class _Sum:
    """A figure that grows; `last` is the client who was counted last."""

    __slots__ = ("clients", "cost", "discount", "last", "new_clients", "revenue", "visits")

    def __init__(self) -> None:
        self.visits = self.clients = self.new_clients = self.revenue = self.discount = self.cost = 0
        self.last: str | None = None


def added(visits: Iterable[Visit]) -> dict[Key, Amounts]:
    """What these visits add to which figures; of every client who is among them, all visits of a month or none are.

    A visit counts once for a key, however many of its parts have it, and a client once, however many visits do.
    """
    sums: dict[Place, dict[Thing, _Sum]] = {}
    for came, parts in sorted(visits, key=_client):
        things = _things(came, parts)
        for place in _places(came):
            _add(sums.setdefault(place, {}), things, came)
    return {
        Key(*place, *thing): Amounts(
            each.visits, each.clients, each.new_clients, each.revenue, each.discount, each.cost
        )
        for place, things in sums.items()
        for thing, each in things.items()
    }


def _add(sums: dict[Thing, _Sum], things: Mapping[Thing, Worth], came: Came) -> None:
    """Ten million visits go through here four times each when all is made anew: hence no smaller steps."""
    client_id, first = came.client_id, came.first
    for thing, (revenue, discount, cost) in things.items():
        each = sums.get(thing)
        if each is None:
            each = sums[thing] = _Sum()
        each.visits += 1
        if client_id is not None and each.last != client_id:
            each.last = client_id
            each.clients += 1
        each.new_clients += first
        each.revenue += revenue
        each.discount += discount
        each.cost += cost


def difference(before: Mapping[Key, Amounts], after: Mapping[Key, Amounts]) -> dict[Key, Amounts]:
    """By how much which figures grow; those that stay are left out."""
    nothing = Amounts(0, 0, 0, 0, 0, 0)
    moves: dict[Key, Amounts] = {}
    for key in before.keys() | after.keys():
        sooner, later = before.get(key, nothing), after.get(key, nothing)
        if sooner != later:
            moves[key] = Amounts(*(new - old for old, new in zip(sooner, later, strict=True)))
    return moves


def _client(visit: Visit) -> str:
    """Those of a client one after another, so that it is enough to remember who was counted last."""
    return visit[0].client_id or ""


def _places(came: Came) -> tuple[Place, ...]:
    day, month, branch_id = came.local_date, came.local_date.replace(day=1), came.branch_id
    return ("day", day, branch_id), ("day", day, None), ("month", month, branch_id), ("month", month, None)


def _things(came: Came, parts: Sequence[Part]) -> dict[Thing, Worth]:
    things: dict[Thing, Worth] = {("visit", None): (came.revenue, came.discount, came.cost)}
    for part in parts:
        for thing in (("service", part.service_id), ("category", part.category), ("master", part.master_id)):
            revenue, discount, cost = things.get(thing, NOTHING)
            things[thing] = (revenue + part.revenue, discount + part.discount, cost + part.cost)
    return things
