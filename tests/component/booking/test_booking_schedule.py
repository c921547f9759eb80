"""The schedule: who works and who is busy, in full or only that they are, and to whom it is shown."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from contracts.booking import (
    CreateAbsence,
    CreateBlock,
    CreateHoliday,
    MasterSchedule,
    ReplaceShifts,
    Schedule,
    Shift,
    ShowSchedule,
)
from kernel.caller import Caller
from kernel.errors import Invalid, NotFound
from tests.builders import OWNER, a_user, boris
from tests.component.booking.salon import Salon

DORA = UUID("0190a000-0000-7000-8000-00000000000d")


def shown(salon: Salon, first: int = 1, last: int = 1, caller: Caller = OWNER, **more: Any) -> Schedule:
    dates = salon.today + timedelta(days=first), salon.today + timedelta(days=last)
    return salon.ask(ShowSchedule(more.pop("branch_id", salon.branch.id), *dates, **more), caller)


def of(schedule: Schedule, master_id: UUID) -> MasterSchedule:
    return next(each for each in schedule.masters if each.master_id == master_id)


def clocks(spans: Any) -> list[tuple[str, str]]:
    return [(f"{each.starts:%H:%M}", f"{each.ends:%H:%M}") for each in spans]


def test_a_day_shows_who_works_and_who_is_busy(salon: Salon) -> None:
    room = salon.a_room()
    booked = salon.book(salon.at("10:00"), master=salon.anna)
    held = salon.hold(salon.at("16:00"), master=salon.anna)
    salon.ask(CreateAbsence(salon.anna.id, "sick", salon.at("13:00"), salon.at("15:00")))
    kept = salon.ask(CreateBlock(salon.branch.id, salon.at("18:00"), salon.at("19:00"), "repairs", room_id=room.id))
    schedule = shown(salon)
    assert schedule.time_zone == salon.branch.time_zone
    assert {each.master_id for each in schedule.masters} == {salon.anna.id, salon.olga.id}
    day = of(schedule, salon.anna.id)
    assert clocks(day.shifts) == [("09:00", "21:00")]
    assert clocks(day.open) == [("09:00", "13:00"), ("15:00", "21:00")]
    assert [(each.kind, *clocks([each])) for each in day.absences] == [("sick", ("13:00", "15:00"))]
    assert [(each.kind, each.appointment_id, each.hold_id) for each in day.busy] == [
        ("appointment", booked.id, None),
        ("hold", None, held.id),
    ]
    assert clocks(day.busy) == [("10:00", "11:00"), ("16:00", "17:00")]
    assert of(schedule, salon.olga.id).busy == ()
    ((span,),) = [each.busy for each in schedule.rooms if each.room_id == room.id]
    assert (span.kind, span.block_id) == ("block", kept.id)
    salon.run_out(held)
    assert len(of(shown(salon), salon.anna.id).busy) == 1


def test_busy_says_when_and_nothing_else(salon: Salon) -> None:
    salon.book(salon.at("10:00"), master=salon.anna)
    salon.ask(CreateAbsence(salon.anna.id, "sick", salon.at("13:00"), salon.at("15:00")))
    day = of(shown(salon, mode="busy"), salon.anna.id)
    (span,) = day.busy
    assert span.kind == "busy"
    assert (span.appointment_id, span.hold_id, span.block_id, span.group_event_id) == (None, None, None, None)
    assert [each.kind for each in day.absences] == ["other"]


def test_why_somebody_is_away_is_not_for_everybody(salon: Salon) -> None:
    salon.ask(CreateAbsence(salon.anna.id, "sick", salon.at("13:00"), salon.at("15:00")))
    day = of(shown(salon, caller=salon.works_here("appointments.read")), salon.anna.id)
    assert [each.kind for each in day.absences] == ["other"]
    day = of(shown(salon, caller=salon.works_here("appointments.read", "absences.read")), salon.anna.id)
    assert [each.kind for each in day.absences] == ["sick"]


def test_holidays_close_what_the_shifts_say(salon: Salon) -> None:
    salon.ask(CreateHoliday(salon.branch.id, salon.today + timedelta(days=1), "New Year"))
    day = of(shown(salon), salon.anna.id)
    assert clocks(day.shifts) == [("09:00", "21:00")]
    assert day.open == ()


def test_only_those_are_shown_who_are_asked_for(salon: Salon) -> None:
    room, other = salon.a_room(), salon.a_room("Room 2")
    salon.a_room("Room 3", active=False)
    everything = shown(salon)
    assert {each.room_id for each in everything.rooms} == {room.id, other.id}
    one = shown(salon, master_id=(salon.olga.id,))
    assert [each.master_id for each in one.masters] == [salon.olga.id]
    assert one.rooms == ()
    rooms = shown(salon, room_id=(other.id,))
    assert (rooms.masters, [each.room_id for each in rooms.rooms]) == ((), [other.id])
    both = shown(salon, master_id=(salon.anna.id,), room_id=(room.id,))
    assert (len(both.masters), len(both.rooms)) == (1, 1)


def test_who_works_elsewhere_is_simply_busy(salon: Salon) -> None:
    other = salon.a_branch("Sokol", salon.branch.time_zone)
    tomorrow = salon.today + timedelta(days=1)
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(tomorrow, "09:00", "12:00"),)))
    salon.ask(ReplaceShifts(salon.anna.id, other.id, (Shift(tomorrow, "13:00", "20:00"),)))
    salon.book(salon.at("10:00"), master=salon.anna)
    salon.ask(CreateBlock(other.id, salon.at("14:00"), salon.at("15:00"), "a meeting", master_id=salon.anna.id))
    here = of(shown(salon), salon.anna.id)
    assert [each.kind for each in here.busy] == ["appointment", "busy"]
    assert clocks(here.shifts) == [("09:00", "12:00")]
    there = shown(salon, branch_id=other.id)
    assert [each.master_id for each in there.masters] == [salon.anna.id]
    assert [each.kind for each in there.masters[0].busy] == ["busy", "block"]


def test_somebody_without_a_shift_is_shown_if_they_are_booked(salon: Salon) -> None:
    salon.book(salon.at("10:00"), master=salon.anna)
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (), (salon.today + timedelta(days=1),)))
    day = of(shown(salon), salon.anna.id)
    assert (day.shifts, day.open) == ((), ())
    assert len(day.busy) == 1


def test_a_month_is_the_longest(salon: Salon) -> None:
    assert len(of(shown(salon, 1, 31), salon.anna.id).shifts) == 13
    for first, last, code in ((1, 32, "period_too_long"), (2, 1, "period_invalid")):
        with pytest.raises(Invalid, match=code):
            shown(salon, first, last)


def test_what_is_asked_for_must_be_there(salon: Salon) -> None:
    there = salon.a_room(branch=salon.a_branch("Sokol"))
    for more, code in (
        ({"master_id": (UUID(int=1),)}, "master_not_found"),
        ({"room_id": (UUID(int=1),)}, "room_not_found"),
        ({"room_id": (there.id,)}, "room_not_found"),
        ({"branch_id": UUID(int=1)}, "branch_not_found"),
    ):
        with pytest.raises(NotFound, match=code):
            shown(salon, **more)


def test_boris_may_not_and_masters_see_themselves(salon: Salon) -> None:
    with pytest.raises(NotFound, match="branch_not_found"):
        shown(salon, caller=boris("appointments.read"))
    salon.a_room()
    login = UUID(int=77)
    own = a_user("appointments.read.own", id=login)
    assert shown(salon, caller=own).masters == ()
    salon.renders(salon.anna, salon.haircut, user_id=login)
    booked = salon.book(salon.at("10:00"), master=salon.anna)
    schedule = shown(salon, caller=own)
    assert [each.master_id for each in schedule.masters] == [salon.anna.id]
    assert schedule.masters[0].busy[0].appointment_id == booked.id
    assert schedule.rooms == ()
    with pytest.raises(NotFound, match="master_not_found"):
        shown(salon, caller=own, master_id=(salon.olga.id,))


def test_a_master_of_other_branches_is_not_shown(salon: Salon) -> None:
    """Boris asks his own branch for the days of a master who works elsewhere only; one booked there is shown."""
    other = salon.a_branch("Sokol", salon.branch.time_zone)
    boris_there = boris("appointments.read", "absences.read", branch_ids=frozenset({other.id}))
    salon.ask(CreateAbsence(salon.anna.id, "sick", salon.at("13:00"), salon.at("15:00")))
    for hidden in ((salon.anna.id,), (salon.olga.id, salon.anna.id), (UUID(int=7),)):
        with pytest.raises(NotFound, match="master_not_found"):
            shown(salon, caller=boris_there, branch_id=other.id, master_id=hidden)
    salon.ask(CreateBlock(other.id, salon.at("18:00"), salon.at("19:00"), "a meeting", master_id=salon.anna.id))
    there = shown(salon, caller=boris_there, branch_id=other.id, master_id=(salon.anna.id,))
    assert [each.master_id for each in there.masters] == [salon.anna.id]


def test_more_to_show_takes_no_more_statements(salon: Salon) -> None:
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    with salon.booking.session() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    shown(salon)
    few = len(statements)
    salon.book(salon.at("10:00"), master=salon.anna)
    salon.book(salon.at("10:00"), master=salon.olga, client=DORA)
    statements.clear()
    shown(salon, 1, 20)
    assert len(statements) == few <= 8
