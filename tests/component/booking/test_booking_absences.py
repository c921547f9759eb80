"""Absences: time that closes whatever the shifts say, why, whom it strands, and that it opens again."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from chassis.database import new_id
from contracts.booking import (
    Absence,
    Appointment,
    BookAppointment,
    ChangeAbsence,
    CreateAbsence,
    ListAbsences,
    OpenHoursChanged,
    RemoveAbsence,
    ReplaceShifts,
    Shift,
    ShowAbsence,
    WantedSegment,
)
from kernel.errors import Conflict, Invalid, NotFound, Stale
from kernel.time import utc_now
from services.booking.tables import absences, openings, waiting_entries
from tests.builders import CLARA, a_user, boris
from tests.component.booking.salon import Salon, field_of, together

EVERY = ("absences.create", "absences.read", "absences.edit", "absences.delete")


def away(salon: Salon, starts: str = "12:00", ends: str = "15:00", days: int = 1, **more: Any) -> Absence:
    asking = {"caller": more.pop("caller")} if "caller" in more else {}
    kind = more.pop("kind", "leave")
    return salon.ask(CreateAbsence(salon.anna.id, kind, salon.at(starts, days), salon.at(ends, days), **more), **asking)


def told(salon: Salon) -> list[tuple[str, str]]:
    """The open time of Anna's day in the latest event about her, as clocks of the branch."""
    events = [event for event in salon.booking.announced(OpenHoursChanged) if event.master_id == salon.anna.id]
    (day,) = [day for day in events[-1].days if day.date == salon.at("12:00").date()]
    return [
        (f"{each.starts.astimezone(salon.tz):%H:%M}", f"{each.ends.astimezone(salon.tz):%H:%M}") for each in day.open
    ]


def test_nobody_is_booked_with_who_is_away(salon: Salon) -> None:
    made = away(salon, reason="a wedding")
    assert (made.kind, made.reason, made.version, made.stranded) == ("leave", "a wedding", 1, ())
    assert (made.starts, made.ends) == (salon.at("12:00"), salon.at("15:00"))
    for clock in ("11:30", "12:00", "14:30"):
        with pytest.raises(Conflict, match="outside_shift"):
            salon.book(salon.at(clock), master=salon.anna)
    salon.book(salon.at("11:00"), master=salon.anna)
    salon.book(salon.at("15:00"), master=salon.anna)
    assert salon.ask(ShowAbsence(made.id)) == made
    assert told(salon) == [("09:00", "12:00"), ("15:00", "21:00")]


def test_whoever_is_booked_already_is_named(salon: Salon) -> None:
    kept = salon.book(salon.at("11:00"), master=salon.anna)
    left = salon.book(salon.at("14:30"), master=salon.anna, client=UUID(int=7))
    made = away(salon)
    assert [each.appointment_id for each in made.stranded] == [left.id]
    wider = salon.ask(ChangeAbsence(made.id, 1, starts=salon.at("11:30")))
    assert [each.appointment_id for each in wider.stranded] == [kept.id, left.id]
    assert salon.ask(ShowAbsence(made.id)).stranded == wider.stranded
    assert salon.ask(ListAbsences()).items[0].stranded == ()


def test_only_the_appointments_of_ones_own_branches_are_named(salon: Salon) -> None:
    """What Boris does to the day of a master who works in both branches strands more than he may see."""
    other = salon.a_branch("Sokol", salon.branch.time_zone)
    salon.works(salon.anna, "09:00", "15:00", days=[1])
    salon.works(salon.anna, "15:00", "21:00", days=[1], branch=other)
    here = salon.book(salon.at("12:00"), master=salon.anna)
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id),)
    there = salon.ask(BookAppointment(other.id, CLARA, salon.at("16:00"), wanted))
    boris_there = boris(*EVERY, branch_ids=frozenset({other.id}))
    made = away(salon, "11:00", "20:00", caller=boris_there)
    changed = salon.ask(ChangeAbsence(made.id, 1, starts=salon.at("10:00")), boris_there)
    shown = salon.ask(ShowAbsence(made.id), boris_there)
    for absence in (made, changed, shown):
        assert [each.appointment_id for each in absence.stranded] == [there.id]
    assert [each.appointment_id for each in salon.ask(ShowAbsence(made.id)).stranded] == [here.id, there.id]


