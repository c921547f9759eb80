"""How a salon sorts its clients: categories, importance, labels of phones, and how complete a card is."""

from uuid import UUID

from contracts.clients import (
    ChangeClient,
    ChangeClientCategory,
    CreateClientCategory,
    EraseClient,
    ListClientCategories,
    ListClients,
    RemoveClientCategory,
    ShowClient,
    ShowClientCategory,
    Source,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.builders import HERE, anna
from tests.component.clients.conftest import ANNA, BORIS, DESK, PHONE, clara, refused
from tests.harness import Harness

OTHER = "+79169999999"
THIRD = "+79160000003"


def test_cards_wear_categories_and_are_found_by_them(salon: Harness) -> None:
    """In lists and with words; others' cards are not found."""
    brides, models = (salon.ask(CreateClientCategory(name)) for name in ("Brides", "Models"))
    both = salon.ask(clara(category_ids=(brides.id, models.id, brides.id), importance="gold", home_branch_id=HERE))
    one = salon.ask(clara(phones=(), first_name="Ольга", category_ids=(brides.id,), home_branch_id=HERE))
    assert (both.category_ids, both.importance) == ((brides.id, models.id), "gold")

    def found(**said: object) -> list[UUID]:
        return [card.id for card in salon.ask(ListClients(**said), ANNA).items]

    assert found(category_id=brides.id) == [both.id, one.id]
    assert found(category_id=models.id) == found(importance="gold") == [both.id]
    assert found(category_id=brides.id, importance="none") == found(q="оль", category_id=brides.id) == [one.id]
    assert salon.ask(ListClients(category_id=brides.id), BORIS).items == ()


def test_what_is_no_category_is_refused_by_its_place(salon: Harness) -> None:
    """When a card is made and when it is changed."""
    brides = salon.ask(CreateClientCategory("Brides"))
    wrong = (brides.id, UUID(int=7))
    refusal = refused(Invalid, "category_unknown", lambda: salon.ask(clara(category_ids=wrong)))
    assert list(refusal.details["errors"]) == ["category_ids.1"]
    card = salon.ask(clara())
    refused(Invalid, "category_unknown", lambda: salon.ask(ChangeClient(card.id, 1, category_ids=wrong)))
    assert salon.ask(ChangeClient(card.id, 1, category_ids=(brides.id,), importance="silver")).importance == "silver"


def test_a_removed_category_comes_off_the_cards(salon: Harness) -> None:
    """And leaves their versions, so that nobody's change is lost by it."""
    brides = salon.ask(CreateClientCategory("Brides", "#ff00ff"))
    card = salon.ask(clara(category_ids=(brides.id,)))
    refused(Stale, "version_stale", lambda: salon.ask(RemoveClientCategory(brides.id, 2)))
    salon.ask(RemoveClientCategory(brides.id, 1))
    refused(NotFound, "category_not_found", lambda: salon.ask(ShowClientCategory(brides.id)))
    shown = salon.ask(ShowClient(card.id))
    assert (shown.category_ids, shown.version) == ((), 1)


def test_categories_are_told_apart_without_case(salon: Harness) -> None:
    """Renaming keeps the id and the cards."""
    brides, models = (salon.ask(CreateClientCategory(name)) for name in ("Невесты", "Models"))
    refused(Conflict, "category_exists", lambda: salon.ask(CreateClientCategory(" НЕВЕСТЫ ")))
    refused(Conflict, "category_exists", lambda: salon.ask(ChangeClientCategory(models.id, 1, name="невесты")))
    renamed = salon.ask(ChangeClientCategory(models.id, 1, name="Stars", colour="#000000"))
    assert salon.ask(ListClientCategories()).items == (brides, renamed)
    assert salon.ask(ListClientCategories(limit=1)).items == (brides,)
    refused(Forbidden, "permission_missing", lambda: salon.ask(CreateClientCategory("x"), ANNA))


def test_phones_have_labels(salon: Harness) -> None:
    """At the same place, masked like the phones; in another list of phones those that stay keep theirs."""
    card = salon.ask(clara(phones=(PHONE, OTHER, PHONE), phone_labels=("mobile", " mother ")))
    assert (card.phones, card.phone_labels) == ((PHONE, OTHER), ("mobile", "mother"))
    assert "mother" not in salon.ask(ShowClient(card.id), anna(*DESK)).phone_labels
    refused(Invalid, "labels_too_many", lambda: salon.ask(ChangeClient(card.id, 1, phone_labels=("a", "b", "c"))))
    assert salon.ask(ChangeClient(card.id, 1, phone_labels=("", "aunt"))).phone_labels == ("", "aunt")
    assert salon.ask(ChangeClient(card.id, 2, phones=(OTHER, THIRD))).phone_labels == ("aunt", "")
    assert salon.ask(ChangeClient(card.id, 3, phones=(THIRD,))).phone_labels == ()


def test_a_single_card_says_what_is_missing(salon: Harness) -> None:
    """Lists do not."""
    card = salon.ask(clara(source=Source("instagram")))
    assert card.completeness is not None
    assert card.completeness.percent == 25 + 15 + 10
    assert card.completeness.missing[:2] == ("birth_date", "email")
    changed = salon.ask(ChangeClient(card.id, 1, email="clara@example.com"))
    assert changed.completeness is not None
    assert changed.completeness.percent == 60
    assert salon.ask(ListClients()).items[0].completeness is None


def test_erasure_takes_categories_and_importance(salon: Harness) -> None:
    """A label says something of a person."""
    brides = salon.ask(CreateClientCategory("Brides"))
    card = salon.ask(clara(category_ids=(brides.id,), importance="gold"))
    salon.ask(EraseClient(card.id, 1))
    assert salon.ask(ListClients(category_id=brides.id)).items == ()
    with salon.session() as session:
        kept = session.connection().exec_driver_sql("SELECT category_ids, importance FROM clients").one()
    assert kept == ([], "none")
