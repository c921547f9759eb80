"""All that loyalty holds of a person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select
from sqlalchemy.orm import Session

from contracts import loyalty as views
from kernel.money import Money
from services.loyalty.queries.discounts import discount_of
from services.loyalty.queries.edges import reviews_of
from services.loyalty.queries.exclusions import held
from services.loyalty.queries.passes import held_passes
from services.loyalty.queries.points import held_points
from services.loyalty.queries.visibility import CARD
from services.loyalty.tables import (
    claims,
    clients,
    grants,
    merges,
    occasions,
    personal_discounts,
    presences,
    segment_changes,
    staff,
    visits,
)
from services.loyalty.vault import Vault

_CLIENT = bindparam("client", type_=Uuid)
_NEWEST_STAFF = (
    select(staff.c.staff).where(staff.c.client_id == _CLIENT).order_by(staff.c.at.desc(), staff.c.staff.desc()).limit(1)
)


def export(session: Session, client_id: UUID, vault: Vault, now: datetime) -> views.HeldByLoyalty:
    """All that is held of the client, whoever asks: clients has decided that they may."""
    card = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    known = session.execute(CARD, {"client_id": client_id}).one()
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
        discount=discount_of(session, known, now) if known.changed_at else None,
        personal=_own_rule(session, client_id),
        merged_ids=tuple(session.scalars(parts)),
        passes=held_passes(session, client_id, vault, now),
        points=held_points(session, vault, client_id),
        grants=_given(session, client_id),
        occasions=_occasions(session, client_id),
        exclusions=held(session, client_id, vault).history,
        reviews=reviews_of(session, client_id, vault),
        works_here=bool(session.scalar(_NEWEST_STAFF, {"client": client_id})),
        segments=_segments(session, client_id),
    )


def _own_rule(session: Session, client_id: UUID) -> views.KnownRule | None:
    row = session.execute(_newest_rule(client_id)).one_or_none()
    return None if row is None else views.KnownRule(row.percent, row.valid_from, row.valid_until, row.stated_at)


def _given(session: Session, client_id: UUID) -> tuple[views.GivenDiscount, ...]:
    given = select(grants).where(grants.c.client_id == client_id).order_by(grants.c.completed_at)
    return tuple(
        views.GivenDiscount(
            row.appointment_id,
            row.completed_at,
            "; ".join(part["text"] for part in row.verdict["parts"] if part["refused"] is None) or "nothing",
            Money(row.discount, row.currency),
            Money(row.applied, row.currency),
        )
        for row in session.execute(given)
    )


def _occasions(session: Session, client_id: UUID) -> tuple[views.KnownOccasion, ...]:
    said = select(occasions).where(occasions.c.client_id == client_id).order_by(occasions.c.at, occasions.c.kind)
    return tuple(views.KnownOccasion(row.kind, row.year, row.open, row.at) for row in session.execute(said))


def _segments(session: Session, client_id: UUID) -> tuple[views.SegmentKept, ...]:
    said = select(segment_changes).where(segment_changes.c.client_id == client_id)
    ordered = said.order_by(segment_changes.c.segment_id, segment_changes.c.position)
    return tuple(views.SegmentKept(row.segment_id, row.member, row.at) for row in session.execute(ordered))


def _newest_rule(client_id: UUID) -> Select[Any]:
    rules = select(personal_discounts).where(personal_discounts.c.client_id == client_id)
    return rules.order_by(personal_discounts.c.version.desc()).limit(1)
