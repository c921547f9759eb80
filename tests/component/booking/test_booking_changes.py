"""Changing a visit: on which day it stays, and what of it stays as it was promised."""

from datetime import timedelta

import pytest

from contracts.booking import (
    ArriveAppointment,
    BookSeries,
    ChangeAppointment,
    ChangeSeries,
    ChangeService,
    CompleteAppointment,
    ReplaceShifts,
    Rule,
    VisitCompleted,
    WantedSegment,
)
from kernel.errors import Conflict
from tests.builders import CLARA
from tests.component.booking.salon import Salon, roubles


def test_who_has_come_stays_on_that_day_and_as_late_as_they_were(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0), master=salon.anna)
    salon.put_back(made, 2.25)
    late = salon.ask(ArriveAppointment(made.id))
    for more in ({}, {"segments": (WantedSegment(salon.haircut.id, salon.olga.id),)}):
        with pytest.raises(Conflict, match="wrong_status"):
            salon.ask(ChangeAppointment(made.id, late.version, starts=salon.at("12:00", 1), **more))
    later = salon.ask(ChangeAppointment(made.id, late.version, starts=salon.at("15:00", 0)))
    assert (later.status, later.starts) == ("arrived", salon.at("15:00", 0))
    assert late.late_minutes and later.late_minutes == late.late_minutes
    other = (WantedSegment(salon.haircut.id, salon.olga.id),)
    assert salon.ask(ChangeAppointment(made.id, later.version, segments=other)).late_minutes == late.late_minutes
    salon.ask(CompleteAppointment(made.id))
    assert salon.booking.announced(VisitCompleted)[0].late_minutes == late.late_minutes


def test_who_has_come_stays_on_that_day_in_a_series_too(salon: Salon) -> None:
    haircut = (WantedSegment(salon.haircut.id, salon.anna.id),)
    series = salon.ask(BookSeries(salon.branch.id, CLARA, salon.at("12:00", 0), haircut, Rule("WEEKLY", count=2)))
    today = series.appointments[0].appointment_id
    salon.ask(ArriveAppointment(today))
    with pytest.raises(Conflict, match="wrong_status"):
        salon.ask(ChangeSeries(series.id, "this", today, starts=salon.at("12:00", 1)))
    moved = salon.ask(ChangeSeries(series.id, "this", today, starts=salon.at("15:00", 0)))
    assert moved.appointments[0].starts == salon.at("15:00", 0)


# --- what was promised ----------------------------------------------------------------------------------------------


def test_what_is_added_changes_nothing_of_what_was_booked(salon: Salon) -> None:
    """Segments are sent whole; those that were booked keep their terms, though their service has gone."""
    colour, manicure = (salon.a_service(name, 30, price=100_000) for name in ("Colour", "Manicure"))
    salon.renders(salon.anna, salon.haircut, colour, manicure)
    made = salon.book(salon.at("12:00"), salon.haircut, colour, master=salon.anna)
    dearer = {"price": roubles(999_900), "duration_minutes": 120, "buffer_after_minutes": 30, "active": False}
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, **dearer))
    salon.loyalty_says(10)
    wanted = (WantedSegment(manicure.id), WantedSegment(salon.haircut.id), WantedSegment(colour.id, salon.anna.id))
    changed = salon.ask(ChangeAppointment(made.id, 1, segments=wanted))
    new, haircut, dyed = changed.segments
    assert [haircut.id, dyed.id] == [part.id for part in made.segments]
    assert (haircut.price, haircut.master_id) == (roubles(250_000), salon.anna.id)
    assert (new.starts, haircut.starts, dyed.starts) == tuple(salon.at(each) for each in ("12:00", "12:30", "13:30"))
    assert (changed.total, changed.due) == (roubles(450_000), roubles(405_000))
    assert [line.segment_id for line in changed.lines] == [new.id, haircut.id, dyed.id]
    assert [line.id for line in changed.lines[1:]] == [line.id for line in made.lines]
    fewer = salon.ask(ChangeAppointment(made.id, 2, segments=wanted[1:2]))
    assert ([part.id for part in fewer.segments], fewer.due) == ([haircut.id], roubles(225_000))


def test_the_same_segments_again_are_the_same_visit(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, price=roubles(1), duration_minutes=120))
    wanted = (WantedSegment(salon.haircut.id),)
    changed = salon.ask(ChangeAppointment(made.id, 1, segments=wanted, starts=salon.at("15:00")))
    assert (changed.lines, changed.ends) == (made.lines, salon.at("16:00"))
    other = salon.ask(ChangeAppointment(made.id, 2, segments=(WantedSegment(salon.haircut.id, salon.olga.id),)))
    assert (other.total, other.ends) == (roubles(1), salon.at("17:00"))
    twice = salon.ask(ChangeAppointment(made.id, 3, segments=wanted * 2))
    assert [part.id == other.segments[0].id for part in twice.segments] == [True, False]


def test_who_cannot_come_is_stood_in_for_on_the_same_terms(salon: Salon) -> None:
    """Segments that name nobody stay with who was booked as long as they can."""
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, price=roubles(1)))
    wanted = (WantedSegment(salon.haircut.id),)
    same = salon.ask(ChangeAppointment(made.id, 1, segments=wanted, starts=salon.at("13:00")))
    assert same.segments[0].master_id == salon.anna.id
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (), (salon.today + timedelta(days=1),)))
    other = salon.ask(ChangeAppointment(made.id, 2, segments=wanted))
    assert (other.segments[0].master_id, other.total) == (salon.olga.id, made.total)
    assert other.lines[0].master_id == salon.olga.id
