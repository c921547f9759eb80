"""What becomes of somebody without an account who says who they are."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from chassis.database import new_id
from contracts.clients import (
    CheckContact,
    CheckedContact,
    ClientRegistered,
    EraseClient,
    ListCardsOfPhone,
    ListClients,
    SearchClients,
    ShowClient,
    Source,
    TakeContact,
    TakenContact,
)
from kernel.caller import Caller
from kernel.errors import Forbidden, Invalid
from tests.builders import HERE, a_service
from tests.component.clients.conftest import ANNA, PHONE, clara, refused
from tests.harness import Harness

BOOKING: Caller = a_service("booking")


def contact(**said: object) -> TakeContact:
    return TakeContact(**asked(said))


def asked(said: dict[str, object]) -> dict[str, Any]:
    return {"first_name": "Клара", "phone": "8 (916) 123-45-67"} | said


def take(salon: Harness, **said: object) -> TakenContact:
    return salon.ask(contact(**said), BOOKING)


def check(salon: Harness, **said: object) -> CheckedContact:
    return salon.ask(CheckContact(**asked(said)), BOOKING)


def test_a_contact_is_checked_without_making_a_card(salon: Harness) -> None:
    """The answer is whose card would be taken, in any spelling of the phone."""
    assert check(salon) == CheckedContact(None)
    assert salon.ask(ListClients()).items == ()
    mother = salon.ask(clara())
    son = salon.ask(clara(first_name="Пётр", shared_phone=True))
    assert check(salon, phone=PHONE) == CheckedContact(mother.id)
    assert check(salon, first_name="ПЕТР") == CheckedContact(son.id)


def test_a_new_person_gets_a_card(salon: Harness) -> None:
    """What they said is on it, at home in the branch that they booked in."""
    taken = take(salon, last_name="Цеткина", email="clara@example.com", channel="online", branch_id=HERE)
    assert taken.created
    card = salon.ask(ShowClient(taken.client_id))
    assert (card.first_name, card.last_name, card.phones) == ("Клара", "Цеткина", (PHONE,))
    assert (card.email, card.source, card.home_branch_id) == ("clara@example.com", Source("online"), HERE)
    (told,) = salon.announced(ClientRegistered)
    assert (told.client_id, told.channel, told.home_branch_id) == (card.id, "online", HERE)


def test_a_new_card_names_who_brought_them(salon: Harness) -> None:
    """As long as that is a living card; an old card keeps whom it names, and a false invitation turns nobody away."""
    clara_id = salon.ask(clara()).id
    friend = take(salon, first_name="Дина", phone="+7 916 765-43-21", invited_by=clara_id)
    assert salon.ask(ShowClient(friend.client_id)).referrer_id == clara_id
    assert take(salon, invited_by=friend.client_id) == TakenContact(clara_id, created=False)
    assert salon.ask(ShowClient(clara_id)).referrer_id is None
    alone = take(salon, first_name="Вера", phone="+7 916 765-43-22", invited_by=new_id())
    assert salon.ask(ShowClient(alone.client_id)).referrer_id is None
    salon.ask(EraseClient(clara_id, salon.ask(ShowClient(clara_id)).version))
    late = take(salon, first_name="Олег", phone="+7 916 765-43-23", invited_by=clara_id)
    assert salon.ask(ShowClient(late.client_id)).referrer_id is None


def test_somebody_whose_phone_is_known_changes_nothing(salon: Harness) -> None:
    """Nobody has verified who it is: the card stays as it was, in any spelling of the phone."""
    card = salon.ask(clara(source=Source("instagram")))
    taken = take(salon, first_name="Mallory", email="mallory@example.com", channel="online", branch_id=HERE)
    assert taken == TakenContact(card.id, created=False, channel="online")
    assert salon.ask(ShowClient(card.id)) == card
    assert salon.ask(SearchClients("mallory@example.com")).items == ()


def test_of_a_family_it_is_the_one_with_the_name(salon: Harness) -> None:
    """Compared without case, accents and the dots of ё; else it is who was registered first."""
    mother = salon.ask(clara())
    son = salon.ask(clara(first_name="Пётр", shared_phone=True))
    assert take(salon, first_name=" ПЕТР").client_id == son.id
    assert take(salon, first_name="Somebody").client_id == mother.id


def test_cards_of_a_phone_are_those_of_a_family_who_live(salon: Harness) -> None:
    """In any spelling of it, the oldest first; nobody's are those of what is no phone."""
    mother = salon.ask(clara())
    son = salon.ask(clara(first_name="Пётр", shared_phone=True))

    def of_phone(phone: str = "8 (916) 123-45-67") -> list[tuple[UUID, str]]:
        found = salon.ask(ListCardsOfPhone(phone), BOOKING).items
        return [(card.client_id, card.first_name) for card in found]

    assert of_phone() == [(mother.id, mother.first_name), (son.id, "Пётр")]
    salon.ask(EraseClient(mother.id, 1))
    assert of_phone() == [(son.id, "Пётр")]
    assert of_phone("+79161234568") == of_phone("call me") == []
    with pytest.raises(Forbidden):
        salon.ask(ListCardsOfPhone(PHONE))


def test_an_erased_card_is_nobodys(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(EraseClient(card.id, card.version))
    taken = take(salon)
    assert taken.created
    assert taken.client_id != card.id


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"phone": "12345"}, "phone", "phone_invalid"),
        ({"phone": "not a phone"}, "phone", "phone_invalid"),
        ({"email": "clara at home"}, "email", "email_invalid"),
        ({"first_name": "  "}, "first_name", "name_blank"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_what_is_wrong_is_refused_whether_the_phone_is_known_or_not(
    salon: Harness, said: dict[str, object], field: str, code: str, *, known: bool
) -> None:
    """Else a wrong e-mail would tell whose phone is known."""
    if known:
        salon.ask(clara())
    for ask in (take, check):
        refusal = refused(Invalid, code, lambda ask=ask: ask(salon, **said))  # type: ignore[misc]
        assert list(refusal.details["errors"]) == [field]
    assert len(salon.ask(ListClients()).items) == known


def test_only_services_may_ask(salon: Harness) -> None:
    """Neither staff nor the public learns in this way whose phone it is."""
    for request in (contact(), CheckContact("Клара", PHONE)):
        for caller in (ANNA, None):
            with pytest.raises(Forbidden, match="permission_missing"):
                salon.ask(request, caller)


def test_many_at_once_with_one_phone_are_one_person(salon: Harness) -> None:
    """The database keeps a phone on one card, and the others are told which."""
    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(lambda _: take(salon, branch_id=new_id()), range(12)))
    assert len({taken.client_id for taken in outcomes}) == 1
    assert sum(taken.created for taken in outcomes) == 1
