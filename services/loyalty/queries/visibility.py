"""Whose discounts, certificates, memberships and cards a caller may see."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, func, select
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from kernel.errors import Gone, NotFound
from services.loyalty.tables import announcements, clients, merges, point_accounts, presences

# Made once: every question about a client asks it. A row for whoever is asked about, whatever is known of them.
_ASKED = select(bindparam("client_id", type_=Uuid).label("client_id")).subquery("asked")
CARD: Select[Any] = (
    select(
        _ASKED.c.client_id,
        merges.c.into_id,
        clients.c.referrer_id,
        clients.c.refused,
        clients.c.home_branch_id,
        clients.c.changed_at,
        clients.c.erased,
        func.coalesce(announcements.c.version, 0).label("told"),  # of what was announced last; 0: nothing was
        point_accounts.c.client_id.is_not(None).label("has_points"),  # or had some once
    )
    .select_from(_ASKED)
    .outerjoin(merges, merges.c.merged_id == _ASKED.c.client_id)
    .outerjoin(clients, clients.c.client_id == _ASKED.c.client_id)
    .outerjoin(announcements, announcements.c.client_id == _ASKED.c.client_id)
    .outerjoin(point_accounts, point_accounts.c.client_id == _ASKED.c.client_id)
)


def visible_card(session: Session, client_id: UUID, caller: Caller, permission: str = "loyalty.read") -> Row[Any]:
    """The copy of a client's card, if `permission` reaches that client for the caller.

    Bound to branches, they may if the home branch is theirs, or an appointment was there, or the client has neither.
    """
    row = session.execute(CARD, {"client_id": client_id}).one()
    if row.into_id is not None:
        visible_card(session, row.into_id, caller, permission)
        raise Gone("merged", "the client's card was merged into another one", merged_into=str(row.into_id))
    if row.erased is None or not _reaches(session, row, caller, permission):
        raise NotFound("client_not_found", "no such client")
    if row.erased:
        raise Gone("client_erased", "the client was erased")
    return row


def may_see(session: Session, client_id: UUID, caller: Caller, permission: str) -> bool:
    """Whether the client lives, with a card of their own, and `permission` reaches them for the caller."""
    row = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    merged = select(merges.c.merged_id).where(merges.c.merged_id == client_id)
    if row is None or row.erased or session.scalar(merged) is not None:
        return False
    return _reaches(session, row, caller, permission)


def _reaches(session: Session, row: Row[Any], caller: Caller, permission: str) -> bool:
    reach = caller.must(permission)
    if reach is Reach.CHAIN:
        return True
    if reach is Reach.OWN:
        return caller.client_id is not None and caller.client_id == row.client_id
    if row.home_branch_id in caller.branch_ids:
        return True
    seen_in = set(session.scalars(select(presences.c.branch_id).where(presences.c.client_id == row.client_id)))
    if not seen_in:
        return row.home_branch_id is None
    return bool(seen_in & caller.branch_ids)
