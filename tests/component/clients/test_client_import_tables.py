"""Clients from a table: uploaded, mapped, tried, taken in row by row, and nothing of the table left behind."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from chassis.wire import encode_cursor
from contracts.clients import (
    AbandonClientImport,
    ClientImport,
    ClientRegistered,
    CreateClientCategory,
    CreateClientField,
    CreateClientImport,
    EraseClient,
    ImportRow,
    KeepImportPart,
    ListClientImports,
    ListClients,
    ListConsentDocuments,
    ListImportRows,
    MapClientImport,
    MappedColumn,
    PersonalDataHandled,
    RegisterClient,
    RunClientImport,
    ShowClient,
    ShowClientImport,
)
from contracts.clients.files import PART_BYTES
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.time import utc_now
from services.clients.queries.unreadable import unreadable
from services.clients.tables import (
    client_imports,
    clients,
    import_chunks,
    import_keys_over,
    import_keys_seen,
    import_parts,
    import_rows,
)
from tests.builders import ELSEWHERE, HERE, OWNER, anna, boris
from tests.component.clients.conftest import refused
from tests.harness import Harness

HEAD = "Фамилия;Имя;Телефон;Email;Дата рождения;Код"
MANAGER = ("clients.import", "clients.read", "clients.edit", "clients.share_phone")


def upload(salon: Harness, content: str | bytes, caller: Caller = OWNER, **said: object) -> ClientImport:
    body = content.encode() if isinstance(content, str) else content
    upload_id = uuid4()
    for number, start in enumerate(range(0, len(body), PART_BYTES)):
        salon.ask(KeepImportPart(upload_id, number, body[start : start + PART_BYTES]), caller)
    return salon.ask(CreateClientImport(upload_id, len(body), **said), caller)


def table(*rows: str, head: str = HEAD) -> str:
    return "\n".join((head, *rows))


def mapped(salon: Harness, made: ClientImport, caller: Caller = OWNER) -> ClientImport:
    """With the fields that were proposed."""
    columns = tuple(MappedColumn(one.number, one.field) for one in made.columns if one.field)
    return salon.ask(MapClientImport(made.id, made.version, columns), caller)


def ran(
    salon: Harness, content: str | bytes, caller: Caller = OWNER, *, dry_run: bool = False, **how: object
) -> tuple[ClientImport, list[ImportRow]]:
    """The whole way, and what became of each row."""
    made = mapped(salon, upload(salon, content, caller), caller)
    salon.ask(RunClientImport(made.id, dry_run, **how), caller)
    salon.tick()
    return salon.ask(ShowClientImport(made.id), caller), rows_of(salon, made.id, caller)


def rows_of(salon: Harness, import_id: UUID, caller: Caller = OWNER) -> list[ImportRow]:
    rows: list[ImportRow] = []
    page = salon.ask(ListImportRows(import_id, limit=200), caller)
    rows.extend(page.items)
    while page.next:
        page = salon.ask(ListImportRows(import_id, limit=200, cursor=page.next), caller)
        rows.extend(page.items)
    return rows


def outcomes(rows: Iterable[ImportRow]) -> list[str]:
    return [row.outcome for row in rows]


def codes(row: ImportRow) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in row.errors]


def count(salon: Harness, of: object) -> int:
    with salon.session() as session:
        return session.scalar(select(func.count()).select_from(of)) or 0


def test_a_table_is_read_and_a_mapping_proposed(salon: Harness) -> None:
    """With its columns, its first rows, and the fields that headings mean."""
    made = upload(salon, table("Петрова;Анна;+7 916 123-45-67;anna@example.com;01.02.1990;K1"))
    assert [(one.name, one.field) for one in made.columns] == [
        ("Фамилия", "last_name"),
        ("Имя", "first_name"),
        ("Телефон", "phone"),
        ("Email", "email"),
        ("Дата рождения", "birth_date"),
        ("Код", "reference"),
    ]
    assert made.first_rows == (("Петрова", "Анна", "+7 916 123-45-67", "anna@example.com", "01.02.1990", "K1"),)
    assert (made.state, made.rows, made.mapped, made.run) == ("open", 1, False, None)
    assert made.expires_at - made.created_at == timedelta(hours=72)


def test_who_may_not_see_contacts_sees_no_rows_of_the_table(salon: Harness) -> None:
    made = upload(salon, table("Петрова;Анна;+79161234567;;;"), anna(*MANAGER))
    assert made.first_rows == (("•••",) * 3,)


def test_rows_become_cards(salon: Harness) -> None:
    """With what each row says, by whoever started it, told to the journal by counts."""
    rows = ("Петрова;Анна;8 (916) 123-45-67;anna@example.com;01.02.1990;K1", "Иванова;Ольга;;;1985-12-31;K2")
    done, report = ran(salon, table(*rows))
    assert outcomes(report) == ["created", "created"]
    assert [row.number for row in report] == [2, 3]
    card = salon.ask(ShowClient(report[0].client_id))
    assert (card.last_name, card.first_name, card.phones) == ("Петрова", "Анна", ("+79161234567",))
    assert (card.email, card.birth_date, card.reference) == ("anna@example.com", date(1990, 2, 1), "K1")
    assert (done.state, done.run.state, done.run.done, done.run.created) == ("finished", "done", 2, 2)
    (told,) = salon.announced(PersonalDataHandled)
    assert (told.action, told.subject_id, told.actor_id) == ("clients.imported", done.id, OWNER.id)
    assert told.details["created"] == ("2",)
    assert len(salon.announced(ClientRegistered)) == 2


def test_a_dry_run_says_the_same_and_makes_nothing(salon: Harness) -> None:
    """Duplicates within the table included, those of earlier batches too."""
    salon.ask(RegisterClient("Клара", phones=("+79990000000",)))
    rows = [f"Л{n};Имя;+7916{n:07d};;;" for n in range(250)]
    rows += ["Л;Имя;+79160000001;;;", "К;Клара;+79990000000;;;", "Н;Имя;12;;;"]
    made = mapped(salon, upload(salon, table(*rows)))
    salon.ask(RunClientImport(made.id, dry_run=True))
    salon.tick()
    tried = rows_of(salon, made.id)
    assert count(salon, clients) == 1
    assert count(salon, import_keys_seen) == 0
    assert salon.ask(ShowClientImport(made.id)).state == "open"
    salon.ask(RunClientImport(made.id, dry_run=False))
    salon.tick()
    taken = rows_of(salon, made.id)
    assert outcomes(tried) == outcomes(taken) == ["created"] * 250 + ["duplicate", "duplicate", "refused"]
    assert count(salon, clients) == 251
    assert salon.ask(ListImportRows(made.id, run=1, outcome="refused")).items[0].errors == taken[-1].errors


def test_nothing_of_the_table_is_left_when_it_is_in(salon: Harness) -> None:
    """No rows, no pieces, and no key that would open what a dump still holds."""
    done, _ = ran(salon, table("Петрова;Анна;+79161234567;;;"))
    assert (done.columns, done.first_rows) == ((), ())
    for kept in (import_chunks, import_parts, import_keys_over):
        assert count(salon, kept) == 0
    assert not salon.dispatcher.instance.keyring.has(done.id)


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        ("П;А;12345;;;K", [("phone", "phone_invalid")]),
        ("П;А;;nobody;;K", [("email", "email_invalid")]),
        ("П;А;;;31.02.1990;K", [("birth_date", "date_invalid")]),
        ("П;А;;;01.02.90;K", [("birth_date", "date_invalid")]),
        ("П;А;;;01.01.1800;K", [("birth_date", "birth_date_impossible")]),
        ("П;А;;;01.01.2199;K", [("birth_date", "birth_date_impossible")]),
        ("П;А;12345;nobody;yesterday;K",
         [("email", "email_invalid"), ("birth_date", "date_invalid"), ("phone", "phone_invalid")]),
        ("П;;;;;K", [("first_name", "name_blank")]),
        ("П;А;;;;", [("", "key_missing")]),
        ("П;А;;;;K;another;cell", [("", "cells_too_many")]),
        (f"П;{'А' * 201};;;;K", [("first_name", "text_too_long")]),
        ("П;А;•••;;;K", [("phone", "masked_value")]),
        ("П;А;" + ",".join(f"+7916000000{n}" for n in range(9)) + ",+79160000011,+79160000012;;;K",
         [("phone", "phones_too_many")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_is_told_by_field_and_code(
    salon: Harness, row: str, errors: list[tuple[str, str]]
) -> None:
    """All of it, and never what stands in the row; the others are taken in."""
    done, (wrong, right) = ran(salon, table(row, "П;Б;+79160000000;;;"))
    assert (wrong.outcome, codes(wrong), wrong.client_id) == ("refused", errors, None)
    assert right.outcome == "created"
    assert (done.run.refused, done.run.created) == (1, 1)


def test_a_formula_is_a_text(salon: Harness) -> None:
    _, (row,) = ran(salon, table('=1+1;"=HYPERLINK(""http://example.com"")";+79160000000;;;'))
    card = salon.ask(ShowClient(row.client_id))
    assert (card.last_name, card.first_name) == ("=1+1", '=HYPERLINK("http://example.com")')


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ((MappedColumn(1, "first_name"),), "mapping_without_key"),
        ((MappedColumn(2, "phone"),), "mapping_without_name"),
        ((MappedColumn(1, "first_name"), MappedColumn(9, "phone")), "column_unknown"),
        ((MappedColumn(1, "first_name"), MappedColumn(1, "phone")), "column_repeated"),
        ((MappedColumn(1, "first_name"), MappedColumn(0, "first_name")), "field_repeated"),
        ((MappedColumn(1, "first_name"), MappedColumn(2, "shoe_size")), "field_unknown"),
        ((MappedColumn(1, "first_name"), MappedColumn(2, f"custom.{HERE}")), "field_unknown"),
    ],
)
def test_an_impossible_mapping_is_refused(salon: Harness, columns: tuple[MappedColumn, ...], code: str) -> None:
    made = upload(salon, table("П;А;+79160000000;;;"))
    refused(Invalid, code, lambda: salon.ask(MapClientImport(made.id, made.version, columns)))


def test_a_run_needs_a_mapping_and_comes_alone(salon: Harness) -> None:
    made = upload(salon, table("П;А;+79160000000;;;"))
    refused(Conflict, "import_unmapped", lambda: salon.ask(RunClientImport(made.id, dry_run=False)))
    mapped(salon, made)
    salon.ask(RunClientImport(made.id, dry_run=False))
    refused(Conflict, "import_running", lambda: salon.ask(RunClientImport(made.id, dry_run=True)))
    salon.tick()
    refused(Conflict, "import_over", lambda: salon.ask(RunClientImport(made.id, dry_run=True)))


# --- duplicates -----------------------------------------------------------------------------------------------------


def test_duplicates_are_left_alone(salon: Harness) -> None:
    """By phone in any spelling, e-mail in any case, or reference; of the base and of earlier rows."""
    known = salon.ask(RegisterClient("Клара", phones=("+79160000001",), email="clara@example.com"))
    _, rows = ran(
        salon,
        table(
            "Ц;К;8 916 000-00-01;;;",
            "Ц;К;;CLARA@example.com;;",
            "Н;А;+79160000002;;;R1",
            "Н;Б;+79160000003;;;R1",
            "Н;В;+79160000002;;;",
        ),
    )
    assert outcomes(rows) == ["duplicate", "duplicate", "created", "duplicate", "duplicate"]
    assert [row.client_id for row in rows] == [known.id, known.id, *[rows[2].client_id] * 3]
    assert salon.ask(ShowClient(known.id)).version == known.version


def test_duplicates_are_completed(salon: Harness) -> None:
    """Names and e-mail are those of the table, phones come together; a second time nothing changes."""
    known = salon.ask(RegisterClient("Клара", phones=("+79160000001",), comment="tea"))
    head = "Имя;Фамилия;Телефон;Email;Комментарий"
    content = table("Клара;Цеткина;+79160000001,+79160000002;clara@example.com;coffee", head=head)
    _, (row,) = ran(salon, content, duplicates="update")
    assert (row.outcome, row.client_id) == ("updated", known.id)
    card = salon.ask(ShowClient(known.id))
    assert (card.last_name, card.email, card.comment) == ("Цеткина", "clara@example.com", "tea\ncoffee")
    assert card.phones == ("+79160000001", "+79160000002")
    _, (again,) = ran(salon, content, duplicates="update")
    assert (again.outcome, salon.ask(ShowClient(known.id)).version) == ("duplicate", card.version)


def test_two_rows_of_one_person_make_one_card(salon: Harness) -> None:
    head = "Имя;Телефон;Email"
    rows = ("Анна;+79160000001;", "Анна;+79160000001;anna@example.com", "Анна;+79160000009;anna@example.com")
    _, report = ran(salon, table(*rows, head=head), duplicates="update")
    assert outcomes(report) == ["created", "updated", "updated"]
    (card,) = salon.ask(ListClients()).items
    assert (card.email, card.phones) == ("anna@example.com", ("+79160000001", "+79160000009"))


def test_families_share_a_phone_by_right(salon: Harness) -> None:
    """Both cards are made, and the second one says whom it may repeat."""
    known = salon.ask(RegisterClient("Клара", phones=("+79160000001",)))
    content = table("Ц;Роза;+79160000001;;;", "Л;А;+79160000002;;;", "Л;Б;+79160000002;;;")
    may_not = anna("clients.import", "clients.read", "clients.edit")
    made = mapped(salon, upload(salon, content, may_not), may_not)
    refused(
        Forbidden,
        "permission_missing",
        lambda: salon.ask(RunClientImport(made.id, False, "create_reported"), may_not),
    )
    _, rows = ran(salon, content, duplicates="create_reported")
    assert outcomes(rows) == ["suggested", "created", "suggested"]
    assert [row.like_id for row in rows] == [known.id, None, rows[1].client_id]
    assert len(salon.ask(ListClients(q="+79160000002")).items) == 2


def test_a_similar_name_with_the_same_birthday_is_suggested(salon: Harness) -> None:
    """In the base and in the table, whatever the order of the words; it hinders nobody."""
    known = salon.ask(RegisterClient("Наталья", last_name="Иванова", birth_date=date(1990, 2, 1)))
    salon.ask(RegisterClient("Мария", last_name="Иванова", birth_date=date(1990, 2, 1)))
    _, rows = ran(
        salon,
        table(
            "Наталия;Иванова;+79160000001;;01.02.1990;",
            "Иванова;Наталья;+79160000002;;01.02.1991;",
            "Сидорова;Ольга;+79160000003;;05.05.1980;",
            "Сидорова;Ольга;+79160000004;;05.05.1980;",
            "Сидоров;Пётр;+79160000005;;05.05.1980;",
        ),
    )
    assert outcomes(rows) == ["suggested", "created", "created", "suggested", "created"]
    assert (rows[0].like_id, rows[3].like_id) == (known.id, rows[2].client_id)


def test_cards_of_other_branches_are_neither_shown_nor_changed(salon: Harness) -> None:
    """That the phone is taken cannot be hidden from who wants to register it; whose it is can."""
    salon.ask(RegisterClient("Клара", phones=("+79160000001",), home_branch_id=ELSEWHERE))
    caller = anna(*MANAGER)
    _, (row,) = ran(salon, table("Ц;Роза;+79160000001;;;"), caller, duplicates="update")
    assert (row.outcome, row.client_id) == ("duplicate", None)


# --- what rows say --------------------------------------------------------------------------------------------------


def test_full_names_categories_sources_and_fields_of_the_salon(salon: Harness) -> None:
    vip = salon.ask(CreateClientCategory("VIP"))
    size = salon.ask(CreateClientField("Размер", "number"))
    head = "ФИО,Телефон,Телефон 2,Пол,Источник,Категории,Размер,Примечание,Дата регистрации"
    row = '"Петрова Анна Ильинична",+79160000001,+79160000002,Ж,Instagram,"vip, gold","37,5","Любит ""чай""",05.03.2018'
    _, (done,) = ran(salon, table(row, head=head))
    assert codes(done) == [("categories", "category_unknown")]
    card = salon.ask(ShowClient(done.client_id))
    assert (card.last_name, card.first_name, card.patronymic) == ("Петрова", "Анна", "Ильинична")
    assert (card.phones, card.sex) == (("+79160000001", "+79160000002"), "female")
    assert (card.source.channel, card.category_ids, card.comment) == ("Instagram", (vip.id,), 'Любит "чай"')
    assert [(one.field_id, one.value) for one in card.custom] == [(size.id, "37.5")]
    assert card.registered_at.date() == date(2018, 3, 5)


