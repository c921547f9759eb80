"""Visits by the million, drawn straight into the tables of facts, with what events would have made of them."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from bench.alone import full_size
from bench.report import Figure
from deploy.postgres import PostgresServer
from services.analytics.usecases import client_years, figures, hours

USUAL, FULL = 50_000, 10_000_000  # visits
KEPT = Path("var/bench/analytics")

PIECE = 2**24  # bytes that are read at once
FIRST, LAST = date(2021, 1, 1), date(2025, 12, 31)
BRANCHES = 20 if full_size() else 6
SERVICES, CATEGORIES, MASTERS = 60, 8, 8  # masters of each branch
OFTEN = 50  # visits of each client
TABLES = ("visits", "visit_parts", "client_days", "first_visits", "figures")

DAYS = (LAST - FIRST).days + 1

DRAWN = """
    CREATE UNLOGGED TABLE drawn AS
    SELECT n, CAST(:first AS DATE) + CAST((n - 1) * :days / :visits AS INTEGER) AS local_date,
        CAST(md5('visit ' || n) AS UUID) AS appointment_id, CAST(md5('client ' || client) AS UUID) AS client_id,
        branch, CAST(md5('branch ' || branch) AS UUID) AS branch_id, chance % :services AS service,
        chance % :masters AS master, 50000 * (2 + chance % 9) AS price, n % 3 = 0 AS more
    FROM (
        SELECT n, client, CASE WHEN n % 10 = 0 THEN n % :branches ELSE client % :branches END AS branch,
            hashint8(n + 7) & 2147483647 AS chance
        FROM (
            SELECT n, (hashint8(n) & 2147483647) % :people AS client
            FROM generate_series(CAST(1 AS BIGINT), CAST(:visits AS BIGINT)) AS n
        ) AS who
    ) AS drawn