def test_an_absence_closes_all_branches(salon: Salon) -> None:
    other = salon.a_branch("Sokol", "Asia/Vladivostok")
    tomorrow = salon.today + timedelta(days=1)
    week = tuple(tomorrow + timedelta(days=day) for day in range(7))
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (Shift(tomorrow, "09:00", "12:00"),), week))
    salon.ask(ReplaceShifts(salon.anna.id, other.id, (Shift(tomorrow + timedelta(days=2), "09:00", "20:00"),)))
    here = salon.book(salon.at("10:00"), master=salon.anna)
    noon = datetime.combine(tomorrow + timedelta(days=2), time(12), ZoneInfo("Asia/Vladivostok"))
    segment = (WantedSegment(salon.haircut.id, salon.anna.id),)
    there = salon.ask(BookAppointment(other.id, CLARA, noon, segment))
    made = salon.ask(CreateAbsence(salon.anna.id, "sick", salon.at("09:00"), salon.at("23:00", 4)))
    assert [(each.appointment_id, each.starts) for each in made.stranded] == [
        (here.id, here.starts),
        (there.id, there.starts),
    ]
    assert made.stranded[1].starts.utcoffset() == timedelta(hours=10)
    closed = {
        event.branch_id: day.open
        for event in salon.booking.announced(OpenHoursChanged)
        for day in event.days
        if event.master_id == salon.anna.id and day.date in (tomorrow, tomorrow + timedelta(days=2))
    }
    assert closed == {salon.branch.id: (), other.id: ()}


def test_an_absence_moves_and_ends(salon: Salon) -> None:
    made = away(salon)
    moved = salon.ask(ChangeAbsence(made.id, 1, kind="sick", starts=salon.at("17:00"), ends=salon.at("18:00")))
    assert (moved.kind, moved.starts, moved.version) == ("sick", salon.at("17:00"), 2)
    assert told(salon) == [("09:00", "17:00"), ("18:00", "21:00")]
    assert salon.ask(ChangeAbsence(made.id, 2)) == moved
    salon.book(salon.at("12:00"), master=salon.anna)
    with pytest.raises(Stale):
        salon.ask(ChangeAbsence(made.id, 1, kind="other"))
    with pytest.raises(Stale):
        salon.ask(RemoveAbsence(made.id, 1))
    assert salon.ask(RemoveAbsence(made.id, 2)).id == made.id
    assert told(salon) == [("09:00", "21:00")]
    with pytest.raises(NotFound, match="absence_not_found"):
        salon.ask(ShowAbsence(made.id))
    salon.book(salon.at("17:00"), master=salon.anna, client=UUID(int=7))


def test_a_reason_is_sealed_and_shown_to_few(salon: Salon) -> None:
    made = away(salon, kind="sick", reason="a slipped disc")
    with salon.booking.session() as session:
        kept = session.scalar(select(absences.c.reason))
    assert kept and b"disc" not in kept
    here = {"branch_ids": frozenset({salon.branch.id})}
    assert salon.ask(ShowAbsence(made.id), a_user("absences.read", **here)).reason == "•••"
    health = a_user("absences.read", marks=frozenset({"health"}), **here)
    assert salon.ask(ListAbsences(), health).items[0].reason == "a slipped disc"
    changed = salon.ask(ChangeAbsence(made.id, 1, reason=None))
    assert (changed.reason, changed.kind, changed.version) == (None, "sick", 2)


