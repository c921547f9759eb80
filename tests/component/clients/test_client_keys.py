"""The two keys of a card: what each opens, cards from before there were two, and what happens to damage."""

import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, event, func, select, update

from chassis.assembly import assemble
from chassis.crypto import derive, seal
from chassis.keyring import person_keys
from chassis.masters import MasterFile
from chassis.wire import encode
from contracts.clients import (
    AddNote,
    ChangeClient,
    Client,
    EraseClient,
    ListClients,
    ShowClient,
)
from kernel.errors import Conflict, Gone
from services.clients.queries.unreadable import EVERYTHING
from services.clients.tables import clients, notes, tables
from tests.component.clients.conftest import clara, refused
from tests.harness import Harness


def register(salon: Harness, **said: object) -> Client:
    card: Client = salon.ask(clara(**{"phones": ()} | said))
    return card


def flip(salon: Harness, column: Column[Any], row_id: object) -> None:
    """Change one bit in the middle of a ciphertext."""
    with salon.session() as session:
        flipped = func.set_byte(column, 15, func.get_byte(column, 15).op("#")(4))
        session.execute(update(column.table).where(column.table.c.id == row_id).values({column: flipped}))
        session.commit()


def forget_keys(salon: Harness) -> None:
    """As a process that was just started."""
    salon.dispatcher.instance.keyring._known.clear()


def surroundings(salon: Harness) -> dict[str, str]:
    return {
        "LOKON_KEYS": str(salon.settings.keys),
        "LOKON_CLIENTS_DATABASE": salon.settings.databases["clients"],
        "LOKON_CLIENTS_KEYS_DATABASE": salon.settings.databases["clients_keys"],
        "LOKON_BUS": "inprocess://operator",
    }


