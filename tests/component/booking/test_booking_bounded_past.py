"""How far back whoever is bound by their roles sees appointments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.booking import ListAppointments, ReadAppointmentCalendar, ShowAppointment, ShowDaySheet, ShowHistory
from kernel.caller import Caller
from kernel.errors import NotFound
from tests.builders import CLARA, OWNER, a_user
from tests.component.booking.salon import Salon
from tests.component.booking.test_booking_past_visits import a_past_visit, record

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


def test_the_sheet_of_an_old_day_is_empty_for_whoever_is_bound(salon: Salon) -> None:
    """That of a younger one is not."""
    for days, shown in ((35, 0), (25, 1)):
        starts = salon.ask(ShowAppointment(days_ago(salon, days))).starts
        sheet = ShowDaySheet(salon.branch.id, starts.date())
        assert len(salon.ask(sheet, BOUND).masters) == shown
        assert len(salon.ask(sheet, OWNER).masters) == 1
