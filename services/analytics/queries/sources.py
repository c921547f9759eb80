"""Where clients came from: channels, below them clients, below them those whom they brought."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Integer, cast, func, select, text
from sqlalchemy.orm import Session

from contracts.analytics import OwnFigures, SourceNode
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain import Figures, Link, Node, check_period, forest
from services.analytics.queries.scope import Channels, branches_asked_for, channels, currency
from services.analytics.tables import client_days

CHAINS = text(
    """
    WITH RECURSIVE chain AS (
        SELECT client_id, referrer_id, channel_key FROM clients WHERE client_id = ANY(:clients)
        UNION
        SELECT clients.client_id, clients.referrer_id, clients.channel_key
        FROM clients JOIN chain ON clients.client_id = chain.referrer_id
    )
    SELECT client_id, referrer_id, channel_key FROM chain
    """
)


def sources_tree(session: Session, first: date, last: date, branch_id: UUID | None, caller: Caller) -> SourceNode:
    """Everybody with a completed visit on the dates `first` to `last`, below those who brought them."""
    branches = branches_asked_for(caller, branch_id)
    check_period(first, last)
    own = _figures(session, first, last, branches)
    nobody = own.pop(None, Figures())
    known = {each: figures for each, figures in own.items() if each is not None}
    known_as = channels(session)
    trees = forest(known, _links(session, known, known_as))
    money = currency(session)
    tops_of = [_channel(known_as.name_of.get(key, key), tops, money) for key, tops in trees.items()]
    tops_of.sort(key=lambda each: (-each.revenue.amount, -each.visits, each.name is None, each.name or ""))
    total = _sum(nobody, (top.total for tops in trees.values() for top in tops))
    return SourceNode(
        None, "root", total.clients, total.visits, Money(total.revenue, money), _own(nobody, money), tuple(tops_of)
    )


def _figures(
    session: Session, first: date, last: date, branches: Collection[UUID] | None
) -> dict[UUID | None, Figures]:
    """What each client came to; under None what those without a card did."""
    asked = select(
        client_days.c.client_id,
        cast(func.sum(client_days.c.visits), Integer).label("visits"),
        cast(func.sum(client_days.c.revenue), BigInteger).label("revenue"),
    ).where(client_days.c.local_date.between(first, last))
    if branches is not None:
        asked = asked.where(client_days.c.branch_id.in_(branches))
    rows = session.execute(asked.group_by(client_days.c.client_id))
    return {row.client_id: Figures(int(row.client_id is not None), row.visits, row.revenue) for row in rows}


def _links(session: Session, ids: Iterable[UUID], known_as: Channels) -> dict[UUID, Link]:
    rows = session.execute(CHAINS, {"clients": list(ids)})
    return {row.client_id: Link(row.referrer_id, known_as.key_of.get(row.channel_key, row.channel_key)) for row in rows}


def _sum(start: Figures, others: Iterable[Figures]) -> Figures:
    total = Figures()
    for each in (start, *others):
        total.add(each)
    return total


def _own(figures: Figures, money: str) -> OwnFigures:
    return OwnFigures(figures.clients, figures.visits, Money(figures.revenue, money))


def _channel(name: str | None, tops: list[Node], money: str) -> SourceNode:
    total, alone = _sum(Figures(), (top.total for top in tops)), _own(Figures(), money)
    revenue = Money(total.revenue, money)
    children = tuple(_client(top, money) for top in tops)
    return SourceNode(name, "channel", total.clients, total.visits, revenue, alone, children)


def _client(node: Node, money: str) -> SourceNode:
    return SourceNode(
        name=None,  # the gateway puts it in for those who may know it
        kind="client",
        clients=node.total.clients,
        visits=node.total.visits,
        revenue=Money(node.total.revenue, money),
        own=_own(node.own, money),
        children=tuple(_client(child, money) for child in node.children),
        client_id=node.client_id,
    )
