"""What the salon gains, by month."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from contracts.analytics import BenefitRow, Benefits, ChannelBookings, Measure, ShowBenefits
from kernel.caller import Caller
from kernel.money import Money
from services.analytics.domain.benefits import MEASURES, NOT_MEASURED
from services.analytics.domain.periods import check_period
from services.analytics.domain.retention import USUAL_DAYS
from services.analytics.domain.shares import average, percent
from services.analytics.domain.work import check_length
from services.analytics.queries.buckets import DAYS_OF_NO_HOURS, WORKED, in_branches
from services.analytics.queries.cohorts import Asked, cohorts
from services.analytics.queries.scope import branches_asked_for, currency
from services.analytics.queries.spans import spans

BOOKED = """
    SELECT CAST(date_trunc('month', local_date) AS DATE) AS month, channel, sum(appointments) AS appointments
    FROM channel_days WHERE local_date BETWEEN :first AND :last {scope} GROUP BY 1, 2
    HAVING sum(appointments) > 0 ORDER BY 1, 3 DESC, 2
"""
ANSWERED = """
    SELECT CAST(date_trunc('month', received_at AT TIME ZONE 'UTC') AS DATE) AS month, count(*) AS enquiries,
        count(answered_at) AS answered, percentile_disc(0.5) WITHIN GROUP (
            ORDER BY CAST(floor(extract(epoch FROM answered_at - received_at) / 60) AS INTEGER)
        ) FILTER (WHERE answered_at IS NOT NULL) AS minutes
    FROM enquiries WHERE received_at >= :since_then AND received_at <= :until_then {scope} GROUP BY 1
"""
BROUGHT = """
    SELECT CAST(date_trunc('month', since) AS DATE) AS month, sum(visits) FILTER (WHERE kind = 'visit') AS visits,
        coalesce(sum(revenue) FILTER (WHERE kind = 'visit'), 0) AS revenue, count(DISTINCT master_id) AS masters
    FROM figures WHERE kind IN ('visit', 'master') AND visits > 0 AND {spans} AND branch_id IS {of_branches} {scope}
    GROUP BY 1
"""
OPEN = f"""
    SELECT CAST(date_trunc('month', since) AS DATE) AS month, sum(open_minutes) AS open_minutes,
        sum(busy_minutes) AS busy_minutes
    FROM {WORKED} WHERE kind = 'masters' AND {{spans}} {{scope}} GROUP BY 1
"""  # noqa: S608
OF_NO_HOURS = """
    SELECT CAST(date_trunc('month', local_date) AS DATE) AS month, sum(revenue) AS of_no_hours
    FROM ({days}) AS day GROUP BY 1
"""


def benefits(session: Session, asked: ShowBenefits, as_of: date, caller: Caller) -> Benefits:
    """A row for each month in which anything happened."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    check_length(asked.from_, asked.to)
    within, words = spans(asked.from_, asked.to, by_month=True)
    given = words | {
        "branches": None if branches is None else list(branches),
        "since_then": datetime.combine(asked.from_, time(0), UTC),
        "until_then": datetime.combine(asked.to, time.max, UTC),
    }
    shape = {
        "scope": in_branches(branches),
        "spans": within,
        "days": DAYS_OF_NO_HOURS.format(scope=in_branches(branches)),
        "of_branches": "NULL" if branches is None else "NOT NULL",
    }
    channels: dict[date, list[ChannelBookings]] = defaultdict(list)
    for row in session.execute(text(BOOKED.format(**shape)), given):
        channels[row.month].append(ChannelBookings(row.channel, int(row.appointments)))
    found: dict[date, dict[str, Any]] = defaultdict(dict)
    for statement in (ANSWERED, BROUGHT, OPEN, OF_NO_HOURS):
        for row in session.execute(text(statement.format(**shape)), given):
            found[row.month] |= row._asdict()
    of = Asked(asked.from_, asked.to, "all", USUAL_DAYS, [], branches, as_of)
    again = {each.month: {"settled": each.settled, "retained": each.retained} for each in cohorts(session, of)}
    money = currency(session)
    rows = tuple(
        _row(month, tuple(channels[month]), found[month] | again.get(month, {}), money)
        for month in sorted({*channels, *found})
    )
    return Benefits(rows, _measures(), None if rows else "nothing_happened")


def _row(month: date, channels: tuple[ChannelBookings, ...], of: Mapping[str, Any], money: str) -> BenefitRow:
    def number(name: str) -> int:
        return int(of.get(name) or 0)

    def each(count: int) -> Money | None:
        mean = average(number("revenue"), count)
        return None if mean is None else Money(mean, money)

    by_hour = average((number("revenue") - number("of_no_hours")) * 60, number("open_minutes"))
    return BenefitRow(
        month=month.strftime("%Y-%m"),
        appointments=sum(channel.appointments for channel in channels),
        channels=channels,
        enquiries=number("enquiries"),
        answered=number("answered"),
        median_minutes_to_answer=of.get("minutes"),
        visits=number("visits"),
        revenue=Money(number("revenue"), money),
        masters=number("masters"),
        revenue_per_master=each(number("masters")),
        open_hours=(Decimal(number("open_minutes")) / 60).quantize(Decimal("0.01")),
        revenue_per_open_hour=None if by_hour is None else Money(by_hour, money),
        occupancy_percent=percent(number("busy_minutes"), number("open_minutes")),
        settled=number("settled"),
        retained=number("retained"),
        retained_percent=percent(number("retained"), number("settled")),
    )


def _measures() -> tuple[Measure, ...]:
    told = [Measure(name, definition) for name, definition in MEASURES.items()]
    return (*told, *(Measure(name, definition, measured=False) for name, definition in NOT_MEASURED.items()))
