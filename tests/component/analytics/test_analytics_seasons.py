"""Seasons, hours of the week and forecasts by events alone, for those who may ask for them."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update

from contracts.analytics import ShowForecast, ShowHeatMap, ShowSeasonality
from contracts.booking import OpenDay, OpenHoursChanged, OpenTime
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics import queries
from services.analytics.tables import forecasts, visit_hours
from services.analytics.usecases.forecasts import foresee
from services.analytics.usecases.hours import MADE_ANEW
from tests.builders import ELSEWHERE, HERE, OWNER, anna, boris
from tests.counting import count
from tests.facts import COLOUR, HAIRCUT, NOON, OLGA, completed, line, numbered, refunded

FIRST, LAST = date(2023, 1, 1), date(2025, 12, 31)
TODAY = date(2026, 2, 10)
NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
MONDAY = date(2025, 6, 2)


@pytest.fixture
def analytics(start):
    return start("analytics")


def deliver(analytics, events):
    """All of them in batches, as they come when there are many."""
    for at in range(0, len(events), 200):
        batch = [analytics.envelope(event) for event in events[at : at + 200]]
        assert analytics.dispatcher.absorb(type(events[0]).owner, batch) == []


def shown(analytics, query, asked, caller=OWNER, today=TODAY, **changes):
    count(analytics)
    with analytics.session() as session:
        return query(session, asked(**({"from_": FIRST, "to": LAST} | changes)), today, caller)


def season(analytics, **changes):
    return shown(analytics, queries.seasonality, ShowSeasonality, **changes)


def heat(analytics, now=NOW, **changes):
    return shown(analytics, queries.heat_map, ShowHeatMap, today=now, **changes)


def foreseen(analytics, **changes):
    return shown(analytics, queries.visit_forecast, ShowForecast, **changes)


def wanted(month):
    """Visits a day, twice as many in July as in January."""
    return round(3 - math.cos(2 * math.pi * (month - 1) / 12))


def a_history(first=FIRST, last=LAST, start=1, **changes):
    """As many visits on each day as its month asks for."""
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    visited = (day for day in days for _ in range(wanted(day.month)))
    return [completed(numbered(start + at), None, line(**changes), local_date=day) for at, day in enumerate(visited)]


def opened(day, *hours, master_id=OLGA, branch_id=HERE, version=1):
    def at(hour):
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)

    times = tuple(OpenTime(at(start), at(end)) for start, end in hours)
    return OpenHoursChanged(master_id, branch_id, version, (OpenDay(day, times),), NOON)


def test_a_service_that_is_asked_for_in_summer_has_its_season(analytics):
    deliver(analytics, a_history())
    days = [FIRST + timedelta(days=each) for each in range((LAST - FIRST).days + 1)]
    deliver(analytics, [opened(day, (9, 17)) for day in days])
    found = season(analytics, service_id=HAIRCUT)
    assert (found.years, found.per, found.pooled, found.shown, found.reason) == (3, "open_hours", False, True, None)
    assert [each.month for each in found.months] == list(range(1, 13))
    assert sum(each.index for each in found.months) == pytest.approx(12, abs=0.001)
    assert found.months[6].index > Decimal("1.2") > Decimal("0.8") > found.months[0].index
    assert all(each.low <= each.index <= each.high for each in found.months)
    assert [(share.of, share.weight) for share in found.shares] == [("service", 1)]
    assert "median" in found.definition
    assert season(analytics, category="hair").months == found.months
    assert season(analytics).months == found.months


def test_a_new_service_leans_on_its_category_and_says_so(analytics):
    deliver(analytics, a_history())
    deliver(analytics, a_history(first=date(2024, 11, 1), start=50_000, service_id=COLOUR))
    found = season(analytics, service_id=COLOUR)
    assert (found.pooled, found.years) == (True, 1)
    assert [share.of for share in found.shares] == ["service", "category"]
    assert sum(share.weight for share in found.shares) == 1
    newest = season(analytics, service_id=COLOUR, from_=date(2025, 9, 1))
    assert (newest.reason, newest.months) == ("too_few_months", ())
    lent = season(analytics, service_id=COLOUR, to=date(2025, 6, 30))
    assert ([share.of for share in lent.shares], lent.pooled, lent.years) == (["category"], True, 0)
    assert season(analytics, service_id=numbered(404)).reason == "no_visits"


def test_a_young_branch_leans_on_the_chain_for_those_who_see_it(analytics):
    deliver(analytics, a_history())
    young = [
        completed(numbered(90_000 + at), None, branch_id=ELSEWHERE, local_date=date(2024, 12, 1) + timedelta(days=at))
        for at in range(390)
    ]
    deliver(analytics, young)
    assert [share.of for share in season(analytics, branch_id=ELSEWHERE).shares] == ["branches", "chain"]
    theirs = season(analytics, caller=boris("analytics.read"), branch_id=ELSEWHERE)
    assert [share.of for share in theirs.shares] == ["branches"]
    assert not theirs.shown


def test_a_season_that_cannot_be_known_says_why(analytics):
    assert season(analytics).reason == "no_visits"
    assert season(analytics, from_=date(2030, 1, 1), to=date(2030, 12, 31)).reason == "no_visits"
    deliver(analytics, a_history(first=date(2025, 2, 1)))
    nothing = season(analytics)
    assert (nothing.reason, nothing.shown, nothing.months, nothing.strength) == ("too_few_months", False, (), None)
    even = (FIRST + timedelta(days=each) for each in range(1096))
    deliver(
        analytics,
        [completed(numbered(20_000 + at), None, branch_id=ELSEWHERE, local_date=day) for at, day in enumerate(even)],
    )
    weak = season(analytics, branch_id=ELSEWHERE)
    assert (weak.reason, weak.shown, len(weak.months)) == ("weak", False, 12)
    assert weak.strength < Decimal("0.3")


def test_hours_of_the_week_are_divided_by_who_is_there(analytics):
    def at(hour, minute=0):
        return datetime(MONDAY.year, MONDAY.month, MONDAY.day, hour, minute, tzinfo=UTC)

    analytics.deliver(
        completed(numbered(1), None, local_date=MONDAY, starts=at(10), ends=at(11)),
        completed(numbered(2), None, local_date=MONDAY, starts=at(10, 59), ends=at(12)),
        completed(numbered(3), None, local_date=MONDAY, starts=at(11), ends=at(12)),
        completed(numbered(4), None, local_date=MONDAY, starts=at(8), ends=at(9)),
    )
    bare = heat(analytics)
    assert bare.reason == "no_open_hours"
    assert [(each.weekday, each.hour, each.visits, each.per_open_hour) for each in bare.cells] == [
        (0, 8, 1, None),
        (0, 10, 2, None),
        (0, 11, 1, None),
    ]
    analytics.deliver(
        opened(MONDAY, (10, 11.5), (13, 14)),
        opened(MONDAY + timedelta(days=7), (10, 11)),
        opened(MONDAY, (10, 12), master_id=numbered(7)),
        opened(MONDAY + timedelta(days=6), (23, 25)),
    )
    found = heat(analytics)
    assert found.reason is None
    cells = {(each.weekday, each.hour): (each.visits, each.open_hours, each.per_open_hour) for each in found.cells}
    assert cells == {
        (0, 0): (0, 1, 0),  # the end of Sunday's night
        (0, 8): (1, 0, None),
        (0, 10): (2, 3, Decimal("0.667")),
        (0, 11): (1, Decimal("1.5"), Decimal("0.667")),
        (0, 13): (0, 1, 0),
        (6, 23): (0, 1, 0),
    }
    assert heat(analytics, from_=MONDAY + timedelta(days=1)).reason == "no_visits"
    assert sum(each.visits for each in heat(analytics, now=at(20)).cells) == 4
    assert heat(analytics, now=at(9) - timedelta(days=1)).reason == "no_visits"


def test_in_the_far_east_today_has_begun_and_elsewhere_its_hours_have_not(analytics):
    sunday = datetime(MONDAY.year, MONDAY.month, MONDAY.day, 18, tzinfo=UTC) - timedelta(days=1)
    came = {"local_date": MONDAY, "starts": sunday, "ends": sunday + timedelta(hours=1)}
    analytics.deliver(completed(numbered(1), None, **came, time_zone="Etc/GMT-11"), opened(MONDAY, (10, 12)))
    (cell,) = heat(analytics, now=sunday + timedelta(hours=1)).cells
    assert (cell.weekday, cell.hour, cell.visits, cell.open_hours) == (0, 5, 1, 0)
    later = heat(analytics, now=sunday + timedelta(hours=17)).cells
    assert [(each.hour, each.visits, each.open_hours) for each in later] == [(5, 1, 0), (10, 0, 1), (11, 0, 1)]


@pytest.mark.parametrize("last", [MONDAY + timedelta(days=10), date(MONDAY.year, MONDAY.month, 28)])
def test_visits_of_days_of_which_no_hours_are_known_are_not_divided_by_those_of_others(analytics, last):
    """A history that was taken over tells when people came, and not when masters were there."""
    for number, day in enumerate((MONDAY - timedelta(days=70), MONDAY - timedelta(days=7), MONDAY), 1):
        analytics.deliver(completed(numbered(number), None, local_date=day, starts=NOON.replace(hour=10)))
    analytics.deliver(completed(numbered(9), None, local_date=MONDAY, branch_id=ELSEWHERE))
    analytics.deliver(opened(MONDAY, (10, 12)))
    cells = heat(analytics, from_=MONDAY - timedelta(days=70), to=last).cells
    assert sum(each.visits for each in cells) == 4
    assert {each.hour: each.per_open_hour for each in cells if each.open_hours} == {10: 1, 11: 0}


def test_weeks_to_come_are_shown_with_what_the_methods_were_worth(analytics):
    assert foreseen(analytics).reason == "no_visits"
    deliver(analytics, a_history())
    found = foreseen(analytics, weeks=4)
    assert [each.week for each in found.weeks] == [date(2025, 12, 29) + timedelta(days=7 * each) for each in range(4)]
    assert [each.method for each in found.back_tests] == ["seasonal_naive", "damped_trend", "holt_winters"]
    best = min(found.back_tests, key=lambda each: each.error)
    assert {each.method: each.error for each in found.back_tests}[found.method] == best.error
    assert (found.reason == "baseline_is_better") == (found.method == "seasonal_naive")
    assert all(each.low <= each.visits <= each.high for each in found.weeks)
    assert (len(found.known), found.known[-1].week) == (104, date(2025, 12, 22))
    assert foreseen(analytics, from_=date(2025, 1, 1), weeks=1).reason == "too_few_weeks"
    assert foreseen(analytics, from_=date(2025, 1, 1)).weeks_needed == 84
    assert foreseen(analytics, service_id=COLOUR).reason == "no_visits"


def test_what_was_foreseen_before_anybody_asked_is_told_until_the_weeks_change(analytics):
    deliver(analytics, a_history(first=date(2024, 4, 1)))
    live = foreseen(analytics)
    assert live.method is not None
    today = LAST + timedelta(days=1)
    with analytics.session() as session, session.begin():
        while foresee(session, today):
            pass
        kept = session.execute(select(forecasts)).all()
        assert len(kept) == 4  # the chain, a branch, a service, a category: of the same weeks
        assert len({row.made_from for row in kept}) == 1
        assert not foresee(session, today)
    assert foreseen(analytics) == foreseen(analytics, branch_id=HERE) == live
    with analytics.session() as session, session.begin():
        session.execute(update(forecasts).values(document=None))
    assert foreseen(analytics).reason == "too_few_weeks"  # as kept, so nothing was fitted
    analytics.deliver(completed(numbered(999_999), None, local_date=date(2025, 12, 1)))
    assert foreseen(analytics).method is not None


@pytest.mark.parametrize("asked", [ShowSeasonality, ShowHeatMap, ShowForecast])
def test_figures_are_for_those_who_may_see_them_and_of_their_branches(analytics, asked):
    deliver(analytics, a_history(first=date(2025, 12, 1)))
    count(analytics)
    with pytest.raises(Forbidden):
        analytics.ask(asked(from_=FIRST, to=LAST), anna("loyalty.read"))
    with pytest.raises(NotFound):
        analytics.ask(asked(from_=FIRST, to=LAST, branch_id=HERE), boris("analytics.read"))
    with pytest.raises(Invalid) as refused:
        analytics.ask(asked(from_=LAST, to=FIRST), anna("analytics.read"))
    assert refused.value.code == "period_invalid"
    assert analytics.ask(asked(from_=FIRST, to=LAST), boris("analytics.read")).reason == "no_visits"
    assert analytics.ask(asked(from_=FIRST, to=LAST), anna("analytics.read")).reason != "no_visits"


@pytest.mark.parametrize("asked", [ShowSeasonality, ShowForecast])
def test_a_service_and_a_category_are_not_asked_for_together(analytics, asked):
    with pytest.raises(Invalid) as refused:
        analytics.ask(asked(from_=FIRST, to=LAST, service_id=HAIRCUT, category="hair"), OWNER)
    assert refused.value.code == "service_or_category"


def test_a_bill_that_says_another_hour_moves_the_visit(analytics):
    def bill(build, version, hour, day=MONDAY, **changes):
        starts = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        ends = starts + timedelta(hours=1)
        return build(numbered(1), None, version=version, local_date=day, starts=starts, ends=ends, **changes)

    def hours():
        return [(each.weekday, each.hour, each.visits) for each in heat(analytics).cells]

    analytics.deliver(bill(completed, 2, 10))
    assert hours() == [(0, 10, 1)]
    analytics.deliver(bill(refunded, 3, 12, day=MONDAY + timedelta(days=1)), bill(refunded, 3, 12))
    assert hours() == [(1, 12, 1)]
    analytics.deliver(bill(refunded, 4, 12, branch_id=ELSEWHERE))
    assert heat(analytics, branch_id=HERE).reason == "no_visits"
    with analytics.session() as session:
        kept = session.execute(select(visit_hours)).all()
        session.execute(delete(visit_hours))
        session.execute(MADE_ANEW, {"since": FIRST, "until": TODAY})
        assert session.execute(select(visit_hours)).all() == kept
        assert len(kept) == 1