def keys(salon: Harness, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chassis.runner", "clients", "keys", *words]
    return subprocess.run(command, env=surroundings(salon) | env, capture_output=True, text=True, check=False)


def test_health_has_a_key_of_its_own(salon: Harness) -> None:
    """A card without contraindications needs one key, with them two; the key of the person does not open health."""
    plain = register(salon)
    card = register(salon, contraindications=("ammonia",))
    ring = salon.dispatcher.instance.keyring
    assert ring.keys([plain.id], "health") == {}
    assert ring.keys([card.id]) != ring.keys([card.id], "health")
    with salon.session() as session:
        sealed = session.scalar(select(clients.c.health).where(clients.c.id == card.id))
    vault = salon.dispatcher.instance.vault
    assert vault.opens(card.id, "health", sealed, "health")
    assert not vault.opens(card.id, "health", sealed, "person")


def test_opening_a_card_asks_the_key_database_once(salon: Harness) -> None:
    card = register(salon, contraindications=("ammonia",))
    forget_keys(salon)
    asked: list[str] = []
    event.listen(
        salon.dispatcher.instance.keyring.engine, "after_cursor_execute", lambda *about: asked.append(about[2])
    )
    assert salon.ask(ShowClient(card.id)).contraindications == ("ammonia",)
    assert len(asked) == 1


def test_a_card_from_before_opens_and_is_sealed_anew_when_it_changes(salon: Harness) -> None:
    """Health was once sealed under a key derived from the person's."""
    card = register(salon)
    key = salon.dispatcher.instance.keyring.keys([card.id])[card.id]
    old = seal(derive(key, "health"), encode(("ammonia",)), f"{card.id}:health")
    with salon.session() as session:
        session.execute(update(clients).where(clients.c.id == card.id).values(health=old))
        session.commit()
    assert salon.ask(ShowClient(card.id)).contraindications == ("ammonia",)
    assert [one.contraindications for one in salon.ask(ListClients()).items] == [("•••",)]
    salon.ask(ChangeClient(card.id, 1, comment="came again"))
    forget_keys(salon)
    assert salon.ask(ShowClient(card.id)).contraindications == ("ammonia",)
    assert set(salon.dispatcher.instance.keyring.keys([card.id], "health")) == {card.id}


def test_a_process_without_the_key_for_health_reads_none_and_loses_none(salon: Harness) -> None:
    """It shows and changes the rest of the card; what it cannot read stays, and it writes none."""
    card = register(salon, contraindications=("ammonia",))
    file = salon.settings.keys / "clients.health.master"
    content = file.read_text()
    file.unlink()
    salon.dispatcher.close()
    blind = salon.dispatcher = assemble("clients", salon.settings, salon.others, lambda: None)
    try:
        assert salon.ask(ShowClient(card.id)).contraindications == ()
        assert salon.ask(ChangeClient(card.id, 1, comment="came again")).comment == "came again"
        refused(Conflict, "key_withheld", lambda: salon.ask(clara(contraindications=("latex",))))
    finally:
        blind.close()
        file.write_text(content)
    salon.dispatcher = assemble("clients", salon.settings, salon.others, lambda: None)
    assert salon.ask(ShowClient(card.id)).contraindications == ("ammonia",)


@pytest.mark.parametrize("column", [clients.c.person, clients.c.health])
def test_a_flipped_bit_is_noticed_and_stops_no_list(salon: Harness, column: Column[Any]) -> None:
    damaged, whole = register(salon, contraindications=("ammonia",)), register(salon)
    flip(salon, column, damaged.id)
    refused(Conflict, "card_damaged", lambda: salon.ask(ShowClient(damaged.id)))
    assert [one.id for one in salon.ask(ListClients()).items] == [whole.id]


def test_a_value_moved_to_another_card_or_column_is_noticed(salon: Harness) -> None:
    one, other = (register(salon, contraindications=("ammonia",)) for _ in range(2))
    whole = register(salon)
    with salon.session() as session:
        rows: Mapping[Any, Any] = {row.id: row for row in session.execute(select(clients)).all()}
        session.execute(update(clients).where(clients.c.id == one.id).values(health=rows[other.id].health))
        session.execute(update(clients).where(clients.c.id == other.id).values(health=rows[other.id].person))
        session.commit()
    for card in (one, other):
        refused(Conflict, "card_damaged", lambda c=card: salon.ask(ShowClient(c.id)))
    assert [each.id for each in salon.ask(ListClients()).items] == [whole.id]


@pytest.mark.parametrize("key_class", ["person", "health"])
def test_a_damaged_key_is_damage_and_no_erasure(salon: Harness, key_class: str) -> None:
    """The card answers damaged, lists and others go on, and it can still be erased."""
    damaged, whole = register(salon, contraindications=("ammonia",)), register(salon)
    flipped = func.set_byte(person_keys.c.wrapped, 20, func.get_byte(person_keys.c.wrapped, 20).op("#")(1))
    of_hers = (person_keys.c.person_id == damaged.id) & (person_keys.c.key_class == key_class)
    with salon.dispatcher.instance.keyring.engine.begin() as connection:
        connection.execute(update(person_keys).where(of_hers).values(wrapped=flipped))
    forget_keys(salon)
    refused(Conflict, "card_damaged", lambda: salon.ask(ShowClient(damaged.id)))
    assert [one.id for one in salon.ask(ListClients()).items] == [whole.id]
    salon.ask(EraseClient(damaged.id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(ShowClient(damaged.id)))


def test_the_check_names_what_does_not_open_and_nothing_of_it(salon: Harness) -> None:
    """Cards, notes and wrapped keys by their ids; those who were erased are none of it; no word and no key is shown."""
    whole, card, noted, erased = (register(salon, contraindications=("ammonia",)) for _ in range(4))
    note = salon.ask(AddNote(noted.id, "comes with a dog"))
    salon.ask(EraseClient(erased.id, 1))
    assert keys(salon, "check").stdout.strip().splitlines()[-1] == "everything opens"
    flip(salon, clients.c.health, card.id)
    flip(salon, notes.c.text, note.id)
    said = keys(salon, "check")
    lines = [line for line in said.stdout.splitlines() if not line.startswith("{")]
    assert (said.returncode, lines) == (1, [f"card\t{card.id}", f"note\t{note.id}"])
    assert str(whole.id) not in said.stdout
    everything = said.stdout + said.stderr
    material = MasterFile(salon.settings.keys / "clients.master").read()
    for secret in ("Клара", "ammonia", "dog", material.root.hex()):
        assert secret not in everything


def test_the_check_looks_at_every_sealed_column() -> None:
    """What is bytes and not looked at is a blind value, nobody's, or a part of a file that is still being sent."""
    bytes_ = {column for table in tables.tables.values() for column in table.c if isinstance(column.type, LargeBinary)}
    looked_at = {kept.rows.selected_columns["sealed"].element for kept in EVERYTHING}
    assert {str(column) for column in bytes_ - looked_at} <= {
        "birthdays.month_day",
        "bulk_exports.reason",
        "clients.reference_index",
        "contact_forms.key_hash",
        "import_keys_seen.value",
        "import_parts.content",
        "import_rows.referrer",
        "search_index.value",
        "upload_parts.content",
    }


def test_an_operator_sees_adds_rotates_and_retires(salon: Harness) -> None:
    """Cards open before, between and after, and the salon finds them as ever: the index outlives the version."""
    card = register(salon, contraindications=("ammonia",))
    assert keys(salon, "status").stdout.splitlines() == [
        "health\tversion 1\t1 keys\t100.0 %\twraps new ones",
        "person\tversion 1\t1 keys\t100.0 %\twraps new ones",
    ]
    assert keys(salon, "retire", "1").returncode == 1
    for key_class in ("person", "health"):
        assert keys(salon, "add", "--class", key_class).returncode == 0
        assert keys(salon, "rotate", "--class", key_class).stdout.splitlines()[-1] == "1 of 1 keys (100.0 %)"
        forget_keys(salon)
        assert salon.ask(ShowClient(card.id)).contraindications == ("ammonia",)
        assert keys(salon, "retire", "1", "--class", key_class).returncode == 0
    salon.dispatcher.close()
    salon.dispatcher = assemble("clients", salon.settings, salon.others, lambda: None)
    assert salon.ask(ShowClient(card.id)).contraindications == ("ammonia",)
    assert [one.id for one in salon.ask(ListClients(q="Цетк")).items] == [card.id]


def test_a_key_from_elsewhere_is_not_added_to_here(salon: Harness) -> None:
    text = (salon.settings.keys / "clients.master").read_text()
    said = keys(salon, "add", LOKON_CLIENTS_MASTER=text)
    assert said.returncode == 1
    assert "is in no file" in said.stderr
    assert text[8:40] not in said.stdout + said.stderr
