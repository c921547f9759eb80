"""Whether predictions were worth something; how likely somebody misses an appointment."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain import absences, backtests


def floats(*values):
    return np.array(values, dtype=np.float64)


def ints(*values):
    return np.array(values, dtype=np.int64)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=60))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows):
    said, came = floats(*(row[0] / 9 for row in rows)), np.array([row[1] for row in rows])
    pairs = [(one > zero) + (one == zero) / 2 for one in said[came] for zero in said[~came]]
    if pairs:
        assert backtests.auc(said, came) == pytest.approx(sum(pairs) / len(pairs))


def test_a_perfect_prediction_has_no_error_and_is_calibrated():
    came = np.array([True] * 50 + [False] * 50)
    score = backtests.score(came.astype(np.float64), came)
    assert (score.auc, score.brier, score.worst) == (1, 0, 0)
    assert backtests.is_enough(came)
    assert not backtests.is_enough(came[1:])


def test_a_model_beats_the_rule_in_rank_and_in_error_and_is_not_far_off():
    rule = backtests.Score(0.7, 0.2, ())
    near, far = (backtests.Group(100, 0.5, came) for came in (0.55, 0.7))
    assert backtests.beats(backtests.Score(0.8, 0.1, (near,)), rule)
    assert not backtests.beats(backtests.Score(0.7, 0.1, (near,)), rule)
    assert not backtests.beats(backtests.Score(0.8, 0.2, (near,)), rule)
    assert not backtests.beats(backtests.Score(0.8, 0.1, (far,)), rule)


def test_rates_are_of_each_kind_and_of_all_where_there_was_nobody():
    assert backtests.rates(ints(0, 0, 2), np.array([True, False, True]), 3).round(2).tolist() == [0.5, 0.67, 1]


def test_a_prior_is_found_as_it_was_simulated():
    random = np.random.default_rng(2)
    booked = random.integers(2, 30, 20_000)
    missed = random.binomial(booked, random.beta(1.0, 9.0, 20_000))
    found = absences.prior(missed, booked)
    assert found.alpha == pytest.approx(1.0, rel=0.15)
    assert found.beta == pytest.approx(9.0, rel=0.15)


def test_where_all_miss_alike_ones_own_history_hardly_counts():
    random = np.random.default_rng(2)
    booked = random.integers(2, 30, 20_000)
    found = absences.prior(random.binomial(booked, 0.1), booked)
    assert found.probability(floats(3), floats(3))[0] < 0.2


def test_few_people_say_nothing_of_the_spread_between_them():
    assert absences.prior(ints(*[1] * 19), ints(*[2] * 19)) is None
    assert absences.prior(ints(*[1] * 50), ints(*[1] * 50)) is None
    assert absences.prior(ints(*[0] * 20), ints(*[2] * 20)) is not None


def test_a_probability_lies_between_its_bounds_and_more_history_narrows_them():
    prior = absences.Prior(1.0, 9.0)
    missed, booked = floats(0, 5), floats(0, 50)
    low, high = prior.between(missed, booked)
    said = prior.probability(missed, booked)
    assert said.tolist() == [0.1, 0.1]
    assert (low < said).all()
    assert (said < high).all()
    assert high[1] - low[1] < high[0] - low[0]


def test_a_prior_is_better_than_one_share_for_all_if_those_who_missed_miss_again():
    prior = absences.Prior(0.5, 4.5)
    missed, booked = ints(0, 9), ints(10, 10)
    assert absences.is_better(prior, missed, booked, ints(5, 90), ints(900, 100)) is True
    assert absences.is_better(prior, missed, booked, ints(90, 10), ints(900, 100)) is False
    assert absences.is_better(prior, missed, booked, ints(1, 1), ints(900, 100)) is None
