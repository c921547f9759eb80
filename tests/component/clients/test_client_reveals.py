"""Contacts are shortened in lists, and shown whole once they are counted and told to the journal."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from chassis.database import new_id
from contracts.clients import (
    ChangeClient,
    ChangeEnquiry,
    Client,
    CreateContactForm,
    EraseClient,
    ListClientChanges,
    ListClients,
    ListEnquiries,
    OpenClient,
    PersonalDataHandled,
    RevealClient,
    SearchClients,
    ShowClient,
    ShowEnquiry,
    SubmitContactForm,
)
from kernel.caller import Caller
from kernel.errors import Forbidden, Gone, Invalid, NotFound, Stale, Throttled
from kernel.time import utc_now
from services.clients.tables import openings, reveal_shifts
from tests.builders import HERE, OWNER, a_user, anna, boris
from tests.component.clients.conftest import PHONE, Start, clara, refused
from tests.harness import Harness

WORDS = ("clients.create", "clients.read", "clients.edit", "clients.delete", "clients.reveal", "client_changes.read")
ANNA = anna(*WORDS, marks=frozenset({"contacts", "health"}), reveals_per_shift=2)
MASKED = "+7 ••• •••-45-67"
EMAIL = "clara@example.org"


def register(salon: Harness, **said: object) -> Client:
    return salon.ask(clara(**{"email": EMAIL, "home_branch_id": HERE} | said))


def several(salon: Harness, number: int) -> list[UUID]:
    return [register(salon, phones=(f"+7916000{index:04}",), email=None).id for index in range(number)]


def told(salon: Harness) -> list[tuple[str, UUID | None, UUID | None]]:
    """What the journal hears."""
    return [(one.action, one.actor_id, one.subject_id) for one in salon.announced(PersonalDataHandled)]


def end_shift(salon: Harness, of: Caller = ANNA) -> None:
    """As if twelve hours had passed."""
    with salon.session() as session:
        for table, column in ((reveal_shifts, reveal_shifts.c.started_at), (openings, openings.c.shift_at)):
            before = {column.name: column - text("interval '13 hours'")}
            session.execute(update(table).where(table.c.user_id == of.id).values(before))
        session.commit()


# --- lists -----------------------------------------------------------------------------------------------------------


def test_lists_and_searches_show_shortened_contacts_to_whoever_has_a_budget(salon: Harness) -> None:
    """The last four digits find the card as before; without a bound contacts are whole."""
    card = register(salon)
    for page in (ListClients(), ListClients(q="Клара"), SearchClients("4567"), SearchClients(PHONE)):
        (shown,) = salon.ask(page, ANNA).items
        assert (shown.phones, shown.email, shown.contacts_masked) == ((MASKED,), "c•••@example.org", True)
        (whole,) = salon.ask(page, OWNER).items
        assert (whole.phones, whole.email, whole.contacts_masked) == ((PHONE,), EMAIL, False)
    assert told(salon) == []
    assert salon.ask(ShowClient(card.id), ANNA).phones == (MASKED,)
    (hidden,) = salon.ask(ListClients(), a_user("clients.read", everywhere=True, reveals_per_shift=5)).items
    assert (hidden.phones, hidden.email) == (("•••",), "•••")


def test_a_list_does_not_tell_of_health(salon: Harness) -> None:
    """That there is something, not what: the card tells it, and the journal who read it."""
    register(salon, contraindications=("ammonia", "latex"))
    for caller in (ANNA, OWNER):
        (shown,) = salon.ask(ListClients(), caller).items
        assert shown.contraindications == ("•••", "•••")


def test_a_shortened_value_is_never_stored(salon: Harness) -> None:
    """Neither a phone nor an e-mail as a list showed it."""
    card = register(salon)
    for said in ({"phones": (MASKED,)}, {"email": "c•••@example.org"}):
        change = ChangeClient(card.id, 1, **said)
        refused(Invalid, "masked_value", lambda asked=change: salon.ask(asked, ANNA))
    refused(Invalid, "masked_value", lambda: salon.ask(clara(phones=(MASKED,)), ANNA))


# --- revealing -------------------------------------------------------------------------------------------------------


def test_a_reveal_is_counted_once_in_a_shift_and_told_to_the_journal(salon: Harness) -> None:
    """When the roles allow no more, it says when the next shift begins."""
    first, second, third = several(salon, 3)
    shown = salon.ask(RevealClient(first), ANNA)
    assert (shown.phones, shown.email, shown.left) == (("+79160000000",), None, 1)
    assert salon.ask(RevealClient(first), ANNA).left == 1
    assert salon.ask(RevealClient(second), ANNA).left == 0
    assert told(salon) == [("client.revealed", ANNA.id, first), ("client.revealed", ANNA.id, second)]
    refusal = refused(Throttled, "reveal_budget_spent", lambda: salon.ask(RevealClient(third), ANNA))
    assert 12 * 3600 - 60 < refusal.details["retry_after"] <= 12 * 3600
    assert salon.ask(RevealClient(first), ANNA).phones == ("+79160000000",)
    assert len(told(salon)) == 2
    end_shift(salon)
    assert salon.ask(RevealClient(third), ANNA).left == 1
    assert salon.ask(RevealClient(first), ANNA).left == 0
    assert len(told(salon)) == 4


def test_a_repeated_reveal_gets_the_same_answer_until_the_person_is_erased(salon: Harness) -> None:
    """Whoever lost the answer asks with the same key; nothing of it stays after the person."""
    (card_id,) = several(salon, 1)
    first = salon.answer(RevealClient(card_id), ANNA, key="once")
    again = salon.answer(RevealClient(card_id), ANNA, key="once")
    assert (again.replay, bytes(again.ok)) == (True, bytes(first.ok))
    salon.ask(EraseClient(card_id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(RevealClient(card_id), ANNA, key="once"))


def test_who_may_reveal(salon: Harness) -> None:
    """It takes the right, the mark and the branch of the card; who has no bound is told to the journal all the same."""
    card = register(salon)
    refused(Forbidden, "permission_missing", lambda: salon.ask(RevealClient(card.id), anna("clients.read")))
    refused(Forbidden, "mark_missing", lambda: salon.ask(RevealClient(card.id), anna("clients.reveal")))
    stranger = boris("clients.reveal", marks=frozenset({"contacts"}))
    refused(NotFound, "client_not_found", lambda: salon.ask(RevealClient(card.id), stranger))
    assert salon.ask(RevealClient(card.id)).left is None
    assert told(salon) == [("client.revealed", OWNER.id, card.id)]


def test_opening_a_card_is_a_reveal(salon: Harness) -> None:
    """The first in a shift counts; once the budget is spent the card still answers, shortened."""
    first, second, third = several(salon, 3)
    for card_id in (first, first, second):
        card = salon.ask(OpenClient(card_id), ANNA)
        assert (card.phones[0][:8], card.contacts_masked) == ("+7916000", False)
    spent = salon.ask(OpenClient(third), ANNA)
    assert (spent.phones, spent.contacts_masked) == (("+7 ••• •••-00-02",), True)
    refused(Throttled, "reveal_budget_spent", lambda: salon.ask(RevealClient(third), ANNA))
    assert salon.ask(RevealClient(first), ANNA).phones == ("+79160000000",)
    assert told(salon) == [("client.revealed", ANNA.id, first), ("client.revealed", ANNA.id, second)]
    wider = replace(ANNA, reveals_per_shift=3)
    assert salon.ask(OpenClient(third), wider).phones == ("+79160000002",)
    narrower = replace(ANNA, reveals_per_shift=1)
    assert salon.ask(OpenClient(third), narrower).contacts_masked is False  # it was revealed in this shift


def test_a_card_without_contacts_costs_nothing(salon: Harness) -> None:
    """Nor does one's own, nor that of somebody who may not see contacts anyway."""
    empty = register(salon, phones=(), email=None)
    card = register(salon)
    assert salon.ask(OpenClient(empty.id), ANNA).contacts_masked is False
    herself = a_user("clients.read.own", client_id=card.id, marks=frozenset({"contacts"}), reveals_per_shift=0)
    assert salon.ask(OpenClient(card.id), herself).phones == (PHONE,)
    assert salon.ask(OpenClient(card.id), anna("clients.read", reveals_per_shift=5)).phones == ("•••",)
    assert told(salon) == []
    assert salon.ask(RevealClient(card.id), ANNA).left == 1


