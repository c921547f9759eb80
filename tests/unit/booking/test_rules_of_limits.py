"""How far ahead somebody may book, how late a client may book or cancel, and how late one came."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kernel.errors import Conflict, Invalid
from services.booking.domain.appointment import Appointment, Segment, Status
from services.booking.domain.bill import Bill
from services.booking.domain.diary import Limits, check_cut_off, check_horizon, check_lead, strictest
from services.booking.domain.wish import Phase

NOW = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")  # where it is half past eleven in the evening
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def limits(horizon: int = 90, lead: int = 0, cut_off: int = 0) -> Limits:
    return Limits(horizon * DAY, lead * HOUR, cut_off * HOUR)


def test_the_strictest_of_a_visits_services_holds() -> None:
    assert strictest([limits(30, 2, 24), limits(60, 5, 1)]) == limits(30, 5, 24)


def test_the_horizon_is_a_date_of_the_branch() -> None:
    check_horizon(datetime(2026, 3, 2, 20, 59, tzinfo=UTC), limits(1), NOW, MOSCOW)
    with pytest.raises(Invalid, match="outside_horizon"):
        check_horizon(datetime(2026, 3, 2, 21, 0, tzinfo=UTC), limits(1), NOW, MOSCOW)


def test_clients_book_some_time_ahead() -> None:
    check_lead(NOW + 2 * HOUR, limits(lead=2), NOW)
    with pytest.raises(Invalid, match="too_soon"):
        check_lead(NOW + 2 * HOUR - timedelta(minutes=1), limits(lead=2), NOW)


def test_clients_change_their_mind_some_time_ahead() -> None:
    check_cut_off(NOW + DAY, limits(cut_off=24), NOW)
    with pytest.raises(Conflict, match="too_late_to_change") as refused:
        check_cut_off(NOW + 23 * HOUR, limits(cut_off=24), NOW)
    assert refused.value.details["can_change_until"] == NOW - HOUR


@pytest.mark.parametrize(("came", "late"), [(-600, 0), (0, 0), (59, 0), (60, 1), (3599, 59), (None, None)])
def test_lateness_is_whole_minutes_after_the_start(came: int | None, late: int | None) -> None:
    arrived_at = None if came is None else NOW + timedelta(seconds=came)
    visit = Appointment(
        id=UUID(int=1),
        branch_id=UUID(int=2),
        client_id=None,
        status=Status.ARRIVED,
        starts=NOW,
        ends=NOW + HOUR,
        local_date=NOW.date(),
        segments=(),
        bill=Bill("RUB"),
        arrived_at=arrived_at,
        expected_at=None if came is None else NOW,
    )
    assert visit.late_minutes == late


def test_a_segment_takes_as_much_again_at_another_time() -> None:
    plain = Segment(UUID(int=1), UUID(int=2), UUID(int=3), NOW, NOW + HOUR, 100, 10, 5)
    assert (plain.need.phases, plain.need.before, plain.need.after, plain.need.price) == ((Phase(60),), 10, 5, 100)
    phases = (Phase(20), Phase(20, busy=False), Phase(20))
    waits = Segment(UUID(int=1), UUID(int=2), UUID(int=3), NOW, NOW + HOUR, 100, phases=phases, unit_ids=(UUID(int=4),))
    assert waits.need.phases == phases
    assert (plain.room_id, waits.room_id) == (None, UUID(int=4))
