"""Personal intervals, states by them, and the curve of returns."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.analytics.domain import intervals
from services.analytics.domain.histories import Days, histories
from services.analytics.domain.intervals import STATES, Borders, kaplan_meier, personal, states


def floats(*values):
    return np.array(values, dtype=np.float64)


def test_an_interval_leans_on_the_usual_one_until_there_are_gaps_of_ones_own():
    found = personal(np.array([0, 3, 30]), floats(0, 20, 20), 40.0)
    assert found.tolist() == [40, 30, (30 * 20 + 3 * 40) / 33]


def test_an_interval_is_a_day_at_least():
    assert personal(np.array([50]), floats(0), 0.5).tolist() == [1]


@pytest.mark.parametrize(
    ("ratio", "days", "state"),
    [
        (0, 0, "active"),
        (1, 30, "active"),
        (1.01, 31, "due"),
        (1.5, 45, "due"),
        (1.6, 48, "at_risk"),
        (3, 90, "at_risk"),
        (3.1, 93, "sleeping"),
        (6, 180, "sleeping"),
        (6.1, 183, "lost"),
        (0.5, 365, "active"),
        (0.5, 366, "lost"),
    ],
)
def test_states_begin_beyond_their_borders(ratio, days, state):
    assert STATES[int(states(floats(ratio), floats(days), Borders())[0])] == state


@pytest.mark.parametrize("wrong", [{"due": 0.0}, {"due": 2.0}, {"sleeping": 9.0}, {"lost": 3.0}])
def test_borders_ascend(wrong):
    with pytest.raises(Invalid, match="borders_not_ascending"):
        Borders(**wrong).check()


def test_kaplan_meier_is_that_of_the_books():
    """Remission times of 21 leukaemia patients under 6-MP (Freireich et al. 1963), as every textbook has the curve."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    last_still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = kaplan_meier(floats(*ended, *last_still), np.array([True] * len(ended) + [False] * len(last_still)))
    assert curve.at.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.share.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


def test_a_return_is_as_likely_as_the_curve_falls():
    curve = intervals.Curve(floats(1, 2), floats(0.5, 0.2))
    assert curve.returns_within(floats(0, 1, 0, 5), floats(1, 1, 9, 1)).round(3).tolist() == [0.5, 0.6, 0.8, 0]
    ended = intervals.Curve(floats(1), floats(0))
    assert ended.returns_within(floats(2), floats(1)).tolist() == [0]


def test_of_nothing_there_is_a_curve_of_nothing():
    curve = kaplan_meier(floats(), np.array([], dtype=bool))
    assert curve.returns_within(floats(1), floats(1)).tolist() == [0]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(1, 3), st.integers(-5, 100)),
        min_size=0,
        max_size=60,
    ),
    st.integers(0, 60),
)
def test_histories_are_those_of_each_person_alone(rows, since):
    columns = [np.array([row[place] for row in rows], dtype=np.int64) for place in range(4)]
    found = histories(Days(*columns, margin=columns[3] - 1), since)
    assert found.who.tolist() == sorted({row[0] for row in rows})
    for place, who in enumerate(found.who.tolist()):
        theirs = [row for row in rows if row[0] == who]
        days = sorted({row[1] for row in theirs})
        gaps = [later - sooner for sooner, later in itertools.pairwise(days)]
        assert (found.first[place], found.last[place], found.days[place]) == (days[0], days[-1], len(days))
        assert sorted(found.gap[found.gap_of == place].tolist()) == sorted(gaps)
        assert found.medians[place] == (np.median(gaps) if gaps else 0)
        assert found.visits[place] == sum(row[2] for row in theirs if row[1] >= since)
        assert found.revenue[place] == sum(row[3] for row in theirs if row[1] >= since)
        assert found.spent[place] == sum(row[3] for row in theirs)
        assert found.earned[place] == sum(row[3] - 1 for row in theirs)
        assert found.logs[place] == pytest.approx(sum(math.log(gap) for gap in gaps))
