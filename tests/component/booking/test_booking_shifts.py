"""Shifts: replacing and clearing them, whom that strands, what is told of it, and bookings that come meanwhile."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from chassis.database import new_id
from contracts.booking import (
    Appointment,
    BookAppointment,
    Branch,
    CancelAppointment,
    ChangeMaster,
    ListShifts,
    MasterShifts,
    OpenHoursChanged,
    Permit,
    ReplaceShifts,
    Shift,
    WantedSegment,
)
from kernel.errors import Conflict, Invalid, NotFound
from kernel.time import utc_now
from services.booking.tables import openings, waiting_entries
from tests.builders import CLARA, OWNER, a_user, boris
from tests.component.booking.salon import Salon, field_of, together


def replaced(
    salon: Salon, *shifts: tuple[int, str, str], clear: tuple[int, ...] = (), branch: Branch | None = None
) -> MasterShifts:
    """Anna's shifts on days from today on."""
    wanted = tuple(Shift(salon.today + timedelta(days=day), starts, ends) for day, starts, ends in shifts)
    dates = tuple(salon.today + timedelta(days=day) for day in clear)
    return salon.ask(ReplaceShifts(salon.anna.id, (branch or salon.branch).id, wanted, dates))


def told(salon: Salon, since: int = 0) -> list[OpenHoursChanged]:
    return [event for event in salon.booking.announced(OpenHoursChanged) if event.master_id == salon.anna.id][since:]


def somebody_waits(salon: Salon) -> None:
    with salon.booking.session() as session:
        session.execute(
            insert(waiting_entries).values(
                id=new_id(),
                branch_id=salon.branch.id,
                client_id=CLARA,
                segments=[],
                earliest=salon.today,
                latest=salon.today + timedelta(days=60),
                created_at=utc_now(),
            )
        )
        session.commit()


def freed(salon: Salon) -> list[tuple[str, str]]:
    """The openings, as clocks of the branch."""
    with salon.booking.session() as session:
        rows = session.execute(select(openings.c.starts, openings.c.ends).order_by(openings.c.starts)).all()
    return [(f"{row.starts.astimezone(salon.tz):%d %H:%M}", f"{row.ends.astimezone(salon.tz):%H:%M}") for row in rows]


def test_only_the_named_days_are_replaced(salon: Salon) -> None:
    reply = replaced(salon, (1, "09:00", "13:00"), (1, "14:00", "18:00"))
    assert [(shift.starts, shift.ends) for shift in reply.shifts] == [("09:00", "13:00"), ("14:00", "18:00")]
    assert {shift.branch_id for shift in reply.shifts} == {salon.branch.id}
    there = salon.ask(ListShifts(salon.anna.id, salon.today, salon.today + timedelta(days=2)))
    assert [shift.starts for shift in there.shifts] == ["09:00", "09:00", "14:00", "09:00"]


def test_a_day_is_cleared_by_its_date(salon: Salon) -> None:
    tomorrow = salon.today + timedelta(days=1)
    assert replaced(salon, clear=(1,)).shifts == ()
    there = salon.ask(ListShifts(salon.anna.id, salon.today, salon.today + timedelta(days=2)))
    assert tomorrow not in {shift.date for shift in there.shifts}
    assert len(there.shifts) == 2
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(master=salon.anna)


def test_nothing_named_changes_nothing(salon: Salon) -> None:
    before = told(salon)
    assert replaced(salon) == MasterShifts(salon.anna.id, ())
    assert told(salon) == before


def test_whoever_loses_the_shift_is_named(salon: Salon) -> None:
    early = salon.book(salon.at("10:00"), master=salon.anna)
    late = salon.book(salon.at("18:00"), master=salon.anna, client=UUID(int=7))
    cancelled = salon.book(salon.at("16:00"), master=salon.anna, client=UUID(int=8))
    salon.ask(CancelAppointment(cancelled.id, "ill"))
    salon.book(salon.at("18:00"), master=salon.olga, client=UUID(int=9))
    reply = replaced(salon, (1, "09:00", "18:30"))
    assert [(left.appointment_id, left.master_id) for left in reply.stranded] == [(late.id, salon.anna.id)]
    assert reply.stranded[0].starts == late.starts
    assert reply.stranded[0].starts.utcoffset() == late.starts.utcoffset()
    assert [left.appointment_id for left in replaced(salon, clear=(1,)).stranded] == [early.id, late.id]
    assert replaced(salon, (1, "09:00", "21:00")).stranded == ()
    assert salon.show(late).status == "booked"