def test_contraindications_come_together(salon: Harness) -> None:
    """Those of the card and of the row, each once; a dash or «нет» is none."""
    head = "Имя;Телефон;Противопоказания;Аллергии"
    known = salon.ask(RegisterClient("Клара", phones=("+79160000001",), contraindications=("Мёд",)))
    rows = ("Клара;+79160000001;мёд, Беременность;лак", 'Анна;+79160000002;"нет";-', 'Б;+79160000003;"a;b,A";')
    _, report = ran(salon, table(*rows, head=head), duplicates="update")
    assert outcomes(report) == ["updated", "created", "created"]
    said = [salon.ask(ShowClient(row.client_id)).contraindications for row in report]
    assert said == [("Мёд", "Беременность", "лак"), (), ("a", "b")]
    assert report[0].client_id == known.id
    many = ",".join(str(n) for n in range(51))
    _, (wrong,) = ran(salon, table(f'В;+79160000004;"{many}";{"x" * 201}', head=head))
    assert codes(wrong) == [
        ("contraindications", "contraindications_too_many"),
        ("contraindications", "text_too_long"),
        ("contraindications", "contraindications_too_many"),
    ]


def test_contraindications_take_the_right_to_health(salon: Harness) -> None:
    """To be shown, proposed, mapped, or taken in when somebody else has mapped them."""
    head = "Имя;Телефон;Аллергии"
    caller = anna(*MANAGER, marks=frozenset({"contacts"}))
    made = upload(salon, table("Анна;+79160000001;лак", head=head), caller)
    assert [one.field for one in made.columns] == ["first_name", "phone", None]
    assert made.first_rows == (("Анна", "+79160000001", "•••"),)
    columns = tuple(MappedColumn(n, field) for n, field in enumerate(("first_name", "phone", "contraindications")))
    refused(Forbidden, "mark_missing", lambda: salon.ask(MapClientImport(made.id, made.version, columns), caller))
    salon.ask(MapClientImport(made.id, made.version, columns))
    refused(Forbidden, "mark_missing", lambda: salon.ask(RunClientImport(made.id, dry_run=True), caller))
    assert salon.ask(ShowClientImport(made.id)).first_rows == (("Анна", "+79160000001", "лак"),)


