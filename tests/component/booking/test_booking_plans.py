"""Templates and plans: what a cycle comes to, what stands against it, and publishing all of it or nothing."""

from datetime import date, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import pytest

from contracts.booking import (
    Assignment,
    ChangeMaster,
    ChangeShiftTemplate,
    CreateAbsence,
    CreateHoliday,
    CreateShiftTemplate,
    ListShifts,
    ListShiftTemplates,
    Master,
    OpenHoursChanged,
    Permit,
    PreviewShifts,
    PublishShifts,
    ReplaceShifts,
    Shift,
    ShiftPlan,
    ShiftTemplate,
    ShowShiftTemplate,
    TemplateShift,
)
from kernel.errors import Conflict, Invalid, NotFound, Stale
from tests.builders import a_user, boris
from tests.component.booking.salon import Salon, field_of, together

LATER = 30  # days from today, where nobody has a shift yet


def two_by_two(salon: Salon) -> ShiftTemplate:
    shifts = (TemplateShift(0, "10:00", "22:00"), TemplateShift(1, "10:00", "22:00"))
    return salon.ask(CreateShiftTemplate("2/2", 4, shifts))


def every_day(salon: Salon, starts: str = "10:00", ends: str = "18:00") -> ShiftTemplate:
    return salon.ask(CreateShiftTemplate("Daily", 1, (TemplateShift(0, starts, ends),)))


def day(salon: Salon, days: int) -> date:
    return salon.today + timedelta(days=days)


def plan(
    kind: type[PreviewShifts] | type[PublishShifts],
    salon: Salon,
    *assigned: Assignment,
    first: int = LATER,
    length: int = 8,
    **more: Any,
) -> ShiftPlan:
    dates = day(salon, first), day(salon, first + length - 1)
    return salon.ask(kind(salon.branch.id, *dates, assigned, **more))


def worked(salon: Salon, master: Master, first: int = LATER, length: int = 8) -> list[int]:
    """The days after `first` on which the master has shifts."""
    listed = salon.ask(ListShifts(master.id, day(salon, first), day(salon, first + length - 1)))
    return [(shift.date - day(salon, first)).days for shift in listed.shifts]


# --- templates ------------------------------------------------------------------------------------------------------


def test_a_template_is_kept_and_changed(salon: Salon) -> None:
    made = two_by_two(salon)
    assert (made.name, made.cycle_days, made.version) == ("2/2", 4, 1)
    assert salon.ask(ShowShiftTemplate(made.id)) == made
    week = (TemplateShift(6, "10:00", "14:00"), TemplateShift(6, "15:00", "24:00"))
    changed = salon.ask(ChangeShiftTemplate(made.id, 1, name=" Sundays ", cycle_days=7, shifts=week))
    assert (changed.name, changed.cycle_days, changed.shifts, changed.version) == ("Sundays", 7, week, 2)
    assert salon.ask(ChangeShiftTemplate(made.id, 2)) == changed
    with pytest.raises(Stale):
        salon.ask(ChangeShiftTemplate(made.id, 1, name="Mondays"))
    other = every_day(salon)
    page = salon.ask(ListShiftTemplates(limit=1))
    assert page.items == (changed,)
    assert salon.ask(ListShiftTemplates(limit=1, cursor=page.next)).items == (other,)


@pytest.mark.parametrize(
    ("shifts", "code", "field"),
    [
        ((TemplateShift(4, "10:00", "12:00"),), "day_outside_cycle", "shifts.0.day"),
        ((TemplateShift(0, "10:00", "10:00"),), "shift_ends_early", "shifts.0.ends"),
        ((TemplateShift(0, "10:00", "12:00"), TemplateShift(0, "11:00", "13:00")), "template_overlaps", "shifts.1"),
    ],
)
def test_a_template_that_cannot_be_is_refused(
    salon: Salon, shifts: tuple[TemplateShift, ...], code: str, field: str
) -> None:
    with pytest.raises(Invalid, match=code) as refused:
        salon.ask(CreateShiftTemplate("2/2", 4, shifts))
    assert field_of(refused.value) == field
    assert salon.ask(ListShiftTemplates()).items == ()


def test_a_shorter_cycle_must_still_hold_its_days(salon: Salon) -> None:
    made = two_by_two(salon)
    with pytest.raises(Invalid, match="day_outside_cycle"):
        salon.ask(ChangeShiftTemplate(made.id, 1, cycle_days=1))
    with pytest.raises(Invalid, match="name_blank"):
        salon.ask(ChangeShiftTemplate(made.id, 1, name="  "))
    assert salon.ask(ShowShiftTemplate(made.id)) == made


