"""Free starts of whole visits: everything that opens and closes time, rooms, two at once, holds, and who asks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from contracts.booking import (
    Availability,
    BookAppointment,
    BranchPolicy,
    BranchPrice,
    CancelAppointment,
    ChangeBranch,
    ChangeMaster,
    ChangeService,
    CreateAbsence,
    CreateBlock,
    CreateGroupEvent,
    CreateHoliday,
    FindAvailability,
    OpeningHours,
    Permit,
    Phase,
    Rendering,
    SearchAvailability,
    ServicePolicy,
    WantedSegment,
)
from kernel.caller import Caller
from kernel.errors import Conflict, Invalid
from tests.builders import OWNER, a_user
from tests.component.booking.salon import Salon, field_of, together
from tests.component.booking.studio import Studio, clients
from tests.component.booking.test_booking_availability import clocks, offered

QUARTERS = ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00"]


@pytest.fixture
def one(salon: Salon) -> Salon:
    """Only Anna works, tomorrow from nine to twelve."""
    salon.ask(ChangeMaster(salon.olga.id, salon.olga.version, active=False))
    salon.works(salon.anna, "09:00", "12:00", days=(1,))
    return salon


def search(salon: Salon, *segments: WantedSegment, caller: Caller | None = OWNER, **more: Any) -> Availability:
    day = salon.today + timedelta(days=1)
    return salon.ask(SearchAvailability(more.pop("branch_id", salon.branch.id), segments, day, day), caller)


def is_bookable(salon: Salon, found: Availability, *segments: WantedSegment) -> bool:
    """Whether every start that is offered can be booked, by one of those who were named; each is given back."""
    for slot in found.days[0].slots:
        made = salon.ask(BookAppointment(salon.branch.id, clients(1)[0], slot.starts, segments))
        if made.segments[0].master_id not in slot.master_ids:
            return False
        salon.ask(CancelAppointment(made.id, "another time"))
    return True


# --- what closes time -----------------------------------------------------------------------------------------------


def test_hours_of_the_branch_bound_the_shifts_of_the_days_that_they_name(one: Salon) -> None:
    tomorrow = one.today + timedelta(days=1)
    other = OpeningHours((tomorrow.weekday() + 1) % 7, "10:00", "10:30")
    branch = one.ask(ChangeBranch(one.branch.id, one.branch.version, opening_hours=(other,)))
    assert clocks(offered(one)) == QUARTERS
    hours = OpeningHours(tomorrow.weekday(), "09:40", "11:00")
    one.ask(ChangeBranch(branch.id, branch.version, opening_hours=(hours, other)))
    assert clocks(offered(one)) == ["09:45", "10:00"]  # the grid is that of the shift
    with pytest.raises(Conflict, match="outside_shift"):
        one.book(one.at("09:30"))


def test_a_holiday_closes_the_day_or_a_part_of_it(one: Salon) -> None:
    tomorrow = one.today + timedelta(days=1)
    one.ask(CreateHoliday(one.branch.id, tomorrow, "Eve", "09:00", "10:30"))
    assert clocks(offered(one)) == QUARTERS[:3]
    one.works(one.anna, "09:00", "12:00", days=(2,))
    one.ask(CreateHoliday(one.branch.id, tomorrow + timedelta(days=1), "Holiday"))
    assert clocks(offered(one, 2)) == []
    with pytest.raises(Conflict, match="outside_shift"):
        one.book(one.at("10:00", 2))


def test_who_is_absent_or_blocked_is_not_offered_then(one: Salon) -> None:
    one.ask(CreateAbsence(one.anna.id, "training", one.at("09:00"), one.at("09:20")))
    one.ask(CreateBlock(one.branch.id, one.at("11:00"), one.at("11:10"), "meeting", one.anna.id))
    assert clocks(offered(one)) == ["09:30", "09:45", "10:00"]
    for clock in ("09:15", "10:15"):
        with pytest.raises(Conflict):
            one.book(one.at(clock))


def test_nobody_is_offered_after_the_end_of_their_papers(one: Salon) -> None:
    day = one.today + timedelta(days=1)
    anna = one.ask(ChangeMaster(one.anna.id, one.anna.version, permits=(Permit("medical_book", day),)))
    assert clocks(offered(one)) == QUARTERS
    expired = (Permit("medical_book", day), Permit("work_permit", day - timedelta(days=1)))
    one.ask(ChangeMaster(anna.id, anna.version, permits=expired))
    assert clocks(offered(one)) == []
    with pytest.raises(Conflict, match="outside_shift"):
        one.book(one.at("10:00"))


def test_time_that_is_held_is_nobodys_until_the_hold_is_over(one: Salon) -> None:
    hold = one.hold(one.at("10:00"))
    assert clocks(offered(one)) == ["09:00", "11:00"]
    one.run_out(hold)
    assert clocks(offered(one)) == QUARTERS


# --- what a visit is ------------------------------------------------------------------------------------------------


def test_somebody_else_is_served_while_the_colour_works(one: Salon) -> None:
    colour = one.a_service("Colour", 100, phases=(Phase(20), Phase(60, busy=False), Phase(20)))
    one.renders(one.anna, one.haircut, colour)
    one.book(one.at("09:00"), colour)
    assert clocks(offered(one)) == ["10:45", "11:00"]
    short = one.ask(ChangeService(one.haircut.id, one.haircut.version, duration_minutes=40))
    assert clocks(offered(one)) == ["09:30", "10:45", "11:00", "11:15"]
    assert is_bookable(one, offered(one), WantedSegment(short.id))


def test_a_master_has_a_time_of_their_own(one: Salon) -> None:
    slower = (Rendering(one.haircut.id, 120, buffer_after_minutes=15),)
    one.ask(ChangeMaster(one.anna.id, one.anna.version, renderings=slower))
    assert clocks(offered(one)) == QUARTERS[:4]
    assert is_bookable(one, offered(one), WantedSegment(one.haircut.id))


def test_a_service_begins_only_where_a_room_of_its_kind_is_free(salon: Salon) -> None:
    salon.works(salon.anna, "09:00", "12:00", days=(1,))
    salon.works(salon.olga, "09:00", "12:00", days=(1,))
    wax = salon.a_service("Wax", 60, room_kinds=("cabin",))
    salon.renders(salon.anna, wax)
    salon.renders(salon.olga, wax)
    cabin = salon.a_room("Cabin", kind="cabin")
    assert clocks(offered(salon, 1, wax)) == QUARTERS
    salon.book(salon.at("10:00"), wax, master=salon.anna)
    assert clocks(offered(salon, 1, wax)) == ["09:00", "11:00"]
    salon.a_room("Other cabin", kind="cabin")
    assert clocks(offered(salon, 1, wax)) == QUARTERS
    asked = WantedSegment(wax.id, room_id=cabin.id)
    assert clocks(search(salon, asked)) == ["09:00", "11:00"]
    assert is_bookable(salon, search(salon, asked), asked)


def test_two_at_once_are_found_where_two_are_free(salon: Salon) -> None:
    salon.works(salon.anna, "09:00", "12:00", days=(1,))
    salon.works(salon.olga, "10:00", "13:00", days=(1,))
    manicure = salon.a_service("Manicure", 30)
    salon.renders(salon.olga, salon.haircut, manicure)
    visit = (
        WantedSegment(salon.haircut.id, salon.anna.id),
        WantedSegment(manicure.id, parallel=True),
        WantedSegment(manicure.id),
    )
    found = search(salon, *visit)
    assert clocks(found) == ["10:00", "10:15", "10:30", "10:45", "11:00"]
    assert is_bookable(salon, found, *visit)


def test_an_hour_of_a_group_is_offered_with_its_places(salon: Salon) -> None:
    studio = Studio(salon)
    assert clocks(offered(salon, 1, studio.yoga)) == []
    studio.plan()
    studio.join()
    (slot,) = offered(salon, 1, studio.yoga).days[0].slots
    assert (slot.starts, slot.master_ids, slot.places) == (salon.at("12:00"), (salon.anna.id,), 2)
    for client in clients(2):
        studio.join(client)
    assert clocks(offered(salon, 1, studio.yoga)) == []
    salon.ask(CreateGroupEvent(salon.branch.id, studio.yoga.id, salon.anna.id, salon.at("15:00")))
    assert clocks(offered(salon, 1, studio.yoga, salon.haircut)) == []


# --- who asks -------------------------------------------------------------------------------------------------------


def test_clients_see_masters_and_times_that_are_open_to_them(salon: Salon) -> None:
    salon.ask(ChangeMaster(salon.olga.id, salon.olga.version, bookable_online=False))
    masters = {by for slot in offered(salon).days[0].slots for by in slot.master_ids}
    assert masters == {salon.anna.id}
    policy = BranchPolicy(lead_minutes=27 * 60, horizon_days=3)
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=policy))
    staff = a_user("appointments.create", branch_ids=frozenset({salon.branch.id}))
    client = a_user("appointments.create.own", client_id=clients(1)[0])
    assert min(clocks(offered(salon, caller=staff))) == "09:00"
    for caller in (None, client):
        first = offered(salon, caller=caller).days[0].slots[0].starts
        assert salon.at("13:00") <= first <= salon.at("14:15")
    assert clocks(offered(salon, 3, caller=staff))
    assert clocks(offered(salon, 4, caller=staff)) == []
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, policy=ServicePolicy(lead_minutes=0)))
    assert min(clocks(offered(salon))) == "09:00"


def test_what_a_branch_does_not_offer_is_never_free(salon: Salon) -> None:
    away = (BranchPrice(salon.branch.id, offered=False),)
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, branch_prices=away))
    assert clocks(offered(salon, caller=OWNER)) == []


def test_a_search_that_cannot_be_is_refused_by_its_field(salon: Salon) -> None:
    cut = WantedSegment(salon.haircut.id)
    nowhere = UUID(int=5)
    for segments, code, field in (
        ((WantedSegment(nowhere),), "service_unknown", "segments.0.service_id"),
        ((cut, WantedSegment(salon.haircut.id, nowhere)), "master_unknown", "segments.1.master_id"),
        ((WantedSegment(salon.haircut.id, parallel=True),), "parallel_without_first", "segments.0.parallel"),
        ((cut, *[WantedSegment(salon.haircut.id, parallel=True)] * 3), "too_many_at_once", "segments.3.parallel"),
        ((WantedSegment(salon.haircut.id, room_id=nowhere),), "room_unknown", "segments.0.room_id"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            search(salon, *segments)
        assert field_of(refused.value) == field
    with pytest.raises(Invalid, match="branch_unknown"):
        search(salon, cut, branch_id=nowhere)


# --- how it is asked ------------------------------------------------------------------------------------------------


def test_the_diaries_are_read_with_one_statement_once_the_catalogue_is_known(salon: Salon) -> None:
    day = salon.today + timedelta(days=1)
    request = FindAvailability(salon.branch.id, (salon.haircut.id,), day, day + timedelta(days=6))
    salon.ask(request, None)
    statements: list[str] = []
    engine = salon.booking.dispatcher.engine

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    salon.ask(request, None)
    assert len(statements) == 1
    salon.a_service("Manicure", 30)  # from here on the catalogue is another one
    statements.clear()
    salon.ask(request, None)
    known = len(statements)
    salon.ask(request, None)
    event.remove(engine, "before_cursor_execute", note)
    assert known > 2
    assert len(statements) == known + 1


def test_what_was_remembered_never_outlives_a_change(salon: Salon) -> None:
    """Nobody is offered what has just been taken from them, whoever asked a moment ago."""
    assert salon.olga.id in {by for slot in offered(salon).days[0].slots for by in slot.master_ids}
    salon.works(salon.olga, days=(1,), starts="20:00")
    assert clocks(offered(salon, master_id=salon.olga.id)) == ["20:00"]
    salon.book(salon.at("20:00"), master=salon.olga)
    assert clocks(offered(salon, master_id=salon.olga.id)) == []
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, active=False))
    assert clocks(offered(salon)) == []


def test_all_who_lose_a_time_are_told_of_others_that_are_free(salon: Salon) -> None:
    salon.ask(ChangeMaster(salon.olga.id, salon.olga.version, active=False))
    losers = [
        each
        for each in together(12, lambda number: salon.book(client=clients(12)[number]))
        if isinstance(each, Conflict)
    ]
    assert len(losers) == 11
    for refusal in losers:
        times = [each["starts"] for each in refusal.details["alternatives"]]
        assert len(times) == 5
        assert salon.at("12:00").isoformat() not in times
        assert times == sorted(times)
    free = {slot.starts.isoformat() for slot in offered(salon).days[0].slots}
    assert set(losers[-1].details["alternatives"][0]["master_ids"]) == {str(salon.anna.id)}
    assert {each["starts"] for each in losers[-1].details["alternatives"]} <= free