def test_referrers_are_found_wherever_they_stand(salon: Harness) -> None:
    """In the base, above, below, and in later batches; nobody brings themselves, and not in a circle."""
    clara = salon.ask(RegisterClient("Клара", phones=("+79990000000",)))
    head = "Имя;Код;Телефон;Телефон пригласившего;Код пригласившего"
    rows = [
        "А;A;;;LAST",
        "Б;B;;8 999 000 00 00;",
        "В;C;;;B",
        "Г;D;;;D",
        "Д;E;;;NOBODY",
        "Е;F;;;G",
        "Ж;G;;;F",
        *(f"Н;N{n};;;" for n in range(250)),
        "Я;LAST;;;",
    ]
    _, report = ran(salon, table(*rows, head=head))
    assert set(outcomes(report)) == {"created"}
    cards = {name: salon.ask(ShowClient(report[place].client_id)) for place, name in enumerate("ABCDEFG")}
    assert cards["A"].referrer_id == report[-1].client_id
    assert cards["B"].referrer_id == clara.id
    assert cards["C"].referrer_id == cards["B"].id
    assert codes(report[3]) == [("referrer_reference", "referrer_is_self")]
    assert codes(report[4]) == [("referrer", "referrer_unknown")]
    assert (cards["F"].referrer_id, cards["G"].referrer_id) == (cards["G"].id, None)
    assert codes(report[6]) == [("referrer_reference", "referrer_cycle")]


