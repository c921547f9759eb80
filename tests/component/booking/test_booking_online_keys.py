"""What the secret key of an appointment opens, and until when."""

from datetime import timedelta

import pytest

from contracts.booking import (
    ArriveAppointment,
    BranchPolicy,
    ChangeBranch,
    ListAppointments,
    OnlineAppointment,
)
from kernel.errors import Conflict, Gone, Invalid, NotFound
from tests.builders import CLARA
from tests.component.booking.page import DORA, Page, somebody
from tests.component.booking.salon import Salon, overlaps, together


@pytest.fixture
def page(salon: Salon) -> Page:
    return Page(salon)


def test_an_unknown_key_opens_nothing(page: Page) -> None:
    page.book()
    for ask in (page.show, page.cancel, lambda key: page.move(key, page.salon.at("15:00"))):
        with pytest.raises(NotFound, match="appointment_not_found"):
            ask("x" * 43)


def test_a_key_holds_until_the_visit_is_over(page: Page) -> None:
    made = page.book()
    (kept,) = page.salon.ask(ListAppointments()).items
    page.salon.put_back(kept, 24 * 14)
    for ask in (page.show, page.cancel, lambda key: page.move(key, page.salon.at("15:00"))):
        with pytest.raises(Gone, match="appointment_over"):
            ask(made.key)


def test_a_key_moves_the_visit_to_a_time_that_is_free(page: Page) -> None:
    """The same services by the same master; the key stays the same."""
    salon = page.salon
    made = page.book(master=salon.anna)
    moved = page.move(made.key, salon.at("15:00"))
    assert moved.starts == salon.at("15:00")
    assert moved.segments[0].master == "Anna"
    assert page.show(made.key) == moved
    salon.book(salon.at("17:00"), master=salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken") as refused:
        page.move(made.key, salon.at("17:00"))
    assert {each["master_ids"][0] for each in refused.value.details["alternatives"]} == {str(salon.anna.id)}
    salon.book(salon.at("19:00"), master=salon.olga, client=CLARA)
    with pytest.raises(Conflict, match="slot_taken"):
        page.move(made.key, salon.at("19:00"))
    for starts, code in ((salon.at("12:00", -1), "slot_in_past"), (salon.at("12:00", 200), "outside_horizon")):
        with pytest.raises(Invalid, match=code):
            page.move(made.key, starts)
    assert page.move(made.key, salon.at("15:00")) == moved


def test_a_key_cancels_the_visit(page: Page) -> None:
    made = page.book(master=page.salon.anna)
    assert page.cancel(made.key, reason="a cold").status == "cancelled"
    (kept,) = page.salon.ask(ListAppointments()).items
    assert (kept.cancelled_by, kept.reason) == ("client", "a cold")
    assert page.show(made.key).status == "cancelled"
    for ask in (page.cancel, lambda key: page.move(key, page.salon.at("15:00"))):
        with pytest.raises(Conflict, match="wrong_status"):
            ask(made.key)
    assert page.salon.book(master=page.salon.anna, client=DORA).status == "booked"


def test_after_the_cut_off_only_staff_change_it(page: Page) -> None:
    """The refusal says until when it could have been changed, as the appointment did."""
    salon = page.salon
    made = page.book(salon.at("12:00", 2))
    assert made.can_change_until == made.starts
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=BranchPolicy(cancel_minutes=3 * 24 * 60)))
    shown = page.show(made.key)
    assert shown.can_change_until == made.starts - timedelta(days=3)
    for ask in (page.cancel, lambda key: page.move(key, salon.at("15:00", 4))):
        with pytest.raises(Conflict, match="too_late_to_change") as refused:
            ask(made.key)
        assert refused.value.details["can_change_until"] == shown.can_change_until.isoformat()


def test_who_has_come_changes_nothing(page: Page) -> None:
    page.book(page.salon.at("20:00", 0))
    made = page.book(page.salon.at("18:00", 0), contact=somebody(1))
    kept = next(each for each in page.salon.ask(ListAppointments()).items if each.client_id != CLARA)
    page.salon.ask(ArriveAppointment(kept.id))
    with pytest.raises(Conflict, match="wrong_status"):
        page.cancel(made.key)


def test_a_moved_and_a_cancelled_time_are_free_at_once(page: Page) -> None:
    """Moving and booking race for one time: one of them gets it."""
    salon = page.salon
    made = page.book(master=salon.anna)

    def attempt(number: int) -> object:
        if number == 0:
            return page.move(made.key, salon.at("15:00"))
        return page.book(salon.at("15:00"), contact=somebody(number), master=salon.anna)

    outcomes = together(10, attempt)
    assert sum(isinstance(each, OnlineAppointment) for each in outcomes) == 1
    assert overlaps(salon) == 0
