"""Who stands below whom in the hierarchy of sources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

DEEPEST = 100  # levels of clients that a tree shows; a chain as long as a forger likes must not break whoever walks it


class Link(NamedTuple):
    """Through whom somebody came, or through which channel (its key)."""

    referrer_id: UUID | None
    channel: str | None


@dataclass(slots=True)
class Figures:
    """People, their completed visits, and amounts in minor units.

    `returned` are those of the people who came on more than one day; `cost` is the salon's own, of goods and materials.
    """

    clients: int = 0
    visits: int = 0
    revenue: int = 0
    discount: int = 0
    cost: int = 0
    returned: int = 0

    def add(self, other: "Figures") -> None:
        self.clients += other.clients
        self.visits += other.visits
        self.revenue += other.revenue
        self.discount += other.discount
        self.cost += other.cost
        self.returned += other.returned

    def take_off(self, other: "Figures") -> None:
        """Visits and amounts; people do not come off, who may be others."""
        self.visits -= other.visits
        self.revenue -= other.revenue
        self.discount -= other.discount
        self.cost -= other.cost


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
