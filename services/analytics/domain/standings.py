"""Where every client stands as of a day: segment, state, and how likely they are to come again.

First all histories are looked at (`learn`), then everybody is judged by what was learnt (`stand`). What was learnt is
kept, so that who comes later is judged by the same, and everybody's segment can be explained. A morning after that only
the borders of scores are new (`pass_on`): for these, rows of histories are enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from services.analytics.domain import rfm
from services.analytics.domain.histories import Days, Detailed, Histories, histories
from services.analytics.domain.intervals import Borders, Curve, personal, states
from services.analytics.domain.spending import Spending
from services.analytics.domain.trials import (
    HORIZON,
    WEEK,
    WINDOW,
    Fitted,
    curve_of,
    fit_models,
    habits,
    rates_of,
    usual_gap,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEW_DAYS = 60  # for how long somebody with one visit is new
YEAR = 365.0
DISCOUNT = 0.10  # what money a year from now is worth less
LEARN_DAYS = 7  # after so many days what is usual is learnt again
REFIT_DAYS = 28  # and models are fitted again
GROWN = 1.1  # both at once where so many times as much is known: a history was taken over from another system


@dataclass(frozen=True)
class Learnt:
    """What is known of all: `usual` is the middle gap of the chain, None while too few came again.

    Borders of scores are those of `as_of`; what is usual was learnt `on` that day or one of the days before. Of a
    release that learnt otherwise it is not known when. `seen` is on how many days somebody had come by then, each
    client counted by themselves.
    """

    as_of: int
    on: int | None
    borders: Borders
    usual: float | None
    curve: Curve | None
    rates: Floats | None  # of each state, the share that came within HORIZON
    fitted: Fitted
    classic: rfm.Thresholds
    relative: rfm.Thresholds | None
    branches: Mapping[int, "Local"] = field(default_factory=dict)
    costs_told: float | None = None  # the share of a year's revenue of which any cost is known
    seen: int = 0

    def holds_on(self, day: int) -> bool:
        """Whether a new day may be judged by what is known; while too little was, every day may tell more."""
        return self.on is not None and self.usual is not None and 0 <= day - self.on < LEARN_DAYS and day >= self.as_of


def outgrown(seen: int, now: int) -> bool:
    """Whether so much more is known `now` that what was learnt of `seen` says little."""
    return now > GROWN * seen


@dataclass(frozen=True)
class Local:
    """What is known of a branch."""

    usual: float | None
    classic: rfm.Thresholds
    relative: rfm.Thresholds | None


@dataclass(frozen=True)
class Standings:
    """A row per person of `of`; what cannot be said is NaN, or -1 for numbers of states."""

    of: Histories
    interval: Floats
    ratio: Floats
    state: Ints
    classic: rfm.Scores
    relative: rfm.Scores | None
    returns: Floats
    alive: Floats
    expected: Floats
    value: Floats
    margin: Floats


def learn(everybody: Days, as_of: int, borders: Borders, before: Fitted | None) -> Learnt:
    """What the days up to `as_of` say of all clients; `before` are models fitted earlier, used while they are fresh."""
    known = everybody.until(as_of)
    of = histories(known, as_of - WINDOW + 1)
    usual = usual_gap(of.gap)
    seen = int(of.days.sum())
    if before is None or not 0 <= as_of - before.on < REFIT_DAYS or outgrown(before.seen, seen):
        before = replace(fit_models(known, as_of, borders), seen=seen)
    learnt = Learnt(as_of, as_of, borders, usual, None, None, before, *_thresholds(of, as_of, usual))
    learnt = replace(learnt, costs_told=_costs_told(known, as_of), seen=seen)
    if usual is None:
        return learnt
    return replace(learnt, curve=curve_of(of, as_of, usual), rates=rates_of(known, as_of - HORIZON, borders))


def pass_on(before: Learnt, of: Histories, as_of: int) -> Learnt:
    """What `before` says, with the borders of scores of a new day."""
    classic, relative = _thresholds(of, as_of, before.usual)
    return replace(before, as_of=as_of, classic=classic, relative=relative, branches={})


def pass_on_branch(before: Learnt, branch: int, of: Histories, as_of: int) -> Local:
    """The same of a branch; one that is new has what is usual in the chain."""
    usual = before.branches[branch].usual if branch in before.branches else before.usual
    return Local(usual, *_thresholds(of, as_of, usual))


def learn_branch(of: Detailed, as_of: int, usual: float | None) -> Local:
    """The same of one branch; `usual` is that of the chain, for a branch of which too little is known."""
    own = usual_gap(of.gap) or usual
    return Local(own, *_thresholds(of, as_of, own))


def stand(of: Histories, by: Learnt, local: Local | None = None) -> Standings:
    """Where each of `of` stands by what was learnt, of a branch by what was learnt of it."""
    at: Learnt | Local = by if local is None else local
    days = np.maximum(by.as_of - of.last, 0).astype(np.float64)
    is_new = (of.days == 1) & (by.as_of - of.first < NEW_DAYS)
    visits, revenue = of.visits.astype(np.float64), of.revenue.astype(np.float64)
    classic = rfm.judge(days, visits, revenue, is_new, at.classic)
    nothing = np.full(len(of.who), np.nan)
    if at.usual is None or at.relative is None:
        unknown = np.full(len(of.who), -1, np.int64)
        return Standings(of, nothing, nothing, unknown, classic, None, *(nothing,) * 5)
    interval = personal(of.gaps, of.medians, at.usual)
    ratio = days / interval
    state = states(ratio, days, by.borders)
    relative = rfm.judge(ratio, visits, revenue, is_new, at.relative)
    returns = returns_within(of, by, interval, HORIZON)
    return Standings(of, interval, ratio, state, classic, relative, returns, *_worth(of, by, nothing))


def returns_within(of: Histories, by: Learnt, interval: Floats, ahead: int) -> Floats:
    """The chance of a visit within so many days, by the best model; by the rule where none beats it.

    The rule knows only what share came within HORIZON; NaN for other times.
    """
    tried = by.fitted.tried
    days = np.maximum(by.as_of - of.last, 0).astype(np.float64)
    best = tried.shown[0] if tried is not None and tried.shown else None
    if best is not None and best in by.fitted.buying:
        return by.fitted.buying[best].comes_within(habits(of, by.as_of), ahead / WEEK)
    if best == "kaplan_meier" and by.curve is not None:
        return by.curve.returns_within(days / interval, ahead / interval)
    if by.rates is None or ahead != HORIZON:
        return np.full(len(days), np.nan)
    return by.rates[states(days / interval, days, by.borders)]


def _worth(of: Histories, by: Learnt, nothing: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """P(alive), visits to expect within HORIZON, and what a year of them is worth today; NaN without a model.

    Worth by revenue, and by margin.
    """
    if not by.fitted.buying:
        return nothing, nothing, nothing, nothing
    model = next(by.fitted.buying[kind] for kind in by.fitted.tried.shown if kind in by.fitted.buying)  # type: ignore[union-attr]
    lately = habits(of, by.as_of)
    parts = (YEAR / WEEK * part / 4 for part in (1, 2, 3, 4))
    expected, *quarters = model.expected_each(lately, HORIZON / WEEK, *parts)
    visits = sum(
        ((later - sooner) / (1 + DISCOUNT) ** (place / 4 + 1 / 8))
        for place, (sooner, later) in enumerate(pairwise([np.zeros(len(of.who)), *quarters]))
    )
    times = of.days.astype(np.float64)

    def worth(checks: Spending | None, of_all_time: Ints) -> Floats:
        return nothing if checks is None else visits * checks.expected(times, np.maximum(of_all_time / of.days, 0.0))

    by_revenue, by_margin = worth(by.fitted.spending, of.spent), worth(by.fitted.earning, of.earned)
    return model.alive(lately), expected, by_revenue, by_margin


def _costs_told(known: Days, as_of: int) -> float | None:
    lately = known.day > as_of - WINDOW
    revenue = known.revenue[lately]
    return float(revenue[known.margin[lately] < revenue].sum() / revenue.sum()) if revenue.sum() > 0 else None


def _thresholds(of: Histories, as_of: int, usual: float | None) -> tuple[rfm.Thresholds, rfm.Thresholds | None]:
    """By days and by personal intervals; of those who came within the window."""
    lately = of.visits > 0
    days = np.maximum(as_of - of.last[lately], 0).astype(np.float64)
    visits, revenue = of.visits[lately].astype(np.float64), of.revenue[lately].astype(np.float64)
    classic = rfm.thresholds(days, visits, revenue, relative=False)
    if usual is None:
        return classic, None
    ratio = days / personal(of.gaps[lately], of.medians[lately], usual)
    return classic, rfm.thresholds(ratio, visits, revenue, relative=True)
