"""How much more each month is asked for than the others."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from chassis.aside import Lane
from contracts.analytics import MonthIndex, Seasonality, SeasonLevel, SeasonShare, ShowSeasonality
from kernel.caller import Caller, Reach
from services.analytics.domain.openness import Opened, Per, by_month, whole_months
from services.analytics.domain.periods import check_period
from services.analytics.domain.seasons import Season, Series, season, stands_alone
from services.analytics.queries.daily import Branches, category_of, check_one_of, opened_by_day, visits_by_day
from services.analytics.queries.scope import branches_asked_for

DEFINITION = (
    "Completed visits of each whole month divided by what was open then (master-hours or, where they are not known, "
    "days with visits, each weighing what its weekday usually brings), then by the centred average of the twelve "
    "months around it; the index is the median over the years, scaled to mean 1. Intervals hold nine cases of ten."
)
PLACES = Decimal("0.0001")

lane = Lane()


def seasonality(session: Session, asked: ShowSeasonality, today: date, caller: Caller) -> Seasonality:
    """Twelve indices and how far to trust them, by the months of the period that are over."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    check_one_of(asked.service_id, asked.category)
    levels: list[Series] = []
    pers: list[Per] = []
    for series, per in _levels(session, asked, today, branches, caller):
        levels.append(series)
        pers.append(per)
        if stands_alone(series):
            break
    if not levels or not any(levels[0].visits):
        return _nothing("no_visits")
    found = lane(season, levels)
    if found is None:
        return _nothing("too_few_months")
    return _told(found, pers[0])


def _levels(
    session: Session, asked: ShowSeasonality, today: date, branches: Branches, caller: Caller
) -> Iterator[tuple[Series, Per]]:
    """What was asked for, then what is wider and the caller may see, each looked up when it is needed."""
    first, last = asked.from_, min(asked.to, today - timedelta(days=1))
    months = whole_months(first, last)
    if not months:
        return
    opened = opened_by_day(session, first, last, branches)
    category = asked.category
    if asked.service_id is not None:
        theirs = visits_by_day(session, first, last, branches, asked.service_id)
        yield by_month("service", theirs, opened, months)
        category = category_of(session, asked.service_id, max(theirs)) if theirs else None
    if category is not None:
        yield by_month("category", visits_by_day(session, first, last, branches, category=category), opened, months)
    yield by_month("branches", opened.visits, opened, months)
    if branches is not None and caller.must("analytics.read") is Reach.CHAIN:
        chain: Opened = opened_by_day(session, first, last, None)
        yield by_month("chain", chain.visits, chain, months)


def _told(found: Season, per: Per) -> Seasonality:
    def share(name: str, weight: float) -> SeasonShare:
        levels: dict[str, SeasonLevel] = {
            "service": "service",
            "category": "category",
            "branches": "branches",
            "chain": "chain",
        }
        return SeasonShare(levels[name], _rounded(weight))

    return Seasonality(
        months=tuple(
            MonthIndex(month, _rounded(index), _rounded(low), _rounded(high))
            for month, (index, (low, high)) in enumerate(zip(found.indices, found.intervals, strict=True), 1)
        ),
        years=found.years,
        strength=_rounded(found.strength),
        shown=not found.weak,
        pooled=found.pooled,
        shares=tuple(share(each.name, each.weight) for each in found.shares),
        interval_by=found.interval_by,
        per=per,
        definition=DEFINITION,
        reason="weak" if found.weak else None,
    )


def _nothing(reason: str) -> Seasonality:
    return Seasonality((), 0, None, False, False, (), None, None, DEFINITION, reason)


def _rounded(value: float) -> Decimal:
    return Decimal(str(value)).quantize(PLACES)
