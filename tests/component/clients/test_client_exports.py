"""The list of clients leaves by two people, once, in an order that tells it from every other file."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from contracts.clients import (
    LISTED_AT_ONCE,
    ApproveBulkExport,
    AskBulkExport,
    BulkExport,
    ChangeClient,
    ChangeExportRules,
    ChangeSource,
    CreateClientCategory,
    CreateSource,
    EndDownload,
    EraseClient,
    ExportFilter,
    ImportClients,
    ImportedClient,
    ListBulkExports,
    ListedClient,
    ListSources,
    LockExports,
    PersonalDataHandled,
    ReadExportPart,
    RefuseBulkExport,
    ShowBulkExport,
    ShowExportRules,
    Source,
    TakeBulkExport,
    TraceExport,
)
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from services.clients.queries.exports import export_row, taking_of
from services.clients.tables import bulk_export_parts, bulk_exports
from services.clients.usecases import exports
from tests.builders import ELSEWHERE, HERE, OWNER, anna, boris
from tests.component.clients.conftest import PHONE, an_appointment, clara, refused
from tests.harness import Harness

WORDS = ("clients.export_list", "clients.approve_export", "client_exports.read")
CONTACTS = frozenset({"contacts"})
ANNA = anna(*WORDS, marks=CONTACTS)
BORIS = boris(*WORDS, marks=CONTACTS)
EVA = replace(OWNER, id=UUID(int=7))  # a second owner
COLUMNS = ("last_name", "first_name", "phones")
DAY = timedelta(days=1)


def wish(*columns: str, **said: Any) -> AskBulkExport:
    return AskBulkExport(**{"columns": columns or COLUMNS, "reason": "letters for the holidays"} | said)


def approved(salon: Harness, *columns: str, asker: Caller = OWNER, by: Caller = EVA, **said: Any) -> BulkExport:
    asked = salon.ask(wish(*columns, **said), asker)
    export: BulkExport = salon.ask(ApproveBulkExport(asked.id), by)
    return export


def taken(salon: Harness, export: BulkExport, by: Caller = OWNER) -> list[ListedClient]:
    """The cards as a gateway would read them."""
    download = salon.ask(TakeBulkExport(export.id), by)
    found = [
        card for number in range(download.parts) for card in salon.ask(ReadExportPart(export.id, number), by).items
    ]
    salon.ask(EndDownload(export.id), by)
    return found


def people(salon: Harness, count: int, **said: Any) -> list[UUID]:
    """So many more cards, in one or more goes."""
    cards = [
        ImportedClient(**{"first_name": f"Клара {n}", "phones": (f"+7916{n:07}",), "reference": f"{said}{n}"} | said)
        for n in range(count)
    ]
    batches = [tuple(cards[start : start + 500]) for start in range(0, count, 500)]
    return [one.id for batch in batches for one in salon.ask(ImportClients(batch)).items]


def later(salon: Harness, export: BulkExport, **columns: timedelta) -> None:
    """As if it had been asked, decided or taken so much earlier."""
    with salon.session() as session:
        for name, ago in columns.items():
            session.execute(
                update(bulk_exports).where(bulk_exports.c.id == export.id).values({name: datetime.now(UTC) - ago})
            )
        session.commit()


def test_the_list_leaves_when_somebody_else_has_approved_it(salon: Harness) -> None:
    """Asked, approved, taken; nobody approves their own, and only who asked may take it."""
    salon.ask(clara())
    asked = salon.ask(wish(), OWNER)
    assert (asked.state, asked.cards, asked.downloads, asked.reason) == ("asked", 1, 0, "letters for the holidays")
    refused(Conflict, "export_asked", lambda: salon.ask(TakeBulkExport(asked.id)))
    refused(Forbidden, "own_export", lambda: salon.ask(ApproveBulkExport(asked.id)))
    assert salon.ask(ApproveBulkExport(asked.id), EVA).state == "approved"
    refused(Conflict, "export_approved", lambda: salon.ask(ApproveBulkExport(asked.id), EVA))
    refused(Forbidden, "not_own_export", lambda: salon.ask(TakeBulkExport(asked.id), EVA))
    (card,) = taken(salon, asked)
    assert card == ListedClient(last_name="Цеткина", first_name="Клара", phones=(PHONE,))
    assert salon.ask(ShowBulkExport(asked.id)).state == "taken"
    refused(Conflict, "export_taken", lambda: salon.ask(TakeBulkExport(asked.id)))
    refused(Conflict, "download_ended", lambda: salon.ask(ReadExportPart(asked.id, 0)))


def test_every_step_is_on_the_record_and_says_nothing_of_persons(salon: Harness) -> None:
    """Who, which export, how many cards; the reason stays out of it, and sealed."""
    people(salon, 3)
    export = approved(salon)
    taken(salon, export)
    other = salon.ask(wish("first_name", reason="for Клара Цеткина"))
    salon.ask(RefuseBulkExport(other.id), EVA)
    deeds = [deed for deed in salon.announced(PersonalDataHandled) if deed.subject_kind == "client_list"]
    assert [(deed.action.removeprefix("client.list_"), deed.actor_id, deed.subject_id) for deed in deeds] == [
        ("asked", OWNER.id, export.id),
        ("approved", EVA.id, export.id),
        ("taken", OWNER.id, export.id),
        ("asked", OWNER.id, other.id),
        ("refused", EVA.id, other.id),
    ]
    assert {deed.details["cards"] for deed in deeds} == {("3",)}
    with salon.session() as session:
        kept = session.execute(select(bulk_exports).where(bulk_exports.c.id == other.id)).one()
    assert "Клара".encode() not in kept.reason
    assert "Клара" not in str(deeds)


def test_it_expires_by_itself(salon: Harness) -> None:
    """A week for somebody to decide, a day to take it."""
    asked = salon.ask(wish())
    later(salon, asked, asked_at=7 * DAY)
    assert salon.ask(ShowBulkExport(asked.id)).state == "expired"
    refused(Conflict, "export_expired", lambda: salon.ask(ApproveBulkExport(asked.id), EVA))
    export = approved(salon)
    assert export.until == export.decided_at + DAY
    later(salon, export, decided_at=DAY)
    refused(Conflict, "export_expired", lambda: salon.ask(TakeBulkExport(export.id)))
    assert salon.ask(ListBulkExports()).items[0].state == "expired"


def test_what_was_refused_or_taken_back_stays_here(salon: Harness) -> None:
    """By whom it was to be approved, or by who asked, until it has been taken."""
    asked = salon.ask(wish())
    assert salon.ask(RefuseBulkExport(asked.id), EVA).decided_by == EVA.id
    refused(Conflict, "export_refused", lambda: salon.ask(ApproveBulkExport(asked.id), EVA))
    export = approved(salon)
    salon.ask(RefuseBulkExport(export.id))
    refused(Conflict, "export_refused", lambda: salon.ask(TakeBulkExport(export.id)))


def test_a_download_that_broke_off_may_be_begun_again_for_a_while(salon: Harness) -> None:
    """The same cards, three times in all within fifteen minutes, each on the record; then it is gone."""
    people(salon, 2)
    export = approved(salon)
    first = salon.ask(TakeBulkExport(export.id))
    begun = salon.ask(ReadExportPart(export.id, 0))
    people(salon, 2, phones=())
    assert salon.ask(TakeBulkExport(export.id)) == first
    assert salon.ask(ReadExportPart(export.id, 0)) == begun
    assert salon.ask(TakeBulkExport(export.id)) == first
    refused(Conflict, "export_taken", lambda: salon.ask(TakeBulkExport(export.id)))
    tries = [deed.details["tries"] for deed in salon.announced(PersonalDataHandled) if "tries" in deed.details]
    assert tries == [("1",), ("2",), ("3",)]
    assert salon.ask(ShowBulkExport(export.id)).downloads == 1
    again = approved(salon)
    salon.ask(TakeBulkExport(again.id))
    later(salon, again, taken_at=timedelta(minutes=15))
    refused(Conflict, "export_taken", lambda: salon.ask(TakeBulkExport(again.id)))
    salon.ask(ReadExportPart(again.id, 0))  # a slow line may go on
    later(salon, again, taken_at=timedelta(hours=1))
    refused(Conflict, "download_ended", lambda: salon.ask(ReadExportPart(again.id, 0)))


def test_of_many_who_begin_at_once_all_are_counted(salon: Harness) -> None:
    """One download in three tries; the others are refused, and the tries stand on the record."""
    people(salon, 2)
    export = approved(salon)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: salon.answer(TakeBulkExport(export.id)), range(8)))
    assert [answer.error.code for answer in answers if answer.error] == ["export_taken"] * 5
    assert len([deed for deed in salon.announced(PersonalDataHandled) if "tries" in deed.details]) == 3
    assert salon.ask(ShowBulkExport(export.id)).downloads == 1


def test_which_cards_it_is_made_of_is_forgotten(salon: Harness) -> None:
    """At its end and when it is refused, or by the clock if nobody decides, fetches it or reads it to its end."""
    people(salon, 2)
    read, back, left, unfetched, asked = (approved(salon), *(salon.ask(wish()) for _ in range(4)))
    taken(salon, read)
    salon.ask(RefuseBulkExport(back.id), EVA)
    for one in (left, unfetched):
        salon.ask(ApproveBulkExport(one.id), EVA)
    salon.ask(TakeBulkExport(left.id))
    with salon.session() as session:
        for after, kept in (
            (timedelta(0), {left.id, unfetched.id, asked.id}),
            (timedelta(hours=1), {unfetched.id, asked.id}),
            (DAY, {asked.id}),
            (7 * DAY, set()),
        ):
            exports.forget_parts(session, datetime.now(UTC) + after)
            assert set(session.scalars(select(bulk_export_parts.c.export_id))) == kept


def test_many_cards_come_in_parts_each_of_them_once(salon: Harness) -> None:
    """In an order that is not that of their registration."""
    ids = people(salon, LISTED_AT_ONCE + 7)
    export = approved(salon, "id", "phones")
    assert salon.ask(TakeBulkExport(export.id)).parts == 2
    found = [card.id for number in range(2) for card in salon.ask(ReadExportPart(export.id, number)).items]
    assert (sorted(found), found == sorted(found)) == (sorted(ids), False)
    refused(NotFound, "part_not_found", lambda: salon.ask(ReadExportPart(export.id, 2)))


def test_it_never_holds_more_than_was_asked_for(salon: Harness) -> None:
    """Who was registered after that is not in it, and who was erased is no more."""
    first, second = people(salon, 2)
    export = approved(salon, "id")
    people(salon, 1, phones=())
    salon.ask(TakeBulkExport(export.id))
    salon.ask(EraseClient(second, 1))
    assert [card.id for card in salon.ask(ReadExportPart(export.id, 0)).items] == [first]


def test_what_is_put_into_a_filter_later_is_not_in_the_file(salon: Harness) -> None:
    """Else a list of few is approved, and then all get its category; who has left the filter is no more in it."""
    category = salon.ask(CreateClientCategory("VIP"))
    member, left = (salon.ask(clara(phones=(), category_ids=(category.id,))) for _ in range(2))
    other = salon.ask(clara(phones=()))
    export = approved(salon, "id", filter=ExportFilter(category_id=category.id))
    salon.ask(ChangeClient(other.id, other.version, category_ids=(category.id,)))
    salon.ask(ChangeClient(left.id, left.version, category_ids=()))
    assert [card.id for card in taken(salon, export)] == [member.id]
    (deed,) = [one for one in salon.announced(PersonalDataHandled) if one.action == "client.list_taken"]
    assert deed.details["cards"] == ("1",)


def test_a_filter_says_which_cards(salon: Harness) -> None:
    """Category, importance, branch, source, day of registration."""
    category = salon.ask(CreateClientCategory("VIP"))
    card = salon.ask(
        clara(
            home_branch_id=HERE,
            importance="gold",
            category_ids=(category.id,),
            source=Source("Instagram", campaign="spring"),
        )
    )
    seen = salon.ask(clara(phones=()))
    salon.deliver(an_appointment(seen.id, ELSEWHERE))
    old = ImportedClient(first_name="Ольга", reference="1", registered_at=datetime(2020, 5, 31, 23, 59, tzinfo=UTC))
    (kept,) = salon.ask(ImportClients((old,))).items
    (source,) = salon.ask(ListSources()).items
    social = salon.ask(CreateSource("Social media"))
    salon.ask(ChangeSource(source.id, source.version, parent_id=social.id))
    may = date(2020, 5, 31)
    for wanted, ids in (
        (ExportFilter(category_id=category.id), {card.id}),
        (ExportFilter(importance="gold"), {card.id}),
        (ExportFilter(source_id=source.id), {card.id}),
        (ExportFilter(source_id=social.id), {card.id}),
        (ExportFilter(branch_id=HERE), {card.id}),
        (ExportFilter(branch_id=ELSEWHERE), {seen.id}),
        (ExportFilter(registered_from=may, registered_to=may), {kept.id}),
        (ExportFilter(registered_to=may - DAY), set()),
        (ExportFilter(), {card.id, seen.id, kept.id}),
    ):
        export = approved(salon, "id", filter=wanted)
        assert (export.cards, export.filter) == (len(ids), wanted)
        assert {one.id for one in taken(salon, export)} == ids
    export = approved(salon, "categories", "source", "campaign", "importance", filter=ExportFilter(branch_id=HERE))
    assert taken(salon, export) == [
        ListedClient(categories=("VIP",), source="Instagram", campaign="spring", importance="gold")
    ]


def test_what_a_wish_says_wrong_is_told(salon: Harness) -> None:
    """Each with its field."""
    unknown = UUID(int=5)
    for said, field, code in (
        ({"filter": ExportFilter(category_id=unknown)}, "filter.category_id", "category_unknown"),
        ({"filter": ExportFilter(source_id=unknown)}, "filter.source_id", "source_unknown"),
        (
            {"filter": ExportFilter(registered_from=date(2026, 2, 1), registered_to=date(2026, 1, 1))},
            "filter.registered_to",
            "period_invalid",
        ),
        ({"columns": ("phones", "phones")}, "columns", "column_twice"),
    ):
        assert list(refused(Invalid, code, lambda said=said: salon.ask(wish(**said))).details["errors"]) == [field]
    wrong = ExportFilter(branch_id=ELSEWHERE)
    refused(Invalid, "branch_unknown", lambda: salon.ask(wish(filter=wrong), ANNA))


def test_a_column_takes_the_right_to_what_is_in_it(salon: Harness) -> None:
    """When it is asked for, and still when it is taken."""
    salon.ask(clara(contraindications=("ammonia",)))
    for column in ("phones", "email", "birth_date"):
        refusal = refused(
            Forbidden, "mark_missing", lambda column=column: salon.ask(wish("first_name", column), anna(*WORDS))
        )
        assert list(refusal.details["errors"]) == ["columns.1"]
    refused(Forbidden, "mark_missing", lambda: salon.ask(wish("contraindications"), ANNA))
    export = approved(salon, asker=ANNA)
    refused(Forbidden, "mark_missing", lambda: salon.ask(TakeBulkExport(export.id), anna(*WORDS)))
    salon.ask(TakeBulkExport(export.id), ANNA)
    refused(Forbidden, "mark_missing", lambda: salon.ask(ReadExportPart(export.id, 0), anna(*WORDS)))
    (card,) = taken(salon, approved(salon, "contraindications"))
    assert card.contraindications == ("ammonia",)


def test_it_reaches_as_far_as_the_branches_of_who_asked(salon: Harness) -> None:
    """More branches since then are not what was approved, fewer are none of theirs any more."""
    here = salon.ask(clara(home_branch_id=HERE)).id
    there = salon.ask(clara(phones=(), home_branch_id=ELSEWHERE)).id
    export = approved(salon, "id", asker=ANNA)
    assert export.cards == 1
    wider = replace(ANNA, branch_ids=frozenset({HERE, ELSEWHERE}))
    assert [card.id for card in taken(salon, export, wider)] == [here]
    export = approved(salon, "id", asker=wider)
    assert export.cards == 2
    assert {card.id for card in taken(salon, export, ANNA)} == {here}
    assert there not in {card.id for card in taken(salon, approved(salon, "id", asker=ANNA), ANNA)}


def test_who_is_bound_to_branches_decides_about_those(salon: Harness) -> None:
    """To approve the whole chain one has to see it; one branch is approved by who is there."""
    chain = salon.ask(wish())
    for ask in (ShowBulkExport(chain.id), ApproveBulkExport(chain.id), RefuseBulkExport(chain.id)):
        refused(NotFound, "export_not_found", lambda ask=ask: salon.ask(ask, ANNA))
    here = salon.ask(wish(filter=ExportFilter(branch_id=HERE)))
    refused(NotFound, "export_not_found", lambda: salon.ask(ApproveBulkExport(here.id), BORIS))
    assert salon.ask(ApproveBulkExport(here.id), ANNA).state == "approved"
    own = salon.ask(wish(), BORIS)
    assert [one.id for one in salon.ask(ListBulkExports(), ANNA).items] == [here.id]
    assert [one.id for one in salon.ask(ListBulkExports(), BORIS).items] == [own.id]
    assert [one.id for one in salon.ask(ListBulkExports()).items] == [own.id, here.id, chain.id]
    mine = anna("client_exports.read.own", "clients.export_list")
    assert salon.ask(ListBulkExports(), mine).items == ()
    page = salon.ask(ListBulkExports(limit=2))
    assert [one.id for one in salon.ask(ListBulkExports(cursor=page.next)).items] == [chain.id]


def test_exports_are_rights_of_their_own(salon: Harness) -> None:
    """To read and change every card is not to take them out."""
    asked = salon.ask(wish())
    desk = anna("clients.read", "clients.edit", "clients.export", marks=CONTACTS)
    for ask in (
        wish(),
        ShowBulkExport(asked.id),
        ApproveBulkExport(asked.id),
        TakeBulkExport(asked.id),
        ReadExportPart(asked.id, 0),
        LockExports(1, locked=False),
        ChangeExportRules(1, two_person=False),
    ):
        refused(Forbidden, "permission_missing", lambda ask=ask: salon.ask(ask, desk))


def test_while_it_is_locked_nothing_leaves(salon: Harness) -> None:
    """What was approved stays here, and what is on its way breaks off; the lock is on the record."""
    salon.ask(clara())
    waiting, open_ = salon.ask(wish()), approved(salon)
    salon.ask(TakeBulkExport(open_.id))
    assert salon.ask(LockExports(1, locked=True)).locked
    for ask, caller in (
        (wish(), OWNER),
        (ApproveBulkExport(waiting.id), EVA),
        (TakeBulkExport(open_.id), OWNER),
        (ReadExportPart(open_.id, 0), OWNER),
    ):
        refused(Conflict, "exports_locked", lambda ask=ask, caller=caller: salon.ask(ask, caller))
    refused(Stale, "version_stale", lambda: salon.ask(LockExports(1, locked=False)))
    assert salon.ask(LockExports(2, locked=False)).version == 3
    assert len(salon.ask(ReadExportPart(open_.id, 0)).items) == 1
    told = [deed.action for deed in salon.announced(PersonalDataHandled) if deed.subject_kind == "export_rules"]
    assert told == ["client.lists_locked", "client.lists_unlocked"]


def test_a_salon_of_one_may_do_without_a_second_person(salon: Harness) -> None:
    """For what is asked from then on; whoever turned it off stands in the journal."""
    before = salon.ask(wish())
    assert salon.ask(ShowExportRules()).two_person
    assert not salon.ask(ChangeExportRules(1, two_person=False)).two_person
    assert salon.ask(wish()).state == "approved"
    refused(Forbidden, "own_export", lambda: salon.ask(ApproveBulkExport(before.id)))
    (deed,) = [one for one in salon.announced(PersonalDataHandled) if one.action == "export_rules.changed"]
    assert (deed.actor_id, deed.details) == (OWNER.id, {"two_person": ("false",)})


def test_it_may_be_taken_as_often_as_the_rules_say(salon: Harness) -> None:
    """Once, unless they say more."""
    salon.ask(clara())
    salon.ask(ChangeExportRules(1, downloads=2))
    export = approved(salon)
    taken(salon, export)
    assert (salon.ask(ShowBulkExport(export.id)).state, len(taken(salon, export))) == ("approved", 1)
    refused(Conflict, "export_taken", lambda: salon.ask(TakeBulkExport(export.id)))
    begun = approved(salon)
    taken(salon, begun)
    salon.ask(ChangeExportRules(2, downloads=1))
    refused(Conflict, "export_taken", lambda: salon.ask(TakeBulkExport(begun.id)))


@pytest.mark.parametrize("by", ["client_ids", "phones"])
def test_a_file_tells_which_export_it_is(salon: Harness, by: str) -> None:
    """Even some of its rows, without the column that says so: no other order is theirs."""
    people(salon, 60)
    files = {}
    for _ in range(3):
        export = approved(salon, "id", "phones")
        files[export.id] = taken(salon, export)
    for export_id, cards in files.items():
        rows = cards[10:50:2]
        said = [card.id for card in rows] if by == "client_ids" else [f"'{card.phones[0]}" for card in rows]
        traced = salon.ask(TraceExport(**{by: tuple(said)}))
        assert (traced.known, traced.items[0].id, traced.items[0].share) == (20, export_id, 1.0)
        assert traced.items[0].pairs == 19
        assert all(0.1 < other.share < 0.9 for other in traced.items[1:])


def test_tracing_does_not_tell_whose_phones_are_known(salon: Harness) -> None:
    """To who may not see contacts; and one says either ids or phones."""
    refused(Forbidden, "mark_missing", lambda: salon.ask(TraceExport(phones=(PHONE,)), anna("client_exports.read")))
    refused(Invalid, "rows_missing", lambda: salon.ask(TraceExport()))
    refused(Invalid, "rows_missing", lambda: salon.ask(TraceExport((UUID(int=1),), (PHONE,))))
    assert salon.ask(TraceExport(phones=(PHONE, "nonsense"))).items == ()


def test_a_damaged_reason_is_noticed_and_stops_nothing(salon: Harness) -> None:
    """It is named by its export, which is listed and can be refused; the others are what they were."""
    whole, damaged = salon.ask(wish()), salon.ask(wish())
    with salon.session() as session:
        broken = bulk_exports.c.id == damaged.id
        session.execute(update(bulk_exports).where(broken).values(reason=b"\x01 damaged"))
        session.commit()
        assert list(salon.dispatcher.instance.unreadable(session)) == [("list", damaged.id)]
    listed = salon.ask(ListBulkExports()).items
    assert [(one.id, one.reason) for one in listed] == [(damaged.id, ""), (whole.id, whole.reason)]
    assert salon.ask(RefuseBulkExport(damaged.id)).state == "refused"


def test_it_is_counted_before_the_first_byte_leaves(salon: Harness) -> None:
    """A crash after the transaction leaves it taken, to be begun again by the same person."""
    export = approved(salon)
    salon.ask(TakeBulkExport(export.id))
    with salon.session() as session:
        row = export_row(session, export.id, OWNER, "client_exports.read")
    assert (row.state, row.downloads, row.ended) == ("taken", 1, False)
    assert taking_of(row).is_begun_again(OWNER.id, datetime.now(UTC))
