"""How many visits the coming weeks will bring."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.aside import Lane
from contracts.analytics import BackTest, ForecastWeek, KnownWeek, ShowForecast, VisitForecast
from kernel.caller import Caller
from services.analytics.domain.forecasts import BASELINE, LONGEST, Forecast, forecast, made_from, weeks_needed
from services.analytics.domain.openness import WEEK, whole_weeks
from services.analytics.domain.periods import check_period
from services.analytics.queries.daily import check_one_of, visits_by_day
from services.analytics.queries.scope import branches_asked_for
from services.analytics.tables import forecasts

DEFINITION = (
    "Completed visits a week, Monday to Sunday, of the last five years at most. Each method was tried four times on "
    "what was known before, for as many weeks as asked for; its error is by how many visits a week it was wrong on "
    "average. What is shown was the least wrong; the baseline is the same week a year before. Four of five errors were "
    "within the interval."
)
PLACES = Decimal("0.1")
SHOWN_BEFORE = 104  # weeks, so that a picture shows what the forecast goes on from

lane = Lane()


def visit_forecast(session: Session, asked: ShowForecast, today: date, caller: Caller) -> VisitForecast:
    """The weeks after the last one of the period that is over."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    check_one_of(asked.service_id, asked.category)
    last = min(asked.to, today - timedelta(days=1))
    visits = visits_by_day(session, asked.from_, last, branches, asked.service_id, asked.category)
    monday, weeks = whole_weeks(visits, asked.from_, last)
    monday += timedelta(days=WEEK * max(0, len(weeks) - LONGEST))
    weeks = weeks[-LONGEST:]
    found = _found(session, weeks, asked.weeks)
    starts = [monday + timedelta(days=WEEK * each) for each in range(len(weeks) + asked.weeks)]
    known = tuple(KnownWeek(start, number) for start, number in zip(starts, weeks, strict=False))[-SHOWN_BEFORE:]
    needed = weeks_needed(asked.weeks)
    if found is None:
        return VisitForecast(known, (), None, (), needed, DEFINITION, "too_few_weeks" if weeks else "no_visits")
    coming = zip(starts[len(weeks) :], found.visits, found.low, found.high, strict=True)
    return VisitForecast(
        known,
        tuple(ForecastWeek(start, _rounded(each), _rounded(low), _rounded(high)) for start, each, low, high in coming),
        found.method,
        tuple(BackTest(each.method, _rounded(each.error)) for each in found.tried),
        needed,
        DEFINITION,
        "baseline_is_better" if found.method == BASELINE else None,
    )


def _found(session: Session, weeks: Sequence[int], ahead: int) -> Forecast | None:
    """As it was worked out before, if it was; fitting and trying models takes seconds."""
    kept = session.execute(select(forecasts.c.document).where(forecasts.c.made_from == made_from(weeks, ahead))).first()
    if kept is not None:
        return msgspec.convert(kept.document, Forecast | None)
    found: Forecast | None = lane(forecast, weeks, ahead)
    return found


def _rounded(value: float) -> Decimal:
    return Decimal(str(value)).quantize(PLACES)
