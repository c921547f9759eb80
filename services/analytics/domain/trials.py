"""Models of how clients come and what they spend: fitted to what is known, and tried on what was known earlier."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from services.analytics.domain import backtests
from services.analytics.domain.buying import FEWEST as FEWEST_CLIENTS
from services.analytics.domain.buying import Buying, Habits, Kind, fit
from services.analytics.domain.histories import Days, Detailed, Histories, histories, median
from services.analytics.domain.intervals import FEWEST_GAPS, STATES, Borders, Curve, kaplan_meier, personal, states
from services.analytics.domain.spending import Spending, fit_spending

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WINDOW = 365  # days that frequency and money are of
HORIZON = 90  # days ahead
WEEK = 7.0
SAMPLE = 3_000  # clients that models are fitted to
FINEST = 50  # parts of an interval that the curve of returns tells apart
KINDS: tuple[Kind, ...] = ("mbg_cnbd_k", "bg_nbd")


@dataclass(frozen=True)
class Tried:
    """How models did, as of `split` and `HORIZON` days after it, beside the rule; by name."""

    split: int
    people: int
    rule: backtests.Score
    models: Mapping[str, backtests.Score]

    @property
    def shown(self) -> tuple[str, ...]:
        """Models that beat the rule, the best first."""
        better = [name for name, score in self.models.items() if backtests.beats(score, self.rule)]
        return tuple(sorted(better, key=lambda name: self.models[name].brier))


@dataclass(frozen=True)
class Fitted:
    """Models of how clients buy, fitted on the day `on`: `spending` by revenue, `earning` by margin.

    `seen` is on how many days somebody had come by then, each client counted by themselves.
    """

    on: int
    buying: Mapping[str, Buying]
    spending: Spending | None
    earning: Spending | None
    tried: Tried | None
    reason: str | None  # why there is none of them
    seen: int = 0


def fit_models(known: Days, as_of: int, borders: Borders) -> Fitted:
    """Models for everything known, tried on what was known HORIZON days ago; none where there is too little."""
    of = histories(known, as_of - WINDOW + 1)
    if len(of.who) < FEWEST_CLIENTS:
        return Fitted(as_of, {}, None, None, None, "too_few_clients")
    if len(of.gap) < FEWEST_GAPS:
        return Fitted(as_of, {}, None, None, None, "too_few_gaps")
    tried = _try(known, as_of - HORIZON, borders)
    if tried is None:
        return Fitted(as_of, {}, None, None, None, "history_too_short")
    buying: dict[str, Buying] = {kind: fit(_sample(habits(of, as_of)), kind) for kind in KINDS if kind in tried.shown}
    if not buying:
        return Fitted(as_of, {}, None, None, tried, None if tried.shown else "rule_not_beaten")
    return Fitted(as_of, buying, _checks(of, of.spent), _checks(of, of.earned), tried, None)


def _try(known: Days, split: int, borders: Borders) -> Tried | None:
    """What each model would have said on the day `split`, against who came in the HORIZON days after it."""
    of = histories(known.until(split), split - WINDOW + 1)
    usual = usual_gap(of.gap)
    if usual is None or len(of.who) < FEWEST_CLIENTS:
        return None
    came = _came(of, known, split)
    if not backtests.is_enough(came):
        return None
    interval = personal(of.gaps, of.medians, usual)
    days = (split - of.last).astype(np.float64)
    ratio = days / interval
    rates = rates_of(known, split - HORIZON, borders)
    if rates is None:
        return None
    rule = replace(
        backtests.score(rates[states(ratio, days, borders)], came),
        auc=backtests.auc(-ratio, came),
    )
    said = {"kaplan_meier": curve_of(of, split, usual).returns_within(ratio, HORIZON / interval)}
    lately = habits(of, split)
    for kind in KINDS:
        said[kind] = fit(_sample(lately), kind).comes_within(lately, HORIZON / WEEK)
    return Tried(split, len(came), rule, {name: backtests.score(each, came) for name, each in said.items()})


def _came(of: Histories, known: Days, split: int) -> npt.NDArray[np.bool_]:
    """Who of `of` came within HORIZON days after `split`."""
    after = known.who[(known.day > split) & (known.day <= split + HORIZON)]
    return np.isin(of.who, after)


def rates_of(known: Days, split: int, borders: Borders) -> Floats | None:
    """What share of each state came, as it was seen on the day `split`; None if too little was known then."""
    of = histories(known.until(split), split - WINDOW + 1)
    usual = usual_gap(of.gap)
    if usual is None:
        return None
    days = (split - of.last).astype(np.float64)
    state = states(days / personal(of.gaps, of.medians, usual), days, borders)
    return backtests.rates(state, _came(of, known, split), len(STATES))


def curve_of(of: Detailed, as_of: int, usual: float) -> Curve:
    """Of all gaps in personal intervals, those that last still included; told apart as finely as FINEST."""
    interval = personal(of.gaps, of.medians, usual)
    ended = np.r_[np.ones(len(of.gap), bool), np.zeros(len(of.who), bool)]
    ratios = np.r_[of.gap / interval[of.gap_of], (as_of - of.last) / interval]
    return kaplan_meier(np.ceil(ratios * FINEST) / FINEST, ended)


def usual_gap(gaps: Ints) -> float | None:
    return median(gaps) if len(gaps) >= FEWEST_GAPS else None


def habits(of: Histories, as_of: int) -> Habits:
    """In weeks since the first visit; who came today is known for a moment at least."""
    lasts = of.last - of.first
    gaps = of.gaps.astype(np.float64)
    return Habits(gaps, lasts / WEEK, np.maximum(as_of - of.first, lasts + 1) / WEEK, of.logs - gaps * np.log(WEEK))


def _checks(of: Histories, sums: Ints) -> Spending | None:
    """What a day of a client comes to, by those who came at least twice for something; None where those are too few."""
    mean = sums / of.days
    chosen = np.flatnonzero((of.days >= 2) & (mean > 0))
    if len(chosen) < FEWEST_CLIENTS:
        return None
    some = chosen[:: max(1, len(chosen) // SAMPLE)]
    return fit_spending(of.days[some].astype(np.float64), mean[some])


def _sample(of: Habits) -> Habits:
    """At most about SAMPLE of them, evenly."""
    return of.part(slice(None, None, max(1, len(of.x) // SAMPLE)))
