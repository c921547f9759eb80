"""Suggestions for a known client, over a real database."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from contracts.booking import (
    Appointment,
    BookAppointment,
    BranchPrice,
    CancelAppointment,
    ChangeMaster,
    ChangeService,
    CompleteAppointment,
    CreateGroupEvent,
    SuggestedSlot,
    Suggestions,
    SuggestVisit,
    WantedSegment,
)
from contracts.clients import CheckClient, ClientStanding, ConvenientTime
from kernel.errors import Forbidden, Invalid, NotFound, Unavailable
from services.booking.tables import appointments
from tests.builders import CLARA, HERE, OWNER, a_user, boris
from tests.component.booking.salon import Salon, roubles


def suggest(salon: Salon, *services: UUID, caller: object = OWNER, **said: object) -> Suggestions:
    request = SuggestVisit(**({"branch_id": salon.branch.id, "client_id": CLARA, "service_id": services} | said))  # type: ignore[arg-type]
    return salon.ask(request, caller)  # type: ignore[arg-type]


def prefers(salon: Salon, **said: object) -> None:
    salon.booking.others.answers[CheckClient] = lambda request: ClientStanding(request.id, "active", **said)  # type: ignore[arg-type]


def a_past_visit(salon: Salon, days: int, clock: str = "12:00", **more: object) -> Appointment:
    """A completed visit so many days ago."""
    visit = salon.a_visit() if not more else complete(salon, **more)
    then = datetime.combine(salon.today - timedelta(days=days), time.fromisoformat(clock), salon.tz)
    moved = {"starts": then, "ends": then + (visit.ends - visit.starts), "local_date": then.date()}
    with salon.booking.session() as session:
        session.execute(update(appointments).where(appointments.c.id == visit.id).values(moved))
        session.execute(text("DELETE FROM busy WHERE appointment_id = :id"), {"id": visit.id})
        session.commit()
    return visit


def complete(salon: Salon, **more: object) -> Appointment:
    services = more.pop("services", ())
    return salon.ask(CompleteAppointment(salon.book(salon.at("12:00", 0), *services, **more).id))  # type: ignore[misc, arg-type]


# --- masters and what they had ---------------------------------------------------------------------------------------


def test_a_new_client_is_offered_what_is_asked_for(salon: Salon) -> None:
    """Nothing is known of them; without a service there is nothing to offer."""
    said = suggest(salon, salon.haircut.id)
    assert (said.masters, said.last_visit, said.next_visits) == ((), None, ())
    assert said.slots
    assert suggest(salon).slots == ()


def test_the_favourite_comes_first_then_whom_they_use_to_come_to(salon: Salon) -> None:
    """Those who have left are not suggested."""
    vera = salon.a_master("Vera", salon.haircut.id)
    salon.works(vera)
    for master, times in ((salon.olga, 2), (vera, 1)):
        for n in range(times):
            a_past_visit(salon, 10 + n, master=master)
    prefers(salon, favourite_master_id=salon.anna.id)
    found = [(one.master_id, one.why, one.visits) for one in suggest(salon).masters]
    assert found == [(salon.anna.id, "favourite", 0), (salon.olga.id, "usual", 2), (vera.id, "usual", 1)]
    salon.ask(ChangeMaster(vera.id, vera.version, active=False))
    assert [one.master_id for one in suggest(salon).masters] == [salon.anna.id, salon.olga.id]


def test_only_visits_to_ones_own_branches_are_told(salon: Salon) -> None:
    """Boris of the other branch knows the client as one who was never there."""
    visit = a_past_visit(salon, 30, master=salon.anna)
    other = salon.a_branch("Sokol", salon.branch.time_zone)
    salon.works(salon.anna, days=[20], branch=other)
    prefers(salon, home_branch_id=other.id)
    boris_there = boris("appointments.create", branch_ids=frozenset({other.id}))
    said = suggest(salon, caller=boris_there, branch_id=other.id)
    assert (said.masters, said.last_visit, said.next_visits, said.slots) == ((), None, (), ())
    for caller in (OWNER, boris("appointments.create", branch_ids=frozenset({other.id, salon.branch.id}))):
        last = suggest(salon, caller=caller, branch_id=other.id).last_visit
        assert last is not None
        assert last.appointment_id == visit.id


def test_what_they_had_last_comes_at_todays_prices(salon: Salon) -> None:
    """With the master, if they are still there; of a visit that was cancelled nothing is told."""
    visit = a_past_visit(salon, 30, master=salon.anna)
    a_past_visit(salon, 40, master=salon.olga)
    salon.ask(CancelAppointment(salon.book(salon.at("15:00")).id, "ill"))
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, price=roubles(300_000)))
    last = suggest(salon).last_visit
    assert last is not None
    assert last.appointment_id == visit.id
    assert [(part.service_id, part.master_id, part.price) for part in last.segments] == [
        (salon.haircut.id, salon.anna.id, roubles(300_000))
    ]
    assert last.total == roubles(300_000)
    wanted = tuple(WantedSegment(part.service_id, part.master_id) for part in last.segments)
    again = salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), wanted))
    assert again.total == last.total


def test_what_is_not_offered_any_more_is_left_out(salon: Salon) -> None:
    """A service that was closed, one that this branch does not have, a master who does not render it now."""
    brows = salon.a_service("Brows", 30, 90_000)
    anna = salon.ask(ChangeMaster(salon.anna.id, 1, service_ids=(salon.haircut.id, brows.id)))
    a_past_visit(salon, 5, services=(salon.haircut, brows), master=salon.anna)
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, active=False))
    last = suggest(salon).last_visit
    assert last is not None
    assert [(part.service_id, part.master_id) for part in last.segments] == [(brows.id, salon.anna.id)]
    salon.ask(ChangeMaster(anna.id, anna.version, service_ids=(salon.haircut.id,)))
    last = suggest(salon).last_visit
    assert last is not None
    assert [part.master_id for part in last.segments] == [None]
    here = BranchPrice(salon.branch.id, offered=False)
    salon.ask(ChangeService(brows.id, brows.version, branch_prices=(here,)))
    assert suggest(salon).last_visit is None


# --- the next visit --------------------------------------------------------------------------------------------------


def test_brows_are_due_after_three_weeks(salon: Salon) -> None:
    """By the service until there are three visits, then by the client's own rhythm."""
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, repeat_days=21))
    a_past_visit(salon, 10, master=salon.anna)
    (due,) = suggest(salon).next_visits
    assert (due.due_on, due.interval_days, due.why) == (salon.today + timedelta(days=11), 21, "service")
    assert due.master_id == salon.anna.id
    a_past_visit(salon, 24, master=salon.anna)
    a_past_visit(salon, 38, master=salon.olga)
    (due,) = suggest(salon).next_visits
    assert (due.due_on, due.interval_days, due.why) == (salon.today + timedelta(days=4), 14, "personal")


