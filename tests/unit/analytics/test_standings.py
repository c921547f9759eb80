"""Where clients stand by all that is known of everybody."""

from dataclasses import replace

import numpy as np
import pytest

from services.analytics.domain.histories import Days, histories
from services.analytics.domain.intervals import STATES, Borders
from services.analytics.domain.standings import learn, learn_branch, stand
from services.analytics.domain.trials import HORIZON, WINDOW

TODAY = 1_000


def salon(people=600, seed=3):
    """Three years of clients who come as regularly as people do, until they go for good."""
    random = np.random.default_rng(seed)
    usual, first = random.gamma(6, 7, people) + 7, random.integers(0, TODAY, people)
    at = first[:, None] + np.cumsum(np.c_[np.zeros(people), random.gamma(6, 1 / 6, (people, 60)) * usual[:, None]], 1)
    stays = at < np.minimum(first + random.exponential(500, people), TODAY)[:, None]
    stays[:, 0] = True
    who, _ = np.nonzero(stays)
    day = at[stays].astype(np.int64)
    revenue = random.gamma(6, 50_000, len(who)).astype(np.int64)
    return Days(who.astype(np.int64), day, np.ones(len(who), np.int64), revenue, revenue * 3 // 4)


@pytest.fixture(scope="module")
def known():
    return salon()


@pytest.fixture(scope="module")
def learnt(known):
    return learn(known, TODAY, Borders(), None)


def judged(known, learnt):
    return stand(histories(known.until(TODAY), TODAY - WINDOW + 1), learnt)


def test_a_model_is_used_only_where_it_beat_the_rule(known, learnt):
    tried = learnt.fitted.tried
    assert set(tried.models) == {"kaplan_meier", "mbg_cnbd_k", "bg_nbd"}
    assert tried.split == TODAY - HORIZON
    for name, score in tried.models.items():
        beaten = score.auc > tried.rule.auc and score.brier < tried.rule.brier
        assert beaten or name not in tried.shown
    assert set(learnt.fitted.buying) <= set(tried.shown)


def test_chances_are_chances_and_add_up_to_about_who_comes(known, learnt):
    """Half a year later it is seen that they were right."""
    earlier = TODAY - 2 * HORIZON
    then = learn(known, earlier, Borders(), None)
    of = stand(histories(known.until(earlier), earlier - WINDOW + 1), then)
    came = np.isin(of.of.who, known.who[(known.day > earlier) & (known.day <= earlier + HORIZON)])
    assert ((of.returns >= 0) & (of.returns <= 1)).all()
    assert of.returns.mean() == pytest.approx(came.mean(), abs=0.06)


def test_what_a_model_of_buying_says_is_of_everybody_or_of_nobody(known, learnt):
    of = judged(known, learnt)
    assert np.isnan(of.alive).all() == (not learnt.fitted.buying)
    without = judged(known, replace(learnt, fitted=replace(learnt.fitted, buying={})))
    assert np.isnan(without.value).all()


def test_fits_are_kept_for_some_weeks(known, learnt):
    assert learn(known, TODAY + 27, Borders(), learnt.fitted).fitted is learnt.fitted
    assert learn(known, TODAY + 28, Borders(), learnt.fitted).fitted.on == TODAY + 28


def test_models_are_fitted_again_once_much_more_is_known(known, learnt):
    few = learn(known.part(known.who < 5), TODAY, Borders(), None)
    assert few.fitted.reason == "too_few_clients"
    assert learn(known, TODAY, Borders(), few.fitted).fitted.reason is None
    nearly = learn(known.part(known.who < 580), TODAY, Borders(), None)
    assert learn(known, TODAY, Borders(), nearly.fitted).fitted is nearly.fitted


def test_what_comes_after_the_day_is_not_known(known, learnt):
    later = Days(
        *(
            np.r_[getattr(known, name), extra]
            for name, extra in (("who", 0), ("day", TODAY + 5), ("visits", 1), ("revenue", 9), ("margin", 9))
        )
    )
    again = learn(later, TODAY, Borders(), learnt.fitted)
    assert (again.usual, again.classic) == (learnt.usual, learnt.classic)


def test_of_too_few_gaps_nothing_is_said_but_segments():
    columns = ([0, 0, 1], [900, 950, 999], [1, 1, 1], [5, 5, 5], [5, 5, 5])
    few = Days(*(np.array(column, np.int64) for column in columns))
    learnt = learn(few, TODAY, Borders(), None)
    of = judged(few, learnt)
    assert (learnt.usual, learnt.curve, learnt.rates, of.relative) == (None, None, None, None)
    assert learnt.fitted.reason == "too_few_clients"
    assert of.state.tolist() == [-1, -1]
    assert of.classic.segment[1] == 0


def test_nobody_at_all_is_judged_too():
    nobody = Days(*(np.zeros(0, np.int64) for _ in range(5)))
    assert len(judged(nobody, learn(nobody, TODAY, Borders(), None)).state) == 0


def test_a_branch_without_gaps_of_its_own_has_those_of_the_chain(learnt):
    once = histories(Days(*(np.array([each], np.int64) for each in (0, 990, 1, 5, 5))), TODAY - WINDOW + 1)
    local = learn_branch(once, TODAY, learnt.usual)
    of = stand(once, learnt, local)
    assert local.usual == learnt.usual
    assert of.interval.tolist() == [learnt.usual]
    assert STATES[of.state[0]] == "active"
