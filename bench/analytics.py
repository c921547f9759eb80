"""What a dashboard asks of 50,000 visits, or with `SIZE=full` of 10,000,000: at the service, by GROUP BY, by DuckDB.

`python -m bench.analytics` measures only this. What `SIZE=full` builds is kept in `var/bench/analytics`.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from uuid import UUID

import duckdb
from sqlalchemy import Engine, MetaData, func, insert, select, text
from sqlalchemy.orm import Session

from bench.alone import alone, full_size
from bench.beside import copied, drawn_id, p95, took
from bench.report import Figure
from bench.visits import BRANCHES, CATEGORIES, FIRST, LAST, MASTERS, OFTEN, SERVICES, draw, sized
from bench.world import World
from chassis.database import connect, new_id
from chassis.migrations import folder_of, upgrade
from contracts.analytics import Dimension
from contracts.booking import BookedSegment, VisitCompleted, VisitLine
from deploy.postgres import PostgresServer
from kernel.caller import Caller
from services.analytics.queries import visit_rows
from services.analytics.service import Analytics
from services.analytics.tables import visits as visits_table

ASKED = 20 if full_size() else 10  # times at the service
COUNTED = 1  # time by the others
BATCH, BATCHES = 200, 15


@dataclass(frozen=True)
class Question:
    """`at_most` is in milliseconds."""

    name: str
    group_by: tuple[Dimension, ...]
    first: date
    last: date
    of_branch: bool = False
    at_most: float = 100.0


YEAR = (date(2025, 1, 1), LAST)
MONTH = (date(2025, 11, 1), date(2025, 11, 30))

QUESTIONS = (
    Question("months of five years", ("month",), FIRST, LAST),
    Question("months of a year by branch", ("month", "branch"), *YEAR),
    Question("months of a year by category", ("month", "category"), *YEAR),
    Question("months of a year by service, one branch", ("month", "service"), *YEAR, of_branch=True),
    Question("days of a month", ("day",), *MONTH),
    Question("days of a month by branch", ("day", "branch"), *MONTH),
    Question("days of a month by master, one branch", ("day", "master"), *MONTH, of_branch=True),
    Question("one day by service", ("service",), LAST, LAST),
    Question("one month by service", ("service",), *MONTH),
    Question("one month by master, one branch", ("master",), *MONTH, of_branch=True),
    Question("one month in all", (), *MONTH),
    Question("from February to November in all", (), date(2025, 2, 10), date(2025, 11, 20), at_most=2_000.0),
    Question("five years in all", (), date(2021, 1, 10), LAST, at_most=2_000.0),
    Question("from February to November by branch", ("branch",), date(2025, 2, 10), date(2025, 11, 20), at_most=2_000),
)

COLUMNS = {
    "month": "date_trunc('month', local_date)",
    "day": "local_date",
    "branch": "branch_id",
    "service": "service_id",
    "category": "category",
    "master": "master_id",
}


def aside(made: World) -> Iterator[Figure]:
    """On a database of its own, with nothing else running."""
    yield from _measured(made.server)


def _measured(server: PostgresServer) -> Iterator[Figure]:
    yield from sized(server, _figures)


def _figures(server: PostgresServer, name: str, visits: int, folder: Path) -> Iterator[Figure]:
    server.ensure_database(name)
    engine = connect(server.url(name), 4)
    try:
        upgrade(engine, folder_of("analytics"))
        draw(engine, visits)
        with _duck(engine, folder / "visits.duckdb", visits) as other, Session(engine) as session:
            for question in QUESTIONS:
                yield _asked(session, other, question, visits)
        yield _taken_over(engine, visits)
    finally:
        engine.dispose()


# --- the other engine -------------------------------------------------------------------------------------------------


def _duck(engine: Engine, at: Path, visits: int) -> duckdb.DuckDBPyConnection:
    """The same rows in a file of DuckDB."""
    columns = {"visits": "appointment_id, client_id, branch_id, local_date, revenue"}
    columns["visit_parts"] = f"{columns['visits']}, service_id, category, master_id"
    other = copied(
        engine,
        at,
        {name: f"SELECT {wanted} FROM {name} WHERE local_date <= '{LAST}'" for name, wanted in columns.items()},
    )
    assert other.execute("SELECT count(*) FROM visits").fetchall() == [(visits,)]
    return other


# --- questions --------------------------------------------------------------------------------------------------------


def _asked(session: Session, other: duckdb.DuckDBPyConnection, question: Question, visits: int) -> Figure:
    caller = Caller(new_id(), "user", frozenset({"*"}), frozenset({"*"}), everywhere=True, session_id=new_id())
    branch_id = drawn_id("branch 3") if question.of_branch else None
    query = _plain(question, branch_id)

    def at_the_service() -> list[tuple[int, int, int]]:
        found = visit_rows(session, question.first, question.last, question.group_by, branch_id, caller)
        return sorted((row.visits, row.clients, row.revenue.amount) for row in found.rows)

    def by_group_by() -> list[tuple[int, int, int]]:
        return sorted((row.visits, row.clients, int(row.revenue)) for row in session.execute(text(query)))

    def by_the_other() -> list[tuple[int, int, int]]:
        return sorted((row[-3], row[-2], int(row[-1])) for row in other.execute(query).fetchall())

    answer = at_the_service()
    assert answer == by_group_by() == by_the_other()
    slow = p95(at_the_service, ASKED)
    plain, duck = (median(took(ask, COUNTED)) for ask in (by_group_by, by_the_other))
    beside = f"GROUP BY; DuckDB takes {duck:.1f} ms"
    return Figure(
        f"{question.name}, {visits // 1000:,} k visits, p95", slow, plain, "ms", beside, question.at_most, at_most=True
    )


def _plain(question: Question, branch_id: UUID | None) -> str:
    """The question over the facts as anybody would write it, less newcomers."""
    keys = [COLUMNS[each] for each in question.group_by]
    of_parts = {"service", "category", "master"} & set(question.group_by)
    visits = "count(DISTINCT appointment_id)" if of_parts else "count(*)"
    sums = f"{visits} AS visits, count(DISTINCT client_id) AS clients, sum(revenue) AS revenue"
    within = f"local_date BETWEEN DATE '{question.first}' AND DATE '{question.last}'"
    within += f" AND branch_id = '{branch_id}'" if branch_id else ""
    grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
    return f"SELECT {', '.join([*keys, sums])} FROM {'visit_parts' if of_parts else 'visits'} WHERE {within}{grouped}"


# --- events -----------------------------------------------------------------------------------------------------------


def _taken_over(engine: Engine, visits: int) -> Figure:
    """Visits of clients who have been there, on days after those that are asked for; a floor beside it that keeps the
    rows of visits alone.

    Where runs before have left theirs, other clients come: nobody does so a dozen times in three months.
    """
    with engine.connect() as connection:
        come = connection.execute(select(func.count()).where(visits_table.c.local_date > LAST)).scalar_one()
    batches = [[_bill(visits, come + place * BATCH + each) for each in range(BATCH)] for place in range(BATCHES + 1)]
    analytics = Analytics()

    def keep(session: Session, bills: list[VisitCompleted]) -> None:
        analytics.bill_stated(session, bills)

    def keep_alone(session: Session, bills: list[VisitCompleted]) -> None:
        session.execute(insert(bare), [_row(bill) for bill in bills])

    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bare_visits"))
        connection.execute(text("CREATE TABLE bare_visits (LIKE visits INCLUDING ALL)"))
    bare = visits_table.to_metadata(MetaData(), name="bare_visits")
    rate, floor = _rate(engine, batches, keep), _rate(engine, batches, keep_alone)
    return Figure("visit events through the handler", rate, floor, "events/s", "inserting their rows alone", 1_000.0)


def _rate(
    engine: Engine, batches: list[list[VisitCompleted]], keep: Callable[[Session, list[VisitCompleted]], None]
) -> float:
    """Events per second, a transaction for each batch; the first one warms up."""
    lasted = 0.0
    for place, bills in enumerate(batches):
        began = perf_counter()
        with Session(engine) as session, session.begin():
            keep(session, bills)
        lasted += (perf_counter() - began) * bool(place)
    return BATCH * (len(batches) - 1) / lasted


def _bill(visits: int, n: int) -> VisitCompleted:
    """A haircut and half of the time something more, some day in the quarter after the last one."""
    client, branch, service = n * 7_919 % max(1, visits // OFTEN), n % BRANCHES, n % SERVICES
    day = LAST + timedelta(days=1 + n // BATCH % (BATCHES + 1) * 6)
    starts = datetime.combine(day, time(9 + n % 9), UTC)
    price = 50_000 + n % 9 * 10_000
    lines = tuple(
        VisitLine(
            new_id(),
            "service",
            price,
            discount=price // 20,
            service_id=drawn_id(f"service {each}"),
            category=f"category {each % CATEGORIES}",
            master_id=drawn_id(f"master {branch} {n % MASTERS}"),
            cost=price // 4,
        )
        for each in range(service, service + 1 + n % 2)
    )
    due = price * len(lines)
    return VisitCompleted(
        appointment_id=new_id(),
        version=2,
        branch_id=drawn_id(f"branch {branch}"),
        client_id=drawn_id(f"client {client}"),
        status="completed",
        starts=starts,
        ends=starts + timedelta(hours=1),
        local_date=starts.date(),
        segments=tuple(
            BookedSegment(line.service_id, line.master_id, starts, starts + timedelta(hours=1))
            for line in lines
            if line.service_id and line.master_id
        ),
        channel="desk",
        occurred_at=starts + timedelta(hours=1),
        time_zone="Europe/Moscow",
        currency="RUB",
        total=due,
        discount=due // 20,
        due=due,
        paid=due,
        refunded=0,
        lines=lines,
    )


def _row(bill: VisitCompleted) -> dict[str, object]:
    return {
        "appointment_id": bill.appointment_id,
        "version": bill.version,
        "client_id": bill.client_id,
        "branch_id": bill.branch_id,
        "local_date": bill.local_date,
        "revenue": bill.due,
        "currency": bill.currency,
        "starts": bill.starts,
        "minute": 0,
        "minutes": 60,
        "discount": bill.discount,
        "cost": 0,
        "paid": bill.paid,
    }


if __name__ == "__main__":
    sys.exit(alone(_measured))
