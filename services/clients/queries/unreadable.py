"""Everything that is sealed here and does not open, by its id: what an operator asks after a damage."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from chassis.masters import PERSON
from services.clients.queries.history import custom_place
from services.clients.queries.imports import FIRST_ROWS, NAMES
from services.clients.queries.sight import of_person
from services.clients.tables import (
    account_texts,
    bulk_exports,
    card_versions,
    client_imports,
    clients,
    consents,
    enquiries,
    field_values,
    file_parts,
    files,
    import_chunks,
    notes,
    perks,
    personal_discounts,
    photos,
    withdrawals,
)
from services.clients.vault import FILES, HEALTH, Vault

BATCH = 200


@dataclass(frozen=True)
class Kept:
    """A column of ciphertexts: `rows` give id, client_id, sealed and what `place` needs to say where they belong."""

    what: str
    rows: Select[Any]
    place: Callable[[Row[Any]], str]
    group: str = PERSON


_CARD = select(clients.c.id, clients.c.id.label("client_id"))
_VERSION = select(card_versions.c.client_id.label("id"), card_versions.c.client_id, card_versions.c.version)
_PHOTO = select(photos.c.client_id.label("id"), photos.c.client_id, photos.c.version)
_IMPORT = select(client_imports.c.id, client_imports.c.id.label("client_id"))  # whose key it is

EVERYTHING = (
    Kept("card", _CARD.add_columns(clients.c.person.label("sealed")), lambda _: PERSON),
    Kept("card", _CARD.add_columns(clients.c.health.label("sealed")), lambda _: HEALTH, HEALTH),
    Kept(
        "version",
        _VERSION.add_columns(card_versions.c.person.label("sealed")),
        lambda row: f"version:{row.version}:{PERSON}",
    ),
    Kept(
        "version",
        _VERSION.add_columns(card_versions.c.health.label("sealed")),
        lambda row: f"version:{row.version}:{HEALTH}",
        HEALTH,
    ),
    Kept("version", _VERSION.add_columns(card_versions.c.custom.label("sealed")), custom_place),
    Kept(
        "field",
        select(
            field_values.c.client_id.label("id"),
            field_values.c.client_id,
            field_values.c.field_id,
            field_values.c.sealed.label("sealed"),
        ),
        lambda row: f"field:{row.field_id}",
    ),
    Kept(
        "discount",
        select(
            personal_discounts.c.client_id.label("id"),
            personal_discounts.c.client_id,
            personal_discounts.c.version,
            personal_discounts.c.reason.label("sealed"),
        ),
        lambda row: f"discount:{row.version}",
    ),
    Kept(
        "entry",
        select(
            account_texts.c.entry_id.label("id"),
            account_texts.c.client_id,
            account_texts.c.text.label("sealed"),
        ),
        lambda row: f"account:{row.id}",
    ),
    Kept("note", select(notes.c.id, notes.c.client_id, notes.c.text.label("sealed")), lambda row: f"note:{row.id}"),
    Kept("perk", select(perks.c.id, perks.c.client_id, perks.c.text.label("sealed")), lambda row: f"perk:{row.id}"),
    Kept("photo", _PHOTO.add_columns(photos.c.content.label("sealed")), lambda row: f"photo:{row.version}", FILES),
    Kept(
        "file", select(files.c.id, files.c.client_id, files.c.name.label("sealed")), lambda row: f"file:{row.id}:name"
    ),
    Kept(
        "file",
        select(files.c.id, files.c.client_id, file_parts.c.number, file_parts.c.content.label("sealed")).join(
            file_parts, file_parts.c.file_id == files.c.id
        ),
        lambda row: f"file:{row.id}:{row.number}",
        FILES,
    ),
    Kept(
        "enquiry",
        select(enquiries.c.id, enquiries.c.client_id, enquiries.c.said.label("sealed")),
        lambda row: f"enquiry:{row.id}",
    ),
    Kept(
        "import",
        select(
            import_chunks.c.import_id.label("id"),
            import_chunks.c.import_id.label("client_id"),  # whose key it is
            import_chunks.c.number,
            import_chunks.c.content.label("sealed"),
        ),
        lambda row: f"chunk:{row.number}",
    ),
    Kept("import", _IMPORT.add_columns(client_imports.c.names.label("sealed")), lambda _: NAMES),
    Kept("import", _IMPORT.add_columns(client_imports.c.first_rows.label("sealed")), lambda _: FIRST_ROWS),
    Kept(
        "consent",
        select(consents.c.id, consents.c.client_id, withdrawals.c.reason.label("sealed")).join(
            withdrawals, withdrawals.c.consent_id == consents.c.id
        ),
        lambda row: f"withdrawal:{row.id}",
    ),
)


def unreadable(session: Session, vault: Vault, client_id: UUID | None = None) -> Iterator[tuple[str, UUID]]:
    """What and id, each once, of all that does not open and is not of somebody erased; of one card if `client_id`."""
    told: set[tuple[str, UUID]] = set()
    for kept in EVERYTHING:
        if kept.group == HEALTH and not vault.reads_health:
            continue
        query = kept.rows.execution_options(yield_per=BATCH)
        if client_id is not None:
            whose = kept.rows.selected_columns["client_id"]
            query = query.where(of_person(getattr(whose, "element", whose), client_id))
        for rows in session.execute(query).partitions():
            vault.look_up_keys({row.client_id for row in rows})
            for row in rows:
                found = (kept.what, row.id)
                if row.sealed is None or found in told:
                    continue
                if not vault.opens(row.client_id, kept.place(row), row.sealed, kept.group):
                    told.add(found)
                    yield found
    if client_id is None:  # what is nobody's
        for export in session.execute(select(bulk_exports.c.id, bulk_exports.c.reason)):
            if not vault.open_reason(export.id, export.reason):
                yield "list", export.id
