"""The tree of those whom a client brought."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, literal, select, true
from sqlalchemy.orm import Session

from contracts import loyalty as views
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden
from kernel.money import NO_CURRENCY, Money
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import clients, visits


def referrals(session: Session, client_id: UUID, depth: int, caller: Caller) -> views.Referrals:
    """Those whom the client brought, down to `depth`. Callers bound to branches see figures of their branches only."""
    reach = caller.must("loyalty.read")
    if reach is Reach.OWN:
        raise Forbidden("permission_missing", "what others spent is not the client's own")
    visible_card(session, client_id, caller)
    rows = _below(session, client_id, depth, None if reach is Reach.CHAIN else caller.branch_ids)
    currency = session.scalar(select(visits.c.currency).limit(1)) or NO_CURRENCY
    children: dict[UUID, list[views.ReferralNode]] = {}
    for row in rows:  # deepest first, so that everybody's children are there already
        node = views.ReferralNode(
            row.client_id,
            row.qualified,
            row.visits,
            Money(int(row.revenue), currency),
            tuple(children.pop(row.client_id, ())),
        )
        children.setdefault(row.referrer_id, []).append(node)
    return views.Referrals(client_id, tuple(children.get(client_id, ())))


def _below(session: Session, top: UUID, depth: int, branches: Collection[UUID] | None) -> Iterable[Row[Any]]:
    """Everybody below `top` with what they came to; deepest first, among themselves in the order they were brought."""
    edge = clients.alias("edge")
    columns = (edge.c.client_id, edge.c.referrer_id, edge.c.since, edge.c.counts_since)
    start = select(*columns, literal(1).label("level")).where(edge.c.referrer_id == top, edge.c.refused.is_(None))
    below = start.cte("below", recursive=True)
    below = below.union_all(
        select(*columns, below.c.level + 1)
        .join(below, edge.c.referrer_id == below.c.client_id)
        .where(edge.c.refused.is_(None), below.c.level < depth)
    )
    counted = and_(
        visits.c.client_id == below.c.client_id, true() if branches is None else visits.c.branch_id.in_(branches)
    )
    return session.execute(
        select(
            below.c.client_id,
            below.c.referrer_id,
            below.c.counts_since.is_not(None).label("qualified"),
            func.count(visits.c.appointment_id).label("visits"),
            func.coalesce(func.sum(visits.c.revenue), 0).label("revenue"),
        )
        .outerjoin(visits, counted)
        .group_by(below.c.client_id, below.c.referrer_id, below.c.since, below.c.counts_since, below.c.level)
        .order_by(below.c.level.desc(), below.c.since, below.c.client_id)
    ).all()