def test_who_is_bound_to_a_branch_imports_into_it(salon: Harness) -> None:
    caller = anna(*MANAGER)
    _, (row,) = ran(salon, table("П;А;+79160000000;;;"), caller)
    assert salon.ask(ShowClient(row.client_id)).home_branch_id == HERE
    made = mapped(salon, upload(salon, table("П;А;+79160000001;;;"), caller), caller)
    elsewhere = RunClientImport(made.id, False, home_branch_id=ELSEWHERE)
    refused(NotFound, "branch_not_found", lambda: salon.ask(elsewhere, caller))


# --- going on, and ending -------------------------------------------------------------------------------------------


def take_one_batch(salon: Harness) -> None:
    (timed,) = (one for one in salon.dispatcher.timed if one.method.__name__ == "take_rows_in")
    assert salon.dispatcher.tick(timed)


def test_a_run_goes_on_after_a_restart(salon: Harness) -> None:
    """Stopped between two batches and within one: no row comes twice, and none is lost."""
    rows = [f"Л{n};Имя;+7916{n:07d};;;R{n}" for n in range(500)]
    made = mapped(salon, upload(salon, table(*rows)))
    salon.ask(RunClientImport(made.id, dry_run=False))
    take_one_batch(salon)
    half = salon.ask(ShowClientImport(made.id)).run
    assert (half.state, half.done, half.created) == ("running", 200, 200)
    with salon.session() as session:  # killed before its commit
        service = salon.dispatcher.instance
        service.take_rows_in(session)
        session.rollback()
    salon.close()
    again = Harness("clients", dict(salon.settings.databases), salon.settings.keys)
    again.tick()
    done = again.ask(ShowClientImport(made.id))
    assert (done.state, done.run.done, done.run.created) == ("finished", 500, 500)
    assert [row.number for row in rows_of(again, made.id)] == list(range(2, 502))
    assert count(again, clients) == 500
    again.close()


