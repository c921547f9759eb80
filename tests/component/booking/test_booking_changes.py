"""Changing a visit: on which day it stays, and what of it stays as it was promised."""

import pytest

from contracts.booking import (
    ArriveAppointment,
    BookSeries,
    ChangeAppointment,
    ChangeSeries,
    CompleteAppointment,
    Rule,
    VisitCompleted,
    WantedSegment,
)
from kernel.errors import Conflict
from tests.builders import CLARA
from tests.component.booking.salon import Salon


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
