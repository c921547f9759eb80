"""Where 20,000 clients, or with `SIZE=full` 100,000, came from: at the service, and by GROUP BY over the facts.

`python -m bench.sources` measures only this.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from bench.alone import alone, full_size
from bench.beside import drawn_id, p95
from bench.report import Figure
from bench.visits import BRANCHES, DAYS, FIRST, LAST
from bench.world import World
from chassis.database import connect, new_id
from chassis.migrations import folder_of, upgrade
from contracts.analytics import ShowSources, SourceNode
from deploy.postgres import PostgresServer
from kernel.caller import Caller
from services.analytics.queries import sources_tree
from services.analytics.usecases import client_years
from services.analytics.usecases.clients import MOVE_ROOTS

PEOPLE, EACH = 100_000 if full_size() else 20_000, 6  # clients, and visits of each
CHANNELS = 12
AT_MOST = 300.0  # milliseconds
ASKED = 20 if full_size() else 10  # times at the service

_DATABASE = count()

# One in five came by themselves, the others through anybody who was there before, as chance has it.
CARDS = """
    INSERT INTO clients (client_id, version, referrer_id, channel, channel_key, registered_at)
    SELECT CAST(md5('client ' || n) AS UUID), 1, CAST(md5('client ' || brought_by) AS UUID),
        CASE WHEN brought_by IS NULL THEN 'Channel ' || n % :channels END,
        CASE WHEN brought_by IS NULL THEN 'channel ' || n % :channels END, TIMESTAMPTZ '2020-12-01' + n * INTERVAL '1 s'
    FROM (
        SELECT n, CASE WHEN chance % 5 > 0 AND n > 0 THEN chance / 5 % n END AS brought_by
        FROM (
            SELECT n, hashint8(n) & 2147483647 AS chance FROM generate_series(0, CAST(:people AS BIGINT) - 1) AS n
        ) AS drawn
    ) AS cards
"""

VISITS = """
    INSERT INTO visits (appointment_id, version, client_id, branch_id, local_date, revenue, currency, starts, minute,
        minutes, discount, cost, paid)
    SELECT CAST(md5('visit ' || n) AS UUID), 2, CASE WHEN n % 50 > 0 THEN CAST(md5('client ' || client) AS UUID) END,
        CAST(md5('branch ' || CASE WHEN n % 10 = 0 THEN n % :branches ELSE client % :branches END) AS UUID), local_date,
        50000 + n % 9 * 10000, 'RUB', local_date, 0, 60, 2500, 12500, 50000
    FROM (
        SELECT n, (hashint8(n) & 2147483647) % :people AS client,
            CAST(:first AS DATE) + CAST((n - 1) * :days / :visits AS INTEGER) AS local_date
        FROM generate_series(CAST(1 AS BIGINT), CAST(:visits AS BIGINT)) AS n
    ) AS drawn
"""

# What of figures this asks for.
FIGURES = """
    INSERT INTO figures (span, kind, since, branch_id, visits, clients, new_clients, revenue, discount, cost)
    SELECT span, 'visit', CAST(date_trunc(span, local_date) AS DATE), CASE WHEN of_branch THEN branch_id END, count(*),
        0, 0, sum(revenue), sum(discount), sum(cost)
    FROM visits CROSS JOIN (VALUES ('day', TRUE), ('day', FALSE), ('month', TRUE), ('month', FALSE))
        AS levels (span, of_branch)
    GROUP BY 1, 3, 4
"""

ROOTS = "SELECT client_id FROM clients WHERE referrer_id IS NULL"

# Whose tree is the largest.
BIGGEST = """
    WITH RECURSIVE below AS (
        SELECT client_id AS top, client_id FROM clients WHERE referrer_id IS NULL
        UNION
        SELECT below.top, clients.client_id FROM clients JOIN below ON clients.referrer_id = below.client_id
    )
    SELECT top FROM below GROUP BY top ORDER BY count(*) DESC, top LIMIT 1
