"""Client cards over a real database: registering, changing, finding, seeing, erasing."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from chassis import migrations
from chassis.database import new_id
from chassis.keyring import key_metadata
from chassis.outbox import bus_metadata
from chassis.wire import encode_cursor
from contracts.booking import AppointmentBooked
from contracts.clients import (
    ChangeClient,
    CheckClient,
    Client,
    ClientChanged,
    ClientErased,
    ClientRegistered,
    ConvenientTime,
    EraseClient,
    ListClients,
    NameClients,
    Preferences,
    RegisterClient,
    SearchClients,
    ShowClient,
    Source,
)
from contracts.message import HEALTH
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Refusal, Stale
from services.clients.tables import clients, search_index, tables
from tests.builders import ELSEWHERE, HERE, a_service, a_user, anna, boris
from tests.harness import Harness

Start = Callable[..., Harness]
DESK = ("clients.create", "clients.read", "clients.edit", "clients.delete")
ANNA = anna(*DESK, marks=frozenset({"contacts", "health"}))
BORIS = boris(*DESK, marks=frozenset({"contacts", "health"}))
PHONE = "+79161234567"


@pytest.fixture
def salon(start: Start) -> Harness:
    return start("clients")


def clara(**said: object) -> RegisterClient:
    """Clara as she is registered, with whatever else is said."""
    return RegisterClient(**{"first_name": "Клара", "last_name": "Цеткина", "phones": (PHONE,)} | said)


def an_appointment(client_id: UUID, branch_id: UUID) -> AppointmentBooked:
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    return AppointmentBooked(
        appointment_id=new_id(),
        version=1,
        branch_id=branch_id,
        client_id=client_id,
        status="booked",
        starts=now,
        ends=now + timedelta(hours=1),
        local_date=now.date(),
        segments=(),
        channel=None,
        occurred_at=now,
    )


def refused(kind: type[Refusal], code: str, ask: Callable[[], object]) -> Refusal:
    with pytest.raises(kind) as caught:
        ask()
    assert caught.value.code == code
    return caught.value


# --- registering ----------------------------------------------------------------------------------------------------


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


# --- branches -------------------------------------------------------------------------------------------------------


def test_boris_may_not_see_the_clients_of_another_branch(salon: Harness) -> None:
    """Not by id, not in lists, not by phone, not by name; nor change or erase them."""
    card = salon.ask(clara(), ANNA)
    assert card.home_branch_id == HERE
    assert salon.ask(ShowClient(card.id), ANNA).id == card.id
    refused(NotFound, "client_not_found", lambda: salon.ask(ShowClient(card.id), BORIS))
    refused(NotFound, "client_not_found", lambda: salon.ask(ChangeClient(card.id, 1, comment="x"), BORIS))
    refused(NotFound, "client_not_found", lambda: salon.ask(EraseClient(card.id, 1), BORIS))
    assert salon.ask(ListClients(), BORIS).items == ()
    assert salon.ask(ListClients(q="Клара"), BORIS).items == ()
    assert salon.ask(SearchClients(PHONE), BORIS).items == ()
    assert salon.ask(NameClients((card.id,)), BORIS).items == ()
    assert salon.ask(NameClients((card.id,)), ANNA).items[0].name == "Клара Цеткина"


def test_an_appointment_makes_a_client_visible_in_its_branch(salon: Harness) -> None:
    """A client of nobody is seen by all; with an appointment elsewhere, by that branch only."""
    nobodys = salon.ask(clara())
    assert salon.ask(ShowClient(nobodys.id), BORIS).id == nobodys.id
    salon.deliver(an_appointment(nobodys.id, HERE), an_appointment(nobodys.id, HERE))
    refused(NotFound, "client_not_found", lambda: salon.ask(ShowClient(nobodys.id), BORIS))
    assert salon.ask(ShowClient(nobodys.id), ANNA).id == nobodys.id
    salon.deliver(an_appointment(nobodys.id, ELSEWHERE))
    assert salon.ask(ShowClient(nobodys.id), BORIS).id == nobodys.id


def test_a_home_branch_of_others_is_unknown(salon: Harness) -> None:
    """Anna cannot give a client to a branch where she does not work."""
    refused(Invalid, "branch_unknown", lambda: salon.ask(clara(home_branch_id=ELSEWHERE), ANNA))


def test_clara_sees_herself_only(salon: Harness) -> None:
    """A right to one's own reaches one card."""
    card, other = salon.ask(clara()), salon.ask(clara(phones=(), first_name="Ольга"))
    herself = a_user("clients.read.own", client_id=card.id)
    assert [one.id for one in salon.ask(ListClients(), herself).items] == [card.id]
    refused(NotFound, "client_not_found", lambda: salon.ask(ShowClient(other.id), herself))
    assert salon.ask(ListClients(), a_user("clients.read.own")).items == ()


