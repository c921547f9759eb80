"""Whose certificates, memberships and cards a caller may see."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from kernel.caller import Caller, Reach
from kernel.errors import Gone, NotFound
from services.loyalty.tables import clients, merges, presences


def seen_client(session: Session, client_id: UUID, caller: Caller, permission: str) -> Row[Any]:
    """The copy of the card, if `permission` reaches it for the caller: as the client's own, or as in their branches."""
    row = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    into = session.scalar(select(merges.c.into_id).where(merges.c.merged_id == client_id))
    if into is not None:
        seen_client(session, into, caller, permission)
        raise Gone("merged", "the client's card was merged into another one", merged_into=str(into))
    if row is None or not _reaches(session, row, caller, permission):
        raise NotFound("client_not_found", "no such client")
    if row.erased:
        raise Gone("client_erased", "the client was erased")
    return row


def may_see(session: Session, client_id: UUID, caller: Caller, permission: str) -> bool:
    row = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    return row is not None and not row.erased and _reaches(session, row, caller, permission)


def _reaches(session: Session, row: Row[Any], caller: Caller, permission: str) -> bool:
    reach = caller.must(permission)
    if reach is Reach.CHAIN:
        return True
    if reach is Reach.OWN:
        return bool(caller.client_id == row.client_id)
    if row.home_branch_id in caller.branch_ids:
        return True
    here = exists().where(presences.c.client_id == row.client_id)
    if session.scalar(select(here.where(presences.c.branch_id.in_(caller.branch_ids)))):
        return True
    return row.home_branch_id is None and not session.scalar(select(here))
