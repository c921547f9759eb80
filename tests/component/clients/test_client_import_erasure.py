"""Whoever is erased while a table stands is in it no more."""

from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import CheckMerge, MergeCheck
from contracts.clients import (
    ChangeClient,
    ChangeRetention,
    EraseClient,
    ListClients,
    MergeClients,
    RegisterClient,
    RunClientImport,
    ShowClient,
    ShowClientImport,
)
from services.clients.queries.imports import FIRST_ROWS, FirstRows
from services.clients.tables import client_imports, import_chunks, import_keys_seen
from services.clients.usecases.import_erasure import CHUNK_ROWS
from tests.component.clients.test_client_import_tables import (
    count,
    mapped,
    outcomes,
    rows_of,
    table,
    take_one_batch,
    upload,
)
from tests.component.clients.test_client_retention import forget, in_months
from tests.harness import Harness

HEAD = "Фамилия;Имя;Телефон;Email;Код;Телефон пригласившего;Код пригласившего;Примечание;Ещё"


def in_clear(salon: Harness, import_id: UUID) -> str:
    """All that the table still says."""
    vault = salon.dispatcher.instance.vault
    with salon.session() as session:
        kept = session.execute(select(import_chunks).where(import_chunks.c.import_id == import_id)).all()
        rows = [vault.open_for(import_id, f"chunk:{one.number}", one.content, CHUNK_ROWS) for one in kept]
        first = session.scalar(select(client_imports.c.first_rows).where(client_imports.c.id == import_id))
        return str(rows) + str(vault.open_for(import_id, FIRST_ROWS, first, FirstRows))


@pytest.mark.parametrize(
    "row",
    [
        "Зяблик;К;8 (916) 000-00-01;;;;;;",
        "Зяблик;К;+79160000009, 89160000001;;;;;;",
        "Зяблик;К;;CLARA@example.com;;;;;",
        "Зяблик;К;;;K-7;;;;",
        "Зяблик;К;+79160000009;;;;;;мама 916-000-00-01 звонить",
        "Зяблик;К;+79160000009;;;;;;clara@example.com",
        "Зяблик;К;+79160000002;;;;;;",
    ],
)
def test_rows_of_whoever_is_erased_are_taken_out(salon: Harness, row: str) -> None:
    """By phone in any spelling, e-mail or reference, of today or of earlier; what is left is taken in."""
    head = "Имя;Фамилия;Телефон;Email;Код"
    known = upload(salon, table("Клара;Цеткина;+79160000001;clara@example.com;K-7", head=head))
    mapped(salon, known)
    salon.ask(RunClientImport(known.id, dry_run=False))
    salon.tick()
    card = salon.ask(ShowClient(rows_of(salon, known.id)[0].client_id))
    card = salon.ask(ChangeClient(card.id, card.version, phones=("+79160000002",)))
    card = salon.ask(ChangeClient(card.id, card.version, phones=("+79160000001",)))
    other = "Дрозд;Анна;+79260000001;joclara@example.com;K-77;;;;"
    made = mapped(salon, upload(salon, table(row, other, head=HEAD)))
    assert "Зяблик" in in_clear(salon, made.id)
    salon.ask(EraseClient(card.id, card.version))
    left = in_clear(salon, made.id)
    assert "Зяблик" not in left
    assert "Дрозд" in left
    salon.ask(RunClientImport(made.id, dry_run=False))
    salon.tick()
    assert outcomes(rows_of(salon, made.id)) == ["erased", "created"]
    run = salon.ask(ShowClientImport(made.id)).run
    assert (run.done, run.erased, run.created) == (2, 1, 1)
    assert [one.last_name for one in salon.ask(ListClients()).items] == ["Дрозд"]


def test_rows_of_others_forget_whom_they_name(salon: Harness) -> None:
    """A referrer, or somebody in a comment: the row stays without them."""
    card = salon.ask(RegisterClient("Клара", phones=("+79160000001",), email="clara@example.com"))
    rows = (
        "Дрозд;А;+79260000001;;;8 916 000 00 01;;;",
        "Зяблик;Б;+79260000002;;;;;сестра: 8-916-000-00-01, мама тоже;",
        "Чиж;В;+79260000003;;;;;пишет на clara@example.com.;",
    )
    made = upload(salon, table(*rows, head=HEAD))
    salon.ask(EraseClient(card.id, card.version))
    left = in_clear(salon, made.id)
    for name in ("Дрозд", "Зяблик", "Чиж", "+79260000001", "+79260000002", "+79260000003"):
        assert name in left
    for gone in ("916 000", "916-000", "сестра", "clara"):
        assert gone not in left


def test_a_merged_card_is_looked_for_by_what_both_said(salon: Harness) -> None:
    salon.others.answers[CheckMerge] = lambda _: MergeCheck(())
    kept, other = (salon.ask(RegisterClient("Клара", phones=(f"+7916000000{n}",))) for n in (1, 2))
    card = salon.ask(MergeClients(kept.id, other.id))
    card = salon.ask(ChangeClient(card.id, card.version, phones=("+79160000001",)))
    made = upload(salon, table("Зяблик;К;89160000002;;;;;;", "Дрозд;А;+79260000001;;;;;;", head=HEAD))
    salon.ask(EraseClient(card.id, card.version))
    assert "Зяблик" not in in_clear(salon, made.id)


def test_a_run_that_is_under_way_takes_in_nobody_who_is_erased(salon: Harness) -> None:
    """Of a later batch; a dry run forgets that it has met them."""
    card = salon.ask(RegisterClient("Клара", phones=("+79990000000",)))
    rows = [f"Л{n};Имя;+7916{n:07d};;;;;;" for n in range(250)]
    rows[220] = "Зяблик;К;+79990000000;;;;;;"
    made = mapped(salon, upload(salon, table(*rows, head=HEAD)))
    salon.ask(RunClientImport(made.id, dry_run=True))
    take_one_batch(salon)
    met = count(salon, import_keys_seen)
    twin = salon.ask(RegisterClient("Двойник", phones=("+79160000005",)))
    salon.ask(EraseClient(twin.id, twin.version))
    assert count(salon, import_keys_seen) == met - 1
    salon.ask(EraseClient(card.id, card.version))
    salon.tick()
    assert [row.number for row in rows_of(salon, made.id) if row.outcome == "erased"] == [222]
    salon.ask(RunClientImport(made.id, dry_run=False))
    salon.tick()
    assert [row.number for row in rows_of(salon, made.id) if row.outcome == "erased"] == [7, 222]
    assert salon.ask(ListClients(q="Зяблик")).items == ()


def test_who_is_forgotten_by_time_goes_from_tables_too(salon: Harness) -> None:
    salon.ask(RegisterClient("Клара", phones=("+79160000001",)))
    made = upload(salon, table("Зяблик;К;89160000001;;;;;;", "Дрозд;А;+79260000001;;;;;;", head=HEAD))
    salon.ask(ChangeRetention(1, months_without_visit=12))
    forget(salon, in_months(600))
    assert "Зяблик" not in in_clear(salon, made.id)
