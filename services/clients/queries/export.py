"""Everything that is held about one person, put together from what its parts show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.clients import (
    ClientExport,
    ListClientChanges,
    ListConsents,
    ListFiles,
    ListNotes,
    ListPerks,
    ShowVisitHistory,
    VisitHistory,
)
from contracts.message import Page
from kernel.caller import EVERYTHING, Caller
from services.clients.queries.cards import show
from services.clients.queries.consents import list_consents
from services.clients.queries.files import list_files
from services.clients.queries.history import changes
from services.clients.queries.notes import list_notes
from services.clients.queries.perks import list_perks
from services.clients.queries.sight import found
from services.clients.queries.visits import Zones, visit_history
from services.clients.vault import Vault

AT_ONCE = 200


def export(
    session: Session, client_id: UUID, caller: Caller, vault: Vault, zones: Zones, now: datetime
) -> ClientExport:
    """Who may export a person sees every part of what is held of them, masked by their own marks."""
    found(session, client_id, caller, "clients.export")
    whole = replace(caller, permissions=frozenset({EVERYTHING}), everywhere=True)

    def all_of(ask: type[Any], read: Callable[[Any], Page[Any] | VisitHistory], **which: UUID) -> tuple[Any, ...]:
        """All pages of a list."""
        page = read(ask(**which, limit=AT_ONCE))
        items: list[Any] = list(page.items)
        while page.next is not None:
            page = read(ask(**which, limit=AT_ONCE, cursor=page.next))
            items.extend(page.items)
        return tuple(items)

    return ClientExport(
        id=client_id,
        exported_at=now,
        card=show(session, client_id, whole, vault),
        changes=all_of(ListClientChanges, lambda asked: changes(session, asked, whole, vault), id=client_id),
        consents=all_of(ListConsents, lambda asked: list_consents(session, asked, whole, vault), client_id=client_id),
        notes=all_of(ListNotes, lambda asked: list_notes(session, asked, whole, vault), client_id=client_id),
        perks=all_of(ListPerks, lambda asked: list_perks(session, asked, whole, vault), client_id=client_id),
        files=all_of(ListFiles, lambda asked: list_files(session, asked, whole, vault), client_id=client_id),
        visits=all_of(ShowVisitHistory, lambda asked: visit_history(session, asked, whole, zones), client_id=client_id),
    )
