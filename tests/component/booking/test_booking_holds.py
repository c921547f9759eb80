"""Holds: time that nobody else gets for a while, and the booking that uses it up."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from contracts.booking import (
    BookAppointment,
    CancelAppointment,
    ChangeBranch,
    ChangeMaster,
    ChangeService,
    HoldTime,
    ReleaseHold,
    ShowBranch,
    ShowHold,
    WantedSegment,
)
from contracts.booking.salon import BranchPolicy
from kernel.errors import Conflict, Gone, Invalid, NotFound, Refusal
from kernel.time import utc_now
from services.booking.tables import busy, holds
from tests.builders import CLARA, OWNER, a_user, boris
from tests.component.booking.page import Page, somebody
from tests.component.booking.salon import Salon, field_of, overlaps, roubles, together
from tests.component.booking.test_booking_diary import DORA, clients


def rows(salon: Salon, table: object) -> int:
    with salon.booking.session() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_held_time_is_nobody_elses(salon: Salon) -> None:
    held = salon.hold(master=salon.anna)
    assert held.ends - held.starts == timedelta(hours=1)
    assert timedelta(minutes=4, seconds=50) < held.expires_at - utc_now() <= timedelta(minutes=5)
    assert held.segments[0].master_id == salon.anna.id
    assert salon.ask(ShowHold(held.id), None) == held
    with pytest.raises(Conflict, match="slot_taken") as refused:
        salon.book(master=salon.anna)
    assert refused.value.details["alternatives"]
    with pytest.raises(Conflict, match="slot_taken"):
        salon.hold(salon.at("12:30"), master=salon.anna)


def test_the_booking_that_quotes_a_hold_gets_its_time(salon: Salon) -> None:
    held = salon.hold()
    made = salon.book(hold_id=held.id)
    assert [(part.master_id, part.starts) for part in made.segments] == [
        (part.master_id, part.starts) for part in held.segments
    ]
    assert (rows(salon, holds), overlaps(salon)) == (0, 0)
    with pytest.raises(Gone, match="hold_booked"):
        salon.ask(ShowHold(held.id), None)
    with pytest.raises(Conflict, match="hold_booked"):
        salon.book(hold_id=held.id, client=DORA)


def test_other_times_are_those_that_the_caller_can_have(salon: Salon) -> None:
    """Clients book some time ahead, with whom and what is open to them; staff is told of every free time."""
    branch = salon.ask(ShowBranch(salon.branch.id))
    salon.ask(ChangeBranch(branch.id, branch.version, policy=BranchPolicy(lead_minutes=26 * 60)))
    salon.renders(salon.olga, salon.haircut, bookable_online=False)
    salon.book(salon.at("13:00"), master=salon.anna, client=DORA)
    herself = a_user("appointments.create.own", client_id=CLARA)

    def others(ask: Callable[[], object]) -> list[dict[str, Any]]:
        with pytest.raises(Conflict, match="slot_taken") as refused:
            ask()
        told: list[dict[str, Any]] = refused.value.details["alternatives"]
        return told

    for caller in (None, herself):
        told = others(lambda caller=caller: salon.hold(salon.at("13:00"), caller=caller))  # type: ignore[misc]
        assert {each["master_ids"][0] for each in told} == {str(salon.anna.id)}
        assert len(told) == 5
        for each in told:
            held = salon.hold(datetime.fromisoformat(each["starts"]), caller=caller)
            salon.ask(ReleaseHold(held.id), None)
    clients_own = others(lambda: salon.book(salon.at("13:00"), caller=herself))
    assert clients_own == told
    soonest = min(
        others(lambda: salon.hold(salon.at("13:00"), master=salon.anna, caller=OWNER)), key=itemgetter("starts")
    )
    assert datetime.fromisoformat(soonest["starts"]) < utc_now() + timedelta(hours=26)


def test_a_hold_sent_twice_at_once_is_booked_once(salon: Salon) -> None:
    held = salon.hold(master=salon.anna)
    people = clients(8)
    results = together(8, lambda number: salon.book(hold_id=held.id, client=people[number]))
    refused = [result for result in results if isinstance(result, Refusal)]
    assert len(refused) == 7
    assert {refusal.code for refusal in refused} == {"hold_booked"}


def test_a_hold_is_of_one_time_and_of_certain_services(salon: Salon) -> None:
    held = salon.hold(master=salon.anna)
    manicure = salon.a_service("Manicure", 60)
    salon.renders(salon.anna, salon.haircut, manicure)
    elsewhere = salon.a_branch("Elsewhere", salon.branch.time_zone)
    salon.works(salon.olga, branch=elsewhere, days=[20])
    haircut = (WantedSegment(salon.haircut.id),)
    for wrong in (
        BookAppointment(salon.branch.id, CLARA, salon.at("13:00"), haircut, hold_id=held.id),
        BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), (WantedSegment(manicure.id),), hold_id=held.id),
        BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), haircut * 2, hold_id=held.id),
        BookAppointment(
            salon.branch.id,
            CLARA,
            salon.at("12:00"),
            (WantedSegment(salon.haircut.id, salon.olga.id),),
            hold_id=held.id,
        ),
        BookAppointment(elsewhere.id, CLARA, salon.at("12:00"), haircut, hold_id=held.id),
    ):
        with pytest.raises(Invalid, match="hold_differs") as refused:
            salon.ask(wrong)
        assert field_of(refused.value) == "hold_id"
    assert salon.told() == []


def test_a_hold_is_booked_on_the_terms_that_it_promised(salon: Salon) -> None:
    """Whatever the catalogue says since: longer, dearer, closed to the public, or not rendered by the master."""
    held = [salon.hold(salon.at(clock), master=salon.anna) for clock in ("18:00", "20:00")]
    longer = {"duration_minutes": 90, "price": roubles(999_900), "buffer_after_minutes": 30, "bookable_online": False}
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, **longer))
    by_staff = salon.book(salon.at("18:00"), hold_id=held[0].id)
    assert (by_staff.ends, by_staff.total) == (salon.at("19:00"), roubles(250_000))
    salon.renders(salon.anna)
    online = Page(salon).book(salon.at("20:00"), hold_id=held[1].id, contact=somebody(1))
    assert (online.ends, online.total) == (salon.at("21:00"), roubles(250_000))
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("20:00"), client=DORA)


def test_a_hold_that_is_quoted_is_not_too_soon(salon: Salon) -> None:
    """Who has held a time needs some minutes to say who they are."""
    held = salon.hold(salon.at("12:00", 0))
    branch = salon.ask(ShowBranch(salon.branch.id))
    salon.ask(ChangeBranch(branch.id, branch.version, policy=BranchPolicy(lead_minutes=24 * 60)))
    page = Page(salon)
    with pytest.raises(Invalid, match="too_soon"):
        page.book(salon.at("12:00", 0))
    assert page.book(salon.at("12:00", 0), hold_id=held.id).status == "booked"


def test_what_is_not_there_any_more_cannot_be_booked_with_a_hold(salon: Salon) -> None:
    first, second = salon.hold(salon.at("12:00"), master=salon.anna), salon.hold(salon.at("14:00"), master=salon.olga)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, active=False))
    with pytest.raises(Invalid, match="master_unknown") as refused:
        salon.book(salon.at("12:00"), hold_id=first.id)
    assert field_of(refused.value) == "segments.0.master_id"
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, active=False))
    with pytest.raises(Invalid, match="service_inactive") as refused:
        salon.book(salon.at("14:00"), hold_id=second.id)
    assert field_of(refused.value) == "segments.0.service_id"


def test_a_hold_is_booked_in_its_rooms(salon: Salon) -> None:
    rooms = [salon.a_room(f"Bath {number}", kind="bath") for number in range(3)]
    soak = salon.a_service("Soak", 60, room_kinds=("bath",))
    salon.renders(salon.anna, soak)
    wanted = (WantedSegment(soak.id, room_id=rooms[1].id),)
    held = salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), wanted), None)
    other = (WantedSegment(soak.id, room_id=rooms[2].id),)
    with pytest.raises(Invalid, match="hold_differs"):
        salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), other, hold_id=held.id))
    made = salon.book(salon.at("12:00"), soak, hold_id=held.id)
    assert made.segments[0].room_id == held.segments[0].room_id == rooms[1].id


def test_a_hold_that_has_run_out_is_in_nobodys_way(salon: Salon) -> None:
    """Without any clock: whoever needs the time clears it away."""
    held = salon.hold(master=salon.anna)
    salon.run_out(held)
    with pytest.raises(Gone, match="hold_expired"):
        salon.ask(ShowHold(held.id), None)
    assert salon.book(master=salon.anna).status == "booked"
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(master=salon.anna, client=DORA, hold_id=held.id)


def test_who_quotes_a_hold_that_has_run_out_competes_like_everybody(salon: Salon) -> None:
    held = salon.hold(master=salon.anna)
    salon.run_out(held)
    assert salon.book(hold_id=held.id).status == "booked"
    assert rows(salon, holds) == 0


def test_the_clock_clears_away_what_has_run_out(salon: Salon) -> None:
    over, going_on = salon.hold(master=salon.anna), salon.hold(master=salon.olga)
    salon.run_out(over)
    salon.booking.tick()
    assert (rows(salon, holds), rows(salon, busy)) == (1, 1)
    assert salon.ask(ShowHold(going_on.id), None) == going_on
    with pytest.raises(NotFound, match="hold_not_found"):
        salon.ask(ShowHold(over.id), None)


def test_a_released_hold_frees_its_time_at_once(salon: Salon) -> None:
    held = salon.hold(master=salon.anna)
    assert salon.ask(ReleaseHold(held.id), None).id == held.id
    assert salon.book(master=salon.anna).status == "booked"
    for request in (ShowHold(held.id), ReleaseHold(held.id)):
        with pytest.raises(NotFound, match="hold_not_found"):
            salon.ask(request, None)


def test_staff_hold_longer_than_the_public(salon: Salon) -> None:
    branch = salon.ask(ShowBranch(salon.branch.id))
    salon.ask(ChangeBranch(branch.id, branch.version, policy=BranchPolicy(hold_minutes=7)))
    for caller, minutes, lasts in ((None, None, 7), (None, 60, 7), (None, 2, 2), (OWNER, None, 7), (OWNER, 60, 60)):
        held = salon.hold(salon.at("12:00"), caller=caller, minutes=minutes)
        assert timedelta(0) <= utc_now() + timedelta(minutes=lasts) - held.expires_at < timedelta(seconds=10)
        salon.ask(ReleaseHold(held.id), None)


def test_the_public_holds_what_is_open_to_it(salon: Salon) -> None:
    inside = salon.a_service("Inside", bookable_online=False)
    salon.renders(salon.anna, salon.haircut, inside)
    with pytest.raises(Invalid, match="service_unknown"):
        salon.hold(salon.at("12:00"), inside)
    assert salon.hold(salon.at("12:00"), inside, caller=OWNER).segments[0].service_id == inside.id
    him = boris("appointments.create")
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.hold(salon.at("14:00"), caller=him)


def test_of_many_who_hold_and_book_one_time_one_wins(salon: Salon) -> None:
    people = clients(30)

    def attempt(number: int) -> object:
        if number % 2:
            return salon.hold(master=salon.anna)
        return salon.book(master=salon.anna, client=people[number])

    results = together(30, attempt)
    refused = [result for result in results if isinstance(result, Refusal)]
    assert len(refused) == 29
    assert {refusal.code for refusal in refused} == {"slot_taken"}
    assert overlaps(salon) == 0


def test_holding_booking_and_cancelling_at_random_leaves_no_overlap(salon: Salon) -> None:
    dice = random.Random(25)
    plans = [(dice.randrange(3), dice.randrange(20), dice.choice((salon.anna, salon.olga, None))) for _ in range(60)]
    people = clients(60)
    kept: set[UUID] = set()

    def attempt(number: int) -> object:
        what, place, master = plans[number]
        starts = salon.at("09:00") + timedelta(minutes=15 * place)
        held = salon.hold(starts, master=master)
        if what == 0:
            return salon.ask(ReleaseHold(held.id), None)
        made = salon.book(starts, client=people[number], hold_id=held.id)
        if what == 1:
            return salon.ask(CancelAppointment(made.id, "cannot come"))
        kept.add(made.id)
        return made

    results = together(60, attempt)
    assert {result.code for result in results if isinstance(result, Refusal)} <= {"slot_taken"}
    assert overlaps(salon) == 0
    with salon.booking.session() as session:
        assert set(session.scalars(select(busy.c.appointment_id))) == kept