def test_templates_are_nobodys_own(salon: Salon) -> None:
    made = two_by_two(salon)
    own = a_user("shifts.read.own")
    assert salon.ask(ListShiftTemplates(), own).items == ()
    with pytest.raises(NotFound):
        salon.ask(ShowShiftTemplate(made.id), own)
    assert salon.ask(ShowShiftTemplate(made.id), boris("shifts.read")) == made


# --- plans ----------------------------------------------------------------------------------------------------------


def test_a_preview_shows_what_publishing_does_and_writes_nothing(salon: Salon) -> None:
    template = two_by_two(salon)
    assigned = (
        Assignment(salon.anna.id, template.id, anchor=day(salon, LATER)),
        Assignment(salon.olga.id, template.id, anchor=day(salon, LATER + 2)),
    )
    told = len(salon.booking.announced(OpenHoursChanged))
    preview = plan(PreviewShifts, salon, *assigned)
    assert not preview.published
    assert [(shift.date - day(salon, LATER)).days for shift in preview.masters[0].shifts] == [0, 1, 4, 5]
    assert [(shift.date - day(salon, LATER)).days for shift in preview.masters[1].shifts] == [2, 3, 6, 7]
    assert worked(salon, salon.anna) == []
    assert len(salon.booking.announced(OpenHoursChanged)) == told
    published = plan(PublishShifts, salon, *assigned)
    assert published.published
    assert published.masters == preview.masters
    assert worked(salon, salon.anna) == [0, 1, 4, 5]
    assert worked(salon, salon.olga) == [2, 3, 6, 7]
    events = salon.booking.announced(OpenHoursChanged)[told:]
    assert {event.master_id: len(event.days) for event in events} == {salon.anna.id: 4, salon.olga.id: 4}


def test_without_an_anchor_the_week_begins_on_monday(salon: Salon) -> None:
    monday = salon.ask(CreateShiftTemplate("Mondays", 7, (TemplateShift(0, "10:00", "18:00"),)))
    planned = plan(PreviewShifts, salon, Assignment(salon.anna.id, monday.id), length=21)
    assert len(planned.masters[0].shifts) == 3
    assert {shift.date.weekday() for shift in planned.masters[0].shifts} == {0}


def test_what_was_planned_before_is_replaced(salon: Salon) -> None:
    template = every_day(salon)
    planned = plan(PublishShifts, salon, Assignment(salon.anna.id, template.id), first=1, length=5)
    assert planned.masters[0].replaced == 5
    listed = salon.ask(ListShifts(salon.anna.id, day(salon, 0), day(salon, 6))).shifts
    assert [shift.starts for shift in listed] == ["09:00", *["10:00"] * 5, "09:00"]


def test_appointments_in_the_way_are_shown_before_anything_is_published(salon: Salon) -> None:
    kept = salon.book(salon.at("12:00", 2), master=salon.anna)
    late = salon.book(salon.at("18:00", 3), master=salon.anna)
    assigned = Assignment(salon.anna.id, every_day(salon).id)
    preview = plan(PreviewShifts, salon, assigned, first=1, length=5)
    (problem,) = preview.masters[0].problems
    assert (problem.code, problem.date, problem.appointment_id) == ("stranded", day(salon, 3), late.id)
    with pytest.raises(Conflict, match="plan_conflicts") as refused:
        plan(PublishShifts, salon, assigned, first=1, length=5)
    assert refused.value.details["conflicts"] == [
        {
            "master_id": str(salon.anna.id),
            "date": str(day(salon, 3)),
            "code": "stranded",
            "appointment_id": str(late.id),
        }
    ]
    assert salon.ask(ListShifts(salon.anna.id, day(salon, 1), day(salon, 1))).shifts[0].starts == "09:00"
    published = plan(PublishShifts, salon, assigned, first=1, length=5, despite_conflicts=True)
    assert published.masters == preview.masters
    assert salon.show(late).status == salon.show(kept).status == "booked"


def test_a_holiday_has_no_shift(salon: Salon) -> None:
    salon.ask(CreateHoliday(salon.branch.id, day(salon, LATER + 1), "New Year"))
    assigned = Assignment(salon.anna.id, every_day(salon).id)
    (planned,) = plan(PreviewShifts, salon, assigned, length=3).masters
    assert [(shift.date - day(salon, LATER)).days for shift in planned.shifts] == [0, 2]
    assert [(problem.code, problem.date) for problem in planned.problems] == [("holiday", day(salon, LATER + 1))]
    plan(PublishShifts, salon, assigned, length=3, despite_conflicts=True)
    assert worked(salon, salon.anna, length=3) == [0, 2]


