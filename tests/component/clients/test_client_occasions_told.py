"""Occasions as others are told of them: once for each person, kind and year, and never by their day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from contracts.booking import CheckMerge, MergeCheck
from contracts.clients import (
    ChangeClient,
    ClientRegistered,
    EraseClient,
    ListOccasions,
    MergeClients,
    OccasionClosed,
    OccasionOpened,
)
from services.clients.tables import birthdays, birthdays_sought, clients, occasions
from services.clients.usecases import occasions as told
from tests.component.clients.conftest import clara
from tests.facts import completed, numbered
from tests.harness import Harness

MORNING = datetime(2030, 5, 10, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def pass_by(salon: Harness, now: datetime) -> None:
    """Do what the clock does at `now`, twice, as after a restart."""
    vault = salon.dispatcher.instance.vault
    for _ in range(2):
        for chore in (lambda s: told.open_occasions(s, vault, now), lambda s: told.close_occasions(s, now)):
            more = True
            while more:
                with salon.session() as session:
                    more = chore(session)
                    session.commit()


def facts(salon: Harness) -> list[tuple[str, str, int]]:
    return [(type(each).__name__, each.kind, each.year) for each in salon.announced() if hasattr(each, "kind")]


def test_an_occasion_opens_once_and_closes_once(salon: Harness) -> None:
    """A week before its day and a week after it, with ids only; next year again."""
    card = salon.ask(clara(birth_date=date(1990, 5, 17)))
    pass_by(salon, MORNING - DAY)
    assert facts(salon) == []
    for days in range(17):
        pass_by(salon, MORNING + days * DAY)
    (opened,) = salon.announced(OccasionOpened)
    (closed,) = salon.announced(OccasionClosed)
    assert opened == OccasionOpened(card.id, "birthday", 2030, MORNING)
    assert (closed.client_id, closed.kind, closed.year) == (card.id, "birthday", 2030)
    assert closed.occurred_at == MORNING + 16 * DAY
    assert "05-17" not in str(opened)
    pass_by(salon, datetime(2031, 5, 17, tzinfo=UTC))
    assert facts(salon)[2:] == [("OccasionOpened", "birthday", 2031)]


def test_the_anniversary_is_that_of_the_first_visit(salon: Harness) -> None:
    """Whenever the card was made; the first year has none."""
    card = salon.ask(clara())
    salon.deliver(completed(numbered(1), card.id, local_date=date(2028, 2, 29)))
    salon.deliver(completed(numbered(2), card.id, local_date=date(2028, 5, 10)))
    pass_by(salon, datetime(2028, 3, 1, tzinfo=UTC))
    pass_by(salon, datetime(2030, 5, 10, tzinfo=UTC))
    assert facts(salon) == []
    pass_by(salon, datetime(2030, 2, 21, 9, tzinfo=UTC))
    assert facts(salon) == [("OccasionOpened", "anniversary", 2030)]


def test_those_of_29_february_are_told_of_around_the_28th(salon: Harness) -> None:
    """In years without one: open on the 21st already, closed after 7 March."""
    salon.ask(clara(birth_date=date(2000, 2, 29)))
    pass_by(salon, datetime(2030, 2, 20, 9, tzinfo=UTC))
    assert facts(salon) == []
    pass_by(salon, datetime(2030, 2, 21, 9, tzinfo=UTC))
    pass_by(salon, datetime(2030, 3, 7, 23, tzinfo=UTC))
    assert facts(salon) == [("OccasionOpened", "birthday", 2030)]
    pass_by(salon, datetime(2030, 3, 8, 13, tzinfo=UTC))
    assert facts(salon)[1:] == [("OccasionClosed", "birthday", 2030)]


def test_around_new_year_the_year_is_that_of_the_day(salon: Harness) -> None:
    salon.ask(clara(birth_date=date(1990, 1, 2)))
    pass_by(salon, datetime(2029, 12, 28, tzinfo=UTC))
    pass_by(salon, datetime(2030, 1, 2, tzinfo=UTC))
    assert facts(salon) == [("OccasionOpened", "birthday", 2030)]


def test_another_birth_date_makes_no_second_birthday(salon: Harness) -> None:
    """Nor does an erasure leave one behind, or a person who is gone get one."""
    card = salon.ask(clara(birth_date=date(1990, 5, 10)))
    gone = salon.ask(clara(phones=(), birth_date=date(1990, 5, 12)))
    pass_by(salon, datetime(2030, 5, 4, tzinfo=UTC))
    salon.ask(ChangeClient(card.id, 1, birth_date=date(1990, 5, 16)))
    salon.ask(EraseClient(gone.id, 1))
    pass_by(salon, MORNING)
    pass_by(salon, MORNING + 30 * DAY)
    assert [one.client_id for one in salon.announced(OccasionOpened)] == [card.id]
    assert [one.client_id for one in salon.announced(OccasionClosed)] == [card.id]
    with salon.session() as session:
        assert session.scalars(select(occasions.c.client_id)).all() == [card.id]


def test_two_cards_of_one_person_have_one_birthday_and_one_first_visit(salon: Harness) -> None:
    """What was told of the one that is gone is not told again, and its visits count."""
    salon.others.answers[CheckMerge] = lambda _: MergeCheck(())
    kept = salon.ask(clara())
    gone = salon.ask(clara(phones=(), birth_date=date(1990, 5, 12)))
    salon.deliver(completed(numbered(1), gone.id, local_date=date(2028, 9, 1)))
    salon.deliver(completed(numbered(2), kept.id, local_date=date(2029, 9, 1)))
    pass_by(salon, MORNING)
    salon.ask(MergeClients(kept.id, gone.id))
    pass_by(salon, MORNING)
    assert [(one.client_id, one.kind) for one in salon.announced(OccasionOpened)] == [(gone.id, "birthday")]
    pass_by(salon, MORNING + 30 * DAY)
    assert [(one.client_id, one.year) for one in salon.announced(OccasionClosed)] == [(kept.id, 2030)]
    (found,) = salon.ask(ListOccasions(date(2030, 9, 1), date(2030, 9, 30))).items
    assert (found.client_id, found.kind, found.years) == (kept.id, "anniversary", 2)
    pass_by(salon, datetime(2030, 9, 1, tzinfo=UTC))
    assert facts(salon)[-1] == ("OccasionOpened", "anniversary", 2030)
    assert salon.announced(OccasionOpened)[-1].client_id == kept.id


def test_many_are_told_of_in_parts(salon: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction takes some of them, and the next the others."""
    monkeypatch.setattr(told, "AT_ONCE", 2)
    for _ in range(5):
        salon.ask(clara(phones=(), birth_date=date(1990, 5, 17)))
    pass_by(salon, MORNING)
    assert len({one.client_id for one in salon.announced(OccasionOpened)}) == len(salon.announced(OccasionOpened)) == 5


