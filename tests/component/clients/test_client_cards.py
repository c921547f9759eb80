"""Client cards over a real database: registering and changing."""

import threading
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from chassis import migrations
from chassis.database import new_id
from chassis.keyring import key_metadata
from chassis.outbox import bus_metadata
from contracts.clients import (
    ChangeClient,
    Client,
    ClientChanged,
    ClientRegistered,
    ConvenientTime,
    EraseClient,
    ListClients,
    Preferences,
    SearchClients,
    ShowClient,
    Source,
)
from kernel.errors import Conflict, Forbidden, Invalid, Stale
from services.clients.tables import clients, tables
from tests.builders import HERE, anna
from tests.component.clients.conftest import ANNA, BORIS, PHONE, clara, refused
from tests.harness import Harness


def test_tables_in_code_are_those_of_the_migrations(salon: Harness) -> None:
    """The database after the migrations is what tables.py describes."""
    with salon.dispatcher.engine.connect() as connection:
        assert migrations.differences(connection, tables, bus_metadata) == []
    assert key_metadata.tables


def test_a_card_comes_back_as_it_was_said(salon: Harness) -> None:
    """Everything that is said of a person is on the card, the phone in E.164."""
    master, cut = new_id(), new_id()
    said = clara(
        patronymic="Карловна",
        preferred_name="Кларочка",
        phones=("8 (916) 123-45-67",),
        email="Clara@Example.com",
        sex="female",
        birth_date=date(1990, 5, 17),
        source=Source("Instagram", "a story"),
        home_branch_id=HERE,
        preferences=Preferences(master, (cut,), (ConvenientTime(0, "09:00", "12:00"),), "tea"),
        contraindications=("ammonia",),
        comment="comes with a dog",
    )
    card: Client = salon.ask(said)
    assert card == salon.ask(ShowClient(card.id))
    assert (card.phones, card.email, card.birth_date) == ((PHONE,), "Clara@Example.com", date(1990, 5, 17))
    assert (card.source, card.preferences) == (said.source, said.preferences)
    assert (card.contraindications, card.comment, card.sex) == (("ammonia",), "comes with a dog", "female")
    assert (card.home_branch_id, card.version) == (HERE, 1)


def test_nothing_of_a_person_is_in_the_database_in_clear(salon: Harness) -> None:
    """Neither the tables nor the event log hold a name, a phone, an e-mail or a contraindication."""
    salon.ask(clara(email="clara@example.com", contraindications=("ammonia",), source=Source("instagram", "Olga told")))
    with salon.session() as session:
        names = session.scalars(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        kept = " ".join(
            str(row) for name in names for row in session.execute(text(f"SELECT t::text FROM {name} t")).all()
        )
    for secret in ("Клара", "Цеткина", "9161234567", "clara@", "ammonia", "Olga"):
        assert secret not in kept
        assert secret.encode().hex() not in kept
    assert "instagram" in kept


def test_others_are_told_facts_and_no_names(salon: Harness) -> None:
    """The event names the channel by its first spelling, the referrer and the branch."""
    salon.ask(clara(phones=(), source=Source("Instagram")))
    first = salon.ask(clara(source=Source("instagram"), home_branch_id=HERE))
    told = salon.announced(ClientRegistered)[-1]
    assert (told.client_id, told.version, told.channel) == (first.id, 1, "Instagram")
    assert (told.home_branch_id, told.referrer_id) == (HERE, None)
    assert salon.ask(ShowClient(first.id)).source == Source("instagram")


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"phones": ("123",)}, "phones.0", "phone_invalid"),
        ({"phones": (PHONE, "not a phone")}, "phones.1", "phone_invalid"),
        ({"email": "clara at home"}, "email", "email_invalid"),
        ({"first_name": "  "}, "first_name", "name_blank"),
        ({"birth_date": date(2999, 1, 1)}, "birth_date", "birth_date_impossible"),
        ({"source": Source("  ")}, "source.channel", "channel_blank"),
        ({"contraindications": ("ok", " ")}, "contraindications.1", "text_blank"),
        ({"referrer_id": UUID(int=7)}, "referrer_id", "referrer_unknown"),
        (
            {"preferences": Preferences(convenient_times=(ConvenientTime(0, "12:00", "09:00"),))},
            "preferences.convenient_times.0",
            "times_reversed",
        ),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(salon: Harness, said: dict[str, object], field: str, code: str) -> None:
    """A refusal names the field and leaves nothing behind."""
    refusal = refused(Invalid, code, lambda: salon.ask(clara(**said)))
    assert list(refusal.details["errors"]) == [field]
    assert salon.ask(ListClients()).items == ()


def test_the_same_phone_twice_is_refused(salon: Harness) -> None:
    """In any spelling; the one who asks learns whose it is only if they may see that card."""
    card = salon.ask(clara(home_branch_id=HERE))
    again = clara(first_name="Ольга", phones=("8-916-123-45-67",))
    assert refused(Conflict, "client_exists", lambda: salon.ask(again, ANNA)).details["client_id"] == str(card.id)
    hidden = refused(Conflict, "client_exists", lambda: salon.ask(again, BORIS))
    assert "client_id" not in hidden.details
    blind = refused(Conflict, "client_exists", lambda: salon.ask(again, anna("clients.create")))
    assert "client_id" not in blind.details


