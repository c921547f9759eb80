"""A programme tried over two and a half years of 5,000 clients, or with `SIZE=full` of 100,000, and its sensitivity.

`python -m bench.whatif` measures only this.
"""

import json
import sys
import time
from collections.abc import Iterator
from itertools import count

from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from bench.alone import alone, full_size
from bench.report import Figure
from bench.world import World
from chassis.database import connect, new_id
from chassis.migrations import folder_of, upgrade
from deploy.postgres import PostgresServer
from kernel.time import utc_now
from services.loyalty.domain.parsing import programme_of
from services.loyalty.domain.writing import document_of
from services.loyalty.queries import simulations as queries
from services.loyalty.tables import simulations
from services.loyalty.usecases.simulator import BATCH, Simulator

USUAL, FULL = 5_000, 100_000  # clients
BOUND = {USUAL: 10.0, FULL: 180.0}  # seconds
VISITS = 12  # of each client; in the demo chain it is seven
LOOKED_EVERY = 0.05  # seconds
PATIENCE = 900.0

_DATABASE = count()

# Two in five were brought by one of those who came before them; from the first day to the last are 900 days.
GROW = (
    """
    INSERT INTO claims (client_id, version, referrer_id, claimed_at)
    SELECT CAST(md5('client ' || n) AS UUID), 1, CASE WHEN n > 1 AND n % 5 < 2 THEN CAST(md5('client ' || (1 + CAST(
        CAST('x' || substr(md5('chance ' || n), 1, 7) AS BIT(28)) AS INTEGER) % (n - 1))) AS UUID) END,
        CAST('2024-01-08T09:00:00Z' AS TIMESTAMPTZ) + make_interval(mins => CAST(648000.0 * n / :people AS INTEGER))
    FROM generate_series(1, :people) AS n
    """,
    """
    INSERT INTO clients (client_id, version, referrer_id, since, changed_at, erased)
    SELECT client_id, 1, referrer_id, claimed_at, claimed_at, FALSE FROM claims
    """,
    """
    INSERT INTO bills (appointment_id, version, client_id, branch_id, at, completed_at, starts, local_date, currency,
        lines, paid, tendered)
    SELECT CAST(md5('visit ' || client_id || k) AS UUID), 2, client_id, CAST(md5('branch ' || k % 3) AS UUID), at, at,
        at - interval '1 hour', CAST(at AS DATE), 'RUB', CASE WHEN k % 3 = 0 THEN json_build_array(one, two)
        ELSE json_build_array(one) END, CASE WHEN k % 3 = 0 THEN 2 * price ELSE price END, 0
    FROM (SELECT client_id, claimed_at, k, claimed_at + make_interval(mins => 54000 * k + CAST(CAST('x' || substr(md5(
            client_id || ' at ' || k), 1, 4) AS BIT(16)) AS INTEGER) / 4) AS at,
            50000 * (2 + CAST(CAST('x' || substr(md5(client_id || ' of ' || k), 1, 2) AS BIT(8)) AS INTEGER) % 9)
            AS price
        FROM claims CROSS JOIN generate_series(1, :visits) AS k) AS visit
    CROSS JOIN LATERAL (SELECT
        json_build_array(md5('line ' || client_id || k), 'service', price, 0, 0, md5('service ' || k % 40), 'hair',
            price / 4) AS one,
        json_build_array(md5('more ' || client_id || k), 'service', price, 0, 0, md5('service ' || k % 7), 'nails',
            NULL) AS two) AS lines
    """,
    """
    INSERT INTO grants (appointment_id, client_id, branch_id, completed_at, currency, programme_version, discount,
        applied, verdict, once, budget, promotions)
    SELECT appointment_id, client_id, branch_id, completed_at, currency, 1, 0, 0, '{}', '{}', 0, '{}' FROM bills
    """,
)

PROPOSAL = {
    "rules": [
        {
            "kind": "referrals",
            "name": "referrals",
            "tiers": [{"people": 1, "percent": 4}, {"people": 3, "percent": 7}, {"people": 5, "percent": 10}],
        },
        {"kind": "visits", "name": "regulars", "steps": [{"start": 8, "percent": 3}]},
        {"kind": "personal", "name": "personal"},
    ]
}


def aside(made: World) -> Iterator[Figure]:
    """On a database of its own, with nothing else running."""
    yield from _figures(made.server)


def _figures(server: PostgresServer) -> Iterator[Figure]:
    people = FULL if full_size() else USUAL
    name = f"whatif_{next(_DATABASE)}"
    server.ensure_database(name)
    engine = connect(server.url(name), 4)
    try:
        upgrade(engine, folder_of("loyalty"))
        _grow(engine, people)
        read = _read(engine)
        took, steps, visits = _simulated(engine, server.url(name))
        assert visits == people * VISITS
        yield Figure(
            f"a programme tried over {visits} visits", took, read, "s", "reading them", BOUND[people], at_most=True
        )
        yield Figure(
            "visits tried", visits / took, visits / read, "visits/s", f"reading them; {steps} steps of progress"
        )
    finally:
        engine.dispose()


def _grow(engine: Engine, people: int) -> None:
    with engine.begin() as connection:
        for statement in GROW:
            connection.execute(text(statement), {"people": people, "visits": VISITS})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _ask(session: Session) -> object:
    """A simulation that waits, and what the row of it says."""
    document = document_of(programme_of(PROPOSAL, id=None, version=0, now=utc_now()))
    id_ = new_id()
    session.execute(
        insert(simulations).values(
            id=id_, state="running", document=json.loads(json.dumps(document)), programme_version=1, asked_at=utc_now()
        )
    )
    return id_


def _read(engine: Engine) -> float:
    """Seconds for the same facts, read by one process and put away."""
    with Session(engine) as session:
        row = session.execute(select(simulations).where(simulations.c.id == _ask(session))).one()
        began = time.perf_counter()
        plan, clients = queries.plan_of(session, row), queries.everybody(session)
        for start in range(0, len(clients), BATCH):
            queries.material(session, plan, clients[start : start + BATCH])
        return time.perf_counter() - began


def _simulated(engine: Engine, url: str) -> tuple[float, int, int]:
    """Seconds from the start of the process to the result, how often it said how far it was, and visits judged."""
    with Session(engine) as session, session.begin():
        id_ = _ask(session)
    this = select(simulations).where(simulations.c.id == id_)
    simulator = Simulator()
    seen: set[int] = set()
    began = time.perf_counter()
    simulator.start(url)
    while time.perf_counter() - began < PATIENCE:
        with Session(engine) as session:
            row = session.execute(this).one()
        if row.state != "running":
            assert row.state == "finished"
            return time.perf_counter() - began, len(seen), sum(each["visits"] for each in row.result["currencies"])
        seen.add(row.done)
        time.sleep(LOOKED_EVERY)
    raise TimeoutError("a simulation does not come to its end")


if __name__ == "__main__":
    sys.exit(alone(_figures))
