"""How many visits the coming weeks will bring, and whether that is better than saying `as a year ago`."""

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Literal

SEASON = 52  # weeks
BACK_TESTS = 4  # how often the method is tried on what was known before, each time for as many weeks as asked for
BAND = 0.8
LONGEST = 5 * SEASON  # weeks; older ones say little of the next
USUALLY_AHEAD = 8  # weeks
METHODS = 1  # raised when other methods, or other trials of them, would foresee something else

Method = Literal["seasonal_naive", "damped_trend", "holt_winters"]

BASELINE: Method = "seasonal_naive"


@dataclass(frozen=True, slots=True)
class Tried:
    """By how many visits a week a method was wrong on average when it was tried on the past (mean absolute error)."""

    method: Method
    error: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Visits of the weeks after the last one; four of five weeks lie within `low` and `high` by past errors.

    `method` is the one that is shown; `tried` all of them, the baseline first.
    """

    method: Method
    visits: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    tried: tuple[Tried, ...]


def weeks_needed(ahead: int) -> int:
    """How many weeks must be known to foresee `ahead` of them: a season, and what the methods are tried on."""
    return SEASON + BACK_TESTS * ahead


def made_from(weeks: Sequence[int], ahead: int) -> str:
    """By what a forecast is known: the same weeks have the same."""
    return hashlib.sha256(repr((METHODS, ahead, list(weeks))).encode()).hexdigest()


def forecast(weeks: Sequence[int], ahead: int) -> Forecast | None:
    """The next `ahead` weeks by the method that was least wrong on the past; None where too few are known.

    The baseline says what the same week a year ago brought. A model has to be better than that, or is not shown:
    exponential smoothing with damped trend, and with a yearly season (Holt-Winters) where two years are known before
    the first trial. Hyndman & Athanasopoulos, Forecasting: Principles and Practice, chapters 5.8 and 8.
    """
    if len(weeks) < weeks_needed(ahead):
        return None
    methods: dict[Method, _Model] = {BASELINE: _seasonal_naive, "damped_trend": _damped_trend}
    if len(weeks) >= 2 * SEASON + BACK_TESTS * ahead:
        methods["holt_winters"] = _holt_winters
    said = {name: model(weeks, ahead) for name, model in methods.items()}
    errors = {name: _errors(methods[name], weeks, ahead) for name, visits in said.items() if inf not in visits}
    tried = tuple(Tried(name, sum(each) / len(each)) for name, each in errors.items() if inf not in each)
    best = min(tried, key=lambda each: each.error).method  # of equals the first, which is the baseline
    visits = said[best]
    off = sorted(errors[best])[min(int(BAND * len(errors[best])), len(errors[best]) - 1)]
    return Forecast(
        best, visits, tuple(max(0.0, each - off) for each in visits), tuple(each + off for each in visits), tried
    )


_Model = Callable[[Sequence[int], int], tuple[float, ...]]


def _errors(model: _Model, weeks: Sequence[int], ahead: int) -> list[float]:
    """How far the model was off, week by week, each time knowing only what came before."""
    errors: list[float] = []
    for trial in range(BACK_TESTS, 0, -1):
        known = len(weeks) - trial * ahead
        said = model(weeks[:known], ahead)
        errors += (abs(one - other) for one, other in zip(said, weeks[known : known + ahead], strict=True))
    return errors


def _seasonal_naive(weeks: Sequence[int], ahead: int) -> tuple[float, ...]:
    return tuple(float(weeks[len(weeks) - SEASON + each % SEASON]) for each in range(ahead))


def _damped_trend(weeks: Sequence[int], ahead: int) -> tuple[float, ...]:
    return _smoothed(weeks, ahead, seasonal=False)


def _holt_winters(weeks: Sequence[int], ahead: int) -> tuple[float, ...]:
    return _smoothed(weeks, ahead, seasonal=True)


def _smoothed(weeks: Sequence[int], ahead: int, *, seasonal: bool) -> tuple[float, ...]:
    # Here, because importing it takes a second and a half.
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an optimum was not found is judged by the trial, not by words
        fitted = ExponentialSmoothing(
            [float(each) for each in weeks],
            trend="add",
            damped_trend=True,
            seasonal="add" if seasonal else None,
            seasonal_periods=SEASON if seasonal else None,
            initialization_method="heuristic",
        ).fit()
        said = [float(each) for each in fitted.forecast(ahead)]
    return tuple(max(0.0, each) if isfinite(each) else inf for each in said)
