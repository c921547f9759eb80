"""A client's own visits: whose they are, what is told of them, and moving one within the rules of the secret link."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from contracts.booking import (
    Appointment,
    BranchPolicy,
    CancelAppointment,
    ChangeAppointment,
    ChangeBranch,
    ListOwnAppointments,
    MoveOwnAppointment,
    OwnAppointment,
    ShowOwnAppointment,
)
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, NotFound
from services.auth.domain import CLIENT
from services.booking.tables import appointments
from tests.builders import CLARA, a_user
from tests.component.booking.page import DORA
from tests.component.booking.salon import Salon, roubles

ME = a_user(*CLIENT, client_id=CLARA, history_days=0, reveals_per_shift=0)
OTHER = a_user(*CLIENT, client_id=DORA)
NO_CARD = a_user(*CLIENT)


def mine(salon: Salon, caller: Caller = ME, *, past: bool = False) -> list[OwnAppointment]:
    return list(salon.ask(ListOwnAppointments(past), caller).items)


def a_visit(salon: Salon, clock: str = "12:00", days: int = 1) -> Appointment:
    return salon.book(starts=salon.at(clock, days), master=salon.anna)


def test_somebody_sees_the_visits_of_their_card_in_names(salon: Salon) -> None:
    """Of staff who have no card, and of others, none."""
    salon.loyalty_says(10)
    later, sooner = a_visit(salon, days=3), a_visit(salon)
    shown = mine(salon)
    assert [each.id for each in shown] == [sooner.id, later.id]
    first = shown[0]
    assert (first.segments[0].service, first.segments[0].master, first.branch.name) == ("Haircut", "Anna", "Arbat")
    assert (first.total, first.discount, first.due) == (roubles(250_000), roubles(25_000), roubles(225_000))
    assert first.can_change_until == first.starts
    assert mine(salon, OTHER) == mine(salon, NO_CARD) == []
    with salon.booking.session() as session:  # as an erasure leaves it
        session.execute(update(appointments).where(appointments.c.id == later.id).values(client_id=None))
        session.commit()
    assert mine(salon, NO_CARD) == []
    for caller, which in ((OTHER, sooner), (NO_CARD, later), (ME, later)):
        with pytest.raises(NotFound):
            salon.ask(ShowOwnAppointment(which.id), caller)


def test_what_was_cancelled_or_is_over_is_history(salon: Salon) -> None:
    over, ahead, off = salon.a_visit(), a_visit(salon, "14:00"), a_visit(salon, "16:00")
    salon.ask(CancelAppointment(off.id, "a cold"), ME)
    assert [each.id for each in mine(salon)] == [ahead.id]
    history = mine(salon, past=True)
    assert [(each.id, each.status, each.can_change_until) for each in history] == [
        (off.id, "cancelled", None),
        (over.id, "completed", None),
    ]
    assert history[0].cancelled_by == "client"


def test_both_lists_are_read_page_by_page(salon: Salon) -> None:
    made = [a_visit(salon, clock) for clock in ("10:00", "12:00", "14:00")]
    for past, wanted in ((False, made), (True, made[::-1])):
        if past:
            for each in made:
                salon.ask(CancelAppointment(each.id, "a cold"), ME)
        page = salon.ask(ListOwnAppointments(past, limit=2), ME)
        rest = salon.ask(ListOwnAppointments(past, limit=2, cursor=page.next), ME)
        assert [each.id for each in (*page.items, *rest.items)] == [each.id for each in wanted]
        assert rest.next is None


def test_somebody_moves_their_own_visit_and_nobody_elses(salon: Salon) -> None:
    """To what is free; the services, the master and the terms stay."""
    visit = a_visit(salon)
    salon.book(starts=salon.at("15:00"), master=salon.anna, client=DORA)
    moved = salon.ask(MoveOwnAppointment(visit.id, salon.at("17:00")), ME)
    assert (moved.starts, moved.segments[0].master) == (salon.at("17:00"), "Anna")
    with pytest.raises(Conflict, match="slot_taken"):
        salon.ask(MoveOwnAppointment(visit.id, salon.at("15:00")), ME)
    with pytest.raises(NotFound):
        salon.ask(MoveOwnAppointment(visit.id, salon.at("18:00")), OTHER)
    with pytest.raises(Forbidden):
        salon.ask(ChangeAppointment(visit.id, moved.version, starts=salon.at("18:00")), ME)


def test_after_the_cut_off_nobody_moves_by_themselves(salon: Salon) -> None:
    """And the list says so before anybody tries."""
    visit = a_visit(salon, days=2)
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=BranchPolicy(cancel_minutes=3 * 24 * 60)))
    assert mine(salon)[0].can_change_until is None
    for ask in (MoveOwnAppointment(visit.id, salon.at("12:00", 5)), CancelAppointment(visit.id, "a cold")):
        with pytest.raises(Conflict, match="too_late_to_change"):
            salon.ask(ask, ME)
    assert salon.show(visit).starts == visit.starts and visit.starts > salon.at("00:00", 0) + timedelta(days=1)
