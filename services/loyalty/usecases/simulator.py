"""A process of its own that works simulations off, on two cores, while the service answers; it ends with the service.

    echo '{"database": "postgresql+psycopg://…"}' | python -m services.loyalty.usecases.simulator

Clients are judged in batches, tree by tree, each batch with all facts that bear on it, and what batches come to is
added up. All of them read one snapshot, so whatever arrives meanwhile does not divide them. Killed at any moment it
leaves simulations that run, and whoever comes next begins them again.
"""

import gc
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.orm import Session

from chassis.database import PATIENT, connect
from services.loyalty.domain.simulation.plan import Plan
from services.loyalty.domain.simulation.run import simulated
from services.loyalty.domain.simulation.tally import Tally
from services.loyalty.queries import simulations as queries
from services.loyalty.tables import simulations
from services.loyalty.usecases.simulations import ATTEMPTS, LOCK, finish

ROOT = Path(__file__).parents[3]
WORKERS = 2
BATCH = 250  # clients
AHEAD = 2 * WORKERS  # batches that are handed out

TAKE = text("SELECT pg_advisory_lock(:lock)")
ONE_SIGHT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
SNAPSHOT = text("SELECT pg_export_snapshot()")


class Simulator:
    """The service's hand on that process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_at_work(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, database: str) -> None:
        """Its standard input stays open as long as this process lives."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services.loyalty.usecases.simulator"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"database": database}).encode() + b"\n")
        self._process.stdin.flush()


def main() -> None:
    database = json.loads(sys.stdin.readline())["database"]
    context = get_context("fork")
    with ProcessPoolExecutor(WORKERS, context, initializer=_begin, initargs=(database, os.getpid())) as pool:
        pool.submit(gc.disable).result()  # forks all of them, before there are threads and connections to share
        threading.Thread(target=_end_with_the_service, daemon=True).start()
        engine = connect(database, pool=3)
        with engine.connect() as connection:
            connection.execute(TAKE, {"lock": LOCK})
            connection.commit()
            while (id_ := _next(engine)) is not None:
                work_out(engine, pool, id_)


def _end_with_the_service() -> None:
    sys.stdin.read()
    os._exit(0)


def _next(engine: Engine) -> UUID | None:
    """The simulation that waits longest, begun once more."""
    waiting = (
        select(simulations.c.id)
        .where(simulations.c.state == "running", simulations.c.attempts < ATTEMPTS)
        .order_by(simulations.c.id)
        .limit(1)
        .scalar_subquery()
    )
    begun = (
        update(simulations)
        .where(simulations.c.id == waiting)
        .values(attempts=simulations.c.attempts + 1, done=0)
        .returning(simulations.c.id)
    )
    with engine.begin() as connection:
        begun_id: UUID | None = connection.scalar(begun)
    return begun_id


def work_out(engine: Engine, pool: ProcessPoolExecutor, id_: UUID) -> None:
    """Walk through the whole history, saying how far it is, and keep what came of it."""
    with engine.connect() as sight, Session(sight) as session:
        snapshot = _one_sight(sight)
        plan = queries.plan_of(session, session.execute(select(simulations).where(simulations.c.id == id_)).one())
        clients, facts = queries.everybody(session), queries.facts_read(session)
        _say(engine, id_, whole=len(clients))
        tally = Tally()
        batches = (clients[start : start + BATCH] for start in range(0, len(clients), BATCH))
        done = 0
        for size, part in _handed_out(pool, snapshot, plan, batches):
            tally.merge(part)
            done += size
            _say(engine, id_, done=done)
    with Session(engine) as session, session.begin():
        finish(session, id_, plan, tally, facts)


def _one_sight(connection: Connection) -> str:
    connection.execute(ONE_SIGHT)
    connection.execute(PATIENT)
    return str(connection.scalar(SNAPSHOT))


def _handed_out(
    pool: ProcessPoolExecutor, snapshot: str, plan: Plan, batches: Iterator[list[UUID]]
) -> Iterable[tuple[int, Tally]]:
    """What batches came to as they are done, a few of them handed out at a time."""
    running: set[Future[tuple[int, Tally]]] = set()
    while True:
        running |= {pool.submit(_judged, snapshot, plan, batch) for batch in islice(batches, AHEAD - len(running))}
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (each.result() for each in done)


def _say(engine: Engine, id_: UUID, **values: int) -> None:
    with engine.begin() as connection:
        connection.execute(update(simulations).where(simulations.c.id == id_).values(values))


# --- in a worker ------------------------------------------------------------------------------------------------------

_engines: list[Engine] = []


def _begin(database: str, parent: int) -> None:
    _engines.append(connect(database, pool=1))
    gc.disable()  # people of a batch refer to each other; after it all of them go at once
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def _judged(snapshot: str, plan: Plan, clients: list[UUID]) -> tuple[int, Tally]:
    with Session(_engines[0]) as session:
        session.execute(ONE_SIGHT)
        session.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))
        material = queries.material(session, plan, clients)
    tally = simulated(plan, material)
    del material
    gc.collect()
    return len(clients), tally


if __name__ == "__main__":
    main()
