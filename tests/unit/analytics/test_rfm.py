"""Scores by quintile and the segments that they are called by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain import rfm


def floats(values):
    return np.array(values, dtype=np.float64)


def name_of(code):
    r, f, m = (np.array([int(digit)]) for digit in str(code))
    return rfm.SEGMENTS[int(rfm.segment_of(r, (f + m + 1) // 2)[0])]


@pytest.mark.parametrize(
    ("codes", "name"),
    [
        ((555, 554, 545), "champions"),
        ((453, 543, 444), "loyal"),
        ((155, 154, 144), "at_risk"),
        ((111, 112), "hibernating"),
        ((511,), "promising"),
        ((533,), "potential"),
        ((333,), "needs_attention"),
        ((311,), "about_to_sleep"),
        ((133,), "cooling"),
    ],
)
def test_codes_are_called_as_the_field_calls_them(codes, name):
    assert {name_of(code) for code in codes} == {name}


def test_distinct_values_fall_into_fifths():
    cuts = rfm.quintile_cuts(floats(range(100)))
    assert np.bincount(rfm.score(floats(range(100)), cuts)).tolist() == [0, 20, 20, 20, 20, 20]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=80), st.randoms(use_true_random=False))
def test_equals_score_alike_in_whatever_order(values, random):
    """And more never scores less; the score is that of the middle of all equals."""
    cuts = rfm.quintile_cuts(floats(values))
    scores = dict(zip(values, rfm.score(floats(values), cuts).tolist(), strict=True))
    shuffled = list(values)
    random.shuffle(shuffled)
    assert rfm.quintile_cuts(floats(shuffled)) == cuts
    assert sorted(scores.values()) == [scores[value] for value in sorted(scores)]
    for value, score in scores.items():
        middle = sum(each < value for each in values) + values.count(value) / 2
        assert score == min(int(middle / len(values) * 5 + 1e-9) + 1, 5)


def test_everybody_alike_is_in_the_middle():
    assert set(rfm.score(floats([7] * 60), rfm.quintile_cuts(floats([7] * 60))).tolist()) == {3}


def test_few_clients_are_judged_by_fixed_thresholds():
    few = rfm.thresholds(floats([10] * 49), floats([1] * 49), floats([100] * 49), relative=False)
    assert few.fixed
    assert few.recency == rfm.DAYS_FIXED
    assert few.money == (200, 300, 500, 900)
    assert rfm.thresholds(floats([10] * 49), floats([1] * 49), floats([100] * 49), relative=True).recency == (
        rfm.RATIO_FIXED
    )
    assert not rfm.thresholds(floats([10] * 50), floats([1] * 50), floats([100] * 50), relative=False).fixed


def test_nobody_at_all_has_thresholds_too():
    nothing = floats([])
    assert rfm.thresholds(nothing, nothing, nothing, relative=False).fixed


def test_newcomers_stand_apart():
    at = rfm.thresholds(floats([1, 2]), floats([1, 9]), floats([1, 9]), relative=False)
    scores = rfm.judge(floats([1, 2]), floats([1, 9]), floats([1, 9]), np.array([True, False]), at)
    assert rfm.SEGMENTS[scores.segment[0]] == "new"
    assert rfm.SEGMENTS[scores.segment[1]] != "new"
    assert scores.recency.tolist() == [5, 5]
