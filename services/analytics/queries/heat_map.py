"""When in the week people come, by how many masters are there then."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from contracts.analytics import HeatCell, HeatMap, ShowHeatMap
from kernel.caller import Caller
from services.analytics.domain.periods import check_period, end_of_month
from services.analytics.queries.buckets import DAYS_OF_NO_HOURS
from services.analytics.queries.scope import branches_asked_for

DEFINITION = (
    "Completed visits by the weekday and hour in which they began on the branch's clock; those of days on which "
    "masters were planned to work there divided by the hours that they were there in that hour."
)

# Day 1 of the calendar was a Monday.
VISITS = """
    SELECT (local_date - DATE '0001-01-01') % 7 AS weekday, hour, sum(visits) AS visits
    FROM visit_hours WHERE local_date BETWEEN :first AND :last {scope}
    GROUP BY 1, 2
"""
# Minutes of each stretch by the hours that it touches; most days are like others, and taken apart together with them.
# A day may end after midnight: that belongs to the next weekday.
OPEN = """
    SELECT (weekday + hour / 24) % 7 AS weekday, hour % 24 AS hour, sum(days * minutes) AS minutes FROM (
        SELECT weekday, days, hour, least(closes, 60 * hour + 60) - greatest(opens, 60 * hour) AS minutes
        FROM (
            SELECT weekday, days, unnest(opens) AS opens, unnest(closes) AS closes FROM (
                SELECT (local_date - DATE '0001-01-01') % 7 AS weekday, opens, closes, count(*) AS days
                FROM open_days WHERE local_date BETWEEN :first AND :last AND starts[1] <= :now {scope}
                GROUP BY 1, 2, 3
            ) AS alike
        ) AS stretch CROSS JOIN LATERAL generate_series(opens / 60, (closes - 1) / 60) AS hour
    ) AS touched GROUP BY 1, 2
"""
MONTHS = """
    SELECT weekday, hour, sum(visits) AS visits, sum(visits - known_visits) AS beside, sum(open_minutes) AS minutes
    FROM week_hours WHERE month BETWEEN :since AND :until {scope} GROUP BY 1, 2
"""
NO_HOURS = "SELECT local_date, branch_id FROM ({days}) AS day"  # of an index alone
OF_NO_HOURS = """
    SELECT (local_date - DATE '0001-01-01') % 7 AS weekday, hour, sum(visits) AS visits
    FROM unnest(CAST(:dates AS DATE[]), CAST(:of AS UUID[])) AS day (local_date, branch_id)
    JOIN visit_hours USING (local_date, branch_id) GROUP BY 1, 2
"""
FURTHEST_EAST = timedelta(hours=14)  # there a day begins so much earlier; elsewhere its hours are counted once it has
SCOPE = "AND branch_id = ANY(CAST(:branches AS UUID[]))"


At = tuple[int, int]  # weekday and hour


class Piece(NamedTuple):
    first: date
    last: date
    months: bool


def heat_map(session: Session, asked: ShowHeatMap, now: datetime, caller: Caller) -> HeatMap:
    """The hours of the week in which anybody came or was there, Monday first."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    values = {"branches": None if branches is None else list(branches), "now": now}
    today = (now + FURTHEST_EAST).date()
    scope = "" if branches is None else SCOPE
    visits, beside, minutes = Counter[At](), Counter[At](), Counter[At]()
    days_of_no_hours = text(NO_HOURS.format(days=DAYS_OF_NO_HOURS.format(scope=scope)))
    for piece in _pieces(asked.from_, min(asked.to, today)):
        words = values | {"since": piece.first, "until": piece.last, "first": piece.first, "last": piece.last}
        if piece.months:
            for row in session.execute(text(MONTHS.format(scope=scope)), words):
                visits[row.weekday, row.hour] += int(row.visits)
                beside[row.weekday, row.hour] += int(row.beside)
                minutes[row.weekday, row.hour] += int(row.minutes)
        else:
            visits.update(_by_hour(session.execute(text(VISITS.format(scope=scope)), words)))
            minutes.update(_by_hour(session.execute(text(OPEN.format(scope=scope)), words)))
            beside.update(_of_no_hours(session, days_of_no_hours, words))
    if not visits.total():
        return HeatMap((), DEFINITION, "no_visits")
    hours = sorted(at for at in visits.keys() | minutes.keys() if visits[at] or minutes[at])
    cells = tuple(_cell(*at, visits[at], visits[at] - beside[at], minutes[at]) for at in hours)
    return HeatMap(cells, DEFINITION, None if minutes.total() else "no_open_hours")


def _of_no_hours(session: Session, days_of_no_hours: TextClause, words: Mapping[str, Any]) -> Counter[At]:
    """Visits of days of which it is not known when masters were there; asked for only where there are such days."""
    days = session.execute(days_of_no_hours, words).all()
    if not days:
        return Counter()
    given = {"dates": [day.local_date for day in days], "of": [day.branch_id for day in days]}
    return _by_hour(session.execute(text(OF_NO_HOURS), given))


def _pieces(first: date, last: date) -> Iterator[Piece]:
    """Whole months, which are kept, and the days before and after them."""
    since = first if first.day == 1 else end_of_month(first) + timedelta(days=1)
    until = last if last == end_of_month(last) else last.replace(day=1) - timedelta(days=1)
    if since > until:
        yield Piece(first, last, months=False)
        return
    if first < since:
        yield Piece(first, since - timedelta(days=1), months=False)
    yield Piece(since, until, months=True)
    if until < last:
        yield Piece(until + timedelta(days=1), last, months=False)


def _by_hour(rows: Iterable[Any]) -> Counter[At]:
    return Counter({(weekday, hour): int(number) for weekday, hour, number in rows})


def _cell(weekday: int, hour: int, visits: int, then: int, minutes: int) -> HeatCell:
    """`then`: of the visits those of days of which the `minutes` are known."""
    each = (Decimal(then * 60) / minutes).quantize(Decimal("0.001")) if minutes else None
    return HeatCell(weekday, hour, visits, (Decimal(minutes) / 60).quantize(Decimal("0.01")), each)
