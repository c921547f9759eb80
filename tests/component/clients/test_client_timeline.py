"""The timeline of a client: one order of everything, page by page, each kind for whom it is."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from contracts.booking import BranchZone, BranchZones, CheckMerge, CurrencyInUse, ListZones, MergeCheck, ShowCurrency
from contracts.clients import (
    AddConsentDocument,
    AddNote,
    ChangeClient,
    Client,
    CreateContactForm,
    EraseClient,
    GiveConsent,
    GivePerk,
    MergeClients,
    ShowTimeline,
    SubmitContactForm,
    TakeDeposit,
    TimelineEntry,
    WithdrawConsent,
)
from kernel.caller import Caller
from kernel.errors import Gone, Invalid, NotFound
from kernel.money import Money
from kernel.time import utc_now
from services.clients.tables import notes
from tests.builders import HERE, a_user, anna, boris
from tests.component.clients.conftest import PHONE, Start, clara, refused
from tests.facts import completed, numbered
from tests.harness import Harness

YESTERDAY = utc_now() - timedelta(days=1)
RIGHTS = ("clients.read", "client_notes.read", "client_changes.read", "consents.read", "visits.read")
ANNA = anna(*RIGHTS, marks=frozenset({"contacts", "health", "finance"}))


@pytest.fixture
def salon(start: Start) -> Harness:
    clients = start("clients")
    clients.others.answers[ListZones] = lambda _: BranchZones((BranchZone(HERE, "Europe/Moscow"),))
    return clients


@pytest.fixture
def card(salon: Harness) -> Client:
    """Clara, with one of each kind."""
    card = salon.ask(clara(home_branch_id=HERE))
    salon.ask(AddConsentDocument("photos", "Photos", "We may show them."))
    salon.deliver(completed(numbered(1), card.id, starts=YESTERDAY, local_date=YESTERDAY.date()))
    salon.ask(AddNote(card.id, "likes tea"))
    salon.ask(AddNote(card.id, "for the manager only", private=True))
    salon.ask(GivePerk(card.id, "a free coffee"))
    given = salon.ask(GiveConsent(card.id, "photos", 1, "desk"))
    salon.ask(WithdrawConsent(card.id, given.id, "desk", "thought better of it"))
    salon.ask(ChangeClient(card.id, 1, phones=("+79990000000",)))
    return salon.ask(ChangeClient(card.id, 2, comment="tea with mint"))


def read(salon: Harness, client_id: UUID, caller: Caller | None = None, limit: int = 200) -> list[TimelineEntry]:
    """All pages."""
    found: list[TimelineEntry] = []
    cursor = None
    while True:
        asked = ShowTimeline(client_id, limit=limit, cursor=cursor)
        page = salon.ask(asked, caller) if caller else salon.ask(asked)
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


def kinds(entries: list[TimelineEntry]) -> list[str]:
    return [each.kind for each in entries]


def test_everything_in_one_order(salon: Harness, card: Client) -> None:
    """Newest first, each with what it is; a visit stands at its beginning, by the clock of its branch."""
    told = read(salon, card.id)
    assert kinds(told) == [
        "change", "change", "withdrawal", "consent", "perk", "note", "note", "registered", "visit",
    ]  # fmt: skip
    assert [each.at for each in told] == sorted((each.at for each in told), reverse=True)
    assert [change.field for change in told[0].change.fields] == ["comment"]
    assert [change.field for change in told[1].change.fields] == ["phones"]
    assert told[2].consent.withdrawal.reason == "thought better of it"
    assert told[4].perk.text == "a free coffee"
    assert {each.note.text for each in told[5:7]} == {"likes tea", "for the manager only"}
    assert told[8].visit.appointment_id == numbered(1)
    assert told[8].at.utcoffset() == timedelta(hours=3)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(limit=st.integers(1, 10))
def test_pages_of_any_length_are_the_whole(salon: Harness, card: Client, limit: int) -> None:
    """Nothing twice and nothing left out, also where moments are equal."""
    with salon.session() as session:
        session.execute(update(notes).values(written_at=YESTERDAY))
        session.commit()
    assert read(salon, card.id, limit=limit) == read(salon, card.id)


def test_everybody_sees_what_their_rights_show(salon: Harness, card: Client) -> None:
    """Anna no private remark of somebody else; without the right to a kind it is not there; masks hold."""
    assert kinds(read(salon, card.id, ANNA)).count("note") == 1
    assert set(kinds(read(salon, card.id, anna("clients.read")))) == {"registered", "perk"}
    blind = read(salon, card.id, anna(*RIGHTS))
    assert PHONE not in str(blind)
    assert next(each for each in blind if each.visit).visit.price is None
    salon.ask(ChangeClient(card.id, 3, contraindications=("ammonia",)))
    for caller in (None, ANNA):
        assert "ammonia" not in str(read(salon, card.id, caller))
    refused(NotFound, "client_not_found", lambda: salon.ask(ShowTimeline(card.id), boris(*RIGHTS)))
    herself = a_user("clients.read.own", "visits.read.own", client_id=card.id)
    assert set(kinds(read(salon, card.id, herself))) == {"registered", "perk", "visit"}


def test_clients_see_all_of_their_own_past(salon: Harness, card: Client) -> None:
    """However little of others' their role shows."""
    herself = a_user("clients.read.own", "visits.read.own", client_id=card.id, history_days=0)
    assert set(kinds(read(salon, card.id, herself))) == {"registered", "perk", "visit"}
    assert salon.ask(ShowTimeline(card.id), herself).history_from is None