"""

PLAIN = """
    SELECT clients.root_key, count(DISTINCT visits.client_id) AS clients, count(*) AS visits, sum(revenue) AS revenue
    FROM visits JOIN clients USING (client_id)
    WHERE local_date BETWEEN :first AND :last AND (CAST(:branch AS UUID) IS NULL OR branch_id = :branch)
        AND (CAST(:channel AS TEXT) IS NULL OR root_key = lower(:channel))
    GROUP BY clients.root_key
"""

PLAIN_BELOW = """
    WITH RECURSIVE below AS (
        SELECT CAST(:under AS UUID) AS client_id
        UNION
        SELECT clients.client_id FROM clients JOIN below ON clients.referrer_id = below.client_id
    )
    SELECT count(DISTINCT client_id) AS clients, count(*) AS visits, sum(revenue) AS revenue
    FROM visits JOIN below USING (client_id) WHERE local_date BETWEEN :first AND :last
"""


@dataclass(frozen=True)
class Question:
    name: str
    first: date
    last: date
    of_branch: bool = False
    channel: str | None = None
    of_one: bool = False


YEAR = (date(2025, 1, 1), LAST)
EVER = (FIRST, LAST)

QUESTIONS = (
    Question("all years", *EVER),
    Question("a year", *YEAR),
    Question("a year from March on", date(2024, 3, 1), date(2025, 2, 28)),
    Question("all years, one branch", *EVER, of_branch=True),
    Question("a year, one branch", *YEAR, of_branch=True),
    Question("all years below a channel", *EVER, channel="Channel 0"),
    Question("a year below a channel", *YEAR, channel="Channel 0"),
    Question("a year below who brought most", *YEAR, of_one=True),
)


def aside(made: World) -> Iterator[Figure]:
    """On a database of its own, with nothing else running."""
    yield from _measured(made.server)


def _measured(server: PostgresServer) -> Iterator[Figure]:
    name = f"sources_{next(_DATABASE)}"
    server.ensure_database(name)
    engine = connect(server.url(name), 4)
    try:
        upgrade(engine, folder_of("analytics"))
        _draw(engine)
        with Session(engine) as session:
            most = session.scalar(text(BIGGEST))
            assert most is not None
            for question in QUESTIONS:
                yield _asked(session, question, most)
    finally:
        engine.dispose()


def _draw(engine: Engine) -> None:
    sizes = {"people": PEOPLE, "visits": PEOPLE * EACH, "channels": CHANNELS, "branches": BRANCHES}
    with engine.begin() as connection:
        connection.execute(text(CARDS), sizes)
        connection.execute(MOVE_ROOTS, {"clients": connection.scalars(text(ROOTS)).all()})
        connection.execute(text(VISITS), sizes | {"first": FIRST, "days": DAYS})
        connection.execute(text(FIGURES))
        connection.execute(client_years.MADE_ANEW)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _asked(session: Session, question: Question, most: UUID) -> Figure:
    caller = Caller(new_id(), "user", frozenset({"*"}), frozenset({"*"}), everywhere=True, session_id=new_id())
    branch_id, under = drawn_id("branch 3") if question.of_branch else None, most if question.of_one else None
    wanted = ShowSources(question.first, question.last, branch_id, under, question.channel)
    words: dict[str, Any] = {"first": question.first, "last": question.last, "branch": branch_id}
    words |= {"channel": question.channel, "under": under}

    def at_the_service() -> SourceNode:
        return sources_tree(session, wanted, caller)

    def by_group_by() -> list[tuple[int, int, int]]:
        found = session.execute(text(PLAIN_BELOW if question.of_one else PLAIN), words)
        return sorted((row.clients, row.visits, int(row.revenue)) for row in found)

    answer = at_the_service()
    nodes = [answer] if question.channel or question.of_one else answer.children
    began = perf_counter()
    assert sorted((each.clients, each.visits, each.revenue.amount) for each in nodes) == by_group_by()
    plain = (perf_counter() - began) * 1000
    name = f"sources of {PEOPLE:,} clients, {question.name}, p95"
    return Figure(name, p95(at_the_service, ASKED), plain, "ms", "GROUP BY", AT_MOST, at_most=True)


if __name__ == "__main__":
    sys.exit(alone(_measured))