def test_an_import_is_abandoned(salon: Harness) -> None:
    """By who made it, or after 72 hours; the rows and their key go, reports of long ago too."""
    first, second = (mapped(salon, upload(salon, table("П;А;+79160000000;;;"))) for _ in range(2))
    salon.ask(AbandonClientImport(first.id, first.version))
    with salon.session() as session:
        later = utc_now() - timedelta(minutes=1)
        session.execute(update(client_imports).where(client_imports.c.id == second.id).values(expires_at=later))
        session.commit()
    salon.tick()
    salon.tick()
    for made in (first, second):
        assert salon.ask(ShowClientImport(made.id)).state == "abandoned"
        assert not salon.dispatcher.instance.keyring.has(made.id)
    assert count(salon, import_chunks) == 0
    with salon.session() as session:
        session.execute(update(client_imports).values(ended_at=utc_now() - timedelta(days=31)))
        session.commit()
    salon.tick()
    assert salon.ask(ListClientImports()).items == ()


def test_a_damaged_table_ends_its_run(salon: Harness) -> None:
    """And is named to whoever looks for damage."""
    made = mapped(salon, upload(salon, table("П;А;+79160000000;;;")))
    with salon.session() as session:
        session.execute(update(import_chunks).values(content=b"\x01" + bytes(60)))
        session.commit()
    with salon.session() as session:
        assert list(unreadable(session, salon.dispatcher.instance.vault)) == [("import", made.id)]
    salon.ask(RunClientImport(made.id, dry_run=False))
    salon.tick()
    done = salon.ask(ShowClientImport(made.id))
    assert (done.state, done.run.state) == ("failed", "failed")
    assert salon.ask(ListClients()).items == ()


