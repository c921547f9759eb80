"""What a card says that two cards of one person have become."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.clients.domain import Card, Person
from services.clients.domain.merges import MOST_PHONES, much_the_same_name, united

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHONES = [f"+7916000000{n}" for n in range(8)]
WORDS = st.none() | st.sampled_from(["a", "b"])
NOBODY = Card(UUID(int=1), Person("Clara"), NOON)


@st.composite
def cards(draw, number):
    phones = tuple(draw(st.lists(st.sampled_from(PHONES), unique=True, max_size=6)))
    person = Person("Clara", phones=phones, email=draw(WORDS), comment=draw(WORDS), patronymic=draw(WORDS))
    return replace(
        NOBODY,
        id=UUID(int=number),
        person=person,
        contraindications=tuple(draw(st.lists(st.sampled_from(["latex", "Latex", "henna"]), unique=True))),
        category_ids=tuple(draw(st.lists(st.sampled_from([UUID(int=n) for n in range(10, 14)]), unique=True))),
        importance=draw(st.sampled_from(["none", "gold"])),
        channel=draw(WORDS),
        registered_at=NOON.replace(hour=draw(st.integers(0, 23))),
    )


@given(cards(1), cards(2), st.sets(st.sampled_from(["email", "comment", "source"])))
def test_nothing_that_adds_up_is_lost(kept, duplicate, take):
    """Of what a card has several, both stand on it; of the rest the card's, and the other's where it says nothing."""
    if len({*kept.person.phones, *duplicate.person.phones}) > MOST_PHONES:
        return
    card, taken = united(kept, duplicate, take, lambda _: True)
    assert card.id == kept.id
    assert card.version == kept.version + 1
    assert card.person.phones[: len(kept.person.phones)] == kept.person.phones
    assert set(card.person.phones) == {*kept.person.phones, *duplicate.person.phones}
    assert set(card.category_ids) == {*kept.category_ids, *duplicate.category_ids}
    both = (*kept.contraindications, *duplicate.contraindications)
    assert {text.casefold() for text in card.contraindications} == {text.casefold() for text in both}
    assert card.registered_at == min(kept.registered_at, duplicate.registered_at)
    for name in ("email", "comment", "patronymic"):
        ours, theirs, said = (getattr(each.person, name) for each in (kept, duplicate, card))
        assert said == ((theirs or ours) if name in take else (ours or theirs))
        assert (name in taken) == (said != ours)


@given(cards(1), st.sets(st.sampled_from(["email", "comment", "importance"])))
def test_a_card_that_says_nothing_changes_nothing(kept, take):
    empty = replace(NOBODY, id=UUID(int=2), registered_at=kept.registered_at)
    card, taken = united(kept, empty, take, lambda _: True)
    contraindications = {text.casefold() for text in kept.contraindications}
    assert {text.casefold() for text in card.contraindications} == contraindications
    assert replace(card, contraindications=(), version=1) == replace(kept, contraindications=())
    assert taken == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "take", "referrer"),
    [(3, 4, (), 3), (3, 4, ("referrer_id",), 4), (None, 4, (), 4), (5, 4, (), 4), (5, None, (), None)],
)
def test_the_referrer_is_the_cards_unless_that_may_not_be(ours, theirs, take, referrer):
    """Number five was brought by one of the two."""
    kept, duplicate = (
        replace(NOBODY, id=UUID(int=n), referrer_id=who and UUID(int=who)) for n, who in ((1, ours), (2, theirs))
    )
    card, taken = united(kept, duplicate, take, lambda who: who != UUID(int=5))
    assert card.referrer_id == (referrer and UUID(int=referrer))
    assert ("referrer_id" in taken) == (referrer is not None and referrer != ours)


def test_what_does_not_fit_on_a_card_is_refused():
    crowd = tuple(str(n) for n in range(30))
    other = tuple(f"x{n}" for n in range(30))
    with pytest.raises(Invalid) as caught:
        united(replace(NOBODY, contraindications=crowd), replace(NOBODY, contraindications=other), (), lambda _: True)
    assert caught.value.code == "contraindications_too_many"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Anna", "Smith"), ("Anna", "Smith"), True),
        (("Anna", "Smith"), ("Anna", "Smyth"), True),
        (("Anna", "Smith"), ("Ana", "Smith"), True),
        (("Anna", "Smith"), ("Olga", "Smith"), False),
        (("Anna", "Smith"), ("Anna", "Jones"), False),
        (("Li", "Wu"), ("Li", "Wu"), True),
        (("Li", "Wu"), ("Lu", "Wu"), False),
    ],
)
def test_names_that_are_much_the_same(one, other, same):
    assert much_the_same_name(Person(*one), Person(*other)) is same
    assert much_the_same_name(Person(*other), Person(*one)) is same
