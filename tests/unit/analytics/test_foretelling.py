"""Whether who is expected will come: the model is told only where it beats what each client did before."""

import numpy as np
import pytest

from services.analytics.domain.absences import Prior
from services.analytics.domain.foretelling import Appointments, fit, learn


def appointments(count=4_000, people=300, seed=2, **columns):
    """Of clients who take turns, by day and hour and channel as it comes; nobody has missed anything yet."""
    random = np.random.default_rng(seed)
    drawn = {
        "lead": random.exponential(100, count),
        "minute": random.integers(9 * 60, 21 * 60, count),
        "weekday": random.integers(0, 7, count),
        "channel": random.choice(["online", "desk", ""], count),
        "missed": np.zeros(count, np.int64),
        "decided": np.arange(count) // people,
        "client": np.arange(count) % people,
    }
    return Appointments(**(drawn | columns))


def missing(of, chances, seed=3):
    """Who missed by these chances, and the appointments with what each client had missed before."""
    missed = np.random.default_rng(seed).random(len(of.lead)) < chances
    before, earlier = np.zeros(int(of.client.max()) + 1, np.int64), np.zeros(len(missed), np.int64)
    for place, client in enumerate(of.client):
        earlier[place] = before[client]
        before[client] += missed[place]
    return Appointments(**(vars(of) | {"missed": earlier})), missed


def test_who_books_long_ahead_is_foretold_to_miss_where_they_did():
    of, missed = missing(appointments(), np.where(appointments().lead > 150, 0.5, 0.05))
    found = learn(of, missed)
    assert found.logistic is not None
    assert found.reason is None
    assert found.trial.logistic.auc > found.trial.rule.auc + 0.1
    soon, late = found.probability(of)[of.lead < 20], found.probability(of)[of.lead > 250]
    assert late.mean() > 3 * soon.mean()
    assert found.probability(of).mean() == pytest.approx(missed.mean(), abs=0.01)


def test_where_only_people_differ_the_rule_is_told():
    """What the appointment is like says nothing: fitted to a few, the model finds chance in it."""
    of = appointments(count=800, people=50)
    of, missed = missing(of, np.where(of.client % 5 < 2, 0.6, 0.15), seed=2)
    found = learn(of, missed)
    assert found.trial.logistic.brier > found.trial.rule.brier
    assert (found.logistic, found.reason) == (None, "rule_not_beaten")
    forgetful = found.probability(of)[(of.client % 5 < 2) & (of.decided > 8)]
    assert forgetful.mean() == pytest.approx(0.6, abs=0.15)


def test_where_nothing_tells_nobody_is_foretold():
    of, missed = missing(appointments(), np.full(4_000, 0.1))
    found = learn(of, missed)
    assert (found.logistic, found.reason) == (None, "rule_not_beaten")
    assert found.trial.logistic.brier == pytest.approx(found.trial.rule.brier, abs=0.005)


@pytest.mark.parametrize(
    ("count", "people", "reason"), [(0, 1, "no_appointments"), (30, 30, "too_few_clients"), (90, 30, "too_few_to_try")]
)
def test_of_too_little_the_reason_is_told(count, people, reason):
    of = appointments(count, people)
    found = learn(of, np.arange(count) % 7 == 0)
    assert (found.reason, found.probability(of), found.trial) == (reason, None, None)


def test_a_feature_that_tells_all_by_itself_makes_no_model():
    of = appointments(400)
    assert fit(of, of.lead > 100, Prior(1.0, 9.0)) is None
