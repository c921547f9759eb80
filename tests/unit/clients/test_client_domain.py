"""The rules of client cards, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.clients import domain
from services.clients.phones import read_phone

TODAY = date(2026, 3, 1)
names = st.text(st.characters(categories=("L",), max_codepoint=0x4FF), min_size=2, max_size=20)


def a_card(**said: object) -> domain.Card:
    person = domain.Person(**{"first_name": "Клара"} | said)
    return domain.Card(UUID(int=1), person, datetime(2026, 3, 1, tzinfo=UTC))


@given(st.lists(names, min_size=1, max_size=4), st.data())
def test_a_person_is_found_by_the_beginning_of_any_name(said: list[str], data: st.DataObject) -> None:
    """The index holds every prefix that is looked for, and the check after decryption agrees."""
    person = domain.Person(first_name=said[0], last_name=" ".join(said[1:]) or None)
    words = sorted(word for word in domain.words_of(said) if len(word) >= 2)
    if not words:
        return
    typed = " ".join(
        word[: data.draw(st.integers(2, len(word)))] for word in data.draw(st.permutations(words).map(lambda w: w[:2]))
    )
    wanted = domain.wanted(typed, None)
    assert wanted.prefixes <= domain.prefixes_of(domain.words_of(person.names))
    assert wanted.fits(person)


@given(names)
def test_accents_and_case_make_no_difference(name: str) -> None:
    """Normal forms are their own normal forms."""
    words = domain.words_of([name])
    assert domain.words_of(words) == words
    assert domain.words_of(["ЁЖИК Й"]) == {"ежик", "и"}


def test_long_words_are_told_apart_after_decryption() -> None:
    """The index ends at twelve letters, the check does not."""
    person = domain.Person(first_name="Константинопольская")
    other = domain.wanted("константинопольский", None)
    assert other.prefixes <= domain.prefixes_of(domain.words_of(person.names))
    assert not other.fits(person)


@pytest.mark.parametrize(
    ("q", "phone", "fits"),
    [
        ("4567", None, True),
        ("567", None, False),
        ("+79161234567", "+79161234567", True),
        ("clara@example.com", None, True),
        ("CLARA@example.COM ", None, True),
        ("lara@example.com", None, False),
        ("клара цет", None, True),
        ("клара иван", None, False),
        ("...", None, False),
    ],
)
def test_what_is_typed_means_one_thing(q: str, phone: str | None, fits: bool) -> None:
    """A number, four last digits, an e-mail or beginnings of names."""
    person = domain.Person("Клара", "Цеткина", phones=("+79161234567",), email="Clara@example.com")
    assert domain.wanted(q, phone).fits(person) is fits


def test_a_card_is_tidied() -> None:
    """Outer spaces go, an empty name is none, the same phone twice is one."""
    card = domain.checked(a_card(last_name="  ", email=" a@b.ru ", phones=("+7916", "+7916")), TODAY)
    assert (card.person.last_name, card.person.email, card.person.phones) == (None, "a@b.ru", ("+7916",))
    assert domain.checked(card, TODAY) == card


@pytest.mark.parametrize("email", ["a@b", "a b@c.ru", "@c.ru", "a@.ru", "a@c..ru", "a@@c.ru"])
def test_what_cannot_be_an_email_is_refused(email: str) -> None:
    """The form is checked, nothing more."""
    with pytest.raises(Invalid):
        domain.checked(a_card(email=email), TODAY)


@pytest.mark.parametrize("born", [date(1899, 12, 31), date(2026, 3, 2)])
def test_nobody_who_lives_was_born_then(born: date) -> None:
    """Not before 1900 and not after today."""
    with pytest.raises(Invalid):
        domain.checked(a_card(birth_date=born), TODAY)
    assert domain.checked(a_card(birth_date=TODAY), TODAY).person.birth_date == TODAY


def test_people_are_called_by_the_name_they_prefer() -> None:
    """Before the one in the passport."""
    assert a_card(last_name="Цеткина").person.called == "Клара Цеткина"
    assert a_card(preferred_name="Кларочка", last_name="Цеткина").person.called == "Кларочка Цеткина"


def test_channels_are_the_same_without_case() -> None:
    """So is what others are told of a card."""
    card = replace(a_card(), channel="Instagram ")
    assert domain.channel_key(" INSTAGRAM") == domain.channel_key(card.channel)
    assert replace(card, channel="instagram").known_to_others == card.known_to_others
    assert replace(card, channel="tiktok").known_to_others != card.known_to_others


@given(st.lists(st.integers(0, 30), max_size=31))
def test_whoever_brought_comes_first(above: list[int]) -> None:
    """In a forest each place comes once and after its referrer's; in anything else there is a refusal."""
    references = [f"r{n}" for n in range(len(above))]
    referrers = {f"r{n}": f"r{up}" for n, up in enumerate(above) if up < len(above)}
    looped = any(_goes_round(reference, referrers) for reference in references)
    if looped:
        with pytest.raises(Invalid):
            domain.referrers_first(references, referrers)
        return
    order = domain.referrers_first(references, referrers)
    assert sorted(order) == list(range(len(above)))
    for place in order:
        referrer = referrers.get(references[place])
        if referrer is not None:
            assert order.index(references.index(referrer)) < order.index(place)


def _goes_round(reference: str, referrers: dict[str, str]) -> bool:
    current: str | None = reference
    for _ in range(len(referrers) + 1):
        current = referrers.get(current or "")
        if current is None:
            return False
    return True


@pytest.mark.parametrize(
    ("text", "region", "phone"),
    [
        ("8 (916) 123-45-67", "RU", "+79161234567"),
        ("+7 916 123 45 67", "CA", "+79161234567"),
        ("916 123-45-67", "RU", "+79161234567"),
        ("416-555-0199", "CA", "+14165550199"),
        ("00 7 916 1234567", "RU", None),
        ("123", "RU", None),
        ("Анна", "RU", None),
        ("1" * 100, "RU", None),
        ("", "RU", None),
    ],
)
def test_phones_are_read_in_any_spelling(text: str, region: str, phone: str | None) -> None:
    """National numbers are those of the region; what cannot be a number is none."""
    assert read_phone(text, region) == phone
