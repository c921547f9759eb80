"""What else a dashboard asks of 50,000 visits, or with `SIZE=full` of 10,000,000, beside GROUP BY and DuckDB.

Seasons, hours of the week, forecasts, who came again, how work went, how full the day was, what enquiries became.
`python -m bench.dashboard` measures only this. What `SIZE=full` builds is kept in `var/bench/analytics`.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.alone import alone, full_size
from bench.beside import copied, drawn_id, p95, took
from bench.diaries import draw_diaries
from bench.report import Figure
from bench.visits import FIRST, LAST, draw, sized
from bench.world import World
from chassis.database import connect, new_id
from chassis.migrations import folder_of, upgrade
from contracts import analytics as wire
from deploy.postgres import PostgresServer
from kernel.caller import Caller
from services.analytics import queries

ASKED = 20 if full_size() else 10  # times at the service
COUNTED = 1  # time by the others
AT_MOST = 100.0  # milliseconds
NOW = datetime.combine(LAST + timedelta(days=1), datetime.min.time(), UTC)

YEAR = (date(2025, 1, 1), LAST)
MONTH = (date(2025, 11, 1), date(2025, 11, 30))
TWO_YEARS = (date(2024, 1, 1), LAST)
ALL = (FIRST, LAST)
BRANCH = drawn_id("branch 3")
SERVICE = drawn_id("service 7")

Ask = Callable[[Session, Caller], Any]


@dataclass(frozen=True)
class Question:
    """`plain` are the figures behind the answer as anybody would ask the facts for them, in the SQL of both others."""

    name: str
    ask: Ask
    plain: str


def _within(first: date, last: date, column: str = "local_date") -> str:
    return f"{column} >= DATE '{first}' AND {column} < DATE '{last + timedelta(days=1)}'"


def _retention(first: date, last: date, *names: str, of: str = "visits", clients: str = "all") -> str:
    """Days with the next one of the same client, by month of the day or of the first day."""
    keys = "".join(f"{name}, " for name in names)
    new = "WHERE place = 1" if clients == "new" else ""
    return f"""
        SELECT {keys} month, count(*) FROM (
            SELECT {keys} client_id, date_trunc('month', local_date) AS month, min(gap) AS gap
            FROM (
                SELECT *, lead(local_date) OVER own - local_date AS gap, row_number() OVER own AS place
                FROM (SELECT DISTINCT {keys} client_id, local_date FROM {of}) AS days
                WINDOW own AS (PARTITION BY {keys} client_id ORDER BY local_date)
            ) AS followed {new} GROUP BY {keys} client_id, date_trunc('month', local_date)
        ) AS cohort WHERE {_within(first, last, "month")} GROUP BY {keys} month
    """


def _seasons(where: str, of: str = "visit_parts") -> str:
    return f"SELECT date_trunc('month', local_date), count(DISTINCT appointment_id) FROM {of} WHERE {where} GROUP BY 1"


def _seasonality(**words: Any) -> Ask:
    asked = wire.ShowSeasonality(*ALL, **words)
    return lambda session, caller: queries.seasonality(session, asked, NOW.date(), caller)


def _heat_map(first: date, last: date, **words: Any) -> Ask:
    asked = wire.ShowHeatMap(first, last, **words)
    return lambda session, caller: queries.heat_map(session, asked, NOW, caller)


def _forecast(**words: Any) -> Ask:
    asked = wire.ShowForecast(*ALL, **words)
    return lambda session, caller: queries.visit_forecast(session, asked, NOW.date(), caller)


def _cohorts(first: date, last: date, **words: Any) -> Ask:
    asked = wire.ShowCohorts(first, last, **words)
    return lambda session, caller: queries.retention(session, asked, NOW.date(), caller)


def _work(first: date, last: date, **words: Any) -> Ask:
    asked = wire.ShowWork(first, last, **words)
    return lambda session, caller: queries.work(session, asked, NOW, caller)


def _occupancy(first: date, last: date, **words: Any) -> Ask:
    asked = wire.ShowOccupancy(first, last, **words)
    return lambda session, caller: queries.occupancy(session, asked, caller)


def _funnel(**words: Any) -> Ask:
    asked = wire.ShowFunnel(*YEAR, **words)
    return lambda session, caller: queries.funnel(session, asked, caller)


WENT = "SELECT {keys}, status, count(*), sum(late_minutes) FROM bookings WHERE {within} GROUP BY {by}"
HOURS = "SELECT (local_date - DATE '0001-01-01') % 7, minute / 60, count(*) FROM visits WHERE {within} GROUP BY 1, 2"
BUSY = "SELECT {keys}, sum(extract(epoch FROM ends - starts)) / 60 FROM booked_segments WHERE {within} GROUP BY {by}"
WEEKS = "SELECT date_trunc('week', local_date), count(*) FROM visits WHERE {within} GROUP BY 1"
CAME = """
    SELECT channel, count(*), count(came) FROM (
        SELECT enquiries.channel, enquiry_id, min(visits.starts) AS came FROM enquiries
        LEFT JOIN visits ON visits.client_id = enquiries.client_id AND visits.starts >= received_at
        WHERE {within} GROUP BY enquiries.channel, enquiry_id
    ) AS each GROUP BY channel
