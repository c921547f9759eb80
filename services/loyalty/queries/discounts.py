"""What can be seen: a client's discount and its reasons, the tree of those whom they brought, the programme."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, and_, bindparam, exists, func, literal, select, true
from sqlalchemy.orm import Session

from contracts import loyalty as views
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, Gone, NotFound
from kernel.money import NO_CURRENCY, Money
from services.loyalty.domain.programme import Tier
from services.loyalty.domain.referrals import Grant, Part, Personal, best_of, plain
from services.loyalty.tables import (
    announcements,
    claims,
    clients,
    discounts,
    merges,
    personal_discounts,
    presences,
    programmes,
    visits,
)

# Made once: every booking asks for it. A row for whoever is asked for, whatever is known of them.
_ASKED = select(bindparam("client_id", type_=Uuid).label("client_id")).subquery("asked")
QUOTE: Select[Any] = (
    select(
        discounts.c.percent,
        discounts.c.as_of,
        announcements.c.version,
        personal_discounts.c.percent.label("own"),
        personal_discounts.c.valid_from,
        personal_discounts.c.valid_until,
        personal_discounts.c.stated_at,
    )
    .select_from(_ASKED)
    .outerjoin(discounts, discounts.c.client_id == _ASKED.c.client_id)
    .outerjoin(announcements, announcements.c.client_id == _ASKED.c.client_id)
    .outerjoin(personal_discounts, personal_discounts.c.client_id == _ASKED.c.client_id)
)
EXPLAINED = QUOTE.add_columns(discounts.c.parts, discounts.c.direct, discounts.c.qualified)


def discount(session: Session, client_id: UUID, caller: Caller, now: datetime) -> views.Discount:
    """The client's discount; nothing until their own card was heard of."""
    return discount_of(session, visible_card(session, client_id, caller), now)


def discount_of(session: Session, card: Row[Any], now: datetime) -> views.Discount:
    client_id: UUID = card.client_id
    row = session.execute(EXPLAINED, {"client_id": client_id}).one()
    parts = (Part(part["rule"], part["text"], Decimal(part["percent"])) for part in row.parts or ())
    granted = best_of(Grant(row.percent or Decimal(0), tuple(parts)), _own(row, now))
    return views.Discount(
        client_id,
        plain(granted.percent),
        tuple(views.DiscountLine(part.rule, part.text, plain(part.percent)) for part in granted.parts),
        views.ReferralCounts(row.direct or 0, row.qualified or 0),
        points=0,
        as_of=max(card.changed_at, _newest_fact(row, now) or card.changed_at),
        version=row.version or 0,
    )


def quote(session: Session, client_id: UUID, now: datetime) -> views.DiscountQuote:
    """The percentage for booking; nothing, as of `now`, for somebody of whom nothing was heard."""
    row = session.execute(QUOTE, {"client_id": client_id}).one()
    percent = max(row.percent or Decimal(0), _own(row, now))
    return views.DiscountQuote(client_id, plain(percent), row.version or 0, _newest_fact(row, now) or now)


def _personal(row: Row[Any]) -> Personal | None:
    return Personal(row.own, row.valid_from, row.valid_until, row.stated_at) if row.stated_at else None


def _own(row: Row[Any], now: datetime) -> Decimal:
    """What the client's own discount gives at `now`."""
    personal = _personal(row)
    return personal.at(now) if personal else Decimal(0)


def _newest_fact(row: Row[Any], now: datetime) -> datetime | None:
    """The newest of what the percentage at `now` rests on."""
    personal = _personal(row)
    facts = (row.as_of, personal.since(now) if personal else None)
    return max((at for at in facts if at is not None), default=None)


def visible_card(session: Session, client_id: UUID, caller: Caller) -> Row[Any]:
    """The copy of a client's card, if the caller may see that client.

    Bound to branches, they may if the home branch is theirs, or an appointment was there, or the client has neither.
    """
    into = session.scalar(select(merges.c.into_id).where(merges.c.merged_id == client_id))
    if into is not None:
        visible_card(session, into, caller)
        raise Gone("merged", "the client's card was merged into another one", merged_into=str(into))
    row = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    if row is None or not _may_see(session, client_id, row.home_branch_id, caller):
        raise NotFound("client_not_found", "no such client")
    if row.erased:
        raise Gone("client_erased", "the client was erased")
    return row


