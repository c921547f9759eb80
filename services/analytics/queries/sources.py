"""Where clients came from: channels, below them clients, below them those whom they brought."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.analytics import OwnFigures, ShowSources, SourceNode
from kernel.caller import Caller
from kernel.errors import Invalid
from kernel.money import Money
from services.analytics.domain.channels import channel_key
from services.analytics.domain.costs import Rate, cost_of
from services.analytics.domain.forest import Figures, Node
from services.analytics.domain.periods import check_period
from services.analytics.queries.levels import WHOLE, Asked, below, by_channel, everybody
from services.analytics.queries.scope import Channels, branches_asked_for, channels, currency
from services.analytics.tables import clients, source_costs

DEFINITION = (
    "People with a card and a completed visit on these dates, below whoever brought them as cards say it today;"
    " figures of a node include everybody below it. Revenue is due after discounts, retail included, refunds taken"
    " off; margin is revenue less the salon's own cost; returned are people who came on more than one day of these"
    " dates; the cost of a channel is that of its months, by the day."
)


def sources_tree(session: Session, request: ShowSources, caller: Caller) -> SourceNode:
    """Everybody with a completed visit on the dates asked for, or the part of them under a channel or a client."""
    branches = branches_asked_for(caller, request.branch_id)
    check_period(request.from_, request.to)
    asked = Asked(request.from_, request.to, branches)
    known_as = channels(session)
    costs = _costs(session, known_as, asked) if branches is None else None
    show = _Showing(currency(session), known_as, costs, request.limit)
    if request.under is not None and request.channel is not None:
        raise Invalid.field("under", "under_both", "ask for what is under a client or under a channel, not both")
    if request.under is not None:
        top = _client_asked_for(session, asked, request, known_as, show)
    elif request.channel is not None:
        top = _channel_asked_for(session, asked, request, known_as, show)
    else:
        top = _root(session, asked, request.depth, known_as, show)
    return replace(top, definition=DEFINITION, reason=UNSET if top.visits else "no_visits")


def _root(session: Session, asked: Asked, depth: int | None, known_as: Channels, show: "_Showing") -> SourceNode:
    """Without a depth the whole tree, unless it is too large."""
    nobody, figures = by_channel(session, asked, known_as)
    if depth == 1 or (depth is None and _sum(figures.values()).clients > WHOLE):
        tops = [show.channel(key, total, ()) for key, total in figures.items()]
    else:
        nobody, trees = everybody(session, asked, known_as)
        tops = [show.channel_of(key, nodes, depth and depth - 1) for key, nodes in trees.items()]
        figures = {key: _sum(node.total for node in nodes) for key, nodes in trees.items()}
    tops += [
        show.channel(key, Figures(), ()) for key, cost in (show.costs or {}).items() if cost and key not in figures
    ]
    tops.sort(key=lambda each: (-each.revenue.amount, -each.visits, each.name is None, each.name or ""))
    total = _sum([nobody, *figures.values()])
    return show.node(None, "root", total, nobody, tuple(tops), cost=show.whole_cost())


def _channel_asked_for(
    session: Session, asked: Asked, request: ShowSources, known_as: Channels, show: "_Showing"
) -> SourceNode:
    assert request.channel is not None
    key = channel_key(request.channel)
    if key not in known_as.name_of:
        raise Invalid.field("channel", "channel_unknown", "nobody came through a channel of this name")
    if (request.depth or 1) == 1:
        level = below(session, asked, channels=[each for each, name in known_as.key_of.items() if name == key])
        children = tuple(show.client(Node(top, own, total)) for top, own, total in level.tops[: show.limit])
        return show.channel(key, level.total, children, left_out=level.children - len(children))
    _, trees = everybody(session, asked, known_as)
    assert request.depth is not None
    return show.channel_of(key, trees.get(key, []), request.depth)


def _client_asked_for(
    session: Session, asked: Asked, request: ShowSources, known_as: Channels, show: "_Showing"
) -> SourceNode:
    assert request.under is not None
    if session.scalar(select(clients.c.client_id).where(clients.c.client_id == request.under)) is None:
        raise Invalid.field("under", "client_unknown", "there is no such client")
    if (request.depth or 1) == 1:
        level = below(session, asked, client_id=request.under)
        children = tuple(show.client(Node(top, own, total)) for top, own, total in level.tops[: show.limit])
        total = _sum([level.own, level.total])
        node = Node(request.under, level.own, total)
        return show.client(node, children, left_out=level.children - len(children))
    _, trees = everybody(session, asked, known_as)
    found = _find(trees, request.under) or Node(request.under, Figures(), Figures())
    return show.client_of(found, request.depth)


def _find(trees: Mapping[str | None, list[Node]], client_id: UUID) -> Node | None:
    waiting = [node for nodes in trees.values() for node in nodes]
    while waiting:
        node = waiting.pop()
        if node.client_id == client_id:
            return node
        waiting.extend(node.children)
    return None


def _sum(figures: Iterable[Figures]) -> Figures:
    total = Figures()
    for each in figures:
        total.add(each)
    return total


def _costs(session: Session, known_as: Channels, asked: Asked) -> dict[str | None, int]:
    """What each channel cost, under its key; sources that are called the same are one channel."""
    rates: dict[str, list[Rate]] = {}
    for row in session.execute(select(source_costs)):
        rates.setdefault(str(row.source_id), []).append(Rate(row.month, row.monthly))
    costs: dict[str | None, int] = {}
    for source, theirs in rates.items():
        key = known_as.key_of.get(source, source)
        costs[key] = costs.get(key, 0) + cost_of(theirs, asked.first, asked.last)
    return costs


@dataclass(frozen=True)
class _Showing:
    """From figures to what is shown; `costs` None: channels are paid for the chain, and less was asked for."""

    money: str
    known_as: Channels
    costs: Mapping[str | None, int] | None
    limit: int

    def whole_cost(self) -> Money | None:
        return None if self.costs is None else Money(sum(self.costs.values()), self.money)

    def channel_of(self, key: str | None, tops: list[Node], depth: int | None, **more: Any) -> SourceNode:
        total = _sum(top.total for top in tops)
        if depth == 0:
            return self.channel(key, total, (), **more)
        children = tuple(self.client_of(top, depth and depth - 1) for top in tops[: self.limit])
        return self.channel(key, total, children, left_out=len(tops) - len(children), **more)

    def channel(self, key: str | None, total: Figures, children: tuple[SourceNode, ...], **more: Any) -> SourceNode:
        cost = None if self.costs is None else Money(self.costs.get(key, 0), self.money)
        name = self.known_as.name_of.get(key, key)
        return self.node(name, "channel", total, Figures(), children, cost=cost, **more)

    def client_of(self, node: Node, depth: int | None, **more: Any) -> SourceNode:
        if depth == 0:
            return self.client(node, **more)
        children = tuple(self.client_of(child, depth and depth - 1) for child in node.children[: self.limit])
        return self.client(node, children, left_out=len(node.children) - len(children), **more)

    def client(self, node: Node, children: tuple[SourceNode, ...] = (), **more: Any) -> SourceNode:
        """Without a name: the gateway puts it in for those who may know it."""
        return self.node(None, "client", node.total, node.own, children, client_id=node.client_id, **more)

    def node(
        self, name: str | None, kind: Any, total: Figures, own: Figures, children: tuple[SourceNode, ...], **more: Any
    ) -> SourceNode:
        return SourceNode(
            name=name,
            kind=kind,
            clients=total.clients,
            visits=total.visits,
            revenue=Money(total.revenue, self.money),
            own=OwnFigures(
                own.clients,
                own.visits,
                Money(own.revenue, self.money),
                Money(own.revenue - own.cost, self.money),
                Money(own.discount, self.money),
                own.returned,
            ),
            children=children,
            margin=Money(total.revenue - total.cost, self.money),
            discount=Money(total.discount, self.money),
            returned=total.returned,
            return_rate=_share(total.returned, total.clients),
            **more,
        )


def _share(part: int, whole: int) -> Decimal | None:
    """In per cent; none of nobody."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP) if whole else None