"""


def _went(first: date, last: date, keys: str, by: str) -> str:
    return WENT.format(keys=keys, by=by, within=_within(first, last))


def _busy(first: date, last: date, keys: str, by: str, where: str = "") -> str:
    return BUSY.format(keys=keys, by=by, within=_within(first, last) + where)


MONTH_OF = "date_trunc('month', local_date)"
OF_BRANCH = f"branch_id = '{BRANCH}'"

QUESTIONS = (
    Question("season of all visits", _seasonality(), _seasons("true", "visits")),
    Question("season of a service", _seasonality(service_id=SERVICE), _seasons(f"service_id = '{SERVICE}'")),
    Question("season of a category", _seasonality(category="category 3"), _seasons("category = 'category 3'")),
    Question(
        "season of a service in a branch",
        _seasonality(service_id=SERVICE, branch_id=BRANCH),
        _seasons(f"service_id = '{SERVICE}' AND {OF_BRANCH}"),
    ),
    Question("hours of the week, a year", _heat_map(*YEAR), HOURS.format(within=_within(*YEAR))),
    Question("hours of the week, five years", _heat_map(*ALL), HOURS.format(within=_within(*ALL))),
    Question(
        "hours of the week, a branch, ten months",
        _heat_map(date(2025, 2, 10), date(2025, 11, 20), branch_id=BRANCH),
        HOURS.format(within=_within(date(2025, 2, 10), date(2025, 11, 20)) + f" AND {OF_BRANCH}"),
    ),
    Question("forecast with its trials", _forecast(), WEEKS.format(within=_within(*ALL))),
    Question("new clients who came again", _cohorts(*ALL), _retention(*ALL, clients="new")),
    Question("all clients who came again", _cohorts(*YEAR, clients="all"), _retention(*YEAR)),
    Question(
        "all who came again, by branch",
        _cohorts(*YEAR, clients="all", group_by=("branch",)),
        _retention(*YEAR, "branch_id"),
    ),
    Question(
        "all who came again, by master",
        _cohorts(*YEAR, clients="all", group_by=("master",)),
        _retention(*YEAR, "master_id", of="visit_parts"),
    ),
    Question("work by month", _work(*YEAR), _went(*YEAR, MONTH_OF, "1, 2")),
    Question(
        "work by month and branch",
        _work(*YEAR, group_by=("branch",)),
        _went(*YEAR, f"{MONTH_OF}, branch_id", "1, 2, 3"),
    ),
    Question(
        "work by month and master",
        _work(*YEAR, group_by=("master",)),
        _busy(*YEAR, f"{MONTH_OF}, master_id", "1, 2"),
    ),
    Question(
        "work by master, two years",
        _work(*TWO_YEARS, bucket="period", group_by=("master",)),
        _busy(*TWO_YEARS, "master_id", "1"),
    ),
    Question(
        "work by day and branch, a month",
        _work(*MONTH, bucket="day", group_by=("branch",)),
        _went(*MONTH, "local_date, branch_id", "1, 2, 3"),
    ),
    Question("work by day, a year", _work(*YEAR, bucket="day"), _went(*YEAR, "local_date", "1, 2")),
    Question("occupancy by branch", _occupancy(*YEAR), _busy(*YEAR, f"{MONTH_OF}, branch_id", "1, 2")),
    Question("occupancy by branch, five years", _occupancy(*ALL), _busy(*ALL, f"{MONTH_OF}, branch_id", "1, 2")),
    Question(
        "occupancy of each master of a branch",
        _occupancy(*YEAR, each="one", branch_id=BRANCH),
        _busy(*YEAR, f"{MONTH_OF}, master_id", "1, 2", f" AND {OF_BRANCH}"),
    ),
    Question(
        "occupancy of each master",
        _occupancy(*YEAR, each="one"),
        _busy(*YEAR, f"{MONTH_OF}, branch_id, master_id", "1, 2, 3"),
    ),
    Question(
        "occupancy of each room of a branch",
        _occupancy(*YEAR, of="units", each="one", branch_id=BRANCH),
        _busy(*YEAR, f"{MONTH_OF}, unit_ids", "1, 2", f" AND {OF_BRANCH}"),
    ),
    Question(
        "benefits by month",
        lambda session, caller: queries.benefits(session, wire.ShowBenefits(*YEAR), NOW.date(), caller),
        _went(*YEAR, f"{MONTH_OF}, channel", "1, 2, 3"),
    ),
    Question(
        "what enquiries became, by channel",
        _funnel(group_by=("channel",)),
        CAME.format(within=_within(*YEAR, "received_at")),
    ),
)

COPIED = {
    "visits": "SELECT appointment_id, client_id, branch_id, local_date, revenue FROM visits",
    "visit_parts": "SELECT appointment_id, client_id, branch_id, local_date, revenue, service_id, category, master_id"
    " FROM visit_parts",
    "starts": "SELECT appointment_id, client_id, branch_id, local_date, starts, minute FROM visits",
    "bookings": "SELECT branch_id, local_date, status, late_minutes, channel FROM bookings",
    "booked_segments": "SELECT branch_id, local_date, master_id, starts, ends, unit_ids FROM booked_segments",
    "enquiries": "SELECT enquiry_id, client_id, channel, received_at FROM enquiries",
}


def aside(made: World) -> Iterator[Figure]:
    """On a database of its own, with nothing else running."""
    yield from _measured(made.server)


def _measured(server: PostgresServer) -> Iterator[Figure]:
    yield from sized(server, _figures)


def _figures(server: PostgresServer, name: str, visits: int, folder: Path) -> Iterator[Figure]:
    server.ensure_database(name)
    engine = connect(server.url(name), 4)
    caller = Caller(new_id(), "user", frozenset({"*"}), frozenset({"*"}), everywhere=True, session_id=new_id())
    try:
        upgrade(engine, folder_of("analytics"))
        draw(engine, visits)
        draw_diaries(engine)
        with copied(engine, folder / "visits.duckdb", COPIED) as other, Session(engine) as session:
            for question in QUESTIONS:
                yield _asked(session, other, question, visits, caller)
    finally:
        engine.dispose()


def _asked(session: Session, other: Any, question: Question, visits: int, caller: Caller) -> Figure:
    def at_the_service() -> None:
        answer = question.ask(session, caller)
        assert answer.reason in (None, "weak", "baseline_is_better"), answer.reason

    there = question.plain.replace("FROM visits", "FROM starts").replace(
        "JOIN visits ON visits", "JOIN starts ON starts"
    )
    there = there.replace("visits.starts", "starts.starts")
    at_the_service()
    slow = p95(at_the_service, ASKED)
    plain = median(took(lambda: session.execute(text(question.plain)).all(), COUNTED))
    duck = median(took(lambda: other.execute(there).fetchall(), COUNTED))
    beside = f"GROUP BY; DuckDB takes {duck:.1f} ms"
    return Figure(
        f"{question.name}, {visits // 1000:,} k visits, p95", slow, plain, "ms", beside, AT_MOST, at_most=True
    )


if __name__ == "__main__":
    sys.exit(alone(_measured))
