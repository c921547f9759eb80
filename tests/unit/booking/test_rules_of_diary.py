"""The diary's rules and the appointment's statuses, without a database."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kernel.errors import Conflict, Invalid
from kernel.time import Interval
from services.booking.domain.appointment import COMES_FROM, Appointment, Status, become, must_be_open
from services.booking.domain.bill import Bill
from services.booking.domain.diary import check_start

NINE = datetime(2026, 6, 1, 9, tzinfo=UTC)
ANNA, OLGA, CUT, COLOUR = (UUID(int=number) for number in (1, 2, 11, 12))


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def span(first: int, last: int) -> Interval:
    return Interval(at(first), at(last))


def test_an_appointment_starts_ahead_on_a_whole_minute() -> None:
    check_start(at(1), NINE)
    for starts, code in ((NINE, "slot_in_past"), (at(1) + timedelta(seconds=5), "start_not_whole_minute")):
        with pytest.raises(Invalid, match=code):
            check_start(starts, NINE)


# --- statuses -------------------------------------------------------------------------------------------------------

TOKYO = ZoneInfo("Asia/Tokyo")


def an_appointment(status: Status = Status.BOOKED) -> Appointment:
    """It starts at 18:00 in Tokyo, where the day began at 15:00 UTC of the day before."""
    return Appointment(UUID(int=1), UUID(int=2), None, status, NINE, at(60), date(2026, 6, 1), (), Bill("JPY"))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("to", COMES_FROM)
def test_only_the_steps_of_the_way_are_taken(status: Status, to: Status) -> None:
    if status in COMES_FROM[to]:
        after = become(an_appointment(status), to, at(120), TOKYO)
        assert (after.status, after.version) == (to, 2)
    else:
        with pytest.raises(Conflict, match="wrong_status"):
            become(an_appointment(status), to, at(120), TOKYO)


@pytest.mark.parametrize("to", [Status.ARRIVED, Status.COMPLETED])
def test_the_day_begins_in_the_zone_of_the_branch(to: Status) -> None:
    midnight = datetime(2026, 5, 31, 15, tzinfo=UTC)
    assert become(an_appointment(), to, midnight, TOKYO).status is to
    with pytest.raises(Conflict, match="too_early"):
        become(an_appointment(), to, midnight - timedelta(seconds=1), TOKYO)


def test_nobody_is_missed_before_the_start() -> None:
    assert become(an_appointment(), Status.NO_SHOW, NINE, TOKYO).status is Status.NO_SHOW
    with pytest.raises(Conflict, match="too_early"):
        become(an_appointment(), Status.NO_SHOW, NINE - timedelta(seconds=1), TOKYO)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_what_is_over_does_not_move(status: Status) -> None:
    must_be_open(an_appointment(Status.CONFIRMED))
    with pytest.raises(Conflict, match="wrong_status"):
        must_be_open(an_appointment(status))
