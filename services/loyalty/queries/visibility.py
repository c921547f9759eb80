"""Whose discounts a caller may see."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from kernel.errors import Gone, NotFound
from services.loyalty.tables import clients, merges, presences


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
