"""What the coming weeks bring, and that a model which is not better than last year is not shown."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.domain.forecasts import forecast, weeks_needed


def a_year_like_the_other(weeks, growth=0.0):
    return [round(100 + 60 * math.sin(2 * math.pi * (each % 52) / 52) ** 3 + growth * each) for each in range(weeks)]


def test_too_few_weeks_foresee_nothing():
    assert weeks_needed(8) == 84
    assert forecast([10] * 83, 8) is None
    assert forecast([10] * 84, 8) is not None


def test_a_model_that_is_not_better_than_last_year_is_not_shown():
    found = forecast(a_year_like_the_other(160), 8)
    assert found.method == "seasonal_naive"
    assert found.visits == tuple(float(each) for each in a_year_like_the_other(168)[160:])
    assert [each.method for each in found.tried] == ["seasonal_naive", "damped_trend", "holt_winters"]
    assert found.tried[0].error == 0


def test_a_model_that_is_better_is_shown_with_its_trial():
    rng = random.Random(5)
    weeks = [round(each + rng.gauss(0, 3)) for each in a_year_like_the_other(200, growth=1.0)]
    found = forecast(weeks, 8)
    errors = {each.method: each.error for each in found.tried}
    assert found.method == "holt_winters"
    assert errors["holt_winters"] < errors["seasonal_naive"] / 3
    true = a_year_like_the_other(208, growth=1.0)[200:]
    assert found.visits == pytest.approx(true, rel=0.15)
    assert all(low <= each <= high for low, each, high in zip(found.low, found.visits, found.high, strict=True))


def test_without_two_years_before_the_first_trial_no_yearly_season_is_fitted():
    found = forecast(a_year_like_the_other(2 * 52 + 31), 8)
    assert [each.method for each in found.tried] == ["seasonal_naive", "damped_trend"]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=60, max_size=120), st.integers(1, 4))
def test_the_method_shown_is_never_worse_than_the_baseline_and_never_below_nothing(weeks, ahead):
    found = forecast(weeks, ahead)
    if found is None:
        assert len(weeks) < weeks_needed(ahead)
        return
    errors = {each.method: each.error for each in found.tried}
    assert errors[found.method] <= errors["seasonal_naive"]
    assert len(found.visits) == ahead
    assert all(math.isfinite(each) and each >= 0 for each in (*found.visits, *found.low, *found.high))
