"""What is removed from a card is not marked as removed: no row holds it any more, in no column."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import LargeBinary, select, update

from contracts.clients import (
    AddFile,
    AddNote,
    ChangeClient,
    ChangeNote,
    CreateClientField,
    FieldValue,
    GivePerk,
    KeepFilePart,
    PutPhoto,
    RemoveClientField,
    RemoveFile,
    RemoveNote,
    RemovePerk,
    RemovePhoto,
)
from kernel.time import utc_now
from services.clients.tables import card_versions, clients, tables, upload_parts
from tests.component.clients.conftest import clara
from tests.harness import Harness

CONTENT = b"%PDF-1.7\n" + bytes(2_000)
CARDS = {clients, card_versions}  # the card itself, and what it said before


def kept(salon: Harness) -> set[bytes]:
    """All that is sealed beside the cards."""
    found: set[bytes] = set()
    with salon.session() as session:
        for table in set(tables.tables.values()) - CARDS:
            for column in table.c:
                if isinstance(column.type, LargeBinary):
                    found |= {bytes(value) for value in session.scalars(select(column).where(column.is_not(None)))}
    return found


def a_note(salon: Harness, client_id: UUID) -> Callable[[], object]:
    note = salon.ask(AddNote(client_id, "talks a lot"))
    note = salon.ask(ChangeNote(client_id, note.id, note.version, "talks too much"))
    return lambda: salon.ask(RemoveNote(client_id, note.id, note.version))


def a_perk(salon: Harness, client_id: UUID) -> Callable[[], object]:
    perk = salon.ask(GivePerk(client_id, "a coffee"))
    return lambda: salon.ask(RemovePerk(client_id, perk.id, perk.version))


def a_file(salon: Harness, client_id: UUID) -> Callable[[], object]:
    upload_id = uuid4()
    salon.ask(KeepFilePart(client_id, upload_id, 0, CONTENT))
    file = salon.ask(AddFile(client_id, upload_id, len(CONTENT), "form.pdf", "form"))
    return lambda: salon.ask(RemoveFile(client_id, file.id, file.version))


def a_photo(salon: Harness, client_id: UUID) -> Callable[[], object]:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    photo = salon.ask(PutPhoto(client_id, 1, picture.getvalue()))
    return lambda: salon.ask(RemovePhoto(client_id, photo.version))


def a_value(salon: Harness, client_id: UUID) -> Callable[[], object]:
    field = salon.ask(CreateClientField("Pet", "text"))
    salon.ask(ChangeClient(client_id, 1, custom=(FieldValue(field.id, "a hedgehog"),)))
    return lambda: salon.ask(ChangeClient(client_id, 2, custom=(FieldValue(field.id, None),)))


def a_field(salon: Harness, client_id: UUID) -> Callable[[], object]:
    field = salon.ask(CreateClientField("Pet", "text"))
    salon.ask(ChangeClient(client_id, 1, custom=(FieldValue(field.id, "a hedgehog"),)))
    return lambda: salon.ask(RemoveClientField(field.id, field.version))


def an_upload(salon: Harness, client_id: UUID) -> Callable[[], object]:
    """Nobody ever put it together."""
    salon.ask(KeepFilePart(client_id, uuid4(), 0, CONTENT))

    def an_hour_later() -> None:
        with salon.session() as session:
            session.execute(update(upload_parts).values(kept_at=utc_now() - timedelta(hours=1, seconds=1)))
            session.commit()
        salon.tick()

    return an_hour_later


@pytest.mark.parametrize("keep", [a_note, a_perk, a_file, a_photo, a_value, a_field, an_upload])
def test_what_is_removed_is_in_no_row(salon: Harness, keep: Callable[..., Any]) -> None:
    client_id = salon.ask(clara()).id
    before = kept(salon)
    remove = keep(salon, client_id)
    there = kept(salon) - before
    assert there
    remove()
    assert kept(salon) & there == set()
