"""How much more a month is asked for than the others, and how far that may be believed."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median
from typing import Literal

YEAR = 12
ENOUGH = 2 * YEAR  # months from which a series speaks for itself
WEAK = 0.3  # a strength below this is no season
SHRINKAGE = 2  # how many years of its own weigh as much as what the wider series says
ROWS_TO_RESAMPLE = 3  # from fewer years than these hardly two different samples can be drawn
DRAWS = 400
BAND = 0.9  # of the draws lie within the interval

Middle = Callable[[Sequence[float]], float]
Months = list[float | None]  # twelve values, January first; None where nothing was seen


@dataclass(frozen=True, slots=True)
class Series:
    """Months in a row: `values` are demand by what was open (None where nothing was), `visits` the counts behind them.

    `start` is the month of the first value, 0 for January; `name` what the series is of.
    """

    name: str
    start: int
    values: tuple[float | None, ...]
    visits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an index comes from the series of that name."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Season:
    """Twelve indices with mean 1, January first, with the interval in which each lies in nine of ten cases.

    `years` are full years that the narrowest series has; `pooled` says that these are too few to stand alone. `shares`
    say from which series the indices come, and add up to less than 1 by what was taken for no season.
    `interval_by` is `years` where whole years were drawn again, or `counts` where only the chance of counts is known.
    """

    indices: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    interval_by: Literal["years", "counts"]
    years: int
    strength: float
    shares: tuple[Share, ...]
    pooled: bool

    @property
    def weak(self) -> bool:
        return self.strength < WEAK


def season(levels: Sequence[Series], seed: int = 0) -> Season | None:
    """The season of the first of `levels`, which get wider; None where no month of any can be compared with its year.

    A series of two full years with each month in it stands alone. One with less takes each month from the wider ones
    in the proportion n/(n + 2), n the years in which the month was seen, and the widest leans on no season at all.
    """
    own = [_Own.of(each) for each in levels]
    own = own[: next((place for place, each in enumerate(own, 1) if each.alone), len(own))]
    if not any(each.ratios for each in own):
        return None
    by_years = all(each.resampled for each in own if each.ratios)
    rng = random.Random(seed)  # noqa: S311 - chance of a sample, not a secret
    draws = [_pooled([each.drawn(rng, by_years=by_years) for each in own], own) for _ in range(DRAWS)]
    weights = _weights(own)
    return Season(
        indices=_pooled([each.middles for each in own], own),
        intervals=tuple(_band([draw[month] for draw in draws]) for month in range(YEAR)),
        interval_by="years" if by_years else "counts",
        years=len(levels[0].values) // YEAR,
        strength=sum(weight * each.strength for weight, each in zip(weights, own, strict=True)),
        shares=tuple(
            Share(each.series.name, weight) for weight, each in zip(weights, own, strict=True) if weight > 1e-9
        ),
        pooled=not own[0].alone,
    )


def indices(start: int, values: Sequence[float | None], middle: Middle = median) -> Months:
    """Seasonal indices by the ratio to the centred moving average, scaled to mean 1.

    CMA_t = (Y_{t-6}/2 + Y_{t-5} + ... + Y_{t+5} + Y_{t+6}/2)/12; S_m is the middle of Y_t/CMA_t over the same month.
    Classical decomposition: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3.4, there with the mean;
    the median is not moved by one extraordinary month.
    """
    return _scaled(_middles(ratios(start, values), middle))


def ratios(start: int, values: Sequence[float | None]) -> list[tuple[int, int, float]]:
    """Place in the series, month and ratio to the centred moving average, wherever a whole year lies around."""
    found = []
    for place in range(YEAR // 2, len(values) - YEAR // 2):
        around = [each for each in values[place - YEAR // 2 : place + YEAR // 2 + 1] if each is not None]
        here = values[place]
        if here is None or len(around) <= YEAR:
            continue
        average = (sum(around) - (around[0] + around[-1]) / 2) / YEAR
        if average > 0:
            found.append((place, (start + place) % YEAR, here / average))
    return found


@dataclass(frozen=True, slots=True)
class _Own:
    """What a series says by itself."""

    series: Series
    ratios: list[tuple[int, int, float]]
    middles: Months
    seen: list[int]  # in how many years each month was
    weights: list[float]  # how much of each month is its own
    years: list[list[tuple[int, int, float]]]  # the ratios, twelve months in a row each
    alone: bool

    @classmethod
    def of(cls, series: Series) -> "_Own":
        found = ratios(series.start, series.values)
        seen = [sum(month == each for _, month, _ in found) for each in range(YEAR)]
        alone = len(series.values) >= ENOUGH and min(seen) > 0
        weights = [1.0 if alone else each / (each + SHRINKAGE) for each in seen]
        years: dict[int, list[tuple[int, int, float]]] = {}
        for each in found:
            years.setdefault((each[0] - found[0][0]) // YEAR, []).append(each)
        middles = _scaled(_middles(found, median))
        return cls(series, found, middles, seen, weights, list(years.values()), alone)

    @property
    def resampled(self) -> bool:
        return min(self.seen) >= ROWS_TO_RESAMPLE

    @property
    def strength(self) -> float:
        return strength(self.ratios, self.middles, self.series.visits)

    def drawn(self, rng: random.Random, *, by_years: bool) -> Months:
        """The same from years drawn again with replacement, or from counts that chance made a little different."""
        if not self.ratios:
            return self.middles
        if not by_years:
            visits = self.series.visits
            return _scaled(
                _middles([(at, month, _shaken(ratio, visits[at], rng)) for at, month, ratio in self.ratios], median)
            )
        chosen = rng.choices(self.years, k=len(self.years))
        drawn = _middles([each for year in chosen for each in year], median)
        return _scaled([kept if new is None else new for new, kept in zip(drawn, self.middles, strict=True)])


def strength(found: Sequence[tuple[int, int, float]], middles: Months, visits: Sequence[int]) -> float:
    """F_S = max(0, 1 - Var(R)/Var(S + R)): how much of what moves is season (Hyndman & Athanasopoulos, 4.3).

    S + R are the ratios, R what the indices leave of them. Variances are the unbiased ones, because twelve medians of
    two or three years follow even pure chance; and R is no smaller than the chance of counts (Poisson).
    """
    values = [ratio for _, _, ratio in found]
    free = len(values) - sum(each is not None for each in middles)
    if len(values) < YEAR:
        return 0.0
    mean = fmean(values)
    moving = sum((each - mean) ** 2 for each in values) / (len(values) - 1)
    left = [ratio - (middles[month] or 0.0) for _, month, ratio in found]
    counted = [visits[place] for place, _, _ in found]
    chance = 1 / max(fmean(counted), 1.0)
    noise = max(chance, sum(each * each for each in left) / free if free > 0 else 0.0)
    return max(0.0, 1 - noise / moving) if moving > 1e-12 else 0.0


def stands_alone(series: Series) -> bool:
    """Whether nothing wider is needed."""
    return _Own.of(series).alone


def _pooled(values: Sequence[Months], own: Sequence[_Own]) -> tuple[float, ...]:
    """Twelve indices: each level's months, leaning on those of the next."""
    wider: list[float] = [1.0] * YEAR
    for months, level in zip(reversed(values), reversed(own), strict=True):
        leant = []
        for month, value in enumerate(months):
            weight = level.weights[month] if value is not None else 0.0
            leant.append(weight * (value or 0.0) + (1 - weight) * wider[month])
        wider = leant
    return tuple(each * YEAR / sum(wider) for each in wider)