def test_without_an_interval_nothing_is_due(salon: Salon) -> None:
    a_past_visit(salon, 10)
    assert suggest(salon).next_visits == ()


# --- times -----------------------------------------------------------------------------------------------------------


def test_the_slots_are_free_and_suit(salon: Salon) -> None:
    """The favourite master in convenient hours first; every one of them can be booked."""
    day = salon.today + timedelta(days=2)
    prefers(
        salon,
        favourite_master_id=salon.olga.id,
        convenient_times=(ConvenientTime(day.weekday(), "17:00", "19:00"),),
    )
    slots = suggest(salon, salon.haircut.id, from_=salon.today + timedelta(days=1), to=day).slots
    assert 0 < len(slots) <= 20
    first = slots[0]
    assert (first.convenient, first.favourite, first.master_ids[0]) == (True, True, salon.olga.id)
    assert first.starts.date() == day
    assert {one.starts.hour for one in slots if one.convenient} <= {17, 18}
    assert [rank(one) for one in slots] == sorted(rank(one) for one in slots)
    salon.book(first.starts, master=salon.olga)
    assert all(one.starts != first.starts or salon.olga.id not in one.master_ids for one in again(salon, day))


def rank(slot: SuggestedSlot) -> tuple[bool, bool]:
    return not slot.favourite, not slot.convenient


