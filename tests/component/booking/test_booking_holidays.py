"""Holidays and opening hours: what they close, whom they leave stranded, and what is told of it."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.booking import (
    Appointment,
    Branch,
    CancelAppointment,
    ChangeBranch,
    ChangeHoliday,
    CreateHoliday,
    FindAvailability,
    Holiday,
    ListHolidays,
    OpenHoursChanged,
    OpeningHours,
    RemoveHoliday,
    ShowHoliday,
)
from kernel.errors import Conflict, Invalid, NotFound, Refusal, Stale
from tests.builders import CLARA, boris
from tests.component.booking.salon import Salon, field_of, together


@pytest.fixture
def elsewhere(salon: Salon) -> Branch:
    return salon.a_branch("Elsewhere")


def a_holiday(salon: Salon, day: int = 1, **more: Any) -> Holiday:
    return salon.ask(CreateHoliday(salon.branch.id, salon.today + timedelta(days=day), "Women's Day", **more))


def told(salon: Salon) -> list[OpenHoursChanged]:
    return salon.booking.announced(OpenHoursChanged)


def clocks(event: OpenHoursChanged) -> list[tuple[date, list[tuple[str, str]]]]:
    return [(day.date, [(f"{each.starts:%H:%M}", f"{each.ends:%H:%M}") for each in day.open]) for day in event.days]


def free_on(salon: Salon, day: int) -> list[str]:
    date_ = salon.today + timedelta(days=day)
    found = salon.ask(FindAvailability(salon.branch.id, (salon.haircut.id,), date_, date_))
    return [f"{slot.starts:%H:%M}" for each in found.days for slot in each.slots]


# --- holidays -------------------------------------------------------------------------------------------------------


def test_a_holiday_is_made_shown_changed_listed_and_removed(salon: Salon) -> None:
    later, sooner = a_holiday(salon, 5), a_holiday(salon, 2, opens="10:00", closes="24:00")
    assert (later.opens, later.closes, later.version, later.name) == (None, None, 1, "Women's Day")
    assert (sooner.opens, sooner.closes) == ("10:00", "24:00")
    assert salon.ask(ShowHoliday(sooner.id)) == sooner
    first = salon.ask(ListHolidays(limit=1))
    rest = salon.ask(ListHolidays(limit=1, cursor=first.next))
    assert (first.items, rest.items, rest.next) == ((sooner,), (later,), None)
    shorter = salon.ask(ChangeHoliday(sooner.id, 1, name=" Eve ", closes="14:00"))
    assert (shorter.name, shorter.opens, shorter.closes, shorter.version) == ("Eve", "10:00", "14:00", 2)
    assert salon.ask(ChangeHoliday(sooner.id, 2, opens=None, closes=None)).opens is None
    for stale in (ChangeHoliday(sooner.id, 1, name="Late"), RemoveHoliday(sooner.id, 1)):
        with pytest.raises(Stale):
            salon.ask(stale)
    assert salon.ask(RemoveHoliday(sooner.id, 3)).id == sooner.id
    with pytest.raises(NotFound, match="holiday_not_found"):
        salon.ask(ShowHoliday(sooner.id))


def test_holidays_are_listed_by_branch_and_date(salon: Salon, elsewhere: Branch) -> None:
    ours = a_holiday(salon, 2)
    theirs = salon.ask(CreateHoliday(elsewhere.id, ours.date, "Town's Day"))
    for request, found in (
        (ListHolidays(), {ours.id, theirs.id}),
        (ListHolidays(branch_id=salon.branch.id), {ours.id}),
        (ListHolidays(from_=ours.date, to=ours.date), {ours.id, theirs.id}),
        (ListHolidays(to=salon.today), set()),
        (ListHolidays(from_=ours.date + timedelta(days=1)), set()),
    ):
        assert {each.id for each in salon.ask(request).items} == found
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.ask(ListHolidays(branch_id=CLARA))
    with pytest.raises(Invalid, match="period_invalid"):
        salon.ask(ListHolidays(from_=ours.date, to=salon.today))


def test_a_holiday_that_cannot_be_is_refused(salon: Salon) -> None:
    kept = a_holiday(salon, 1, opens="10:00", closes="14:00")
    with pytest.raises(Conflict, match="holiday_exists"):
        a_holiday(salon, 1)
    day = salon.today + timedelta(days=2)
    here = salon.branch.id
    for request, code, field in (
        (CreateHoliday(here, day, "  "), "name_blank", "name"),
        (CreateHoliday(here, day, "Eve", opens="10:00"), "hours_incomplete", "closes"),
        (CreateHoliday(here, day, "Eve", closes="10:00"), "hours_incomplete", "opens"),
        (CreateHoliday(here, day, "Eve", "14:00", "10:00"), "closes_early", "closes"),
        (CreateHoliday(here, date.max, "End"), "date_out_of_range", "date"),
        (CreateHoliday(here, salon.today + timedelta(days=1099), "Eve"), "date_out_of_range", "date"),
        (CreateHoliday(CLARA, day, "Eve"), "branch_unknown", "branch_id"),
        (ChangeHoliday(kept.id, 1, opens=None), "hours_incomplete", "opens"),
        (ChangeHoliday(kept.id, 1, opens="15:00"), "closes_early", "closes"),
        (ChangeHoliday(kept.id, 1, name=" "), "name_blank", "name"),
    ):
        with pytest.raises(Invalid, match=code) as caught:
            salon.ask(request)
        assert field_of(caught.value) == field
    assert salon.ask(ListHolidays()).items == (kept,)


def test_of_those_who_make_a_holiday_at_once_one_does(salon: Salon) -> None:
    done = together(4, lambda _: a_holiday(salon))
    assert len([each for each in done if isinstance(each, Holiday)]) == 1
    assert {each.code for each in done if isinstance(each, Refusal)} == {"holiday_exists"}


def test_the_holidays_of_other_branches_are_not_there_for_boris(salon: Salon, elsewhere: Branch) -> None:
    words = ("holidays.read", "holidays.create", "holidays.edit", "holidays.delete")
    him = boris(*words, branch_ids=frozenset({elsewhere.id}))
    kept = a_holiday(salon)
    for request, code in (
        (ShowHoliday(kept.id), "holiday_not_found"),
        (ChangeHoliday(kept.id, 1, name="His"), "holiday_not_found"),
        (RemoveHoliday(kept.id, 1), "holiday_not_found"),
        (CreateHoliday(salon.branch.id, salon.today, "His"), "branch_not_found"),
        (ListHolidays(branch_id=salon.branch.id), "branch_not_found"),
    ):
        with pytest.raises(NotFound, match=code):
            salon.ask(request, him)
    assert salon.ask(ListHolidays(), him).items == ()


# --- what they close ------------------------------------------------------------------------------------------------


def test_a_holiday_closes_its_day_and_removing_it_opens_it_again(salon: Salon) -> None:
    usual = free_on(salon, 1)
    kept = a_holiday(salon)
    assert free_on(salon, 1) == []
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("12:00", 1))
    salon.ask(ChangeHoliday(kept.id, 1, opens="12:00", closes="13:30"))
    assert free_on(salon, 1) == ["12:00", "12:15", "12:30"]
    salon.ask(RemoveHoliday(kept.id, 2))
    assert free_on(salon, 1) == usual


def test_whom_a_holiday_leaves_over_is_said_with_it(salon: Salon) -> None:
    early = salon.book(salon.at("10:00", 1), master=salon.anna)
    late = salon.book(salon.at("18:00", 1), master=salon.olga)
    gone = salon.book(salon.at("20:00", 1), master=salon.olga)
    salon.ask(CancelAppointment(gone.id, "no time"))
    salon.book(salon.at("10:00", 2))
    kept = a_holiday(salon, opens="09:00", closes="12:00")
    assert [(each.appointment_id, each.master_id, each.starts) for each in kept.stranded] == [
        (late.id, salon.olga.id, late.starts)
    ]
    closed = salon.ask(ChangeHoliday(kept.id, 1, opens=None, closes=None))
    assert [each.appointment_id for each in closed.stranded] == [early.id, late.id]
    assert salon.show(early) == early


def test_the_hours_of_a_day_are_told_when_its_holiday_changes(salon: Salon) -> None:
    before = len(told(salon))
    kept = a_holiday(salon, opens="10:00", closes="15:00")
    salon.ask(ChangeHoliday(kept.id, 1, name="Another name"))
    salon.ask(ChangeHoliday(kept.id, 2, opens=None, closes=None))
    salon.ask(RemoveHoliday(kept.id, 3))
    events = told(salon)[before:]
    for master in (salon.anna, salon.olga):
        theirs = [each for each in events if each.master_id == master.id]
        assert [clocks(each) for each in theirs] == [
            [(kept.date, [("10:00", "15:00")])],
            [(kept.date, [])],
            [(kept.date, [("09:00", "21:00")])],
        ]
        versions = [each.version for each in theirs]
        assert versions == sorted(set(versions))


def test_a_day_that_is_over_is_told_to_nobody(salon: Salon) -> None:
    salon.works(salon.anna, days=(-3,))
    before = len(told(salon))
    assert a_holiday(salon, -3).stranded == ()
    assert len(told(salon)) == before


def test_who_books_while_a_holiday_is_made_is_refused_or_named(salon: Salon) -> None:
    """Nobody is left with an appointment on a closed day of which the salon was not told."""

    def attempt(number: int) -> Any:
        if number == 0:
            return a_holiday(salon)
        return salon.book(salon.at(f"{9 + number}:00", 1), master=salon.anna if number % 2 else salon.olga)

    done = together(8, attempt)
    holiday = done[0]
    assert isinstance(holiday, Holiday)
    booked = {each.id for each in done if isinstance(each, Appointment)}
    assert booked == {each.appointment_id for each in holiday.stranded}
    assert {each.code for each in done if isinstance(each, Refusal)} <= {"outside_shift", "client_busy"}


# --- opening hours --------------------------------------------------------------------------------------------------


def test_the_hours_of_the_branch_cut_the_shifts_of_the_weekdays_that_they_name(salon: Salon) -> None:
    tomorrow = salon.today + timedelta(days=1)
    before = len(told(salon))
    hours = (OpeningHours(tomorrow.weekday(), "12:00", "14:00"),)
    salon.ask(ChangeBranch(salon.branch.id, 1, opening_hours=hours))
    events = told(salon)[before:]
    assert {each.master_id for each in events} == {salon.anna.id, salon.olga.id}
    days = dict(clocks(events[0]))
    assert days[tomorrow] == [("12:00", "14:00")]
    assert days[tomorrow + timedelta(days=1)] == [("09:00", "21:00")]
    assert min(days) == salon.today
    assert free_on(salon, 1) == ["12:00", "12:15", "12:30", "12:45", "13:00"]
    salon.ask(ChangeBranch(salon.branch.id, 2, name="Another name", opening_hours=hours))
    assert len(told(salon)) == before + 2


def test_whom_shorter_hours_leave_over_is_said_with_them(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"))
    weekday = salon.at("12:00").weekday()
    changed = salon.ask(ChangeBranch(salon.branch.id, 1, opening_hours=(OpeningHours(weekday, "13:00", "20:00"),)))
    assert [each.appointment_id for each in changed.stranded] == [made.id]
    wider = salon.ask(ChangeBranch(salon.branch.id, 2, opening_hours=(OpeningHours(weekday, "09:00", "20:00"),)))
    assert wider.stranded == ()