def test_what_cannot_go_on_does_not_stand_in_the_way(salon: Harness) -> None:
    """Not even by a defect of ours: its import ends as failed, and the next one is taken in."""
    broken, sound = (mapped(salon, upload(salon, table(f"П;А;+7916000000{n};;;"))) for n in range(2))
    for made in (broken, sound):
        salon.ask(RunClientImport(made.id, dry_run=False))
    with salon.session() as session:
        this = client_imports.c.id == broken.id
        session.execute(update(client_imports).where(this).values(mapping=[[0, "custom.nothing"]]))
        session.commit()
    salon.tick()
    assert salon.ask(ShowClientImport(broken.id)).state == "failed"
    assert salon.ask(ShowClientImport(sound.id)).state == "finished"


def test_who_may_import_and_not_read_imports(salon: Harness) -> None:
    """And is told of no card but those that the import makes."""
    salon.ask(RegisterClient("Анна", last_name="Петрова", phones=("+79160000001",), birth_date=date(1990, 2, 1)))
    rows = ("Петрова;Анна;+79160000002;;01.02.1990;", "П;А;+79160000001;;;")
    _, (made, known) = ran(salon, table(*rows), anna("clients.import"))
    assert (made.outcome, made.like_id) == ("created", None)
    assert (known.outcome, known.client_id) == ("duplicate", None)


