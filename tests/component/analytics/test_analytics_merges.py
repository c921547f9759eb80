"""Two cards become one: no figure counts the person twice, and none loses a minor unit, whatever arrives first."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.analytics import ShowSources, ShowVisits
from contracts.clients import SourceChanged
from tests.component.analytics.test_analytics_orders import (
    DAYS,
    GROUPINGS,
    PEOPLE,
    Recomputed,
    deliver,
    histories,
    numbers_of,
    shown,
    tables,
    wipe,
)
from tests.component.loyalty.test_loyalty_merges import as_one
from tests.facts import completed, line, merged, numbered, registered

KEPT, DUPLICATE, OLGA = numbered(11), numbered(12), numbered(13)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def analytics(start):
    return start("analytics")


def visits(analytics, *group_by):
    return [
        (row.visits, row.clients, row.new_clients, row.revenue.amount)
        for row in analytics.ask(ShowVisits(*YEAR, group_by)).rows
    ]


def test_two_newcomers_were_one_and_nothing_is_lost(analytics):
    analytics.deliver(registered(KEPT, channel="web"), registered(DUPLICATE, channel="radio"))
    analytics.deliver(
        completed(numbered(100), KEPT, line(1_001), local_date=date(2026, 3, 2)),
        completed(numbered(101), DUPLICATE, line(2_002), local_date=date(2026, 2, 2)),
        completed(numbered(102), DUPLICATE, line(3), local_date=date(2026, 3, 2)),
    )
    assert visits(analytics) == [(3, 2, 2, 3_006)]
    analytics.deliver(merged(KEPT, DUPLICATE))
    assert visits(analytics) == [(3, 1, 1, 3_006)]
    assert visits(analytics, "month") == [(1, 1, 1, 2_002), (2, 1, 0, 1_004)]
    assert visits(analytics, "service") == [(3, 1, 1, 3_006)]
    assert visits(analytics, "source") == [(3, 1, 1, 3_006)]


def test_whom_the_duplicate_brought_stands_below_the_person(analytics):
    analytics.deliver(registered(KEPT, channel="web"), registered(DUPLICATE), registered(OLGA, DUPLICATE))
    analytics.deliver(completed(numbered(100), OLGA), completed(numbered(101), DUPLICATE))
    analytics.deliver(merged(KEPT, DUPLICATE))
    (channel,) = analytics.ask(ShowSources(*YEAR)).children
    (person,) = channel.children
    assert (channel.name, person.client_id, person.clients, person.visits) == ("web", KEPT, 2, 2)
    assert [child.client_id for child in person.children] == [OLGA]


@st.composite
def merging_histories(draw):
    history = draw(histories())
    gone = draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3))
    for place, person in enumerate(gone):
        others = [each for each in PEOPLE if each not in gone[: place + 1]]
        history.append(merged(numbered(draw(st.sampled_from(others))), numbered(person), merged_version=10 + place))
    return history


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), history=merging_histories())
def test_order_and_repetition_do_not_matter(analytics, data, history):
    """And the figures are those of a salon in which each person had one card from the beginning."""
    numbers = numbers_of(history)
    wipe(analytics)
    deliver(analytics, numbers, history, batch=1)
    lived = tables(analytics)
    plain = Recomputed(as_one(history) + [each for each in history if isinstance(each, SourceChanged)])
    for group_by in data.draw(st.lists(st.sampled_from(GROUPINGS), min_size=3, max_size=3, unique=True)):
        assert shown(analytics, group_by) == plain.rows(group_by)
    assert analytics.ask(ShowSources(DAYS[0], DAYS[-1])).clients == len(plain.firsts)

    wipe(analytics)
    again = data.draw(st.lists(st.sampled_from(history), max_size=10))
    shuffled = data.draw(st.permutations(history + again))
    deliver(analytics, numbers, shuffled, batch=data.draw(st.integers(1, 20)))
    assert tables(analytics) == lived
