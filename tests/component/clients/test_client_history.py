"""What a card was before: for the second of two editors, and for whoever asks who changed what."""

from datetime import date

import pytest
from sqlalchemy import func, select, text, update

from chassis.wire import MASK
from contracts.clients import (
    ChangeClient,
    CreateClientField,
    EraseClient,
    FieldValue,
    ListClientChanges,
    Preferences,
    RemoveClientField,
)
from kernel.caller import Caller
from kernel.errors import Forbidden, Gone, NotFound, Stale
from services.clients.tables import card_versions
from services.clients.usecases import history
from tests.builders import ELSEWHERE, HERE, anna, boris
from tests.component.clients.conftest import ANNA, PHONE, clara, refused
from tests.harness import Harness

READER = anna("client_changes.read", "clients.read", marks=frozenset({"contacts", "health"}))


def test_the_second_of_two_editors_gets_three_versions(salon: Harness) -> None:
    """What they sent, what the card is now, and what it was when they began; nothing is stored of theirs."""
    card = salon.ask(clara(comment="old", contraindications=("ammonia",), home_branch_id=HERE))
    first = salon.ask(ChangeClient(card.id, 1, comment="first", contraindications=()), ANNA)
    late = ChangeClient(card.id, 1, comment="second", email=None, preferences=Preferences(wishes="tea"))
    told = refused(Stale, "version_stale", lambda: salon.ask(late, ANNA)).details
    assert (told["theirs"]["comment"], told["theirs"]["email"]) == ("second", None)
    assert set(told["theirs"]) == {"comment", "email", "preferences"}
    assert (told["current"]["comment"], told["current"]["version"]) == ("first", first.version)
    assert (told["original"]["comment"], told["original"]["version"]) == ("old", 1)
    assert (told["current"]["contraindications"], told["original"]["contraindications"]) == ([], ["ammonia"])
    with pytest.raises(Stale):
        salon.ask(ChangeClient(card.id, 7, comment="never"), ANNA)


def test_the_three_versions_are_masked_like_the_card(salon: Harness) -> None:
    """Without the marks phones and contraindications are hidden; who may not read the card gets none of it."""
    card = salon.ask(clara(contraindications=("ammonia",), birth_date=date(1990, 5, 17), home_branch_id=HERE))
    salon.ask(ChangeClient(card.id, 1, comment="first"))
    late = ChangeClient(card.id, 1, comment="second")
    blind = anna("clients.edit", "clients.read")
    told = refused(Stale, "version_stale", lambda: salon.ask(late, blind)).details
    for version in (told["current"], told["original"]):
        assert PHONE not in str(version)
        assert "ammonia" not in str(version)
        assert version["birth_date"] is None
    assert refused(Stale, "version_stale", lambda: salon.ask(late, anna("clients.edit"))).details == {}


