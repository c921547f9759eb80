"""Keep what a card was before each change, and show it to whoever changes what somebody else has changed."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from chassis.rows import Rows, insert_rows
from contracts.clients import ChangeClient
from kernel.errors import Stale
from services.clients import domain, queries
from services.clients.tables import card_versions
from services.clients.usecases.desk import Desk

KEPT_VERSIONS = 200  # of one card; who needs more of them looks into the journal
NOT_OF_THE_CARD = {"id", "version", "shared_phone"}


def keep_version(session: Session, before: domain.Card, desk: Desk) -> None:
    """Keep the card as it was; `desk.caller` is about to change it."""
    sealed = desk.vault.seal_version(before)
    row = {
        "client_id": before.id,
        "version": before.version,
        "changed_at": desk.now,
        "changed_by": desk.caller.id,
        "person": sealed.person,
        "health": sealed.health,
    }
    insert_rows(session, Rows(card_versions, [row]))
    if before.version > KEPT_VERSIONS:
        too_old = card_versions.c.version <= before.version - KEPT_VERSIONS
        session.execute(delete(card_versions).where(card_versions.c.client_id == before.id, too_old))


def forget_versions(session: Session, client_id: UUID) -> None:
    session.execute(delete(card_versions).where(card_versions.c.client_id == client_id))


def changed_meanwhile(session: Session, request: ChangeClient, desk: Desk) -> Stale:
    """The second of two editors gets three versions: theirs, the current one, and the one that they started from.

    Who may change a card but not read it learns no more than that somebody was faster. What the card said in the
    fields of the salon's own is told as it is now only.
    """
    details: dict[str, Any] = {}
    if queries.may_see(session, request.id, desk.caller):
        original = queries.earlier(session, request.id, request.version, desk.vault)
        details = {
            "theirs": said(request),
            "current": queries.shown_now(session, request.id, desk.caller, desk.vault),
            "original": original and queries.shown(original, desk.caller),
        }
    return Stale("version_stale", "somebody else changed this client in the meantime", **details)


def said(request: ChangeClient) -> dict[str, Any]:
    """What the request would have set."""
    told = [part for part in fields(request) if part.name not in NOT_OF_THE_CARD]
    values = {part.name: getattr(request, part.name) for part in told}
    return {part.name: values[part.name] for part in told if values[part.name] != part.default}
