"""Facts of appointments and of open hours: the newest state of each, whatever the order in which it was told."""

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import permutations

import pytest
from sqlalchemy import select

from contracts.booking import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentChanged,
    BookedSegment,
    OpenDay,
    OpenHoursChanged,
    OpenTime,
)
from services.analytics.tables import booked_segments, bookings, clients, figures, open_days, visits
from tests.builders import HERE
from tests.facts import HAIRCUT, IRINA, OLGA, booked, completed, erased, line, merged, numbered, registered

ONE, CLARA, DORA = numbered(100), numbered(1), numbered(2)
MONDAY = date(2026, 3, 2)
BOOKED_AT = datetime(2026, 2, 27, 10, tzinfo=UTC)
MOSCOW = timezone(timedelta(hours=3))


def state(kind, version, **changes):
    """The same appointment at another version, as an event of another kind."""
    said = vars(booked(ONE, CLARA, time_zone="Europe/Moscow")) | {"version": version}
    return kind(**(said | changes))


def segment(master_id, hour):
    starts = datetime(2026, 3, 2, hour, tzinfo=UTC)
    return BookedSegment(HAIRCUT, master_id, starts, starts + timedelta(hours=1), (numbered(7),))


@pytest.fixture
def analytics(start):
    return start("analytics")


def rows(analytics, table):
    with analytics.session() as session:
        return session.execute(select(table)).mappings().all()


HISTORY = (
    state(AppointmentBooked, 1, occurred_at=BOOKED_AT, segments=(segment(OLGA, 9),)),
    state(AppointmentChanged, 2, starts=datetime(2026, 3, 2, 13, 30, tzinfo=UTC), segments=(segment(IRINA, 13),)),
    state(
        AppointmentCancelled,
        3,
        status="cancelled",
        starts=datetime(2026, 3, 2, 13, 30, tzinfo=UTC),
        segments=(segment(IRINA, 13),),
        cancelled_by="client",
        occurred_at=BOOKED_AT + timedelta(days=1),
    ),
)


@pytest.mark.parametrize("order", tuple(permutations(HISTORY)))
def test_the_newest_state_stays_and_every_instant_is_kept(analytics, order):
    analytics.deliver(*order)
    (kept,) = rows(analytics, bookings)
    assert (kept["version"], kept["status"], kept["cancelled_by"]) == (3, "cancelled", "client")
    assert (kept["booked_at"], kept["cancelled_at"]) == (BOOKED_AT, BOOKED_AT + timedelta(days=1))
    assert kept["arrived_at"] is kept["missed_at"] is kept["completed_at"] is None
    assert kept["minute"] == 16 * 60 + 30  # in Moscow
    (part,) = rows(analytics, booked_segments)
    assert (part["master_id"], part["position"], part["unit_ids"]) == (IRINA, 0, [numbered(7)])


def test_a_visit_keeps_the_clock_of_its_branch_and_how_late_its_client_was(analytics):
    arrived = state(AppointmentArrived, 2, status="arrived", late_minutes=12)
    lines = (line(100_000, cost=30_000, discount=5_000), line(2_000, cost=None, discount=0, master_id=IRINA))
    bill = completed(ONE, CLARA, *lines, version=3, late_minutes=12, time_zone="Asia/Vladivostok", channel="online")
    analytics.deliver(bill, arrived)
    (visit,) = rows(analytics, visits)
    assert (visit["minute"], visit["minutes"], visit["late_minutes"]) == (22 * 60, 60, 12)
    assert (visit["revenue"], visit["discount"], visit["cost"], visit["paid"]) == (102_000, 5_000, 30_000, 102_000)
    assert visit["channel"] == "online"
    (kept,) = rows(analytics, bookings)
    assert (kept["status"], kept["booked_at"]) == ("completed", None)
    assert kept["completed_at"] == bill.occurred_at


def test_a_clock_that_was_not_told_of_is_that_of_utc(analytics):
    analytics.deliver(booked(ONE, CLARA))
    assert rows(analytics, bookings)[0]["minute"] == 12 * 60


@pytest.mark.parametrize("merge_first", [True, False])
def test_appointments_of_two_cards_are_those_of_one(analytics, merge_first):
    events = [booked(ONE, DORA), merged(CLARA, DORA)]
    analytics.deliver(*(reversed(events) if merge_first else events))
    assert rows(analytics, bookings)[0]["client_id"] == CLARA


def opened(version, *days):
    return OpenHoursChanged(OLGA, HERE, version, days, BOOKED_AT)


def day(*hours):
    times = [OpenTime(datetime(2026, 3, 2, a, tzinfo=MOSCOW), datetime(2026, 3, 2, b, tzinfo=MOSCOW)) for a, b in hours]
    return OpenDay(MONDAY, tuple(times))


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_day_is_open_as_it_was_told_last(analytics, newest_first):
    events = [opened(1, day((9, 18))), opened(2, day((9, 13), (14, 20)))]
    analytics.deliver(*(reversed(events) if newest_first else events))
    (kept,) = rows(analytics, open_days)
    assert (kept["minutes"], kept["version"]) == (10 * 60, 2)
    assert (kept["opens"], kept["closes"]) == ([540, 840], [780, 1200])
    assert kept["starts"][0] == datetime(2026, 3, 2, 6, tzinfo=UTC)


def test_a_day_off_has_no_minutes_and_a_night_ends_at_midnight(analytics):
    night = OpenTime(datetime(2026, 3, 2, 22, tzinfo=MOSCOW), datetime(2026, 3, 3, 0, tzinfo=MOSCOW))
    analytics.deliver(opened(1, OpenDay(MONDAY, (night,)), OpenDay(date(2026, 3, 3), ())))
    kept = {row["local_date"]: row for row in rows(analytics, open_days)}
    assert kept[MONDAY]["closes"] == [24 * 60]
    assert (kept[date(2026, 3, 3)]["minutes"], kept[date(2026, 3, 3)]["opens"]) == (0, [])


@pytest.mark.parametrize("erased_first", [True, False])
def test_traits_of_the_erased_are_forgotten_and_their_visits_stay(analytics, erased_first):
    told = registered(CLARA, sex="female", birth_band=1985)
    analytics.deliver(completed(ONE, CLARA), *((erased(CLARA), told) if erased_first else (told, erased(CLARA))))
    (card,) = rows(analytics, clients)
    assert (card["sex"], card["birth_band"]) == (None, None)
    assert len(rows(analytics, visits)) == 1


def test_traits_are_kept_as_the_card_tells_them(analytics):
    analytics.deliver(registered(CLARA, sex="female", birth_band=1985, home_branch_id=HERE))
    (card,) = rows(analytics, clients)
    assert (card["sex"], card["birth_band"], card["home_branch_id"]) == ("female", 1985, HERE)


def test_a_visit_costs_the_figures_that_it_touches_whatever_the_history(analytics):
    """One more visit of a client changes its own day and month, and rows of no other."""
    analytics.deliver(completed(numbered(101), CLARA, local_date=date(2026, 1, 5)))
    before = {repr(row) for row in rows(analytics, figures)}
    analytics.deliver(completed(numbered(102), CLARA, local_date=MONDAY))
    changed = [row for row in rows(analytics, figures) if repr(row) not in before]
    assert {row["since"] for row in changed} == {MONDAY, MONDAY.replace(day=1)}
    assert len(changed) == 2 * 2 * 4  # day and month, branch and chain; visit, service, category and master
    assert {(row["visits"], row["clients"], row["new_clients"]) for row in changed} == {(1, 1, 0)}
