"""Birthdays and anniversaries over a real database."""

from datetime import UTC, date, datetime

from contracts.clients import (
    ChangeClient,
    EraseClient,
    ImportClients,
    ImportedClient,
    ListOccasions,
    Occasion,
)
from kernel.errors import Invalid
from tests.builders import HERE, anna
from tests.component.clients.conftest import ANNA, BORIS, DESK, clara, refused
from tests.facts import booked, completed, numbered
from tests.harness import Harness

MAY = ListOccasions(date(2030, 5, 1), date(2030, 5, 31))


def found(salon: Harness, asked: ListOccasions = MAY, **who: object) -> list[tuple[str, date, int]]:
    return [(one.kind, one.date, one.years) for one in salon.ask(asked, **who).items]


def test_birthdays_of_a_period_come_in_their_order(salon: Harness) -> None:
    """With the name and the age, one page after the other."""
    late = salon.ask(clara(birth_date=date(1990, 5, 17)))
    soon = salon.ask(clara(phones=(), first_name="Ольга", last_name=None, birth_date=date(2000, 5, 1)))
    salon.ask(clara(phones=(), birth_date=date(1990, 6, 1)))
    page = salon.ask(ListOccasions(MAY.from_, MAY.to, limit=1))
    assert page.items == (Occasion(date(2030, 5, 1), "birthday", soon.id, "Ольга", 30),)
    rest = salon.ask(ListOccasions(MAY.from_, MAY.to, limit=1, cursor=page.next))
    assert (rest.items, rest.next) == ((Occasion(date(2030, 5, 17), "birthday", late.id, "Клара Цеткина", 40),), None)


def test_anniversaries_count_the_years_since_the_first_visit(salon: Harness) -> None:
    """Not since the registration, nor since what was only booked; also for those who are told no birthdays."""
    old = datetime(2020, 5, 10, 12, tzinfo=UTC)
    said = ImportedClient("Клара", reference="1", registered_at=old, birth_date=date(1990, 5, 10), home_branch_id=HERE)
    (card,) = salon.ask(ImportClients((said,))).items
    assert found(salon) == [("birthday", date(2030, 5, 10), 40)]
    salon.deliver(booked(numbered(1), card.id, local_date=date(2021, 5, 9)))
    salon.deliver(completed(numbered(2), card.id, local_date=date(2022, 5, 10)))
    salon.deliver(completed(numbered(3), card.id, local_date=date(2023, 5, 11)))
    both = [("anniversary", date(2030, 5, 10), 8), ("birthday", date(2030, 5, 10), 40)]
    assert found(salon) == both
    assert found(salon, caller=ANNA) == both
    assert found(salon, caller=anna(*DESK)) == both[:1]
    assert found(salon, caller=BORIS) == []


def test_those_of_29_february_are_remembered_the_day_before(salon: Harness) -> None:
    """In years without one; in leap years on the day."""
    salon.ask(clara(birth_date=date(2000, 2, 29)))
    february = ListOccasions(date(2030, 2, 27), date(2030, 3, 2))
    assert found(salon, february) == [("birthday", date(2030, 2, 28), 30)]
    assert found(salon, ListOccasions(date(2032, 2, 27), date(2032, 3, 2))) == [("birthday", date(2032, 2, 29), 32)]


def test_a_changed_birth_date_is_found_and_the_old_one_not(salon: Harness) -> None:
    """And one that is taken away or erased is nowhere."""
    card = salon.ask(clara(birth_date=date(1990, 6, 17)))
    assert found(salon) == []
    salon.ask(ChangeClient(card.id, 1, birth_date=date(1990, 5, 17)))
    assert len(found(salon)) == 1
    salon.ask(ChangeClient(card.id, 2, birth_date=None))
    assert found(salon) == []
    salon.ask(ChangeClient(card.id, 3, birth_date=date(1990, 5, 17)))
    salon.ask(EraseClient(card.id, 4))
    assert found(salon) == []
    with salon.session() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM birthdays").scalar() == 0


def test_nobody_has_a_birthday_before_the_first_year_is_over(salon: Harness) -> None:
    """Days that are asked for may lie before somebody was born."""
    salon.ask(clara(birth_date=date(1990, 5, 17)))
    for year, years in ((1989, []), (1990, []), (1991, [("birthday", date(1991, 5, 17), 1)])):
        assert found(salon, ListOccasions(date(year, 5, 1), date(year, 5, 31))) == years


def test_a_period_is_bounded(salon: Harness) -> None:
    """One to 62 days."""
    for to in (date(2030, 4, 30), date(2030, 7, 2)):
        refused(Invalid, "period_wrong", lambda to=to: salon.ask(ListOccasions(MAY.from_, to)))
    assert found(salon, ListOccasions(MAY.from_, date(2030, 7, 1))) == []
