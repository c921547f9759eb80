"""Booking without an account, with a key of one's own, codes of promotions, and a phone that a code has confirmed."""

from dataclasses import replace

import pytest

from contracts.auth import CheckConfirmation, CheckedConfirmation
from contracts.booking import BranchPolicy, ChangeBranch, ListAppointments, ShowOnlineSalon
from contracts.clients import CheckContact, TakeContact
from contracts.loyalty import QuoteVisit
from kernel.errors import Conflict, Invalid
from tests.builders import CLARA, OWNER
from tests.component.booking.page import CONTACT, Page, somebody
from tests.component.booking.salon import Salon, together

MINE = "k" * 43
CONFIRMATION = "c" * 43


@pytest.fixture
def page(salon: Salon) -> Page:
    return Page(salon)


@pytest.fixture
def strict(page: Page) -> Page:
    """A page of a branch that wants phones confirmed; the confirmation of Clara's is good."""
    salon = page.salon
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=BranchPolicy(confirm_phone=True)))
    salon.booking.others.answers[CheckConfirmation] = lambda asked: CheckedConfirmation(
        (asked.confirmation, asked.phone) == (CONFIRMATION, CONTACT.phone)
    )
    return page


def asked_of(page: Page, kind: type) -> list:
    return [each for each in page.salon.booking.others.asked if isinstance(each, kind)]


def test_sent_again_with_the_same_key_it_is_the_same_appointment(page: Page) -> None:
    """Whose answer was lost on the way finds what they booked; nobody is asked for a card again."""
    made = page.book(key=MINE)
    assert made.key == MINE
    asked = len(asked_of(page, CheckContact))
    assert page.book(key=MINE) == made
    assert page.book(page.salon.at("16:00"), somebody(3), key=MINE) == made
    assert len(asked_of(page, CheckContact)) == asked
    assert len(page.salon.ask(ListAppointments()).items) == 1
    assert page.show(MINE) == replace(made, key=None)


def test_sent_twice_at_once_it_is_booked_once(page: Page) -> None:
    """Either is answered with the appointment, or told that the time is taken and finds it by the key."""
    answers = together(2, lambda _: page.book(key=MINE))
    assert all(not isinstance(answer, Exception) or isinstance(answer, Conflict) for answer in answers)
    assert len(page.salon.ask(ListAppointments()).items) == 1
    assert page.show(MINE).status == "booked"


def test_codes_are_kept_without_a_word_of_what_they_give(page: Page) -> None:
    """Loyalty is not asked about them, so no answer can tell of the card."""
    page.book(codes=("SPRING", "spring", "nonsense"))
    (kept,) = page.salon.ask(ListAppointments()).items
    assert kept.verdict.codes == ("SPRING", "nonsense")
    assert [each.codes for each in asked_of(page, QuoteVisit)] == [()]


def test_who_invited_them_is_told_to_clients_with_the_new_card(page: Page) -> None:
    page.book(contact=somebody(1), invited_by=CLARA)
    (taken,) = asked_of(page, TakeContact)
    assert (taken.invited_by, taken.channel) == (CLARA, "online")


def test_a_branch_says_that_it_wants_phones_confirmed(strict: Page) -> None:
    (branch,) = strict.salon.ask(ShowOnlineSalon(), None).branches
    assert branch.confirm_phone is True


def test_without_a_good_confirmation_nothing_is_booked_and_no_card_made(strict: Page) -> None:
    for contact, confirmation, code in (
        (CONTACT, None, "confirmation_missing"),
        (CONTACT, "x" * 43, "confirmation_refused"),
        (somebody(1), CONFIRMATION, "confirmation_refused"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            strict.book(contact=contact, confirmation=confirmation)
        assert set(refused.value.details["errors"]) == {"confirmation"}
    assert asked_of(strict, TakeContact) == []
    assert strict.salon.ask(ListAppointments()).items == ()


def test_a_confirmed_phone_books_for_staff_as_for_everybody(strict: Page) -> None:
    assert strict.book(confirmation=CONFIRMATION).status == "booked"
    with pytest.raises(Invalid, match="confirmation_missing"):
        strict.book(strict.salon.at("15:00"), caller=OWNER)


def test_a_repetition_needs_no_confirmation_any_more(strict: Page) -> None:
    made = strict.book(key=MINE, confirmation=CONFIRMATION)
    assert strict.book(key=MINE, confirmation="x" * 43) == made


def test_where_none_is_wanted_a_false_one_is_refused_all_the_same(page: Page) -> None:
    page.salon.booking.others.answers[CheckConfirmation] = lambda _: CheckedConfirmation(confirmed=False)
    with pytest.raises(Invalid, match="confirmation_refused"):
        page.book(confirmation=CONFIRMATION)
