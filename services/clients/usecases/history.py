"""Keep what a card was before each change, and show it to whoever changes what somebody else has changed."""

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from chassis.rows import Rows, insert_rows
from contracts.clients import CardChange, ChangeClient, ListClientChanges
from contracts.message import PastPage
from kernel.errors import Stale
from services.clients import domain, queries
from services.clients.queries.fields import said_in_fields
from services.clients.tables import card_versions
from services.clients.usecases.desk import Desk
from services.clients.usecases.reveals import as_reader, look

KEPT_VERSIONS = 200  # of one card; who needs more of them looks into the journal
NOT_OF_THE_CARD = {"id", "version", "shared_phone"}


def keep_version(session: Session, before: domain.Card, desk: Desk) -> None:
    """Keep the card as it was; `desk.caller` is about to change it."""
    sealed = desk.vault.seal_version(before)
    custom = said_in_fields(session, before.id, desk.vault)
    row = {
        "client_id": before.id,
        "version": before.version,
        "changed_at": desk.now,
        "changed_by": desk.caller.id,
        "person": sealed.person,
        "health": sealed.health,
        "custom": desk.vault.seal_for(before.id, f"version:{before.version}:custom", custom),
    }
    insert_rows(session, Rows(card_versions, [row]))
    if before.version > KEPT_VERSIONS:
        too_old = card_versions.c.version <= before.version - KEPT_VERSIONS
        session.execute(delete(card_versions).where(card_versions.c.client_id == before.id, too_old))


def forget_versions(session: Session, client_id: UUID) -> None:
    session.execute(delete(card_versions).where(card_versions.c.client_id == client_id))


def changed_meanwhile(session: Session, card: domain.Card, request: ChangeClient, desk: Desk) -> Stale:
    """The second of two editors gets three versions: theirs, the current one, and the one that they started from.

    Who may change a card but not read it learns no more than that somebody was faster.
    """
    details: dict[str, Any] = {}
    if queries.may_see(session, request.id, desk.caller):
        original = queries.earlier(session, request.id, request.version, desk.vault)
        health = bool(card.contraindications or (original and original.card.contraindications))
        reader = as_reader(desk.caller, revealed=look(session, card, desk, spending=False, health=health))
        details = {
            "theirs": said(request),
            "current": queries.shown_now(session, request.id, reader, desk.vault),
            "original": original and queries.shown(session, original, reader),
        }
    return Stale("version_stale", "somebody else changed this client in the meantime", **details)


def list_changes(session: Session, request: ListClientChanges, desk: Desk, since: date | None) -> PastPage[CardChange]:
    """As far as the caller was shown the card: contacts that are not revealed are shortened, health is told of."""
    card = queries.opened(queries.found(session, request.id, desk.caller, "client_changes.read"), desk.vault)
    reader = as_reader(desk.caller, revealed=look(session, card, desk, spending=False, health=False))
    page = queries.changes(session, request, reader, desk.vault, since)
    if any(part.field == "contraindications" for change in page.items for part in change.fields):
        look(session, card, desk, spending=False, health=True)
    return page


def said(request: ChangeClient) -> dict[str, Any]:
    """What the request would have set."""
    told = [part for part in fields(request) if part.name not in NOT_OF_THE_CARD]
    values = {part.name: getattr(request, part.name) for part in told}
    return {part.name: values[part.name] for part in told if values[part.name] != part.default}
