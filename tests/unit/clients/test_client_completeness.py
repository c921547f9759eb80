"""How complete a card is."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from services.clients import domain

CARD = domain.Card(UUID(int=1), domain.Person("Клара"), datetime(2026, 3, 2, tzinfo=UTC))


def test_nothing_said_is_nothing_and_all_of_it_a_hundred() -> None:
    """The weights add up."""
    assert domain.completeness(CARD) == 0
    person = domain.Person("Клара", "Цеткина", None, "Кларочка", ("+79161234567",), (), "c@example.com", "female")
    full = replace(
        CARD,
        person=replace(person, birth_date=date(1990, 5, 17)),
        channel="instagram",
        home_branch_id=UUID(int=2),
        favourite_master_id=UUID(int=3),
        convenient_times=(domain.Times(0, "09:00", "12:00"),),
    )
    assert (domain.completeness(full), domain.missing(full)) == (100, ())


def test_what_is_missing_comes_by_its_worth() -> None:
    """A phone first."""
    assert domain.missing(CARD)[0] == "phones"
    assert "source" not in domain.missing(replace(CARD, channel="instagram"))
