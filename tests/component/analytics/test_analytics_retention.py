"""Who came again: cohorts by month, branch and master, the same as counted by hand over random histories."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.analytics import ShowCohorts
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics import queries
from services.analytics.tables import derived
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_user, anna, boris
from tests.counting import count
from tests.facts import IRINA, OLGA, completed, line, numbered

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def analytics(start):
    return start("analytics")


def shown(analytics, as_of=date(2026, 6, 1), caller=OWNER, **changes):
    count(analytics)
    with analytics.session() as session:
        asked = ShowCohorts(**({"from_": FIRST, "to": LAST} | changes))
        return queries.retention(session, asked, as_of, caller)


def counts(row):
    return row.clients, row.settled, row.retained, row.lost, row.retained_percent


def visit(number, who, day, **changes):
    master = changes.pop("master_id", OLGA)
    return completed(numbered(number), who, line(master_id=master), local_date=day, **changes)


def test_a_visit_on_a_later_day_within_the_window_retains(analytics):
    one, two, three = numbered(1), numbered(2), numbered(3)
    analytics.deliver(
        visit(10, one, date(2025, 1, 10)),
        visit(11, one, date(2025, 1, 10)),  # twice on a day is once
        visit(12, one, date(2025, 5, 10)),  # the 120th day
        visit(13, two, date(2025, 1, 10)),
        visit(14, two, date(2025, 5, 11)),
        visit(15, three, date(2025, 1, 31)),
        visit(16, None, date(2025, 1, 31)),
    )
    found = shown(analytics)
    (january,) = found.rows
    assert (january.month, *counts(january)) == ("2025-01", 3, 3, 1, 2, Decimal("33.33"))
    assert january.active == (0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)
    assert (found.days, found.reason) == (120, None)
    assert "at most 120 days after it" in found.definition
    (row,) = shown(analytics, days=121).rows
    assert row.retained == 2


def test_whose_time_is_not_over_is_not_counted_yet(analytics):
    """Neither as retained nor as lost: who came again early would make the rest look better than it is."""
    analytics.deliver(
        visit(10, numbered(1), date(2025, 1, 10)),
        visit(11, numbered(1), date(2025, 1, 20)),
        visit(12, numbered(2), date(2025, 1, 1)),
    )
    early = shown(analytics, as_of=date(2025, 5, 1))
    assert (counts(early.rows[0]), early.reason) == ((2, 0, 0, 0, None), "too_early")
    (later,) = shown(analytics, as_of=date(2025, 5, 2)).rows
    assert counts(later) == (2, 1, 0, 1, Decimal(0))
    assert later.active == (0, 0, 0)


def test_a_period_without_visits_says_so(analytics):
    found = shown(analytics)
    assert (found.rows, found.reason) == ((), "no_visits")


def test_by_branch_and_master_whose_first_visit_there_it_was(analytics):
    analytics.deliver(
        visit(10, CLARA, date(2025, 1, 10)),
        visit(11, CLARA, date(2025, 2, 10), branch_id=ELSEWHERE, master_id=IRINA),
        visit(12, CLARA, date(2025, 3, 10), branch_id=ELSEWHERE),
    )
    (chain,) = shown(analytics).rows
    assert counts(chain)[:3] == (1, 1, 1)
    by_branch = {(row.month, row.branch_id): row.retained for row in shown(analytics, group_by=("branch",)).rows}
    assert by_branch == {("2025-01", HERE): 0, ("2025-02", ELSEWHERE): 1}
    by_master = {(row.month, row.master_id): row.retained for row in shown(analytics, group_by=("master",)).rows}
    assert by_master == {("2025-01", OLGA): 1, ("2025-02", IRINA): 0}
    everybody = shown(analytics, clients="all", group_by=("branch", "master")).rows
    assert [(row.month, row.branch_id, row.master_id, row.retained) for row in everybody] == [
        ("2025-01", HERE, OLGA, 0),
        ("2025-02", ELSEWHERE, IRINA, 0),
        ("2025-03", ELSEWHERE, OLGA, 0),
    ]


def test_boris_sees_who_came_again_to_his_branch(analytics):
    analytics.deliver(
        visit(10, CLARA, date(2025, 1, 10)),
        visit(11, CLARA, date(2025, 2, 10), branch_id=ELSEWHERE),
        visit(12, CLARA, date(2025, 2, 11)),
    )
    his = boris("analytics.read")
    assert shown(analytics, caller=his).rows == ()
    assert [counts(row)[:3] for row in shown(analytics, caller=his, clients="all").rows] == [(1, 1, 0)]
    assert [row.month for row in shown(analytics, caller=his, group_by=("branch",)).rows] == ["2025-02"]
    (hers,) = shown(analytics, caller=anna("analytics.read"), branch_id=HERE).rows
    assert (hers.clients, hers.retained) == (1, 1)
    with pytest.raises(NotFound, match="branch_not_found"):
        shown(analytics, caller=his, branch_id=HERE)


def test_rights_and_periods_are_checked(analytics):
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ShowCohorts(FIRST, LAST), caller)
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ShowCohorts(LAST, FIRST))
    assert analytics.ask(ShowCohorts(FIRST, LAST)).rows == ()


PLACES = {"branch": [HERE, ELSEWHERE], "master": [OLGA, IRINA]}
COMINGS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(0, 420),
        st.sampled_from(PLACES["branch"]),
        st.lists(st.sampled_from(PLACES["master"]), min_size=1, max_size=2),
    ),
    max_size=25,
)


def by_hand(comings, clients, days, group_by, as_of):
    """Month and keys -> clients, settled, retained, and the months after in which each came."""
    histories = defaultdict(set)
    for who, offset, branch, masters in comings:
        for master in masters:
            keys = tuple({"branch": branch, "master": master}[key] for key in group_by)
            histories[keys, who].add(FIRST + timedelta(days=offset))
    found = defaultdict(lambda: [0, 0, 0, defaultdict(int)])
    for (keys, _), came in histories.items():
        asked_of = [day for day in sorted(came) if FIRST <= day <= LAST]
        if clients == "new":
            asked_of = [day for day in asked_of if day == min(came)]
        for month in {(day.year, day.month) for day in asked_of}:
            mine = [day for day in asked_of if (day.year, day.month) == month]
            again = any(0 < (other - day).days <= days for day in mine for other in came)
            settled = max(mine) + timedelta(days=days) < as_of
            row = found[(*month, *keys)]
            row[0] += 1
            row[1] += settled
            row[2] += settled and again
            for after in {(day.year - month[0]) * 12 + day.month - month[1] for day in came}:
                row[3][after] += 1
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    comings=COMINGS,
    clients=st.sampled_from(["new", "all"]),
    days=st.sampled_from([1, 30, 120]),
    group_by=st.sampled_from([(), ("branch",), ("master",), ("branch", "master")]),
    as_of=st.sampled_from([date(2025, 6, 15), date(2026, 6, 1)]),
)
def test_every_cohort_is_as_counted_by_hand(analytics, comings, clients, days, group_by, as_of):
    with analytics.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(table.name for table in derived)}, inbox, positions"))
        session.commit()
    events = [
        completed(
            numbered(100 + place),
            numbered(who),
            *(line(master_id=master) for master in masters),
            branch_id=branch,
            local_date=FIRST + timedelta(days=offset),
        )
        for place, (who, offset, branch, masters) in enumerate(comings)
    ]
    bodies = [analytics.envelope(event, place + 1) for place, event in enumerate(events)]
    if bodies:
        assert analytics.dispatcher.absorb("booking", bodies) == []
    plain = by_hand(comings, clients, days, group_by, as_of)
    rows = shown(analytics, as_of, clients=clients, days=days, group_by=group_by).rows
    found = {}
    for row in rows:
        year, month = map(int, row.month.split("-"))
        keys = tuple(getattr(row, f"{key}_id") for key in group_by)
        found[(year, month, *keys)] = row
    assert found.keys() == plain.keys()
    for key, (people, settled, retained, active) in plain.items():
        row = found[key]
        assert (row.clients, row.settled, row.retained) == (people, settled, retained)
        assert row.active == tuple(active[after] for after in range(1, len(row.active) + 1))
