"""Judging 10,000 clients, or with `SIZE=full` 200,000 with two million visits: anew, on a new day, and whoever came.

`python -m bench.standings` measures only this. What `SIZE=full` builds is kept in `var/bench/standings`.
"""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.alone import alone, full_size
from bench.report import Figure
from bench.world import World
from chassis.database import connect
from chassis.migrations import folder_of, upgrade
from deploy.postgres import PostgresServer
from services.analytics.usecases.standings import judge, judge_everybody, mark_due

USUAL, FULL = 10_000, 200_000  # clients; some ten visits each
KEPT = Path("var/bench/standings")
CAME = 500  # in a day
NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
COUNT = text("SELECT client_id, branch_id, count(*), max(local_date), sum(revenue) FROM visits GROUP BY 1, 2")

# Clients who come every 20 to 70 days, sooner or later by chance, from some day of four years on, until they go for
# good; one in ten of them goes to two branches. Two in five were brought by somebody.
DRAW = """
    CREATE TEMPORARY TABLE drawn AS
    SELECT who, CAST(md5(format('client %s', who)) AS UUID) AS client_id,
        CAST(md5(format('branch %s', CASE WHEN who % 10 = 0 THEN place % 2 + who / 10 ELSE who END % 20)) AS UUID)
            AS branch_id,
        CAST(md5(format('visit %s %s', who, place)) AS UUID) AS appointment_id,
        DATE '2022-06-01' + CAST(first + sum(gap) OVER (PARTITION BY who ORDER BY place) AS INTEGER) AS local_date,
        100000 + 1000 * (who % 400) + 100 * (place * 37 % 1000) AS revenue
    FROM (
        SELECT who, random() * 1460 AS first, 20 + who % 50 AS usual, -ln(1 - random()) * 15 AS times
        FROM generate_series(1, :clients) AS who
    ) AS people
    CROSS JOIN LATERAL generate_series(0, CAST(least(times, 70) AS INTEGER)) AS place
    CROSS JOIN LATERAL (
        SELECT CASE WHEN place > 0 THEN usual * -ln((1 - random()) * (1 - random()) * (1 - random())) / 3 ELSE 0 END
    ) AS waited (gap);
    DELETE FROM drawn WHERE local_date >= DATE '2026-06-01';
    INSERT INTO visits (appointment_id, version, client_id, branch_id, local_date, revenue, currency, starts, minute,
        minutes, discount, cost, paid)
    SELECT appointment_id, 1, client_id, branch_id, local_date, revenue, 'RUB', local_date, 0, 60, 0, revenue / 4,
        revenue
    FROM drawn ORDER BY local_date;
    INSERT INTO visit_parts (appointment_id, service_id, master_id, local_date, branch_id, client_id, revenue, discount,
        cost)
    SELECT appointment_id, md5('cut')::UUID, md5(format('master %s', who % 200))::UUID, local_date, branch_id,
        client_id, revenue, 0, revenue / 4 FROM drawn ORDER BY local_date;
    INSERT INTO clients (client_id, version, referrer_id, registered_at)
    SELECT CAST(md5(format('client %s', who)) AS UUID), 1,
        CASE WHEN who % 5 < 2 THEN CAST(md5(format('client %s', who / 3)) AS UUID) END, DATE '2022-06-01'
    FROM generate_series(1, :clients) AS who
"""
_DATABASE = count()


def aside(made: World) -> Iterator[Figure]:
    """On a database of its own, with nothing else running."""
    yield from _measured(made.server)


def _measured(server: PostgresServer) -> Iterator[Figure]:
    if not full_size():
        yield from _figures(server, f"standings_{next(_DATABASE)}", USUAL)
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    with PostgresServer(KEPT / "postgres", {"shared_buffers": "512MB"}) as kept:
        yield from _figures(kept, "standings", FULL)


def _figures(server: PostgresServer, name: str, clients: int) -> Iterator[Figure]:
    server.ensure_database(name)
    engine = connect(server.url(name), 4)
    try:
        upgrade(engine, folder_of("analytics"))
        _draw(engine, clients)
        floor = _took(engine, lambda session: session.execute(COUNT).all())
        first = _took(engine, lambda session: judge_everybody(session, NOW))
        yield _figure(f"{clients:,} clients judged, models fitted", first, floor, 60.0)
        tomorrow = NOW + timedelta(days=1)
        _mark(engine, clients)
        again = _took(engine, lambda session: judge(session, tomorrow))
        yield _figure(f"{clients:,} clients judged on a new day", again, floor, 5.0)
        _mark(engine, clients)
        some = _took(engine, lambda session: judge(session, tomorrow))
        yield _figure(f"some {CAME:,} of them judged who came since", some, floor, 5.0)
    finally:
        engine.dispose()


def _draw(engine: Engine, clients: int) -> None:
    """Unless an earlier run has; nobody has been judged yet."""
    with engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.5)"))
        connection.execute(text("TRUNCATE client_standings, client_reports, standings_due"))
        if connection.scalar(text("SELECT EXISTS (SELECT FROM visits)")):
            return
        for statement in DRAW.split(";\n"):
            connection.execute(text(statement), {"clients": clients} if ":clients" in statement else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _mark(engine: Engine, clients: int) -> None:
    """Some have come."""
    with Session(engine) as session, session.begin():
        ids = text("SELECT client_id FROM clients WHERE random() < :share")
        mark_due(session, session.scalars(ids, {"share": CAME / clients}))


def _took(engine: Engine, work: Callable[[Session], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    with Session(engine) as session:
        work(session)
        session.commit()
    return time.perf_counter() - began


def _figure(name: str, took: float, floor: float, at_most: float) -> Figure:
    return Figure(name, took, floor, "s", "GROUP BY by client", at_most, at_most=True)


if __name__ == "__main__":
    sys.exit(alone(_measured))