def test_absences_and_papers_stand_against_a_plan(salon: Salon) -> None:
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, permits=(Permit("medical_book", day(salon, LATER + 1)),)))
    away = CreateAbsence(salon.anna.id, "leave", salon.at("12:00", LATER), salon.at("13:00", LATER))
    salon.ask(away)
    (planned,) = plan(PreviewShifts, salon, Assignment(salon.anna.id, every_day(salon).id), length=3).masters
    assert [(problem.code, (problem.date - day(salon, LATER)).days) for problem in planned.problems] == [
        ("absent", 0),
        ("permit_expired", 2),
    ]
    assert len(planned.shifts) == 3


def test_two_places_at_once_are_refused_whatever_is_said(salon: Salon) -> None:
    other = salon.a_branch("Sokol", salon.branch.time_zone)
    salon.works(salon.olga, days=[LATER + 1], branch=other)
    template = every_day(salon)
    assigned = Assignment(salon.anna.id, template.id), Assignment(salon.olga.id, template.id)
    (_, planned) = plan(PreviewShifts, salon, *assigned, length=3).masters
    assert [(problem.code, problem.date) for problem in planned.problems] == [
        ("overlaps_elsewhere", day(salon, LATER + 1))
    ]
    for despite in (False, True):
        with pytest.raises(Conflict, match="plan_conflicts") as refused:
            plan(PublishShifts, salon, *assigned, length=3, despite_conflicts=despite)
        assert [conflict["code"] for conflict in refused.value.details["conflicts"]] == ["overlaps_elsewhere"]
    assert worked(salon, salon.anna, length=3) == []


def test_what_a_plan_names_must_be_there(salon: Salon) -> None:
    template, nobody = every_day(salon), UUID(int=1)
    salon.ask(ChangeMaster(salon.olga.id, salon.olga.version, active=False))
    anna = Assignment(salon.anna.id, template.id)
    for assigned, code, field in (
        ((anna, Assignment(nobody, template.id)), "master_unknown", "assignments.1.master_id"),
        ((Assignment(salon.olga.id, template.id),), "master_unknown", "assignments.0.master_id"),
        ((Assignment(salon.anna.id, nobody),), "template_unknown", "assignments.0.template_id"),
        ((anna, anna), "master_twice", "assignments.1.master_id"),
    ):
        for kind in (PreviewShifts, PublishShifts):
            with pytest.raises(Invalid, match=code) as refused:
                plan(kind, salon, *assigned)
            assert field_of(refused.value) == field
    assert worked(salon, salon.anna) == []


def test_the_dates_of_a_plan_have_an_order_and_an_end(salon: Salon) -> None:
    template = every_day(salon)
    anna = (Assignment(salon.anna.id, template.id),)
    for first, last, code in (
        (day(salon, 3), day(salon, 2), "period_invalid"),
        (day(salon, 0), day(salon, 92), "period_too_long"),
        (date(9999, 12, 1), date(9999, 12, 31), "date_out_of_range"),
        (day(salon, 1090), day(salon, 1099), "date_out_of_range"),
    ):
        with pytest.raises(Invalid, match=code):
            salon.ask(PreviewShifts(salon.branch.id, first, last, anna))
    assert salon.ask(PreviewShifts(salon.branch.id, day(salon, 0), day(salon, 91), anna)).masters[0].replaced == 14
    with pytest.raises(Invalid, match="branch_unknown"):
        salon.ask(PreviewShifts(UUID(int=1), day(salon, 0), day(salon, 1), anna))


def test_boris_may_not_plan_here(salon: Salon) -> None:
    anna = (Assignment(salon.anna.id, every_day(salon).id),)
    for kind in (PreviewShifts, PublishShifts):
        with pytest.raises(NotFound, match="branch_not_found"):
            salon.ask(kind(salon.branch.id, day(salon, 1), day(salon, 2), anna), boris("shifts.read", "shifts.edit"))


def test_two_who_publish_at_once_leave_one_whole_plan(salon: Salon) -> None:
    templates = [every_day(salon, f"{8 + number:02}:00") for number in range(4)]

    def attempt(number: int) -> object:
        template = templates[number].id
        both = [Assignment(salon.anna.id, template), Assignment(salon.olga.id, template)]
        return plan(PublishShifts, salon, *(both if number % 2 else reversed(both)), first=1)

    assert all(isinstance(each, ShiftPlan) for each in together(4, attempt))
    starts = {
        shift.starts
        for master in (salon.anna, salon.olga)
        for shift in salon.ask(ListShifts(master.id, day(salon, 1), day(salon, 8))).shifts
    }
    assert len(starts) == 1


