"""Who of those who are expected is likely not to come."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import insert

from contracts.analytics import ListLikelyNoShows
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.time import utc_now
from services.analytics.tables import bookings
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.facts import numbered

NOW = utc_now().replace(minute=0, second=0, microsecond=0)
WEEK = {"from_": NOW.date(), "to": NOW.date() + timedelta(days=6)}


@pytest.fixture
def analytics(start):
    return start("analytics")


def a_booking(number, client_id, status, starts, lead_hours, **changes):
    return {
        "appointment_id": numbered(number),
        "version": 1,
        "client_id": client_id,
        "branch_id": HERE,
        "local_date": starts.date(),
        "starts": starts,
        "ends": starts + timedelta(hours=1),
        "minute": starts.hour * 60,
        "status": status,
        "channel": "online" if number % 3 else "desk",
        "overlap": False,
        "booked_at": starts - timedelta(hours=lead_hours),
    } | changes


def keep(analytics, rows):
    with analytics.session() as session:
        session.execute(insert(bookings), rows)
        session.commit()


def a_year(people=150, times=20):
    """Who books a week ahead misses every other time, who books for tomorrow hardly ever."""
    random = np.random.default_rng(1)
    for number in range(people * times):
        long_before = random.random() < 0.3
        missed = random.random() < (0.5 if long_before else 0.03)
        starts = NOW - timedelta(hours=2 * (people * times - number))
        yield a_booking(
            10_000 + number,
            numbered(1_000 + number % people),
            "no_show" if missed else "completed",
            starts,
            170 if long_before else 20,
        )


def tomorrow(*clients, status="booked"):
    return [
        a_booking(100 + place, client, status, NOW + timedelta(hours=24 + place), lead)
        for place, (client, lead) in enumerate(clients)
    ]


def test_who_is_likely_to_miss_comes_first_by_a_model_that_beat_the_rule(analytics):
    keep(analytics, [*a_year(), *tomorrow((numbered(1_000), 20), (numbered(1_001), 170), (CLARA, 170))])
    found = analytics.ask(ListLikelyNoShows(**WEEK))
    assert (found.model, found.reason) == ("logistic", None)
    assert [one.client_id for one in found.items][2] == numbered(1_000)
    assert {one.client_id for one in found.items[:2]} == {numbered(1_001), CLARA}
    assert found.items[2].no_show_percent < 15 < 30 < found.items[1].no_show_percent
    rule, logistic = found.back_test.scores
    assert (rule.name, rule.shown, logistic.shown) == ("rule", False, True)
    assert logistic.auc > rule.auc
    assert logistic.brier < rule.brier
    assert sum(group.appointments for group in logistic.calibration) == found.back_test.appointments == 750
    assert {one.appointments for one in found.items if one.client_id == CLARA} == {0}


def test_only_what_is_awaited_within_these_days_is_told(analytics):
    keep(analytics, tomorrow((CLARA, 20), status="cancelled"))
    assert analytics.ask(ListLikelyNoShows(**WEEK)).items == ()
    later = [
        a_booking(200 + day, CLARA, "confirmed", NOW + timedelta(days=day), 20 * 24, branch_id=ELSEWHERE)
        for day in (2, 9)
    ]
    keep(analytics, later)
    found = analytics.ask(ListLikelyNoShows(**WEEK))
    assert [(one.appointment_id, one.no_show_percent) for one in found.items] == [(numbered(202), None)]
    assert (found.model, found.back_test, found.reason) == (None, None, "no_appointments")


def test_too_little_to_learn_from_is_said_to_be(analytics):
    keep(analytics, [*a_year(people=5, times=4), *tomorrow((CLARA, 20))])
    found = analytics.ask(ListLikelyNoShows(**WEEK))
    assert (found.reason, [one.no_show_percent for one in found.items]) == ("too_few_clients", [None])


def test_boris_learns_nothing_of_this_branch(analytics):
    keep(analytics, [*a_year(), *tomorrow((CLARA, 20))])
    his = boris("analytics.read")
    assert analytics.ask(ListLikelyNoShows(**WEEK), his).reason == "no_appointments"
    assert len(analytics.ask(ListLikelyNoShows(**WEEK), anna("analytics.read")).items) == 1
    assert analytics.ask(ListLikelyNoShows(**WEEK, branch_id=ELSEWHERE)).items == ()
    with pytest.raises(NotFound, match="branch_not_found"):
        analytics.ask(ListLikelyNoShows(**WEEK, branch_id=HERE), his)
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ListLikelyNoShows(**WEEK), caller)


def test_a_wrong_period_is_refused(analytics):
    day = NOW.date()
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ListLikelyNoShows(day, day - timedelta(days=1)))
    with pytest.raises(Invalid, match="period_too_long"):
        analytics.ask(ListLikelyNoShows(day, day + timedelta(days=31)))
    assert analytics.ask(ListLikelyNoShows(day, day + timedelta(days=30))).reason == "no_appointments"