def again(salon: Salon, day: date) -> tuple[SuggestedSlot, ...]:
    return suggest(salon, salon.haircut.id, from_=day, to=day).slots


def test_a_time_beside_another_visit_is_better_than_one_that_leaves_a_gap(salon: Salon) -> None:
    """For somebody of whom nothing is known, the salon decides."""
    day = salon.today + timedelta(days=3)
    salon.book(salon.at("14:00", 3), master=salon.anna, client=HERE)
    starts = [one.starts.strftime("%H:%M") for one in again(salon, day)[:5]]
    assert starts == ["09:00", "13:00", "15:00", "20:00", "09:15"]


def test_the_client_is_not_offered_the_time_of_another_visit(salon: Salon) -> None:
    """Nobody is in two places at once, whoever is free."""
    day = salon.today + timedelta(days=3)
    salon.book(salon.at("09:00", 3), master=salon.anna)
    assert min(one.starts for one in again(salon, day)) == salon.at("10:00", 3)


def test_slots_are_looked_for_when_the_visit_is_due(salon: Salon) -> None:
    """In the two weeks around that day, without dates asked for; not in the past."""
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, repeat_days=18))
    a_past_visit(salon, 8)
    slots = suggest(salon).slots
    assert slots
    assert min(one.starts for one in slots).date() >= salon.today + timedelta(days=3)


def test_a_group_is_suggested_when_it_meets(salon: Salon) -> None:
    """With the places that are left."""
    yoga = salon.a_service("Yoga", 60, 50_000, capacity=5)
    salon.ask(ChangeMaster(salon.anna.id, 1, service_ids=(salon.haircut.id, yoga.id)))
    salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, salon.anna.id, salon.at("18:00")))
    assert [(one.starts, one.places) for one in suggest(salon, yoga.id).slots] == [(salon.at("18:00"), 5)]
    salon.book(salon.at("18:30"), master=salon.olga)
    assert suggest(salon, yoga.id).slots == ()


# --- who may ask -----------------------------------------------------------------------------------------------------


def test_nobody_is_told_about_somebody_who_is_not_there(salon: Salon) -> None:
    """As for a booking."""
    for state in ("unknown", "erased"):
        salon.booking.others.answers[CheckClient] = lambda request, state=state: ClientStanding(request.id, state)
        with pytest.raises(Invalid) as caught:
            suggest(salon)
        assert caught.value.code == "client_unknown"
    del salon.booking.others.answers[CheckClient]
    with pytest.raises(Unavailable):
        suggest(salon)


def test_clients_ask_for_themselves(salon: Salon) -> None:
    """And see only what they may book."""
    clara = a_user("appointments.create.own", client_id=CLARA)
    a_past_visit(salon, 10, master=salon.anna)
    assert suggest(salon, caller=clara).last_visit is not None
    with pytest.raises(Invalid):
        suggest(salon, caller=clara, client_id=HERE)
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, bookable_online=False))
    hidden = suggest(salon, caller=clara)
    assert (hidden.last_visit, hidden.slots) == (None, ())
    with pytest.raises(NotFound):
        suggest(salon, salon.haircut.id, caller=clara)


def test_boris_may_not(salon: Salon) -> None:
    """Neither in this branch nor about a client of it; and nobody may without the right."""
    a_past_visit(salon, 10)
    other = salon.a_branch("Tverskaya")
    boris = a_user("appointments.create", branch_ids=frozenset({other.id}))
    ask: Callable[[], object]
    for ask in (lambda: suggest(salon, caller=boris), lambda: suggest(salon, caller=boris, branch_id=other.id)):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(Forbidden):
        suggest(salon, caller=a_user("appointments.read", branch_ids=frozenset({salon.branch.id})))


def test_what_is_asked_for_must_be_there(salon: Salon) -> None:
    with pytest.raises(NotFound):
        suggest(salon, UUID(int=1))
    with pytest.raises(NotFound):
        suggest(salon, branch_id=UUID(int=1))
    with pytest.raises(Invalid) as caught:
        suggest(salon, from_=salon.today, to=salon.today - timedelta(days=1))
    assert caught.value.code == "period_invalid"