def test_a_version_that_is_not_kept_is_none(salon: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many versions of a card are kept; the second editor then does without the original."""
    monkeypatch.setattr(history, "KEPT_VERSIONS", 2)
    card = salon.ask(clara())
    for version in range(1, 5):
        salon.ask(ChangeClient(card.id, version, comment=f"{version}"))
    told = refused(Stale, "version_stale", lambda: salon.ask(ChangeClient(card.id, 1, comment="late"))).details
    assert (told["original"], told["current"]["version"]) == (None, 5)
    kept = salon.ask(ListClientChanges(card.id)).items
    assert [change.version for change in kept] == [5, 4]


def test_the_history_says_who_changed_what(salon: Harness) -> None:
    """Newest first, page by page, with the values before and after."""
    card = salon.ask(clara(home_branch_id=HERE))
    salon.ask(ChangeClient(card.id, 1, comment="one"), ANNA)
    salon.ask(ChangeClient(card.id, 2, comment="two", last_name=None), ANNA)
    salon.ask(ChangeClient(card.id, 3, contraindications=("ammonia",)), ANNA)
    page = salon.ask(ListClientChanges(card.id, limit=2), READER)
    rest = salon.ask(ListClientChanges(card.id, limit=2, cursor=page.next), READER)
    assert rest.next is None
    told = [(one.version, [(f.field, f.before, f.after) for f in one.fields]) for one in (*page.items, *rest.items)]
    assert told == [
        (4, [("contraindications", [], ["ammonia"])]),
        (3, [("last_name", "Цеткина", None), ("comment", "one", "two")]),
        (2, [("comment", None, "one")]),
    ]
    assert {one.changed_by for one in page.items} == {ANNA.id}


def test_the_history_hides_what_the_card_hides(salon: Harness) -> None:
    """That a phone was changed is told, which it was is not."""
    card = salon.ask(clara(home_branch_id=HERE))
    salon.ask(ChangeClient(card.id, 1, phones=("+79990000000",), contraindications=("ammonia",)))
    (change,) = salon.ask(ListClientChanges(card.id), anna("client_changes.read")).items
    assert {one.field for one in change.fields} == {"phones", "contraindications"}
    assert "7999" not in str(change)
    assert "ammonia" not in str(change)


@pytest.mark.parametrize(
    ("caller", "kind", "code"),
    [
        (anna("clients.read"), Forbidden, "permission_missing"),
        (boris("client_changes.read", "clients.read"), NotFound, "client_not_found"),
    ],
)
def test_who_may_not_read_the_history(salon: Harness, caller: Caller, kind: type, code: str) -> None:
    """It takes a right of its own, and the branch of the card."""
    assert ELSEWHERE in caller.branch_ids or HERE in caller.branch_ids
    card = salon.ask(clara(home_branch_id=HERE))
    refused(kind, code, lambda: salon.ask(ListClientChanges(card.id), caller))


def test_a_damaged_version_does_not_stop_the_history(salon: Harness) -> None:
    """What changed by it is not told, that somebody changed it is; moved to another version it does not open."""
    card = salon.ask(clara())
    for version in range(1, 4):
        salon.ask(ChangeClient(card.id, version, comment=f"{version}"))
    with salon.session() as session:
        first = session.scalar(select(card_versions.c.person).where(card_versions.c.version == 1))
        session.execute(update(card_versions).where(card_versions.c.version == 2).values(person=first))
        session.commit()
    changes = salon.ask(ListClientChanges(card.id)).items
    assert [(one.version, len(one.fields)) for one in changes] == [(4, 1), (3, 0), (2, 0)]


def test_earlier_versions_go_with_the_person(salon: Harness) -> None:
    """Erasing leaves no version behind."""
    card = salon.ask(clara())
    salon.ask(ChangeClient(card.id, 1, comment="one"))
    salon.ask(EraseClient(card.id, 2))
    with salon.session() as session:
        assert session.scalar(select(func.count()).select_from(card_versions)) == 0
    refused(Gone, "client_erased", lambda: salon.ask(ListClientChanges(card.id)))


# --- fields of the salon's own ---------------------------------------------------------------------------------------


def test_the_history_tells_what_became_of_fields_of_the_salons_own(salon: Harness) -> None:
    """Before and after, field by field; what is personal is hidden from those without the right to contacts."""
    pet = salon.ask(CreateClientField("Pet", "text"))
    size = salon.ask(CreateClientField("Size", "number", personal=False))
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Rex"),), home_branch_id=HERE))
    salon.ask(ChangeClient(card.id, 1, custom=(FieldValue(pet.id, "Tom"), FieldValue(size.id, "38"))))
    salon.ask(ChangeClient(card.id, 2, comment="x"))
    salon.ask(ChangeClient(card.id, 3, custom=(FieldValue(pet.id, None),)))

    def told(caller: Caller) -> list[dict[str, tuple[object, object]]]:
        items = salon.ask(ListClientChanges(card.id), caller).items
        return [{part.field: (part.before, part.after) for part in one.fields} for one in items]

    a, b = f"custom.{pet.id}", f"custom.{size.id}"
    assert told(READER) == [{a: ("Tom", None)}, {"comment": (None, "x")}, {a: ("Rex", "Tom"), b: (None, "38")}]
    hidden = told(anna("client_changes.read"))
    assert hidden == [{a: (MASK, None)}, {"comment": (None, "x")}, {a: (MASK, MASK), b: (None, "38")}]
    salon.ask(RemoveClientField(pet.id, 1))
    assert told(READER)[0] == {}


def test_the_three_versions_hold_the_fields_of_the_salons_own(salon: Harness) -> None:
    """As they were and as they are, and sealed where they are kept."""
    pet = salon.ask(CreateClientField("Pet", "text"))
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Barsik"),), home_branch_id=HERE))
    salon.ask(ChangeClient(card.id, 1, custom=(FieldValue(pet.id, "Tom"),)))
    late = ChangeClient(card.id, 1, custom=(FieldValue(pet.id, "Rex"),))
    told = refused(Stale, "version_stale", lambda: salon.ask(late, ANNA)).details
    values = [told[name]["custom"][0]["value"] for name in ("theirs", "current", "original")]
    assert values == ["Rex", "Tom", "Barsik"]
    blind = refused(Stale, "version_stale", lambda: salon.ask(late, anna("clients.edit", "clients.read"))).details
    assert (blind["current"]["custom"], blind["original"]["custom"]) == ([], [])
    with salon.session() as session:
        assert b"Barsik".hex() not in str(session.execute(text("SELECT v::text FROM card_versions v")).all())


def test_a_version_from_before_such_fields_were_kept_says_nothing_of_them(salon: Harness) -> None:
    """Nor does one where they are damaged; what else changed is told."""
    pet = salon.ask(CreateClientField("Pet", "text"))
    card = salon.ask(clara(custom=(FieldValue(pet.id, "Rex"),)))
    salon.ask(ChangeClient(card.id, 1, custom=(FieldValue(pet.id, "Tom"),), comment="one"))
    salon.ask(ChangeClient(card.id, 2, custom=(FieldValue(pet.id, "Kit"),), comment="two"))
    for kept in (None, b"damaged"):
        with salon.session() as session:
            session.execute(update(card_versions).where(card_versions.c.version == 1).values(custom=kept))
            session.commit()
        changes = salon.ask(ListClientChanges(card.id)).items
        assert [[part.field for part in one.fields] for one in changes] == [
            ["comment", f"custom.{pet.id}"],
            ["comment"],
        ]
