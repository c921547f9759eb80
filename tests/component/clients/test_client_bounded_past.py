"""How far back whoever is bound by their roles sees what became of a client."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text, update

from contracts.booking import BranchZone, BranchZones, ListZones
from contracts.clients import (
    AddNote,
    ChangeClient,
    Client,
    ExportClient,
    ListAccountEntries,
    ListClientChanges,
    ListNotes,
    ShowAccountEntry,
    ShowClientRevenue,
    ShowHabits,
    ShowNote,
    ShowVisitHistory,
    TakeDeposit,
)
from kernel.errors import NotFound
from kernel.money import Money
from services.clients.tables import account_entries, card_versions, notes
from tests.builders import HERE, OWNER, a_user
from tests.component.clients.conftest import Start, clara, refused
from tests.component.clients.test_client_export import ELSEWHERE
from tests.facts import completed, line, numbered
from tests.harness import Harness

BOUND = replace(OWNER, history_days=30)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def today() -> date:
    return datetime.now(UTC).date()


def on(day: date) -> dict[str, object]:
    starts = datetime.combine(day, time(12), UTC)
    return {"local_date": day, "starts": starts, "ends": starts + timedelta(hours=1)}


@pytest.fixture
def salon(start: Start) -> Harness:
    clients = start("clients")
    for ask, held in ELSEWHERE.items():  # whoever exports a person asks everybody
        clients.others.answers[ask] = lambda _, held=held: held
    clients.others.answers[ListZones] = lambda _: BranchZones((BranchZone(HERE, "Europe/Moscow"),))
    return clients


@pytest.fixture
def card(salon: Harness) -> Client:
    """Three visits of long ago, and one of ten days ago."""
    made = salon.ask(clara())
    old = [completed(numbered(n), made.id, line(100_000), **on(today() - timedelta(400 + n))) for n in range(3)]
    salon.deliver(*old, completed(numbered(9), made.id, line(50_000), **on(today() - timedelta(10))))
    return made


def test_visits_and_what_they_add_up_to_begin_where_the_caller_may_look(salon: Harness, card: Client) -> None:
    """Sums that counted more would tell of what is hidden."""
    since = today() - timedelta(30)
    history = salon.ask(ShowVisitHistory(card.id), BOUND)
    assert ([one.date for one in history.items], history.history_from) == ([today() - timedelta(10)], since)
    assert (history.totals.visits, history.totals.revenue) == (1, Money(50_000, "RUB"))
    asked_for_more = ShowVisitHistory(card.id, from_=date(2000, 1, 1))
    assert salon.ask(asked_for_more, BOUND).totals.visits == 1
    revenue = salon.ask(ShowClientRevenue(card.id), BOUND)
    assert (len(revenue.rows), revenue.totals.visits, revenue.history_from) == (1, 1, since)
    habits = salon.ask(ShowHabits(card.id), BOUND)
    assert (habits.visits, habits.history_from) == (1, since)


def test_who_is_not_bound_sees_all(salon: Harness, card: Client) -> None:
    """So does a client of their own, and whoever exports the person."""
    herself = a_user("visits.read.own", client_id=card.id, history_days=0)
    for caller in (OWNER, herself):
        history = salon.ask(ShowVisitHistory(card.id), caller)
        assert (history.totals.visits, history.history_from) == (4, None)
    assert len(salon.ask(ExportClient(card.id), BOUND).visits) == 4


def test_notes_begin_where_the_caller_may_look(salon: Harness, card: Client) -> None:
    """One by one, too."""
    old, young = (salon.ask(AddNote(card.id, text)).id for text in ("old", "young"))
    with salon.session() as session:
        session.execute(update(notes).where(notes.c.id == old).values(written_at=LONG_AGO))
        session.commit()
    page = salon.ask(ListNotes(card.id), BOUND)
    assert ([one.id for one in page.items], page.history_from) == ([young], today() - timedelta(30))
    refused(NotFound, "note_not_found", lambda: salon.ask(ShowNote(card.id, old), BOUND))
    assert salon.ask(ShowNote(card.id, young), BOUND).text == "young"
    assert len(salon.ask(ListNotes(card.id)).items) == 2


def test_entries_of_an_account_begin_where_the_caller_may_look(salon: Harness, card: Client) -> None:
    """One by one, too; what stands on the account in all stays true."""
    old, young = (salon.ask(TakeDeposit(card.id, Money(amount, "RUB"), "cash")).id for amount in (1_000, 500))
    with salon.session() as session:
        session.execute(text("ALTER TABLE account_entries DISABLE TRIGGER USER"))  # or nobody changes what was entered
        first = account_entries.c.number == 1
        session.execute(update(account_entries).where(first).values(at=LONG_AGO))
        session.commit()
    page = salon.ask(ListAccountEntries(card.id), BOUND)
    assert ([one.amount.amount for one in page.items], page.history_from) == ([500], today() - timedelta(30))
    assert page.items[0].balance == Money(1_500, "RUB")
    refused(NotFound, "entry_not_found", lambda: salon.ask(ShowAccountEntry(card.id, old), BOUND))
    assert salon.ask(ShowAccountEntry(card.id, young), BOUND) == page.items[0]
    assert len(salon.ask(ListAccountEntries(card.id)).items) == 2


def test_changes_begin_where_the_caller_may_look(salon: Harness, card: Client) -> None:
    """What a younger change changed is told whole."""
    salon.ask(ChangeClient(card.id, 1, comment="one"))
    salon.ask(ChangeClient(card.id, 2, comment="two"))
    with salon.session() as session:
        session.execute(update(card_versions).where(card_versions.c.version == 1).values(changed_at=LONG_AGO))
        session.commit()
    page = salon.ask(ListClientChanges(card.id), BOUND)
    assert [(one.version, one.fields[0].before) for one in page.items] == [(3, "one")]
    assert page.history_from == today() - timedelta(30)
    assert len(salon.ask(ListClientChanges(card.id)).items) == 2
