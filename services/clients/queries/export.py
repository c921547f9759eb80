"""Everything that is held about one person, put together from what its parts show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.booking.export import Unreadable
from contracts.clients import (
    ClientExport,
    ListAccountEntries,
    ListClientChanges,
    ListClientEnquiries,
    ListConsents,
    ListFiles,
    ListMerges,
    ListNotes,
    ListPerks,
    ListPersonalDiscounts,
    ShowVisitHistory,
    VisitHistory,
)
from contracts.message import Page
from kernel.caller import EVERYTHING, Caller
from services.clients.queries.accounts import READ as READ_ACCOUNT
from services.clients.queries.accounts import list_entries
from services.clients.queries.cards import show
from services.clients.queries.consents import list_consents
from services.clients.queries.discounts import list_discounts
from services.clients.queries.enquiries import list_client_enquiries
from services.clients.queries.files import list_files
from services.clients.queries.history import changes
from services.clients.queries.merges import list_merges
from services.clients.queries.notes import list_notes
from services.clients.queries.perks import list_perks
from services.clients.queries.photos import photo_of
from services.clients.queries.sight import found
from services.clients.queries.unreadable import unreadable
from services.clients.queries.visits import Zones, client_habits, visit_history
from services.clients.vault import Vault

AT_ONCE = 200


@dataclass(frozen=True)
class HeldElsewhere:
    """What other services said before the transaction: their parts by name, and who is not installed."""

    zones: Zones
    parts: Mapping[str, Any]
    not_installed: tuple[str, ...] = ()


def export(
    session: Session, client_id: UUID, caller: Caller, vault: Vault, elsewhere: HeldElsewhere, now: datetime
) -> ClientExport:
    """Who may export a person sees every part of what is held of them, masked by their own marks."""
    found(session, client_id, caller, "clients.export")
    unbounded: dict[str, Any] = {"everywhere": True, "reveals_per_shift": None, "history_days": None}
    whole = replace(caller, permissions=frozenset({EVERYTHING}), **unbounded)

    zones = elsewhere.zones

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
        account=all_of(
            ListAccountEntries, lambda asked: list_entries(session, asked, whole, vault), client_id=client_id
        )
        if caller.may(READ_ACCOUNT)
        else (),
        personal_discounts=all_of(
            ListPersonalDiscounts, lambda asked: list_discounts(session, asked, whole, vault, now), client_id=client_id
        ),
        enquiries=all_of(
            ListClientEnquiries,
            lambda asked: list_client_enquiries(session, asked, whole, vault),
            client_id=client_id,
        ),
        merges=all_of(ListMerges, lambda asked: list_merges(session, asked, whole, vault), client_id=client_id),
        photo=photo_of(session, client_id),
        habits=client_habits(session, client_id, whole, zones),
        unreadable=tuple(Unreadable(what, id_) for what, id_ in unreadable(session, vault, client_id)),
        not_installed=elsewhere.not_installed,
        **elsewhere.parts,
    )