def test_a_buffer_outside_of_the_shift_strands_too(salon: Salon) -> None:
    colour = salon.a_service("Colour", 60, buffer_after_minutes=30)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, service_ids=(salon.haircut.id, colour.id)))
    made = salon.book(salon.at("16:00"), colour, master=salon.anna)
    assert replaced(salon, (1, "09:00", "17:30")).stranded == ()
    assert [left.appointment_id for left in replaced(salon, (1, "09:00", "17:00")).stranded] == [made.id]


@pytest.mark.parametrize(
    ("shifts", "code", "field"),
    [
        ([(1, "12:00", "12:00")], "shift_ends_early", "shifts.0.ends"),
        ([(1, "09:00", "12:00"), (1, "11:00", "13:00")], "shift_overlaps", "shifts.1"),
    ],
)
def test_shifts_that_cannot_be_change_nothing(
    salon: Salon, shifts: list[tuple[int, str, str]], code: str, field: str
) -> None:
    before = salon.ask(ListShifts(salon.anna.id, salon.today, salon.today + timedelta(days=20)))
    with pytest.raises(Invalid, match=code) as refused:
        replaced(salon, *shifts)
    assert field_of(refused.value) == field
    assert salon.ask(ListShifts(salon.anna.id, salon.today, salon.today + timedelta(days=20))) == before


def test_dates_at_the_end_of_the_calendar_are_refused(salon: Salon) -> None:
    for shifts, dates, field in (
        ((Shift(date(9999, 12, 31), "09:00", "10:00"),), (), "shifts.0.date"),
        ((), (salon.today, date(1, 1, 1)), "dates.1"),
    ):
        with pytest.raises(Invalid, match="date_out_of_range") as refused:
            salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, shifts, dates))
        assert field_of(refused.value) == field


def test_shifts_are_planned_three_years_ahead_at_most(salon: Salon) -> None:
    """Further ahead the year was mistyped; the past may be taken over from elsewhere."""
    last, beyond, past = (salon.today + timedelta(days=days) for days in (1098, 1099, -3000))
    for shifts, dates, field in (
        ((Shift(last, "09:00", "10:00"), Shift(beyond, "09:00", "10:00")), (), "shifts.1.date"),
        ((), (last, beyond), "dates.1"),
    ):
        with pytest.raises(Invalid, match="date_out_of_range") as refused:
            salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, shifts, dates))
        assert field_of(refused.value) == field
    kept = (Shift(past, "09:00", "10:00"), Shift(last, "09:00", "10:00"))
    assert len(salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, kept)).shifts) == 2


def test_nobody_works_in_two_branches_at_once(salon: Salon) -> None:
    other = salon.a_branch("Sokol", salon.branch.time_zone)
    with pytest.raises(Conflict, match="shift_overlaps"):
        replaced(salon, (1, "20:00", "22:00"), branch=other)
    replaced(salon, (1, "21:00", "22:00"), branch=other)
    there = salon.ask(ListShifts(salon.anna.id, salon.today + timedelta(days=1), salon.today + timedelta(days=1)))
    assert [shift.branch_id for shift in there.shifts] == [salon.branch.id, other.id]


def test_shifts_that_overlap_another_branch_are_named_with_what_they_overlap(salon: Salon) -> None:
    """The other branch only to those whose branch it is, and each on its own clocks."""
    other = salon.a_branch("Kamchatka", "Asia/Kamchatka")
    there = salon.at("20:00").astimezone(ZoneInfo("Asia/Kamchatka"))
    clock = f"{there.hour:02}:{there.minute:02}"
    wanted = ReplaceShifts(
        salon.anna.id,
        other.id,
        (
            Shift(there.date() + timedelta(days=3), clock, f"{there.hour:02}:30"),
            Shift(there.date() + timedelta(days=30), clock, f"{there.hour:02}:30"),
        ),
    )
    day = salon.today + timedelta(days=4)
    clash = {"date": day.isoformat(), "starts": "09:00", "ends": "21:00"}
    only_there = a_user("shifts.edit", branch_ids=frozenset({other.id}))
    salon.works(salon.anna, "00:00", "00:30", days=[60], branch=other)  # so that she is one of that branch's
    for caller, named in ((OWNER, clash | {"branch_id": str(salon.branch.id)}), (only_there, clash)):
        with pytest.raises(Conflict, match="shift_overlaps") as refused:
            salon.ask(wanted, caller)
        assert set(refused.value.details["errors"]) == {"shifts.0"}
        assert refused.value.details["conflicts"] == [named]


def test_boris_may_not_change_the_shifts_here(salon: Salon) -> None:
    with pytest.raises(NotFound):
        salon.ask(
            ReplaceShifts(salon.anna.id, salon.branch.id, (), (salon.today,)), boris("shifts.edit", "shifts.read")
        )