def _may_see(session: Session, client_id: UUID, home_branch_id: UUID | None, caller: Caller) -> bool:
    reach = caller.must("loyalty.read")
    if reach is Reach.CHAIN:
        return True
    if reach is Reach.OWN:
        return caller.client_id is not None and caller.client_id == client_id
    if home_branch_id in caller.branch_ids:
        return True
    seen_in = set(session.scalars(select(presences.c.branch_id).where(presences.c.client_id == client_id)))
    if not seen_in:
        return home_branch_id is None
    return bool(seen_in & caller.branch_ids)


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
    columns = (edge.c.client_id, edge.c.referrer_id, edge.c.since)
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
    other = visits.alias("other")
    qualified = exists().where(other.c.client_id == below.c.client_id, other.c.qualifies)
    return session.execute(
        select(
            below.c.client_id,
            below.c.referrer_id,
            qualified.label("qualified"),
            func.count(visits.c.appointment_id).label("visits"),
            func.coalesce(func.sum(visits.c.revenue), 0).label("revenue"),
        )
        .outerjoin(visits, counted)
        .group_by(below.c.client_id, below.c.referrer_id, below.c.since, below.c.level)
        .order_by(below.c.level.desc(), below.c.since, below.c.client_id)
    ).all()


def programme(session: Session) -> views.Programme:
    """The rules in force."""
    row = session.execute(select(programmes).order_by(programmes.c.version.desc()).limit(1)).one()
    tiers = tuple(views.Tier(each["people"], Decimal(each["percent"])) for each in row.tiers)
    return views.Programme(row.version, row.in_force_since, tiers)


def tiers_in_force(session: Session) -> tuple[Tier, ...]:
    return tuple(Tier(each.people, each.percent) for each in programme(session).tiers)


def export(session: Session, client_id: UUID, now: datetime) -> views.HeldByLoyalty:
    """All that is held of the client, whoever asks: clients has decided that they may."""
    card = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    claimed = select(claims).where(claims.c.client_id == client_id).order_by(claims.c.version)
    brought = select(clients).where(clients.c.referrer_id == client_id).order_by(clients.c.since, clients.c.client_id)
    counted = select(visits).where(visits.c.client_id == client_id).order_by(visits.c.changed_at)
    seen_in = select(presences.c.branch_id).where(presences.c.client_id == client_id).order_by(presences.c.branch_id)
    parts = select(merges.c.merged_id).where(merges.c.into_id == client_id).order_by(merges.c.merged_id)
    return views.HeldByLoyalty(
        referrer_id=card.referrer_id if card else None,
        referrer_since=card.since if card else None,
        referrer_refused=card.refused if card else None,
        claims=tuple(
            views.ReferrerClaim(row.version, row.referrer_id, row.claimed_at) for row in session.execute(claimed)
        ),
        brought=tuple(views.BroughtClient(row.client_id, row.since, row.refused) for row in session.execute(brought)),
        visits=tuple(
            views.CountedVisit(
                row.appointment_id, row.branch_id, row.qualifies, row.changed_at, Money(row.revenue, row.currency)
            )
            for row in session.execute(counted)
        ),
        branch_ids=tuple(session.scalars(seen_in)),
        discount=discount_of(session, card, now) if card and card.changed_at else None,
        personal=_own_rule(session, client_id),
        merged_ids=tuple(session.scalars(parts)),
    )


def _own_rule(session: Session, client_id: UUID) -> views.KnownRule | None:
    row = session.execute(select(personal_discounts).where(personal_discounts.c.client_id == client_id)).one_or_none()
    return None if row is None else views.KnownRule(row.percent, row.valid_from, row.valid_until, row.stated_at)
