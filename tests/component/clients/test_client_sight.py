"""Who sees which client cards, and how they are found."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from chassis.wire import encode_cursor
from contracts.booking import CheckBranches, CheckFavourites, UnknownBranches, UnknownFavourites
from contracts.clients import (
    ChangeClient,
    EraseClient,
    ImportClients,
    ImportedClient,
    ListClients,
    NameClients,
    Preferences,
    SearchClients,
    ShowClient,
)
from contracts.message import HEALTH
from kernel.errors import Conflict, Invalid, NotFound
from services.clients.tables import clients
from tests.builders import CLARA, ELSEWHERE, HERE, a_user
from tests.component.clients.conftest import ANNA, BORIS, PHONE, an_appointment, clara, refused
from tests.harness import Harness


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


def test_a_home_branch_of_others_is_not_there(salon: Harness) -> None:
    """Anna cannot give a client to a branch where she does not work."""
    refused(NotFound, "branch_not_found", lambda: salon.ask(clara(home_branch_id=ELSEWHERE), ANNA))


def test_a_home_that_is_no_branch_is_refused(salon: Harness) -> None:
    """As far as booking can say so: while it is away, the card is taken as it is."""
    card = salon.ask(clara(home_branch_id=ELSEWHERE))
    salon.others.answers[CheckBranches] = lambda request: UnknownBranches(request.ids)
    refused(Invalid, "branch_unknown", lambda: salon.ask(clara(phones=(), home_branch_id=HERE)))
    refused(Invalid, "branch_unknown", lambda: salon.ask(ChangeClient(card.id, 1, home_branch_id=HERE)))
    imported = ImportedClient("Olga", home_branch_id=HERE, reference="1")
    refused(Invalid, "branch_unknown", lambda: salon.ask(ImportClients((imported,))))
    assert salon.ask(ChangeClient(card.id, 1, home_branch_id=ELSEWHERE, comment="x")).version == 2
    salon.others.answers[CheckBranches] = lambda _: UnknownBranches(())
    assert salon.ask(ChangeClient(card.id, 2, home_branch_id=HERE)).home_branch_id == HERE


def test_favourites_that_the_salon_does_not_have_are_refused(salon: Harness) -> None:
    """Each by its place, unless it was there before; while booking is away, they are taken as they are."""
    said = Preferences(favourite_master_id=HERE, favourite_service_ids=(ELSEWHERE, HERE))
    card = salon.ask(clara(preferences=said))
    salon.others.answers[CheckFavourites] = lambda asked: UnknownFavourites(asked.master_ids, asked.service_ids[1:])
    refused(Invalid, "master_unknown", lambda: salon.ask(clara(phones=(), preferences=said)))
    services = Preferences(favourite_service_ids=(HERE, ELSEWHERE))
    told = refused(Invalid, "service_unknown", lambda: salon.ask(clara(phones=(), preferences=services)))
    assert set(told.details["errors"]) == {"preferences.favourite_service_ids.1"}
    assert salon.ask(ChangeClient(card.id, 1, preferences=replace(said, wishes="tea"))).version == 2
    other = Preferences(favourite_master_id=CLARA)
    refused(Invalid, "master_unknown", lambda: salon.ask(ChangeClient(card.id, 2, preferences=other)))


def test_nobody_finds_by_contacts_that_they_may_not_see(salon: Harness) -> None:
    """A hit would say what the mask hides; the name finds as before."""
    card = salon.ask(clara(email="clara@example.com"))
    master = a_user("clients.read", everywhere=True)
    for contact in (PHONE, PHONE[-4:], "clara@example.com"):
        assert [one.id for one in salon.ask(SearchClients(contact)).items] == [card.id]
        assert salon.ask(SearchClients(contact), master).items == ()
    assert [one.id for one in salon.ask(SearchClients("Клара"), master).items] == [card.id]


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