def test_open_hours_are_told_day_by_day(salon: Salon) -> None:
    since = len(told(salon))
    replaced(salon, (1, "09:00", "13:00"), (1, "14:00", "18:00"), clear=(2,))
    (event,) = told(salon, since)
    assert (event.master_id, event.branch_id) == (salon.anna.id, salon.branch.id)
    assert [(day.date, len(day.open)) for day in event.days] == [
        (salon.today + timedelta(days=1), 2),
        (salon.today + timedelta(days=2), 0),
    ]
    first = event.days[0].open[0]
    assert (first.starts, first.ends) == (salon.at("09:00"), salon.at("13:00"))
    replaced(salon, (1, "10:00", "13:00"))
    assert told(salon)[-1].version == event.version + 1


def test_what_nobody_works_by_permit_is_told_as_closed(salon: Salon) -> None:
    tomorrow = salon.today + timedelta(days=1)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, permits=(Permit("medical_book", tomorrow),)))
    replaced(salon, (1, "09:00", "13:00"), (2, "09:00", "13:00"))
    assert [len(day.open) for day in told(salon)[-1].days] == [1, 0]


def test_a_year_is_told_in_pieces_with_versions_of_their_own(salon: Salon) -> None:
    since = len(told(salon))
    days = range(1, 241)
    replaced(salon, *((day, "09:00", "13:00") for day in days))
    events = told(salon, since)
    assert [len(event.days) for event in events] == [100, 100, 40]
    assert [event.version for event in events] == list(range(events[0].version, events[0].version + 3))
    assert [day.date for event in events for day in event.days] == [salon.today + timedelta(days=day) for day in days]


def test_new_time_is_offered_to_those_who_wait(salon: Salon) -> None:
    replaced(salon, (3, "09:00", "21:00"))
    assert freed(salon) == []
    somebody_waits(salon)
    replaced(salon, (3, "08:00", "20:00"))
    replaced(salon, (3, "09:00", "13:00"), (3, "14:00", "20:00"))
    day = f"{salon.today + timedelta(days=3):%d}"
    assert freed(salon) == [(f"{day} 08:00", "09:00")]


def test_a_booking_that_comes_meanwhile_is_refused_or_named(salon: Salon) -> None:
    """The shift of a day goes while three book into it; no appointment is left over unseen."""
    segment = (WantedSegment(salon.haircut.id, salon.anna.id),)
    for day in range(1, 13):

        def attempt(number: int, day: int = day) -> object:
            if number == 2:
                return replaced(salon, clear=(day,))
            starts = salon.at(f"{10 + number}:00", day)
            return salon.ask(BookAppointment(salon.branch.id, UUID(int=day * 10 + number + 1), starts, segment))

        results = together(4, attempt)
        made = {each.id for each in results if isinstance(each, Appointment)}
        (cleared,) = [each for each in results if isinstance(each, MasterShifts)]
        refused = [each.code for each in results if isinstance(each, Conflict)]
        assert {left.appointment_id for left in cleared.stranded} == made
        assert set(refused) <= {"outside_shift"}
        assert len(made) + len(refused) == 3


def test_two_who_change_the_same_shifts_wait_for_each_other(salon: Salon) -> None:
    def attempt(number: int) -> object:
        return replaced(salon, *((day, f"{8 + number:02}:00", "20:00") for day in range(1, 8)))

    results = together(6, attempt)
    assert all(isinstance(each, MasterShifts) for each in results)
    there = salon.ask(ListShifts(salon.anna.id, salon.today + timedelta(days=1), salon.today + timedelta(days=7)))
    assert len({shift.starts for shift in there.shifts}) == 1
    versions = [event.version for event in told(salon)]
    assert sorted(versions) == list(range(1, len(versions) + 1))
    last = max(told(salon), key=lambda event: event.version)
    starts = {f"{day.open[0].starts.astimezone(salon.tz):%H:%M}" for day in last.days}
    assert starts == {there.shifts[0].starts}


def test_the_fold_of_autumn_and_the_gap_of_spring_have_their_real_hours(salon: Salon) -> None:
    paris = salon.a_branch("Marais", "Europe/Paris")
    remy = salon.a_master("Remy", salon.haircut.id)
    day = salon.today
    changes = []
    while len(changes) < 2:
        day += timedelta(days=1)
        if day.month in (3, 10) and day.weekday() == 6 and (day + timedelta(days=7)).month != day.month:
            changes.append(day)
    salon.ask(ReplaceShifts(remy.id, paris.id, tuple(Shift(day, "00:00", "08:00") for day in changes)))
    lengths = {
        told_day.date.month: told_day.open[0].ends - told_day.open[0].starts
        for event in salon.booking.announced(OpenHoursChanged)
        if event.master_id == remy.id
        for told_day in event.days
    }
    assert lengths == {3: timedelta(hours=7), 10: timedelta(hours=9)}