@pytest.mark.parametrize(
    ("starts", "ends", "code", "field"),
    [
        (1, 1, "absence_ends_early", "ends"),
        (2, 1, "absence_ends_early", "ends"),
        (0, 401, "absence_too_long", "ends"),
        (1100, 1101, "date_out_of_range", "starts"),
        (1000, 1100, "date_out_of_range", "ends"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(salon: Salon, starts: int, ends: int, code: str, field: str) -> None:
    now = utc_now()
    times = now + timedelta(days=starts), now + timedelta(days=ends)
    made = away(salon)
    for request in (CreateAbsence(salon.anna.id, "leave", *times), ChangeAbsence(made.id, 1, "leave", *times)):
        with pytest.raises(Invalid, match=code) as refused:
            salon.ask(request)
        assert field_of(refused.value) == field
    assert salon.ask(ShowAbsence(made.id)) == made


def test_what_an_absence_names_must_be_there(salon: Salon) -> None:
    with pytest.raises(Invalid, match="master_unknown") as refused:
        salon.ask(CreateAbsence(UUID(int=1), "leave", salon.at("12:00"), salon.at("13:00")))
    assert field_of(refused.value) == "master_id"
    far = datetime(9999, 12, 31, tzinfo=UTC)
    with pytest.raises(Invalid, match="time_out_of_range"):
        salon.ask(CreateAbsence(salon.anna.id, "leave", far, far + timedelta(hours=1)))


def test_nobody_is_away_twice_at_once(salon: Salon) -> None:
    first = away(salon)
    with pytest.raises(Conflict, match="absence_overlaps"):
        away(salon, "14:00", "16:00")
    second = away(salon, "15:00", "16:00")
    with pytest.raises(Conflict, match="absence_overlaps"):
        salon.ask(ChangeAbsence(second.id, 1, starts=salon.at("14:59")))
    salon.ask(ChangeAbsence(first.id, 1, starts=salon.at("12:30")))
    results = together(4, lambda number: away(salon, "18:00", f"{19 + number % 2}:00"))
    assert [each.code for each in results if isinstance(each, Conflict)] == ["absence_overlaps"] * 3


def test_absences_are_listed_by_master_and_dates(salon: Salon) -> None:
    first, second = away(salon, days=1), away(salon, days=5)
    for request, wanted in (
        (ListAbsences(), [first, second]),
        (ListAbsences(from_=salon.today + timedelta(days=2)), [second]),
        (ListAbsences(to=salon.today + timedelta(days=1)), [first]),
        (ListAbsences(from_=salon.today + timedelta(days=5), to=salon.today + timedelta(days=5)), [second]),
        (ListAbsences(salon.anna.id), [first, second]),
        (ListAbsences(salon.olga.id), []),
    ):
        assert list(salon.ask(request).items) == wanted
    page = salon.ask(ListAbsences(limit=1))
    assert list(salon.ask(ListAbsences(limit=1, cursor=page.next)).items) == [second]
    with pytest.raises(NotFound, match="master_not_found"):
        salon.ask(ListAbsences(UUID(int=1)))
    with pytest.raises(Invalid, match="date_out_of_range"):
        salon.ask(ListAbsences(to=date.max))


def test_masters_see_their_own_and_boris_none(salon: Salon) -> None:
    login = UUID(int=77)
    made = away(salon, reason="a wedding")
    for request in (ShowAbsence(made.id), ChangeAbsence(made.id, 1, kind="other"), RemoveAbsence(made.id, 1)):
        with pytest.raises(NotFound, match="absence_not_found"):
            salon.ask(request, boris(*EVERY))
    with pytest.raises(Invalid, match="master_unknown"):
        away(salon, caller=boris(*EVERY))
    own = a_user("absences.read.own", id=login)
    for caller in (boris(*EVERY), own):
        assert salon.ask(ListAbsences(), caller).items == ()
    salon.renders(salon.anna, salon.haircut, user_id=login)
    assert salon.ask(ShowAbsence(made.id), own).id == made.id
    assert len(salon.ask(ListAbsences(), own).items) == 1


def test_time_that_opens_again_is_offered_to_those_who_wait(salon: Salon) -> None:
    made = away(salon)
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
    changed = salon.ask(ChangeAbsence(made.id, 1, starts=salon.at("13:00")))
    salon.ask(RemoveAbsence(made.id, changed.version))
    with salon.booking.session() as session:
        rows = session.execute(select(openings.c.starts, openings.c.ends).order_by(openings.c.id)).all()
    assert [(row.starts, row.ends) for row in rows] == [
        (salon.at("12:00"), salon.at("13:00")),
        (salon.at("13:00"), salon.at("15:00")),
    ]


def test_a_booking_that_comes_meanwhile_is_refused_or_named(salon: Salon) -> None:
    segment = (WantedSegment(salon.haircut.id, salon.anna.id),)
    for day in range(1, 9):

        def attempt(number: int, day: int = day) -> object:
            if number == 2:
                return away(salon, "09:00", "21:00", day)
            starts = salon.at(f"{10 + number}:00", day)
            return salon.ask(BookAppointment(salon.branch.id, UUID(int=day * 10 + number + 1), starts, segment))

        results = together(4, attempt)
        made = {each.id for each in results if isinstance(each, Appointment)}
        (absence,) = [each for each in results if isinstance(each, Absence)]
        assert {left.appointment_id for left in absence.stranded} == made
        assert {each.code for each in results if isinstance(each, Conflict)} <= {"outside_shift"}
