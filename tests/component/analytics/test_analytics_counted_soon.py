"""What is counted soon after events is what the facts say, whenever it is counted and whatever is corrected between."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text

from contracts.analytics import ShowFunnel
from services.analytics import queries
from services.analytics.queries import cohorts as asked_cohorts
from services.analytics.queries.cohorts import Asked
from services.analytics.tables import cohorts, days_due, week_hours, went, work_days
from services.analytics.usecases.cohorts import MADE_ANEW
from services.analytics.usecases.workload import count_again
from tests.builders import ELSEWHERE, HERE, OWNER, a_user
from tests.component.analytics.test_analytics_funnel import enquired
from tests.component.analytics.test_analytics_orders import deliver, numbers_of, wipe
from tests.counting import count
from tests.facts import IRINA, OLGA, completed, line, merged, numbered, refunded

DAYS = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 3, 2), date(2026, 4, 30), date(2027, 1, 4)]
EVERYBODY = {"since": "00000000-0000-0000-0000-000000000000", "until": "ffffffff-ffff-ffff-ffff-ffffffffffff"}
NEVER_MORE_THAN = 50  # examples


@pytest.fixture
def analytics(start):
    return start("analytics")


@st.composite
def histories(draw):
    """Visits with corrections of everything about them, and now and then two cards that become one."""
    said = []
    for place in range(draw(st.integers(0, 10))):
        for version in range(2, 2 + draw(st.integers(1, 2))):
            build = completed if version == 2 else refunded
            masters = draw(st.lists(st.sampled_from([OLGA, IRINA, None]), min_size=1, max_size=2))
            words = {"branch_id": draw(st.sampled_from([HERE, ELSEWHERE])), "local_date": draw(st.sampled_from(DAYS))}
            who = draw(st.sampled_from([None, *map(numbered, range(1, 5))]))
            said.append(build(numbered(100 + place), who, *(line(9, master_id=each) for each in masters),
                              version=version, **words))  # fmt: skip
    if draw(st.booleans()):
        said.append(merged(numbered(1), numbered(2)))
    return draw(st.permutations(said))


def held(analytics, *tables):
    with analytics.session() as session:
        return [sorted(map(repr, session.execute(select(table)))) for table in tables]


@settings(
    max_examples=NEVER_MORE_THAN,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), history=histories())
def test_counting_anew_from_the_facts_changes_nothing(analytics, data, history):
    wipe(analytics)
    numbers = numbers_of(history)
    for event in history:
        deliver(analytics, numbers, [event], batch=1)
        if data.draw(st.booleans()):
            count(analytics)
    count(analytics)
    assert held(analytics, days_due) == [[]]
    by_day = (work_days, went, week_hours)
    lived, of_clients = held(analytics, *by_day), held(analytics, cohorts)

    with analytics.session() as session, session.begin():
        for table in (*by_day, cohorts):
            session.execute(delete(table))
        days = session.execute(
            text("SELECT local_date, branch_id FROM bookings UNION SELECT local_date, branch_id FROM visits")
        )
        count_again(session, [tuple(row) for row in days])
        session.execute(MADE_ANEW, EVERYBODY)
    assert held(analytics, *by_day) == lived
    assert held(analytics, cohorts) == of_clients


@settings(
    max_examples=NEVER_MORE_THAN,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), history=histories())
def test_kept_cohorts_are_those_of_the_facts_for_any_period(analytics, data, history):
    wipe(analytics)
    deliver(analytics, numbers_of(history), history, batch=5)
    count(analytics)
    first, last = sorted(data.draw(st.lists(st.sampled_from([*DAYS, date(2026, 1, 10)]), min_size=2, max_size=2)))
    for clients in ("new", "all"):
        for names in ([], ["branch_id"], ["master_id"], ["branch_id", "master_id"]):
            for branches in (None, [HERE], [HERE, ELSEWHERE]):
                days = data.draw(st.sampled_from([30, 60, 365]))
                as_of = data.draw(st.sampled_from([date(2026, 4, 30), date(2026, 6, 10), date(2028, 1, 1)]))
                asked = Asked(first, last, clients, days, names, branches, as_of)
                if last < as_of:  # of a month that is not over what is kept counts what is to come, too
                    with analytics.session() as session:
                        kept = list(asked_cohorts.cohorts(session, asked))
                        assert kept == list(asked_cohorts.counted(session, asked))


ENQUIRIES = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(DAYS), st.sampled_from([HERE, ELSEWHERE]), st.sampled_from(["a", "b"])
    ),
    max_size=6,
)


@settings(
    max_examples=NEVER_MORE_THAN,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), history=histories(), asked=ENQUIRIES)
def test_kept_stages_of_enquiries_are_those_of_the_facts(analytics, data, history, asked):
    """Of several branches the facts are asked, of one or of all what is kept: an empty branch tells them apart."""
    wipe(analytics)
    told = [
        enquired(500 + place, numbered(who), datetime.combine(day, time(9), UTC), branch_id=branch, channel=channel)
        for place, (who, day, branch, channel) in enumerate(asked)
    ]
    said = data.draw(st.permutations([*history, *told]))
    deliver(analytics, numbers_of(said), said, batch=data.draw(st.integers(1, 5)))
    first, last = sorted(data.draw(st.lists(st.sampled_from(DAYS), min_size=2, max_size=2)))
    empty = numbered(5)
    for keys in ((), ("channel",), ("branch",)):
        question = ShowFunnel(first, last, keys)
        with analytics.session() as session:
            for kept, counted in ((OWNER, [HERE, ELSEWHERE]), ([HERE], [HERE, empty])):
                answers = [
                    queries.funnel(
                        session, question, who if who is OWNER else a_user("analytics.read", branch_ids=frozenset(who))
                    )
                    for who in (kept, counted)
                ]
                assert answers[0] == answers[1]
