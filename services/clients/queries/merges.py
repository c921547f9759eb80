"""Which cards became parts of another, and what they said then."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import Row, select, tuple_
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ListMerges, Merge
from contracts.message import Page
from kernel.caller import Caller
from services.clients.queries.history import earlier
from services.clients.queries.reveals import listed
from services.clients.queries.sight import found, of_person
from services.clients.queries.views import view
from services.clients.tables import clients, merges
from services.clients.vault import Vault

CURSOR = (Annotated[datetime, Meta(tz=True)], UUID)


def merged_into(session: Session, client_id: UUID) -> tuple[UUID, ...]:
    """The ids of the cards that are parts of this one by now."""
    return tuple(session.scalars(select(clients.c.id).where(clients.c.merged_into == client_id).order_by(clients.c.id)))


def list_merges(session: Session, request: ListMerges, caller: Caller, vault: Vault) -> Page[Merge]:
    """Merges into the card, and those into cards that were merged into it later, newest first."""
    found(session, request.client_id, caller, "client_changes.read")
    wanted = select(merges).where(of_person(merges.c.kept_id, request.client_id))
    key = tuple_(merges.c.merged_at, merges.c.merged_id)
    if request.cursor is not None:
        wanted = wanted.where(key < tuple_(*decode_cursor(request.cursor, *CURSOR)))
    wanted = wanted.order_by(merges.c.merged_at.desc(), merges.c.merged_id.desc())
    rows = session.execute(wanted.limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    more = len(rows) > len(shown)
    following = encode_cursor(shown[-1].merged_at, shown[-1].merged_id) if more else None
    return Page(tuple(merge_view(session, row, caller, vault) for row in shown), following)


def merge_view(session: Session, row: Row[Any], caller: Caller, vault: Vault) -> Merge:
    """A card that is damaged hides what it said, not that it was merged."""
    card = earlier(session, row.merged_id, row.merged_version, vault)
    shown = None if card is None else listed(view(card.card), caller)
    return Merge(row.merged_id, row.kept_id, row.merged_at, row.merged_by, tuple(row.taken), shown)