def test_what_a_caller_may_not_see_is_masked(salon: Harness) -> None:
    """Contacts and health need their marks, and a mask is never stored."""
    card = salon.ask(clara(email="clara@example.com", contraindications=("ammonia",), birth_date=date(1990, 1, 1)))
    shown = salon.ask(ShowClient(card.id), a_user("clients.read", everywhere=True))
    assert (shown.phones, shown.email, shown.birth_date) == (("•••",), "•••", None)
    assert shown.contraindications == ("•••",)
    health = salon.ask(ShowClient(card.id), a_user("clients.read", everywhere=True, marks=frozenset({HEALTH})))
    assert health.contraindications == ("ammonia",)
    refused(Invalid, "masked_value", lambda: salon.ask(ChangeClient(card.id, 1, phones=("•••",))))


# --- changing -------------------------------------------------------------------------------------------------------


def test_a_change_touches_what_it_names(salon: Harness) -> None:
    """The rest stays; the version goes up; a change of nothing is none."""
    card = salon.ask(clara(comment="old", contraindications=("ammonia",)))
    changed = salon.ask(ChangeClient(card.id, 1, comment=None, preferred_name="Кларочка"))
    assert changed == replace(card, comment=None, preferred_name="Кларочка", version=2)
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


# --- finding --------------------------------------------------------------------------------------------------------


def test_a_client_is_found_by_what_people_type(salon: Harness) -> None:
    """Name prefixes in any order and without accents, the phone in any spelling, its last digits, the e-mail."""
    card = salon.ask(clara(first_name="Алёна", email="Al.Z@example.com", last_name="Йоханнесбургская-Длиннофамильная"))
    salon.ask(clara(first_name="Алина", last_name="Йохансон", phones=("+79160000000",)))
    for q in (
        "алена",
        "АЛЁНА йоханн",
        "длинн ален",
        "8 916 123 45 67",
        "9161234567",
        PHONE,
        "4567",
        "al.z@EXAMPLE.com",
    ):
        assert [one.id for one in salon.ask(SearchClients(q)).items] == [card.id], q
        assert [one.id for one in salon.ask(ListClients(q=q)).items] == [card.id], q
    assert len(salon.ask(SearchClients("ал йох")).items) == 2
    for q in ("алена иванова", "йоханнесбургская-другая", "0001", "+7 916 123 45 68", "z@example.com", "+++", "№ "):
        assert salon.ask(SearchClients(q)).items == (), q


