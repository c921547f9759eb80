"""How far back whoever is bound by their roles sees appointments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from contracts.booking import (
    ListAppointments,
    ListSeries,
    ReadAppointmentCalendar,
    ShowAppointment,
    ShowDaySheet,
    ShowHistory,
    ShowSeries,
)
from kernel.caller import Caller
from kernel.errors import NotFound
from services.booking.tables import appointments
from tests.builders import CLARA, OWNER, a_user
from tests.component.booking.salon import Salon
from tests.component.booking.test_booking_past_visits import a_past_visit, record
from tests.component.booking.test_booking_series import a_series

BOUND = replace(OWNER, history_days=30)


def days_ago(salon: Salon, days: int) -> object:
    """The id of a visit so many days ago."""
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    (item,) = record(salon, a_past_visit(salon, f"receipts.csv:{days}", starts=starts))
    return item.id


@pytest.mark.parametrize("request_of", [ShowAppointment, ShowHistory, ReadAppointmentCalendar])
def test_an_old_visit_is_not_there_for_whoever_is_bound(salon: Salon, request_of: type) -> None:
    """By whichever door; a younger one is."""
    old, young = days_ago(salon, 35), days_ago(salon, 25)
    with pytest.raises(NotFound, match="appointment_not_found"):
        salon.ask(request_of(old), BOUND)
    assert salon.ask(request_of(young), BOUND)
    assert salon.ask(request_of(old))


def test_lists_begin_where_the_caller_may_look(salon: Salon) -> None:
    """And say so; clients see all of their own."""
    old, young = days_ago(salon, 35), days_ago(salon, 25)

    def ids(caller: Caller) -> list[object]:
        return [one.id for one in salon.ask(ListAppointments(client_id=CLARA), caller).items]

    assert ids(BOUND) == [young]
    assert ids(OWNER) == [old, young]
    clara = a_user("appointments.read.own", client_id=CLARA, history_days=0)
    assert ids(clara) == [old, young]
    assert salon.ask(ShowAppointment(old), clara).id == old
    today = datetime.now(UTC).date()
    assert salon.ask(ListAppointments(), BOUND).history_from == today - timedelta(days=30)
    assert salon.ask(ListAppointments(), OWNER).history_from is None


def test_a_series_is_shown_from_where_the_caller_may_look(salon: Salon) -> None:
    """Alone and in a list, with whoever is bound; whose it is sees all of it."""
    series = a_series(salon)
    first, starts = series.appointments[0].appointment_id, datetime.now(UTC) - timedelta(days=35)
    with salon.booking.session() as session:
        moved = {"starts": starts, "ends": starts + timedelta(hours=1), "local_date": starts.date()}
        session.execute(update(appointments).where(appointments.c.id == first).values(moved))
        session.commit()
    (listed,) = salon.ask(ListSeries(), BOUND).items
    for shown in (listed, salon.ask(ShowSeries(series.id), BOUND)):
        assert first not in {one.appointment_id for one in shown.appointments}
        assert len(shown.appointments) == len(series.appointments) - 1
        assert shown.history_from == datetime.now(UTC).date() - timedelta(days=30)
    clara = a_user("appointments.read.own", client_id=CLARA, history_days=0)
    for caller in (OWNER, clara):
        assert len(salon.ask(ShowSeries(series.id), caller).appointments) == len(series.appointments)


def test_the_sheet_of_an_old_day_is_empty_for_whoever_is_bound(salon: Salon) -> None:
    """That of a younger one is not."""
    for days, shown in ((35, 0), (25, 1)):
        starts = salon.ask(ShowAppointment(days_ago(salon, days))).starts
        sheet = ShowDaySheet(salon.branch.id, starts.date())
        assert len(salon.ask(sheet, BOUND).masters) == shown
        assert len(salon.ask(sheet, OWNER).masters) == 1
