"""Fields of the salon's own over a real database: what may stand in them, who sees it, and where it is kept."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from contracts.clients import (
    ChangeClient,
    ChangeClientField,
    ClientField,
    CreateClientField,
    EraseClient,
    FieldValue,
    ListClientFields,
    ListClients,
    RemoveClientField,
    ShowClient,
    ShowClientField,
)
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from services.clients.tables import field_values
from tests.builders import anna
from tests.component.clients.conftest import ANNA, DESK, clara, refused
from tests.harness import Harness

WITHOUT_CONTACTS = anna(*DESK)


def a_field(salon: Harness, name: str = "Pet", kind: Any = "text", **said: Any) -> ClientField:
    field: ClientField = salon.ask(CreateClientField(name, kind, **said))
    return field


def test_a_card_says_what_it_is_asked(salon: Harness) -> None:
    """Single cards show it; lists do not, nor do cards without contacts what is personal."""
    pet, size = a_field(salon), a_field(salon, "Size", "number", personal=False)
    said = (FieldValue(pet.id, " Rex "), FieldValue(size.id, "38.5"))
    card = salon.ask(clara(custom=said))
    assert card.custom == (FieldValue(pet.id, "Rex"), FieldValue(size.id, "38.5"))
    assert salon.ask(ShowClient(card.id)).custom == card.custom
    assert salon.ask(ShowClient(card.id), WITHOUT_CONTACTS).custom == (FieldValue(size.id, "38.5"),)
    assert salon.ask(ListClients()).items[0].custom is None


def test_a_change_touches_the_fields_that_it_names(salon: Harness) -> None:
    """The others stay; None takes away; the version goes up."""
    pet, size = a_field(salon), a_field(salon, "Size", "number")
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Rex"), FieldValue(size.id, "38"))))
    changed = salon.ask(ChangeClient(card.id, 1, custom=(FieldValue(pet.id, "Tom"),)))
    assert (changed.custom, changed.version) == ((FieldValue(pet.id, "Tom"), FieldValue(size.id, "38")), 2)
    assert salon.ask(ChangeClient(card.id, 2, custom=(FieldValue(pet.id, None),))).custom == (
        FieldValue(size.id, "38"),
    )
    assert salon.ask(ChangeClient(card.id, 3, comment="a boy")).custom == (FieldValue(size.id, "38"),)


@pytest.mark.parametrize(
    ("kind", "options", "right", "wrong"),
    [
        ("text", (), "anything", "  "),
        ("number", (), "-12.5", "12,5"),
        ("date", (), "2026-02-28", "2026-02-30"),
        ("choice", ("dry", "wet"), "wet", "damp"),
        ("yes_no", (), "yes", "true"),
    ],
)
def test_a_value_is_of_its_kind(salon: Harness, kind: str, options: tuple[str, ...], right: str, wrong: str) -> None:
    """What is not is refused by the field."""
    field = a_field(salon, kind=kind, options=options)
    assert salon.ask(clara(custom=(FieldValue(field.id, right),))).custom == (FieldValue(field.id, right),)
    ask = clara(phones=(), custom=(FieldValue(field.id, wrong),))
    assert list(refused(Invalid, "value_invalid", lambda: salon.ask(ask)).details["errors"]) == [f"custom.{field.id}"]


def test_required_fields_are_asked_of_who_is_registered(salon: Harness) -> None:
    """And cannot be emptied; cards from before may stay without."""
    before = salon.ask(clara(phones=()))
    pet = a_field(salon, required=True)
    refused(Invalid, "field_required", lambda: salon.ask(clara()))
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Rex"),)))
    refused(Invalid, "field_required", lambda: salon.ask(ChangeClient(card.id, 1, custom=(FieldValue(pet.id, None),))))
    assert salon.ask(ChangeClient(before.id, 1, comment="x")).custom == ()
    unknown = (FieldValue(pet.id, "Rex"), FieldValue(UUID(int=7), "x"))
    refused(Invalid, "field_unknown", lambda: salon.ask(clara(phones=(), custom=unknown)))
    twice = (FieldValue(pet.id, "Rex"), FieldValue(pet.id, "Tom"))
    refused(Invalid, "field_repeated", lambda: salon.ask(clara(phones=(), custom=twice)))


def test_what_is_personal_is_sealed_and_goes_with_the_person(salon: Harness) -> None:
    """In no table in clear; nothing of either kind is left after erasure."""
    pet, size = a_field(salon), a_field(salon, "Size", personal=False)
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Barsik"), FieldValue(size.id, "38"))))
    with salon.session() as session:
        names = session.scalars(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        kept = " ".join(
            str(row) for name in names for row in session.execute(text(f"SELECT t::text FROM {name} t")).all()
        )
    assert "Barsik" not in kept
    assert b"Barsik".hex() not in kept
    salon.ask(EraseClient(card.id, 1))
    with salon.session() as session:
        assert session.scalar(select(func.count()).select_from(field_values)) == 0


def test_a_removed_field_takes_its_values(salon: Harness) -> None:
    """From every card."""
    pet = a_field(salon)
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Rex"),)))
    refused(Stale, "version_stale", lambda: salon.ask(RemoveClientField(pet.id, 2)))
    salon.ask(RemoveClientField(pet.id, 1))
    refused(NotFound, "field_not_found", lambda: salon.ask(ShowClientField(pet.id)))
    assert salon.ask(ShowClient(card.id)).custom == ()


def test_a_field_is_told_apart_by_its_name_and_has_the_options_of_its_kind(salon: Harness) -> None:
    """A choice is among two or more; nothing else has options."""
    pet = a_field(salon, "Зверь")
    refused(Conflict, "field_exists", lambda: a_field(salon, "ЗВЕРЬ"))
    refused(Invalid, "options_wrong", lambda: a_field(salon, "Skin", "choice", options=("dry", " dry")))
    refused(Invalid, "options_needless", lambda: a_field(salon, "Skin", options=("dry", "wet")))
    changed = salon.ask(ChangeClientField(pet.id, 1, name="Pets", required=True))
    assert (changed.name, changed.required, changed.version) == ("Pets", True, 2)
    assert salon.ask(ListClientFields()).items == (changed,)
    refused(Forbidden, "permission_missing", lambda: salon.ask(CreateClientField("x", "text"), ANNA))