def test_pages_of_a_list_and_of_a_search_hold_everybody_once(salon: Harness) -> None:
    """Cursors go through all cards in order of registration."""
    made = [salon.ask(clara(phones=(), first_name="Ольга" if n % 2 else "Клара")).id for n in range(11)]
    for q, expected in ((None, made), ("оль", made[1::2])):
        seen: list[UUID] = []
        cursor = None
        while True:
            page = salon.ask(ListClients(q=q, limit=3, cursor=cursor))
            seen += [one.id for one in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == expected
    for cursor in ("nonsense", encode_cursor("2026-03-01T00:00:00", made[0]), encode_cursor(made[0])):
        refused(Invalid, "cursor_invalid", lambda c=cursor: salon.ask(ListClients(cursor=c)))


def test_a_damaged_card_is_left_out_and_stops_no_list(salon: Harness) -> None:
    """A flipped bit, or a ciphertext moved to another card, does not open."""
    first, second = salon.ask(clara()), salon.ask(clara(phones=(), first_name="Ольга"))
    with salon.session() as session:
        moved = select(clients.c.person).where(clients.c.id == second.id).scalar_subquery()
        session.execute(update(clients).where(clients.c.id == first.id).values(person=moved))
        session.commit()
    assert [one.id for one in salon.ask(ListClients()).items] == [second.id]
    refused(Conflict, "card_damaged", lambda: salon.ask(ShowClient(first.id)))


# --- erasing --------------------------------------------------------------------------------------------------------


def test_an_erased_person_is_gone_for_good(salon: Harness) -> None:
    """The card answers gone, the index and the key are destroyed, the referral stays, the phone is free again."""
    olga = salon.ask(clara(phones=()))
    card = salon.ask(clara(referrer_id=olga.id, source=Source("instagram")))
    refused(Stale, "version_stale", lambda: salon.ask(EraseClient(card.id, 5)))
    assert salon.ask(EraseClient(card.id, 1)).id == card.id
    for request in (ShowClient(card.id), ChangeClient(card.id, 2, comment="x"), EraseClient(card.id, 2)):
        refused(Gone, "client_erased", lambda r=request: salon.ask(r))
    told = salon.announced(ClientErased)
    assert [(one.client_id, one.version) for one in told] == [(card.id, 2)]
    with salon.session() as session:
        row = session.execute(select(clients).where(clients.c.id == card.id)).one()
        assert (row.person, row.health, row.referrer_id, row.channel) == (None, None, olga.id, "instagram")
        of_hers = search_index.c.client_id == card.id
        assert session.scalar(select(func.count()).select_from(search_index).where(of_hers)) == 0
    assert salon.dispatcher.instance.keyring.keys([card.id]) == {}
    assert [one.id for one in salon.ask(ListClients()).items] == [olga.id]
    assert salon.ask(clara()).phones == (PHONE,)


def test_an_erasure_that_crashed_before_its_commit_is_done_again(salon: Harness) -> None:
    """With the key gone the card is unreadable and answered as gone; asking again blanks it."""
    card = salon.ask(clara())
    salon.dispatcher.instance.keyring.destroy(card.id)
    refused(Gone, "client_erased", lambda: salon.ask(ShowClient(card.id)))
    assert salon.ask(ListClients()).items == ()
    assert salon.ask(EraseClient(card.id, 1)).id == card.id
    assert len(salon.announced(ClientErased)) == 1


def test_stored_replies_go_with_the_person(salon: Harness) -> None:
    """A repeated request gets the stored answer until the person is erased; the answers of others stay."""
    olga = clara(phones=(), first_name="Ольга")
    salon.ask(olga, key="olga")
    card = salon.ask(clara(), key="clara")
    assert salon.answer(clara(), key="clara").replay
    salon.ask(EraseClient(card.id, 1))
    assert salon.answer(olga, key="olga").replay
    again = salon.answer(clara(), key="clara")
    assert (again.error, again.replay) == (None, False)


def test_services_ask_for_the_standing_of_a_client(salon: Harness) -> None:
    """Active with the home branch, erased, or unknown; users may not ask."""
    card, gone = salon.ask(clara(home_branch_id=HERE)), salon.ask(clara(phones=()))
    salon.ask(EraseClient(gone.id, 1))
    booking = a_service("booking")
    standing = salon.ask(CheckClient(card.id), booking)
    assert (standing.state, standing.home_branch_id) == ("active", HERE)
    assert salon.ask(CheckClient(gone.id), booking).state == "erased"
    assert salon.ask(CheckClient(UUID(int=9)), booking).state == "unknown"
    refused(Forbidden, "permission_missing", lambda: salon.ask(CheckClient(card.id), ANNA))


def test_names_are_told_for_many_at_once(salon: Harness) -> None:
    """In one request, by the name that people prefer; unknown ids are left out."""
    ids = tuple(salon.ask(clara(phones=(), preferred_name=f"К{n}")).id for n in range(5))
    named = salon.ask(NameClients((*ids, UUID(int=3))))
    assert {one.id: one.name for one in named.items} == {id_: f"К{n} Цеткина" for n, id_ in enumerate(ids)}