@pytest.mark.parametrize("budget", [5, 0])
def test_twenty_at_once_cannot_pass_the_budget(salon: Harness, budget: int) -> None:
    """Each on a connection of its own, every second of them by opening the card."""
    ids = several(salon, 20)
    caller = replace(ANNA, reveals_per_shift=budget)
    shown: list[bool] = []

    def ask(place: int) -> None:
        if place % 2:
            shown.append(not salon.ask(OpenClient(ids[place]), caller).contacts_masked)
        else:
            answer = salon.answer(RevealClient(ids[place]), caller)
            assert answer.error is None or answer.error.code == "reveal_budget_spent"
            shown.append(answer.error is None)

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(shown), sum(shown)) == (20, budget)
    assert len(told(salon)) == budget
    with salon.session() as session:
        kept = session.execute(select(func.count()).where(openings.c.user_id == caller.id, openings.c.contacts))
        assert kept.scalar_one() == budget


def test_one_card_opened_many_times_at_once_counts_once(salon: Harness) -> None:
    """And is told once."""
    (card_id,) = several(salon, 1)
    threads = [threading.Thread(target=salon.ask, args=(OpenClient(card_id), ANNA)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(salon) == [("client.revealed", ANNA.id, card_id)]
    assert salon.ask(RevealClient(card_id), ANNA).left == 1


def test_what_is_written_on_a_site_is_shortened_until_the_card_is_revealed(salon: Harness) -> None:
    """In the list always: the e-mail may be another one than the card has, so the enquiry alone shows it whole then."""
    form = salon.ask(CreateContactForm("Landing page", "site", branch_id=HERE))
    salon.ask(SubmitContactForm(form.key, "Клара", "8 916 123-45-67", email=EMAIL), None)
    desk = replace(ANNA, permissions=ANNA.permissions | {"enquiries.read", "enquiries.edit"})
    (listed,) = salon.ask(ListEnquiries(), desk).items
    assert (listed.phone, listed.email, listed.contacts_masked) == (MASKED, "c•••@example.org", True)
    assert salon.ask(ShowEnquiry(listed.id), desk) == listed
    assert salon.ask(ChangeEnquiry(listed.id, 1, "done"), desk).phone == MASKED
    salon.ask(RevealClient(listed.client_id), desk)
    shown = salon.ask(ShowEnquiry(listed.id), desk)
    assert (shown.phone, shown.email, shown.contacts_masked) == (PHONE, EMAIL, False)
    assert salon.ask(ListEnquiries(), desk).items[0].phone == MASKED
    assert salon.ask(ListEnquiries()).items[0].phone == PHONE


# --- writing ---------------------------------------------------------------------------------------------------------


def test_whoever_writes_sees_what_they_typed(salon: Harness) -> None:
    """A new card is theirs to open for nothing; of another one they see what they said, and no more."""
    own = salon.ask(clara(email=EMAIL), ANNA)
    assert (own.phones, own.email, own.contacts_masked) == ((PHONE,), EMAIL, False)
    assert salon.ask(OpenClient(own.id), ANNA).phones == (PHONE,)
    (card_id,) = several(salon, 1)
    changed = salon.ask(ChangeClient(card_id, 1, email="new@example.org"), ANNA)
    assert (changed.phones, changed.email, changed.contacts_masked) == (("+7 ••• •••-00-00",), "new@example.org", True)
    changed = salon.ask(ChangeClient(card_id, 2, comment="x"), ANNA)
    assert (changed.email, changed.contacts_masked) == ("n•••@example.org", True)
    assert told(salon) == []
    salon.ask(OpenClient(card_id), ANNA)
    assert salon.ask(ChangeClient(card_id, 3, comment="y"), ANNA).phones == ("+79160000000",)
    assert told(salon) == [("client.revealed", ANNA.id, card_id)]


def test_the_history_and_the_three_versions_show_no_more_than_the_card(salon: Harness) -> None:
    """Until it is revealed; and then earlier phones, too."""
    card = register(salon, contraindications=("ammonia",))
    salon.ask(ChangeClient(card.id, 1, phones=("+79990000000",), contraindications=()))
    late = ChangeClient(card.id, 1, comment="second")
    versions = refused(Stale, "version_stale", lambda: salon.ask(late, ANNA)).details
    assert (versions["current"]["phones"], versions["original"]["phones"]) == (["+7 ••• •••-00-00"], [MASKED])
    (change,) = salon.ask(ListClientChanges(card.id), ANNA).items
    assert {part.field: (part.before, part.after) for part in change.fields}["phones"] == (
        [MASKED],
        ["+7 ••• •••-00-00"],
    )
    salon.ask(RevealClient(card.id), ANNA)
    versions = refused(Stale, "version_stale", lambda: salon.ask(late, ANNA)).details
    assert (versions["current"]["phones"], versions["original"]["phones"]) == (["+79990000000"], [PHONE])
    (change,) = salon.ask(ListClientChanges(card.id), ANNA).items
    assert {part.field: part.before for part in change.fields}["phones"] == [PHONE]
    assert ("client.health_read", ANNA.id, card.id) in told(salon)


# --- health ----------------------------------------------------------------------------------------------------------


def test_reading_of_health_is_told_once_in_a_shift(salon: Harness) -> None:
    """Of those who have the mark, on cards that say something."""
    card = register(salon, contraindications=("ammonia",), phones=(), email=None)
    silent = register(salon, phones=(), email=None)
    for caller in (ANNA, ANNA, OWNER, anna("clients.read")):
        salon.ask(OpenClient(card.id), caller)
        salon.ask(OpenClient(silent.id), caller)
    read = "client.health_read"
    assert told(salon) == [(read, ANNA.id, card.id), (read, OWNER.id, card.id)]
    end_shift(salon)
    assert salon.ask(OpenClient(card.id), ANNA).contraindications == ("ammonia",)
    assert told(salon)[2:] == [(read, ANNA.id, card.id)]


def test_the_history_tells_who_read_of_health_in_it(salon: Harness) -> None:
    """Though the card says nothing of it any more."""
    card = register(salon, contraindications=("ammonia",), phones=(), email=None)
    salon.ask(ChangeClient(card.id, 1, contraindications=()), OWNER)
    before = len(told(salon))
    salon.ask(ListClientChanges(card.id), anna("client_changes.read"))
    assert len(told(salon)) == before
    salon.ask(ListClientChanges(card.id), ANNA)
    assert told(salon)[before:] == [("client.health_read", ANNA.id, card.id)]


# --- too many at once ------------------------------------------------------------------------------------------------


def test_more_cards_than_a_days_work_asks_for_are_told_once_an_hour(start: Start) -> None:
    """Whoever opens them, with a bound or without; the same card again is not another one."""
    salon = start("clients", mass_reads_per_hour=3)
    ids = several(salon, 6)
    for card_id in (*ids[:3], *ids[:3]):
        salon.ask(OpenClient(card_id), OWNER)
    assert "client.mass_reads" not in {action for action, _, _ in told(salon)}
    for card_id in ids[3:]:
        salon.ask(OpenClient(card_id), OWNER)
    (warned,) = [one for one in salon.announced(PersonalDataHandled) if one.action == "client.mass_reads"]
    assert (warned.subject_kind, warned.subject_id, warned.actor_id) == ("user", OWNER.id, OWNER.id)
    assert warned.details == {"cards": ("4",)}
    later = {"warned_at": utc_now() - timedelta(hours=2)}
    with salon.session() as session:
        session.execute(update(reveal_shifts).values(later))
        session.commit()
    salon.ask(OpenClient(register(salon, phones=(), email=None).id), OWNER)
    assert [action for action, _, _ in told(salon)].count("client.mass_reads") == 2


# --- forgetting ------------------------------------------------------------------------------------------------------


def test_openings_go_with_the_person_and_with_time(salon: Harness) -> None:
    """What was told stays in the journal."""
    card, other = register(salon), register(salon, phones=(), email=None)
    for card_id in (card.id, other.id):
        salon.ask(OpenClient(card_id), ANNA)
    salon.ask(EraseClient(card.id, 1))
    with salon.session() as session:
        assert session.scalars(select(openings.c.client_id)).all() == [other.id]
        session.execute(update(openings).values(shift_at=utc_now() - timedelta(days=3)))
        session.commit()
    salon.tick()
    with salon.session() as session:
        assert session.scalars(select(openings.c.client_id)).all() == []
    refused(NotFound, "client_not_found", lambda: salon.ask(RevealClient(new_id()), ANNA))
