"""What can be seen of the referral graph: the edges of one client, and those that somebody should look at."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, true, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import loyalty as views
from contracts.message import Page
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden
from services.loyalty.domain.edges import VELOCITY, Edge
from services.loyalty.queries.dossier import look_up
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import claims, clients, presences, reviews
from services.loyalty.vault import Vault

REVIEW = "referrals.review"


def show_edges(session: Session, client_id: UUID, caller: Caller, vault: Vault, now: datetime) -> views.ClientEdges:
    """Who brought the client and whom they brought, as it holds by the programme of the chain."""
    if caller.must("loyalty.read") is Reach.OWN:
        raise Forbidden("permission_missing", "what is thought of those who were brought is not the client's own")
    visible_card(session, client_id, caller)
    named = select(claims.c.referrer_id).where(claims.c.client_id == client_id, claims.c.referrer_id.is_not(None))
    dossier = look_up(session, {client_id, *session.scalars(named)})
    at = dossier.present(now)
    programme = dossier.programmes.at(None, at)
    history = dossier.history
    counting = {each.client_id: each for each in history.standing(client_id, at, programme).brought if each.level == 1}
    below = history.edges_below(client_id, at, programme)
    return views.ClientEdges(
        client_id,
        tuple(_above(edge) for edge in history.edges_above(client_id, at, programme)),
        tuple(
            views.EdgeBelow(
                edge.client_id,
                edge.since,
                edge.verdict,
                edge.reasons,
                counting[edge.client_id].counts_since,
                counting[edge.client_id].reason,
            )
            for edge in below
        ),
        reviews_of(session, client_id, vault if caller.may(REVIEW) else None),
    )


def _above(edge: Edge) -> views.EdgeAbove:
    return views.EdgeAbove(
        edge.referrer_id, edge.source_id, edge.channel, edge.since, edge.until, edge.verdict, edge.reasons
    )


def reviews_of(session: Session, client_id: UUID, vault: Vault | None) -> tuple[views.ReferralReview, ...]:
    """What was said of who brought the client, the oldest first; why only if a `vault` opens it."""
    said = select(reviews).where(reviews.c.client_id == client_id).order_by(reviews.c.at, reviews.c.id)
    return tuple(_review(row, vault) for row in session.execute(said))


def _review(row: Row[Any], vault: Vault | None) -> views.ReferralReview:
    reason = vault.open(row.client_id, place_of(row.id), row.reason) if vault else None
    return views.ReferralReview(
        row.id, row.client_id, row.referrer_id, row.holds, reason, row.at, reviewed_by=row.reviewed_by
    )


def place_of(review_id: UUID) -> str:
    """Where a reason is sealed for."""
    return f"reviews:{review_id}:reason"


def list_doubtful(session: Session, request: views.ListDoubtfulEdges, caller: Caller) -> Page[views.DoubtfulEdge]:
    """Edges that do not hold or are flagged, the youngest first, of clients whom the caller may see."""
    wanted = {
        None: or_(clients.c.refused.is_not(None), clients.c.flagged),
        "refused": clients.c.refused.is_not(None),
        "flagged": and_(clients.c.refused.is_(None), clients.c.flagged),
    }[request.verdict]
    found = (
        select(clients.c.client_id, clients.c.referrer_id, clients.c.since, clients.c.refused)
        .where(wanted, clients.c.since.is_not(None), ~clients.c.erased, _seen(caller))
        .order_by(clients.c.since.desc(), clients.c.client_id.desc())
        .limit(request.limit + 1)
    )
    if request.cursor is not None:
        found = found.where(
            tuple_(clients.c.since, clients.c.client_id) < tuple_(*decode_cursor(request.cursor, datetime, UUID))
        )
    rows = session.execute(found).all()
    page = rows[: request.limit]
    return Page(
        tuple(
            views.DoubtfulEdge(
                row.client_id,
                views.NamedReferrer(row.referrer_id),
                row.since,
                "flagged" if row.refused is None else "refused",
                row.refused or VELOCITY,
            )
            for row in page
        ),
        encode_cursor(page[-1].since, page[-1].client_id) if len(rows) > len(page) else None,
    )


def _seen(caller: Caller) -> ColumnElement[bool]:
    """Bound to branches, callers see clients who are at home or came there, and those who are nobody's."""
    if caller.must("referrals.read") is Reach.CHAIN:
        return true()
    anywhere = exists().where(presences.c.client_id == clients.c.client_id)
    return or_(
        clients.c.home_branch_id.in_(caller.branch_ids),
        anywhere.where(presences.c.branch_id.in_(caller.branch_ids)),
        and_(clients.c.home_branch_id.is_(None), ~anywhere),
    )