def test_a_family_shares_a_phone_by_right(salon: Harness) -> None:
    """Shared is what somebody with the right calls shared, and it stays so when something else changes."""
    salon.ask(clara())
    son = clara(first_name="Костя", shared_phone=True)
    refused(Forbidden, "permission_missing", lambda: salon.ask(son, ANNA))
    card = salon.ask(son)
    changed = salon.ask(ChangeClient(card.id, 1, comment="a boy", last_name="Сын"))
    assert changed.phones == (PHONE,)
    assert {one.first_name for one in salon.ask(SearchClients(PHONE)).items} == {"Клара", "Костя"}


def test_one_of_many_simultaneous_registrations_of_a_phone_is_made(salon: Harness) -> None:
    """The database keeps a phone on one card, whoever looks at the same moment."""
    outcomes: list[str] = []

    def register() -> None:
        answer = salon.answer(clara())
        outcomes.append(answer.error.code if answer.error else "ok")

    threads = [threading.Thread(target=register) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["client_exists"] * 11 + ["ok"]
    with salon.session() as session:
        assert session.scalar(select(func.count()).select_from(clients)) == 1


def test_a_change_touches_what_it_names(salon: Harness) -> None:
    """The rest stays; the version goes up; a change of nothing is none."""
    card = salon.ask(clara(comment="old", contraindications=("ammonia",)))
    changed = salon.ask(ChangeClient(card.id, 1, comment=None, preferred_name="Кларочка"))
    after = {"version": 2, "completeness": changed.completeness}
    assert changed == replace(card, comment=None, preferred_name="Кларочка", **after)
    assert salon.ask(ChangeClient(card.id, 2, preferred_name="Кларочка")).version == 2
    refused(Stale, "version_stale", lambda: salon.ask(ChangeClient(card.id, 1, comment="late")))
    assert salon.announced(ClientChanged) == []


def test_others_are_told_of_another_source_referrer_or_home(salon: Harness) -> None:
    """Each such change is announced once, with the new version."""
    card, olga = salon.ask(clara()), salon.ask(clara(phones=()))
    salon.ask(ChangeClient(card.id, 1, source=Source("tiktok")))
    salon.ask(ChangeClient(card.id, 2, source=Source("TikTok", "a video")))
    salon.ask(ChangeClient(card.id, 3, referrer_id=olga.id))
    salon.ask(ChangeClient(card.id, 4, home_branch_id=HERE))
    told = [(one.version, one.channel, one.referrer_id, one.home_branch_id) for one in salon.announced(ClientChanged)]
    assert told == [(2, "tiktok", None, None), (4, "tiktok", olga.id, None), (5, "tiktok", olga.id, HERE)]


def test_a_changed_name_and_phone_are_found_and_the_old_ones_not(salon: Harness) -> None:
    """The index follows the card."""
    card = salon.ask(clara())
    salon.ask(ChangeClient(card.id, 1, last_name="Люксембург", phones=("+7 999 765-43-21",)))
    assert salon.ask(ListClients(q="Цет")).items == ()
    assert salon.ask(ListClients(q=PHONE)).items == ()
    for q in ("люкс", "8 999 7654321", "4321"):
        assert [one.id for one in salon.ask(ListClients(q=q)).items] == [card.id]
    assert salon.ask(clara(first_name="Ольга")).phones == (PHONE,)


def test_a_changed_phone_of_somebody_else_is_refused(salon: Harness) -> None:
    """A change may not take what registering may not."""
    salon.ask(clara())
    olga = salon.ask(clara(phones=()))
    refused(Conflict, "client_exists", lambda: salon.ask(ChangeClient(olga.id, 1, phones=(PHONE,))))
    assert salon.ask(ChangeClient(olga.id, 1, phones=(PHONE,), shared_phone=True)).phones == (PHONE,)


def test_nobody_brings_themselves_or_those_who_brought_them(salon: Harness) -> None:
    """Self, a loop of three, an unknown and an erased referrer are refused."""
    anyone = salon.ask(clara(phones=()))
    child = salon.ask(clara(phones=(), referrer_id=anyone.id))
    grandchild = salon.ask(clara(phones=(), referrer_id=child.id))
    gone = salon.ask(clara(phones=()))
    salon.ask(EraseClient(gone.id, 1))
    for referrer, code in (
        (anyone.id, "referrer_is_self"),
        (grandchild.id, "referrer_cycle"),
        (UUID(int=1), "referrer_unknown"),
        (gone.id, "referrer_unknown"),
    ):
        change = ChangeClient(anyone.id, 1, referrer_id=referrer)
        assert "referrer_id" in refused(Invalid, code, lambda c=change: salon.ask(c)).details["errors"]
    refused(Invalid, "referrer_unknown", lambda: salon.ask(clara(referrer_id=gone.id)))


def test_simultaneous_changes_of_referrers_make_no_loop(salon: Harness) -> None:
    """Each is right alone; together they would go round, so at least one is refused."""
    for _ in range(5):
        ring = [salon.ask(clara(phones=())).id for _ in range(4)]
        barrier = threading.Barrier(4)
        outcomes: list[str] = []

        def bring(
            place: int, ring: list[UUID] = ring, barrier: threading.Barrier = barrier, outcomes: list[str] = outcomes
        ) -> None:
            barrier.wait()
            answer = salon.answer(ChangeClient(ring[place], 1, referrer_id=ring[place - 1]))
            outcomes.append(answer.error.code if answer.error else "ok")

        threads = [threading.Thread(target=bring, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["ok", "ok", "ok", "referrer_cycle"]
