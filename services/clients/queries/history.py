"""Earlier versions of a card, and what changed between them."""

from dataclasses import fields
from datetime import UTC, date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor, masked
from contracts.clients import CardChange, Client, FieldChange, ListClientChanges
from contracts.message import PastPage
from kernel.caller import Caller
from services.clients import domain
from services.clients.queries.cards import show
from services.clients.queries.reveals import concealed, is_counted
from services.clients.queries.sight import found, opened
from services.clients.queries.views import view
from services.clients.tables import card_versions
from services.clients.vault import Vault

CURSOR = Annotated[int, Meta(ge=1, le=2**62)]


def earlier(session: Session, client_id: UUID, version: int, vault: Vault) -> domain.Card | None:
    """The card as it was at `version`, if that is still kept."""
    of_it = (card_versions.c.client_id == client_id) & (card_versions.c.version == version)
    row = session.execute(select(card_versions).where(of_it)).one_or_none()
    return None if row is None else vault.open_version(row)


def shown_now(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> Client:
    return masked(show(session, client_id, caller, vault), Client, caller)


def shown(card: domain.Card, caller: Caller) -> Client:
    """The card as it is answered to `caller`, for where no reply goes through the masks."""
    client = view(card)
    return masked(concealed(client) if is_counted(caller, card.id) else client, Client, caller)


def changes(
    session: Session, request: ListClientChanges, caller: Caller, vault: Vault, since: date | None = None
) -> PastPage[CardChange]:
    """Each earlier version against the one that came after it, newest first."""
    card = opened(found(session, request.id, caller, "client_changes.read"), vault)
    versions = select(card_versions).where(card_versions.c.client_id == request.id)
    if since is not None:
        versions = versions.where(card_versions.c.changed_at >= datetime.combine(since, time(), UTC))
    after: domain.Card | None = card
    if request.cursor is not None:
        (below,) = decode_cursor(request.cursor, CURSOR)
        versions = versions.where(card_versions.c.version < below)
        after = earlier(session, request.id, below, vault)
    rows = session.execute(versions.order_by(card_versions.c.version.desc()).limit(request.limit + 1)).all()
    items = []
    for row in rows[: request.limit]:
        before = vault.open_version(row)
        items.append(_change(row, before, after, caller))
        after = before
    more = len(rows) > request.limit
    return PastPage(tuple(items), encode_cursor(rows[request.limit - 1].version) if more else None, since)


def _change(row: Row[Any], before: domain.Card | None, after: domain.Card | None, caller: Caller) -> CardChange:
    """A version that is damaged hides what changed, not that something did."""
    different = () if before is None or after is None else _different(before, after, caller)
    return CardChange(row.version + 1, row.changed_at, row.changed_by, different)


def _different(before: domain.Card, after: domain.Card, caller: Caller) -> tuple[FieldChange, ...]:
    old, new = view(before), view(after)
    names = [part.name for part in fields(Client) if getattr(old, part.name) != getattr(new, part.name)]
    old, new = shown(before, caller), shown(after, caller)
    return tuple(FieldChange(name, getattr(old, name), getattr(new, name)) for name in names if name != "version")
