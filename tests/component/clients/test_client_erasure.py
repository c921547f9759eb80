"""Erasing a person, and what others are told of somebody who is gone."""

from uuid import UUID

from sqlalchemy import func, select

from contracts.clients import (
    ChangeClient,
    CheckClient,
    ClientErased,
    ConvenientTime,
    EraseClient,
    ListClients,
    NameClients,
    Preferences,
    ShowClient,
    Source,
)
from kernel.errors import Forbidden, Gone, Stale
from services.clients.tables import clients, search_index
from tests.builders import HERE, OWNER, a_service
from tests.component.clients.conftest import ANNA, PHONE, clara, refused
from tests.harness import Harness


def test_an_erased_person_is_gone_for_good(salon: Harness) -> None:
    """The card answers gone, the index and the key are destroyed, the referral stays, the phone is free again."""
    olga = salon.ask(clara(phones=()))
    card = salon.ask(clara(referrer_id=olga.id, source=Source("instagram")))
    refused(Stale, "version_stale", lambda: salon.ask(EraseClient(card.id, 5)))
    assert salon.ask(EraseClient(card.id, 1)).id == card.id
    for request in (ShowClient(card.id), ChangeClient(card.id, 2, comment="x"), EraseClient(card.id, 2)):
        refused(Gone, "client_erased", lambda r=request: salon.ask(r))
    told = salon.announced(ClientErased)
    assert [(one.client_id, one.version, one.erased_by) for one in told] == [(card.id, 2, OWNER.id)]
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


def test_the_standing_says_what_the_client_prefers(salon: Harness) -> None:
    """For whom booking looks first; of an erased card nothing is left to tell."""
    master, brows = UUID(int=5), UUID(int=6)
    said = Preferences(master, (brows,), (ConvenientTime(5, "10:00", "14:00"),), "a window seat")
    card = salon.ask(clara(preferences=said))
    booking = a_service("booking")
    standing = salon.ask(CheckClient(card.id), booking)
    assert (standing.favourite_master_id, standing.favourite_service_ids) == (master, (brows,))
    assert standing.convenient_times == said.convenient_times
    salon.ask(EraseClient(card.id, 1))
    gone = salon.ask(CheckClient(card.id), booking)
    assert (gone.favourite_master_id, gone.favourite_service_ids, gone.convenient_times) == (None, (), ())


def test_names_are_told_for_many_at_once(salon: Harness) -> None:
    """In one request, by the name that people prefer; unknown ids are left out."""
    ids = tuple(salon.ask(clara(phones=(), preferred_name=f"К{n}")).id for n in range(5))
    named = salon.ask(NameClients((*ids, UUID(int=3))))
    assert {one.id: one.name for one in named.items} == {id_: f"К{n} Цеткина" for n, id_ in enumerate(ids)}