def test_fifty_masters_over_eight_weeks_are_looked_at_in_two_seconds(salon: Salon) -> None:
    template = two_by_two(salon)
    masters = [salon.a_master(f"Master {number}", salon.haircut.id) for number in range(50)]
    for master in masters:
        salon.ask(
            ReplaceShifts(
                master.id, salon.branch.id, tuple(Shift(day(salon, n), "09:00", "21:00") for n in range(1, 57))
            )
        )
    assigned = tuple(
        Assignment(master.id, template.id, day(salon, number % 4)) for number, master in enumerate(masters)
    )
    began = monotonic()
    preview = plan(PreviewShifts, salon, *assigned, first=1, length=56)
    assert monotonic() - began < 2
    assert sum(master.replaced for master in preview.masters) == 50 * 56
    published = plan(PublishShifts, salon, *assigned, first=1, length=56)
    assert published.masters == preview.masters


# --- by hand --------------------------------------------------------------------------------------------------------


def by_hand(salon: Salon, master: Master, *days: int, clear: tuple[int, ...] = (), ends: str = "18:00") -> Assignment:
    shifts = tuple(Shift(day(salon, number), "10:00", ends) for number in days)
    return Assignment(master.id, shifts=shifts, dates=tuple(day(salon, number) for number in clear))


def test_what_is_painted_replaces_the_days_it_names_and_no_others(salon: Salon) -> None:
    assigned = by_hand(salon, salon.anna, 2, clear=(3,)), by_hand(salon, salon.olga, clear=(1,))
    preview = plan(PreviewShifts, salon, *assigned, first=1, length=5)
    assert [master.replaced for master in preview.masters] == [2, 1]
    published = plan(PublishShifts, salon, *assigned, first=1, length=5)
    assert published.masters == preview.masters
    assert worked(salon, salon.anna, first=1, length=5) == [0, 1, 3, 4]
    assert worked(salon, salon.olga, first=1, length=5) == [1, 2, 3, 4]
    listed = salon.ask(ListShifts(salon.anna.id, day(salon, 1), day(salon, 3))).shifts
    assert [(shift.starts, shift.ends) for shift in listed] == [("09:00", "21:00"), ("10:00", "18:00")]


def test_what_is_painted_over_an_appointment_is_refused_as_a_whole(salon: Salon) -> None:
    late = salon.book(salon.at("18:00", 3), master=salon.anna)
    assigned = by_hand(salon, salon.olga, 2), by_hand(salon, salon.anna, 3)
    (_, planned) = plan(PreviewShifts, salon, *assigned, first=1, length=5).masters
    assert [(problem.code, problem.appointment_id) for problem in planned.problems] == [("stranded", late.id)]
    with pytest.raises(Conflict, match="plan_conflicts"):
        plan(PublishShifts, salon, *assigned, first=1, length=5)
    assert salon.ask(ListShifts(salon.olga.id, day(salon, 2), day(salon, 2))).shifts[0].starts == "09:00"
    assert plan(PublishShifts, salon, *assigned, first=1, length=5, despite_conflicts=True).published
    # It is left over from now on, and no reason to refuse what is said of another day.
    assert plan(PublishShifts, salon, by_hand(salon, salon.anna, 4), first=1, length=5).published


def test_a_plan_by_hand_that_cannot_be_is_refused(salon: Salon) -> None:
    template = every_day(salon)
    double = Assignment(
        salon.anna.id, shifts=(Shift(day(salon, 1), "10:00", "14:00"), Shift(day(salon, 1), "13:00", "18:00"))
    )
    for assigned, code, field in (
        (double, "shift_overlaps", "assignments.0.shifts.1"),
        (by_hand(salon, salon.anna, 1, ends="09:00"), "shift_ends_early", "assignments.0.shifts.0.ends"),
        (by_hand(salon, salon.anna, 9), "date_outside_plan", "assignments.0.dates"),
        (by_hand(salon, salon.anna, clear=(0,)), "date_outside_plan", "assignments.0.dates"),
        (
            Assignment(salon.anna.id, template.id, dates=(day(salon, 1),)),
            "template_or_shifts",
            "assignments.0.shifts",
        ),
    ):
        for kind in (PreviewShifts, PublishShifts):
            with pytest.raises(Invalid, match=code) as refused:
                plan(kind, salon, assigned, first=1, length=5)
            assert field_of(refused.value) == field


def test_a_plan_that_names_no_date_changes_nothing(salon: Salon) -> None:
    published = plan(PublishShifts, salon, Assignment(salon.anna.id), first=1, length=5)
    assert published.masters[0].replaced == 0
    assert worked(salon, salon.anna, first=1, length=5) == [0, 1, 2, 3, 4]