"""

FILL = (
    """
    INSERT INTO visits (appointment_id, version, client_id, branch_id, local_date, revenue, currency, starts, minute,
        minutes, discount, cost, paid, late_minutes, channel)
    SELECT appointment_id, 2, client_id, branch_id, local_date, revenue, 'RUB',
        local_date + make_interval(hours => 9 + CAST(n % 10 AS INTEGER)), 60 * (9 + n % 10), 60, price / 20, price / 4,
        revenue, CASE WHEN n % 5 = 0 THEN n % 15 END, CASE WHEN n % 4 = 0 THEN 'online' ELSE 'desk' END
    FROM (SELECT *, price + CASE WHEN more THEN 30000 ELSE 0 END AS revenue FROM drawn) AS drawn ORDER BY n
    """,
    """
    INSERT INTO visit_parts (appointment_id, service_id, category, master_id, local_date, branch_id, client_id, revenue,
        discount, cost)
    SELECT appointment_id, CAST(md5('service ' || of) AS UUID), 'category ' || of % :categories,
        CAST(md5('master ' || branch || ' ' || master) AS UUID), local_date, branch_id, client_id, worth, given, spent
    FROM drawn CROSS JOIN LATERAL (
        VALUES (service, price, price / 20, price / 4), ((service + 1) % :services, 30000, 0, 0)
    ) AS part (of, worth, given, spent)
    WHERE more OR of = service ORDER BY n
    """,
    """
    INSERT INTO client_days (local_date, branch_id, client_id, visits, revenue)
    SELECT local_date, branch_id, client_id, count(*), sum(revenue) FROM visits GROUP BY 1, 2, 3 ORDER BY 1
    """,
    """
    INSERT INTO first_visits (client_id, appointment_id, local_date, branch_id)
    SELECT DISTINCT ON (client_id) client_id, appointment_id, local_date, branch_id FROM visits
    ORDER BY client_id, local_date, appointment_id
    """,
)

CONSTRAINTS = text(
    """
    SELECT CAST(CAST(conrelid AS REGCLASS) AS TEXT) AS of, conname AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype IN ('p', 'u') AND CAST(CAST(conrelid AS REGCLASS) AS TEXT) = ANY(:tables)
    """
)

MADE = text("SELECT EXISTS (SELECT FROM figures WHERE span = 'month' AND kind = 'visit' AND since = :since)")

INDEXES = text(
    """
    SELECT indexname AS name, indexdef AS definition FROM pg_indexes
    WHERE tablename = ANY(:tables) AND indexname NOT IN (SELECT conname FROM pg_constraint)
    """
)


def sized(
    server: PostgresServer, figures: Callable[[PostgresServer, str, int, Path], Iterator[Figure]]
) -> Iterator[Figure]:
    """Figures of a database of the usual size on `server`, made by who asks first, or with `SIZE=full` of a kept one.

    `figures` is told the server, the name of the database, how many visits it has, and a folder for files.
    """
    if not full_size():
        with tempfile.TemporaryDirectory(prefix="lokon-bench-", dir="/tmp") as folder:
            yield from figures(server, "visits", USUAL, Path(folder))
        return
    KEPT.mkdir(parents=True, exist_ok=True)
    _read_once(KEPT / "postgres")
    with PostgresServer(KEPT / "postgres", {"shared_buffers": "512MB"}) as kept:
        yield from figures(kept, "analytics", FULL, KEPT)


def _read_once(folder: Path) -> None:
    """Have what is kept in memory as far as it fits, like that of a server which has been running for a while."""
    for file in (folder / "data" / "base").rglob("*"):
        if file.is_file():
            with file.open("rb") as read:
                while read.read(PIECE):
                    pass


def draw(engine: Engine, visits: int) -> None:
    """Fill empty tables; rows first, indexes over them afterwards, figures month by month.

    What an earlier run has come to is not made again.
    """
    sizes = {"first": FIRST, "days": DAYS, "visits": visits, "people": max(1, visits // OFTEN)}
    sizes |= {"services": SERVICES, "masters": MASTERS, "branches": BRANCHES, "categories": CATEGORIES}
    with engine.begin() as connection:
        if not connection.execute(text("SELECT EXISTS (SELECT FROM visits)")).scalar_one():
            _fill(connection, sizes)
        if not connection.execute(text("SELECT EXISTS (SELECT FROM client_years)")).scalar_one():
            connection.execute(client_years.MADE_ANEW)
    _vacuum(engine)
    for since, until in months():
        with Session(engine) as session, session.begin():
            if session.scalar(MADE, {"since": since}):
                continue
            session.execute(text("SET LOCAL work_mem = '256MB'"))
            figures.make_anew(session, since, until)
            session.execute(hours.MADE_ANEW, {"since": since, "until": until})
    _vacuum(engine)


def _fill(connection: Connection, sizes: dict[str, object]) -> None:
    connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
    connection.execute(text("SET LOCAL work_mem = '256MB'"))
    with _without_indexes(connection):
        connection.execute(text(DRAWN), sizes)
        for statement in FILL:
            connection.execute(text(statement), sizes)
        connection.execute(text("DROP TABLE drawn"))


def months() -> Iterator[tuple[date, date]]:
    """Each month by its first day, with that of the next one."""
    since = FIRST
    while since <= LAST:
        until = date(since.year + since.month // 12, since.month % 12 + 1, 1)
        yield since, until
        since = until


@contextmanager
def _without_indexes(connection: Connection) -> Iterator[None]:
    tables = {"tables": list(TABLES)}
    constraints = connection.execute(CONSTRAINTS, tables).all()
    indexes = connection.execute(INDEXES, tables).all()
    for each in constraints:
        connection.execute(text(f"ALTER TABLE {each.of} DROP CONSTRAINT {each.name}"))
    for each in indexes:
        connection.execute(text(f"DROP INDEX {each.name}"))
    yield
    for each in constraints:
        connection.execute(text(f"ALTER TABLE {each.of} ADD CONSTRAINT {each.name} {each.definition}"))
    for each in indexes:
        connection.execute(text(each.definition))


def _vacuum(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
