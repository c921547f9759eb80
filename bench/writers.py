"""Eight writers in the process of the ledger: `python -m bench.writers SECONDS`, first their inserts alone."""

# ruff: noqa: E402  eventlet patches before anything else is imported

import eventlet

eventlet.monkey_patch()

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.ledger import ACCOUNTS, deposit, deposits
from bench.process import assemble
from chassis.crypto import KeyFolder
from chassis.messaging.client import Client
from chassis.messaging.dispatch import Dispatcher

WRITERS = 8


def alone(session: Session) -> None:
    """The floor: the row without its event."""
    session.execute(insert(deposits).values(account=random.randint(1, ACCOUNTS), amount=1).returning(deposits.c.id))


def announced(session: Session) -> None:
    deposit(session, random.randint(1, ACCOUNTS), 1)


def write(dispatcher: Dispatcher, work: Callable[[Session], None], seconds: float) -> int:
    """Transactions of one `work` each, by all writers at once; how many there were."""
    done = count()
    end = time.perf_counter() + seconds

    def keep_writing() -> None:
        while time.perf_counter() < end:
            with dispatcher.transaction() as session:
                work(session)
                dispatcher.commit(session)
            next(done)

    threads = [threading.Thread(target=keep_writing) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(done)


if __name__ == "__main__":
    seconds, env = float(sys.argv[1]), os.environ
    client = Client(env["BENCH_BUS"], name="ledger")
    dispatcher = assemble(
        "ledger", KeyFolder(Path(env["BENCH_KEYS"])), env["BENCH_LEDGER"], client, lambda: client.wake("ledger")
    )
    write(dispatcher, alone, 0.5)
    print("ready", flush=True)
    floor = write(dispatcher, alone, seconds)
    began = time.time()
    written = write(dispatcher, announced, seconds)
    print(json.dumps({"floor": floor / seconds, "began": began, "written": written}), flush=True)
    client.close()
