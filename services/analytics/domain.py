"""The rules: what a bill adds to which rollup, which periods may be asked for, and who stands below whom."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from kernel.errors import Invalid

LONGEST_YEARS = 20
DEEPEST = 100  # levels of clients that a tree shows; a chain as long as a forger likes must not break whoever walks it


def check_period(first: date, last: date) -> None:
    """Refuse a period that ends before it begins, or that is longer than any salon's history."""
    if first > last:
        raise Invalid.field("from", "period_invalid", "the period ends before it begins")
    if last.year - first.year > LONGEST_YEARS:
        raise Invalid.field("to", "period_too_long", f"the period is longer than {LONGEST_YEARS} years")


def channel_key(channel: str) -> str:
    """What two spellings of one channel have in common."""
    return channel.strip().casefold()


# --- rollups --------------------------------------------------------------------------------------------------------


class Work(NamedTuple):
    """What a line of a bill was for; all None for what is sold without a service or a master."""

    service_id: UUID | None
    category: str | None
    master_id: UUID | None


class Day(NamedTuple):
    """A client's day at a branch; the client is None for visits without a card."""

    local_date: date
    branch_id: UUID
    client_id: UUID | None


class Visit(NamedTuple):
    """A completed visit as its bill stands: where it belongs, and its revenue in minor units."""

    day: Day
    revenue: int


def parts_of(lines: Iterable[tuple[Work, int]]) -> dict[Work, int]:
    """The revenue of a bill by what it was for; lines for the same work are one part."""
    parts: Counter[Work] = Counter()
    for work, revenue in lines:
        parts[work] += revenue
    return dict(parts)


def moves(corrections: Iterable[tuple[Visit | None, Visit]]) -> dict[Day, tuple[int, int]]:
    """By how much visits and revenue of which days grow when each earlier bill (if any) gives way to the later one."""
    visits: Counter[Day] = Counter()
    revenue: Counter[Day] = Counter()
    for earlier, later in corrections:
        if earlier is not None:
            visits[earlier.day] -= 1
            revenue[earlier.day] -= earlier.revenue
        visits[later.day] += 1
        revenue[later.day] += later.revenue
    return {day: (visits[day], revenue[day]) for day in visits if visits[day] or revenue[day]}


# --- the hierarchy of sources ---------------------------------------------------------------------------------------


class Link(NamedTuple):
    """Through whom somebody came, or through which channel (its key)."""

    referrer_id: UUID | None
    channel: str | None


@dataclass(slots=True)
class Figures:
    """People, their completed visits, and revenue in minor units."""

    clients: int = 0
    visits: int = 0
    revenue: int = 0

    def add(self, other: "Figures") -> None:
        self.clients += other.clients
        self.visits += other.visits
        self.revenue += other.revenue


@dataclass(slots=True)
class Node:
    """A client with those who came through them; `total` includes everybody below."""

    client_id: UUID
    own: Figures
    total: Figures
    children: list["Node"] = field(default_factory=list)


def forest(own: Mapping[UUID, Figures], links: Mapping[UUID, Link]) -> dict[str | None, list[Node]]:
    """Everybody in `own` below those who brought them, by the channel at the root; None where there is none.

    `links` speaks of everybody in `own` and above who has been heard of. Whoever has a referrer stands below them,
    whatever their own channel. A loop, which only lasts until the events that open it have arrived, is cut above its
    smallest id and has no channel.
    """
    parents = _parents(own, links)
    nodes = {each: _node(each, own) for each in parents}
    order = _downwards(parents)
    for client_id, level in reversed(order):
        node, parent = nodes[client_id], parents[client_id]
        node.children.sort(key=_most_first)
        if parent is not None and node.total.visits:
            nodes[parent].total.add(node.total)
            if level <= DEEPEST:
                nodes[parent].children.append(node)
    trees: dict[str | None, list[Node]] = {}
    for client_id, level in order:
        if level == 1 and nodes[client_id].total.visits:
            link = links.get(client_id, Link(None, None))
            channel = link.channel if link.referrer_id is None else None
            trees.setdefault(channel, []).append(nodes[client_id])
    for tops in trees.values():
        tops.sort(key=_most_first)
    return trees


def _node(client_id: UUID, own: Mapping[UUID, Figures]) -> Node:
    alone, total = own.get(client_id, Figures()), Figures()
    total.add(alone)
    return Node(client_id, alone, total)


def _most_first(node: Node) -> tuple[int, int, UUID]:
    return -node.total.revenue, -node.total.visits, node.client_id


def _parents(own: Iterable[UUID], links: Mapping[UUID, Link]) -> dict[UUID, UUID | None]:
    """Everybody who matters with the one they stand below; loops are cut."""
    parents: dict[UUID, UUID | None] = {}
    for start in own:
        path: list[UUID] = []
        at: UUID | None = start
        while at is not None and at not in parents:
            path.append(at)
            parents[at] = links[at].referrer_id if at in links else None
            at = parents[at]
        if at is not None and at in path:
            parents[min(path[path.index(at) :])] = None
    return parents


def _downwards(parents: Mapping[UUID, UUID | None]) -> list[tuple[UUID, int]]:
    """Everybody with their level (1 at the top), nobody before the one they stand below."""
    below: dict[UUID | None, list[UUID]] = {}
    for client_id, parent in parents.items():
        below.setdefault(parent, []).append(client_id)
    order: list[tuple[UUID, int]] = []
    level, rank = 1, below.get(None, [])
    while rank:
        order += [(client_id, level) for client_id in rank]
        level, rank = level + 1, [child for client_id in rank for child in below.get(client_id, ())]
    return order
