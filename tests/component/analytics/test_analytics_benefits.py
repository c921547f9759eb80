"""What the salon gains: only what is measured, by month, for the branches that the caller may see."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from contracts.analytics import ShowBenefits
from contracts.booking import OpenDay, OpenHoursChanged, OpenTime
from contracts.clients import EnquiryAnswered, EnquiryReceived
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics import queries
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_user, anna, boris
from tests.component.analytics.test_analytics_work import events_of
from tests.counting import count
from tests.facts import IRINA, NOON, OLGA, numbered

DAY = date(2026, 3, 2)
TOLD = datetime(2026, 2, 20, tzinfo=UTC)
LONG_AFTER = date(2026, 12, 1)


@pytest.fixture
def analytics(start):
    return start("analytics")


def shown(analytics, caller=OWNER, as_of=LONG_AFTER, **changes):
    count(analytics)
    with analytics.session() as session:
        asked = ShowBenefits(**({"from_": date(2026, 3, 1), "to": date(2026, 4, 30)} | changes))
        return queries.benefits(session, asked, as_of, caller)


def enquired(number, at, answered=None):
    words = {
        "enquiry_id": numbered(number),
        "client_id": CLARA,
        "branch_id": HERE,
        "channel": "site",
        "known": False,
        "received_at": at,
        "occurred_at": answered or at,
        "answered_at": answered,
    }
    build = EnquiryAnswered if answered else EnquiryReceived
    return build(version=2 if answered else 1, **words)


def test_each_month_tells_what_was_measured(analytics):
    opens = tuple(OpenTime(NOON + timedelta(hours=each), NOON + timedelta(hours=each + 1)) for each in (0, 2))
    analytics.deliver(
        OpenHoursChanged(OLGA, HERE, 1, (OpenDay(DAY, opens),), NOON),
        *events_of(1, told=TOLD, status="completed", channel="online"),
        *events_of(2, numbered(7), told=TOLD, status="completed", masters=(OLGA, IRINA), channel="desk", hour=14),
        *events_of(3, numbered(8), told=TOLD, status="cancelled", cancelled_by="erasure"),
        *events_of(4, CLARA, date(2026, 4, 6), told=TOLD, status="completed", channel="online"),
        enquired(20, NOON),
        enquired(21, NOON, NOON + timedelta(minutes=7)),
        enquired(22, NOON, NOON + timedelta(minutes=30)),
    )
    found = shown(analytics)
    march, april = found.rows
    assert (march.month, march.appointments) == ("2026-03", 2)
    assert {each.channel: each.appointments for each in march.channels} == {"online": 1, "desk": 1}
    assert (march.enquiries, march.answered, march.median_minutes_to_answer) == (3, 2, 7)
    assert (march.visits, march.revenue.amount, march.masters, march.revenue_per_master.amount) == (2, 301, 2, 151)
    assert (march.open_hours, march.revenue_per_open_hour.amount) == (Decimal(2), 151)
    assert march.occupancy_percent == Decimal(100)
    assert (march.settled, march.retained, march.retained_percent) == (2, 1, Decimal(50))
    assert (april.visits, april.masters, april.enquiries, april.median_minutes_to_answer) == (1, 1, 0, None)
    assert (april.open_hours, april.revenue_per_open_hour, april.occupancy_percent) == (Decimal(0), None, None)


def test_revenue_of_days_of_which_no_hours_are_known_is_not_divided_by_those_of_others(analytics):
    opens = (OpenTime(NOON, NOON + timedelta(hours=2)),)
    analytics.deliver(
        OpenHoursChanged(OLGA, HERE, 1, (OpenDay(DAY, opens),), NOON),
        *events_of(1, told=TOLD, status="completed"),
        *events_of(2, numbered(7), DAY + timedelta(days=1), told=TOLD, status="completed"),
        *events_of(3, numbered(8), told=TOLD, status="completed", branch_id=ELSEWHERE, hour=15),
    )
    for asked in ({}, {"to": date(2026, 3, 20)}, {"caller": boris("analytics.read"), "branch_id": ELSEWHERE}):
        (march,) = shown(analytics, **asked).rows
        of_both = "branch_id" not in asked
        assert march.revenue.amount == (300 if of_both else 100)
        by_hour = march.revenue_per_open_hour
        assert (by_hour and by_hour.amount) == (50 if of_both else None)


def test_what_is_not_measured_is_said_and_not_guessed(analytics):
    found = shown(analytics)
    assert (found.rows, found.reason) == ((), "nothing_happened")
    assert [each.name for each in found.measures if not each.measured] == ["admin_minutes_per_booking"]


def test_boris_sees_what_his_branch_gains(analytics):
    analytics.deliver(
        *events_of(1, told=TOLD, status="completed"),
        *events_of(2, told=TOLD, status="completed", branch_id=ELSEWHERE, hour=15),
        enquired(20, NOON),
    )
    his = boris("analytics.read")
    (row,) = shown(analytics, his).rows
    assert (row.appointments, row.visits, row.revenue.amount, row.enquiries) == (1, 1, 100, 0)
    with pytest.raises(NotFound, match="branch_not_found"):
        shown(analytics, his, branch_id=HERE)


def test_rights_and_periods_are_checked(analytics):
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ShowBenefits(DAY, DAY), caller)
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ShowBenefits(DAY, DAY - timedelta(days=1)))
    with pytest.raises(Invalid, match="period_too_long"):
        analytics.ask(ShowBenefits(date(2020, 1, 1), DAY))
    assert analytics.ask(ShowBenefits(DAY, DAY)).reason == "nothing_happened"
