"""How much more a month is asked for than the others, when in the week people come, and what the next weeks bring."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import Request

SeasonLevel = Literal["service", "category", "branches", "chain"]
ForecastMethod = Literal["seasonal_naive", "damped_trend", "holt_winters"]
WeeksAhead = Annotated[int, Meta(ge=1, le=26)]


@dataclass(frozen=True)
class MonthIndex:
    """1 is a month like the others; in nine cases of ten the true index lies from `low` to `high`."""

    month: int
    index: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class SeasonShare:
    """How much of the indices comes from what, 1 being all of it; `branches` are all visits of those asked for."""

    of: SeasonLevel
    weight: Decimal


@dataclass(frozen=True)
class Seasonality:
    """Twelve indices with mean 1, or none with the `reason`: `no_visits`, `too_few_months` (a whole year and a month).

    `shown` is false where they shall not be drawn; with indices the `reason` is then `weak`: `strength`, how much of
    what moves is season, is below 0.3. `years` are full years of what was asked for; `pooled` says that these are too
    few, so that wider series have lent theirs: `shares` says which, and adds up to less than 1 by what was taken for
    no season. `interval_by` says whether intervals come from drawing `years` again or only from the chance of `counts`.
    `per` is what visits were divided by: `open_hours` of masters, or `working_days` where those are not known.
    """

    months: tuple[MonthIndex, ...]
    years: int
    strength: Decimal | None
    shown: bool
    pooled: bool
    shares: tuple[SeasonShare, ...]
    interval_by: Literal["years", "counts"] | None
    per: Literal["open_hours", "working_days"] | None
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowSeasonality(Request[Seasonality], permission="analytics.read", effects=False, timeout=10.0):
    """Of a service or a category or, without either, of all visits; by whole months that are over."""

    from_: date
    to: date
    branch_id: UUID | None = None
    service_id: UUID | None = None
    category: str | None = None


@dataclass(frozen=True)
class HeatCell:
    """Visits that began in an hour of a weekday (0 is Monday), and how long masters were there then.

    `per_open_hour` is None where nobody was.
    """

    weekday: int
    hour: int
    visits: int
    open_hours: Decimal
    per_open_hour: Decimal | None


@dataclass(frozen=True)
class HeatMap:
    """The hours of the week in which anybody came or was there; `reason` says what is not known.

    `no_visits`: no cells; `no_open_hours`: nobody has told when masters are there, so there are visits only.
    """

    cells: tuple[HeatCell, ...]
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowHeatMap(Request[HeatMap], permission="analytics.read", effects=False, timeout=10.0):
    """Of the dates from `from_` to `to`, days to come left out."""

    from_: date
    to: date
    branch_id: UUID | None = None


@dataclass(frozen=True)
class KnownWeek:
    """A week by its Monday."""

    week: date
    visits: int


@dataclass(frozen=True)
class ForecastWeek:
    """In four cases of five the visits lie from `low` to `high`, if errors stay as they were."""

    week: date
    visits: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class BackTest:
    """By how many visits a week the method was wrong on average when tried on what was known before."""

    method: ForecastMethod
    error: Decimal


@dataclass(frozen=True)
class VisitForecast:
    """`weeks` that are to come by `method`, and `known` ones before them.

    `back_tests` tell of all methods that were tried, first of the baseline, the same week a year before. Where none
    was better than that, it is what is shown, and `reason` is `baseline_is_better`. Without `weeks` it is `no_visits`
    or `too_few_weeks`, of which `weeks_needed` would do.
    """

    known: tuple[KnownWeek, ...]
    weeks: tuple[ForecastWeek, ...]
    method: ForecastMethod | None
    back_tests: tuple[BackTest, ...]
    weeks_needed: int
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowForecast(Request[VisitForecast], permission="analytics.read", effects=False, timeout=30.0):
    """By whole weeks from `from_` to `to` that are over, of a service or a category or all visits."""

    from_: date
    to: date
    weeks: WeeksAhead = 8
    branch_id: UUID | None = None
    service_id: UUID | None = None
    category: str | None = None