def test_how_far_back_somebody_sees_is_bounded_by_their_role(salon: Harness, card: Client) -> None:
    """What was before is not there, of whatever kind."""
    old = utc_now() - timedelta(days=40)
    salon.deliver(completed(numbered(2), card.id, starts=old, local_date=old.date()))
    assert kinds(read(salon, card.id, ANNA)).count("visit") == 2
    bounded = anna(*RIGHTS, history_days=30)
    assert kinds(read(salon, card.id, bounded)).count("visit") == 1
    assert salon.ask(ShowTimeline(card.id), bounded).history_from == utc_now().date() - timedelta(days=30)


def test_what_is_damaged_does_not_stop_the_timeline(salon: Harness, card: Client) -> None:
    with salon.session() as session:
        session.execute(update(notes).values(text=b"damaged"))
        session.commit()
    assert "note" not in kinds(read(salon, card.id, limit=2))
    assert len(read(salon, card.id, limit=2)) == 7


def test_money_enquiries_and_merges_are_on_it(salon: Harness, card: Client) -> None:
    """Each by its own right, those of the card that was merged too; phones that are counted stay shortened."""
    salon.others.answers[CheckMerge] = lambda _: MergeCheck(())
    salon.others.answers[ShowCurrency] = lambda _: CurrencyInUse("RUB")
    other = salon.ask(clara(phones=("+79995555555",), home_branch_id=HERE))
    salon.ask(TakeDeposit(other.id, Money(50_000, "RUB"), "cash"))
    salon.ask(MergeClients(card.id, other.id))
    form = salon.ask(CreateContactForm("Site", "site"))
    salon.ask(SubmitContactForm(form.key, "Клара", "+79995555555", message="Are you open?"), None)
    told = read(salon, card.id)
    (enquiry,) = [each.enquiry for each in told if each.kind == "enquiry"]
    (merge,) = [each.merge for each in told if each.kind == "merge"]
    assert (told[0].kind, enquiry.message, merge.merged_id) == ("enquiry", "Are you open?", other.id)
    (money,) = [each.money for each in told if each.kind == "money" and each.money.kind == "deposit"]
    assert money.amount == Money(50_000, "RUB")
    assert read(salon, card.id, limit=1) == told
    counted = anna(*RIGHTS, "enquiries.read", marks=ANNA.marks, reveals_per_shift=5)
    seen = read(salon, card.id, counted)
    assert "79995555555" not in str(seen)
    assert {"enquiry", "merge"} < set(kinds(seen))
    assert not {"enquiry", "money"} & set(kinds(read(salon, card.id, ANNA)))


def test_an_erased_person_has_no_timeline_and_a_wrong_cursor_is_refused(salon: Harness, card: Client) -> None:
    refused(Invalid, "cursor_invalid", lambda: salon.ask(ShowTimeline(card.id, cursor="nonsense")))
    salon.ask(EraseClient(card.id, card.version))
    refused(Gone, "client_erased", lambda: salon.ask(ShowTimeline(card.id)))


def test_a_visit_to_come_is_on_it(salon: Harness) -> None:
    card = salon.ask(clara())
    soon = datetime(2040, 5, 1, 10, tzinfo=UTC)
    salon.deliver(completed(numbered(3), card.id, starts=soon, local_date=date(2040, 5, 1)))
    assert kinds(read(salon, card.id)) == ["visit", "registered"]
