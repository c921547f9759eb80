"""How reliable clients are, by what became of their appointments."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from contracts.analytics import ShowNoShows
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics.tables import bookings
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.facts import NOON, numbered

YEAR = {"from_": date(2026, 1, 1), "to": date(2026, 12, 31)}


@pytest.fixture
def analytics(start):
    return start("analytics")


def keep(analytics, *appointments):
    """Facts of appointments as booking's events leave them: whose, what became of it, when, where."""
    rows = [
        {
            "appointment_id": numbered(100 + place),
            "version": 1,
            "client_id": client_id,
            "branch_id": branch_id,
            "local_date": day,
            "starts": NOON,
            "ends": NOON + timedelta(hours=1),
            "minute": 720,
            "status": status,
            "overlap": False,
        }
        for place, (client_id, status, day, branch_id) in enumerate(appointments)
    ]
    with analytics.session() as session:
        session.execute(insert(bookings), rows)
        session.commit()


def habits(people, forgetful, times=12, branch_id=HERE):
    """`people` who come each month; the first `forgetful` of them miss every other appointment."""
    return [
        (
            numbered(1_000 + person),
            "no_show" if person < forgetful and time % 2 else "completed",
            date(2026, 1 + time, 10),
            branch_id,
        )
        for person in range(people)
        for time in range(times)
    ]


def test_who_misses_every_other_appointment_is_foretold_to_miss_the_next(analytics):
    keep(analytics, *habits(60, forgetful=12), (CLARA, "cancelled", date(2026, 5, 5), HERE))
    found = analytics.ask(ShowNoShows(**YEAR, limit=5))
    assert (found.appointments, found.missed, found.missed_percent, found.reason) == (720, 72, 10, None)
    assert [(one.client_id, one.appointments, one.missed) for one in found.items] == [
        (numbered(1_000 + person), 12, 6) for person in range(5)
    ]
    one = found.items[0]
    assert 0 < one.low_percent < one.no_show_percent < one.high_percent < 100
    assert one.no_show_percent > 30


def test_where_all_miss_alike_nobody_is_foretold(analytics):
    """Everybody misses one appointment, each in another month: their past says nothing of them."""
    keep(
        analytics,
        *(
            (
                numbered(1_000 + person),
                "no_show" if time == person % 12 else "completed",
                date(2026, 1 + time, 10),
                HERE,
            )
            for person in range(120)
            for time in range(12)
        ),
    )
    found = analytics.ask(ShowNoShows(**YEAR))
    assert found.reason == "rule_not_beaten"
    assert {one.no_show_percent for one in found.items} == {None}
    assert found.missed == 120


def test_too_little_to_tell_is_said_to_be(analytics):
    assert analytics.ask(ShowNoShows(**YEAR)).reason == "no_appointments"
    keep(analytics, *habits(5, forgetful=1))
    found = analytics.ask(ShowNoShows(**YEAR))
    assert (found.reason, found.items[0].missed, found.items[0].no_show_percent) == ("too_few_clients", 6, None)


def test_boris_sees_his_branch_and_nothing_of_this_one(analytics):
    keep(analytics, *habits(3, forgetful=3))
    his = boris("analytics.read")
    assert analytics.ask(ShowNoShows(**YEAR), his).reason == "no_appointments"
    assert analytics.ask(ShowNoShows(**YEAR, branch_id=HERE), anna("analytics.read")).missed == 18
    assert analytics.ask(ShowNoShows(**YEAR, branch_id=ELSEWHERE)).missed == 0
    with pytest.raises(NotFound, match="branch_not_found"):
        analytics.ask(ShowNoShows(**YEAR, branch_id=HERE), his)
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ShowNoShows(**YEAR), caller)
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ShowNoShows(date(2026, 2, 1), date(2026, 1, 1)))