def _weights(own: Sequence[_Own]) -> list[float]:
    """How much of the twelve indices each level makes."""
    left, weights = [1.0] * YEAR, []
    for level in own:
        taken = [rest * weight for rest, weight in zip(left, level.weights, strict=True)]
        weights.append(fmean(taken))
        left = [rest - part for rest, part in zip(left, taken, strict=True)]
    return weights


def _middles(found: Iterable[tuple[int, int, float]], middle: Middle) -> Months:
    by_month: list[list[float]] = [[] for _ in range(YEAR)]
    for _, month, ratio in found:
        by_month[month].append(ratio)
    return [middle(each) if each else None for each in by_month]


def _scaled(months: Months) -> Months:
    """The months that are there, with mean 1 if all of them are; a part of a year has no mean to know."""
    there = [each for each in months if each is not None]
    if len(there) < YEAR or sum(there) <= 0:
        return months
    return [each and each * YEAR / sum(there) for each in months]


def _shaken(ratio: float, visits: int, rng: random.Random) -> float:
    """A ratio as another month of the same demand might have had it: counts scatter by their root (Poisson)."""
    return max(0.0, ratio * (1 + rng.gauss(0, 1) / sqrt(max(visits, 1))))


def _band(values: Sequence[float]) -> tuple[float, float]:
    ordered, aside = sorted(values), round(len(values) * (1 - BAND) / 2)
    return ordered[aside], ordered[-1 - aside]