def test_occasions_of_long_ago_are_forgotten(salon: Harness) -> None:
    salon.ask(clara(birth_date=date(1990, 5, 17)))
    pass_by(salon, MORNING)
    for days in (30, 371, 431):
        pass_by(salon, MORNING + days * DAY)
    with salon.session() as session:
        assert session.scalars(select(occasions.c.year)).all() == [2031]


# --- cards that are older than what birthdays are found by -----------------------------------------------------------


def test_birthdays_of_old_cards_are_entered(salon: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts, once; a part that was interrupted is done again, and a card that does not open stops nothing."""
    monkeypatch.setattr(told, "AT_ONCE", 2)
    cards = [salon.ask(clara(phones=(), birth_date=date(1990, 5, day))) for day in range(1, 6)]
    salon.ask(clara(phones=()))
    salon.ask(EraseClient(cards[0].id, 1))
    with salon.session() as session:
        session.execute(delete(birthdays))
        session.execute(update(clients).where(clients.c.id == cards[1].id).values(person=b"damaged"))
        session.execute(text("UPDATE birthdays_sought SET until = NULL, done = false"))
        session.commit()
    vault = salon.dispatcher.instance.vault
    with salon.session() as session:
        assert told.seek_birthdays(session, vault)  # and is interrupted before its commit
    salon.tick()
    period = ListOccasions(date(2030, 5, 1), date(2030, 5, 31))
    assert [one.client_id for one in salon.ask(period).items] == [card.id for card in cards[2:]]
    with salon.session() as session:
        assert session.scalar(select(birthdays_sought.c.done)) is True
        assert told.seek_birthdays(session, vault) is False
    assert len(salon.announced(ClientRegistered)) == 6