def test_reports_forget_who_is_erased(salon: Harness) -> None:
    done, rows = ran(salon, table("П;А;+79160000000;;;", "Б;В;+79160000001;;;"))
    salon.ask(EraseClient(rows[0].client_id, 1))
    assert [row.number for row in rows_of(salon, done.id)] == [3]
    assert count(salon, import_rows) == 1


def test_imports_are_their_makers(salon: Harness) -> None:
    """Others bound to branches do not see them, and who may not import has none."""
    caller = anna(*MANAGER)
    made = upload(salon, table("П;А;+79160000000;;;"), caller)
    assert [one.id for one in salon.ask(ListClientImports()).items] == [made.id]
    assert salon.ask(ListClientImports(), boris(*MANAGER)).items == ()
    for request in (ShowClientImport(made.id), ListImportRows(made.id), AbandonClientImport(made.id, 1)):
        refused(NotFound, "import_not_found", lambda r=request: salon.ask(r, boris(*MANAGER)))
    refused(Forbidden, "permission_missing", lambda: salon.ask(ShowClientImport(made.id), anna("clients.read")))


def test_a_cursor_that_was_made_up_is_refused(salon: Harness) -> None:
    made = upload(salon, table("П;А;+79160000000;;;"))
    for number in (2**31, 10**20, -1, "x"):
        cursor = encode_cursor(number)
        refused(Invalid, "cursor_invalid", lambda c=cursor: salon.ask(ListImportRows(made.id, cursor=c)))
        refused(Invalid, "cursor_invalid", lambda n=number: salon.ask(of_documents(n)))
    refused(Invalid, "cursor_invalid", lambda: salon.ask(of_documents(1, purpose="\0")))


def of_documents(version: object, purpose: str = "marketing") -> ListConsentDocuments:
    return ListConsentDocuments(cursor=encode_cursor(purpose, version))


def test_an_upload_has_to_be_whole_and_ones_own(salon: Harness) -> None:
    upload_id = uuid4()
    salon.ask(KeepImportPart(upload_id, 0, b"a;b"))
    refused(Conflict, "upload_incomplete", lambda: salon.ask(CreateClientImport(upload_id, 4)))
    refused(Conflict, "upload_incomplete", lambda: salon.ask(CreateClientImport(upload_id, 3), anna(*MANAGER)))
    with salon.session() as session:
        session.execute(update(import_parts).values(kept_at=utc_now() - timedelta(hours=2)))
        session.commit()
    salon.tick()
    assert count(salon, import_parts) == 0
