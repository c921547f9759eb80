"""The world of a measurement: a broker, a database server, keys, and the processes of the services, in one folder."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Engine, text

from bench.pair import INSTALLED, SERVICES
from chassis.crypto import KeyFolder
from chassis.database import connect
from chassis.messaging.ask import Identity
from chassis.migrations import BUS_TABLES
from deploy.postgres import PostgresServer
from deploy.rabbitmq import PrivateBroker

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class World:
    """Where everything is, and what runs."""

    folder: Path
    bus: str
    server: PostgresServer
    keys: KeyFolder
    databases: dict[str, str]
    broker: PrivateBroker | None  # None where the broker was given and is not ours to kill
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    logs: dict[int, Path] = field(default_factory=dict)  # by process id
    engines: dict[str, Engine] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def environment(self) -> dict[str, str]:
        named = {f"BENCH_{name.upper()}": url for name, url in self.databases.items()}
        return {**os.environ, **named, "BENCH_BUS": self.bus, "BENCH_KEYS": str(self.folder / "keys")}

    def start(self, *arguments: str, module: str = "bench.process", port: int | None = None) -> subprocess.Popen[bytes]:
        """Start `python -m module …` and wait until it says that it is ready, or listens on `port`."""
        log = self.folder / f"{module}-{next(self.numbers)}.log"
        with log.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", module, *arguments],
                env=self.environment() | {"BENCH_PORT": str(port)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self.running.append(process)
        self.logs[process.pid] = log
        if not (_says_ready(process) if port is None else _listens(port)):
            raise RuntimeError(f"{module} {' '.join(arguments)} did not start: {log.read_text()[-2000:]}")
        return process

    def stop(self, *some: subprocess.Popen[bytes]) -> None:
        """End these processes, or all of them, by SIGTERM."""
        ending = some or tuple(self.running)
        for process in ending:
            process.terminate()
        for process in ending:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._forget(process)

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End it by SIGKILL."""
        process.kill()
        process.wait()
        self._forget(process)

    def _forget(self, process: subprocess.Popen[bytes]) -> None:
        self.running.remove(process)
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()

    def identity(self, name: str = "bench") -> Identity:
        return Identity(name, self.keys.signer(name))

    def engine(self, name: str) -> Engine:
        """The database of a service, to look into."""
        if name not in self.engines:
            self.engines[name] = connect(self.databases[name], 4)
        return self.engines[name]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for engine in self.engines.values():
            engine.dispose()


def ask(process: subprocess.Popen[bytes], line: str = "") -> Any:
    """Send a process a line and read the line of JSON with which it answers."""
    assert process.stdin is not None
    process.stdin.write(f"{line}\n".encode())
    process.stdin.flush()
    return answer(process)


def answer(process: subprocess.Popen[bytes]) -> Any:
    """The line of JSON that a process prints next."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def _says_ready(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline().strip() == b"ready"


def _listens(port: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        time.sleep(0.05)
    return False


@contextmanager
def world(folder: Path | None = None, amqp: str | None = None) -> Iterator[World]:
    """A world with empty databases and nothing running but PostgreSQL and the broker: `amqp`, else a private one."""
    with tempfile.TemporaryDirectory(prefix="lokon-bench-", dir="/tmp") as temporary:
        home = folder or Path(temporary)
        keys = KeyFolder(home / "keys")
        keys.make(("bench", *INSTALLED), INSTALLED)
        with PostgresServer(home / "postgres") as server, ExitStack() as stack:
            broker = None if amqp else stack.enter_context(PrivateBroker(home / "rabbitmq"))
            databases = {}
            for name in INSTALLED:
                server.ensure_database(name)
                databases[name] = server.url(name)
                make_tables(name, databases[name])
            bus = broker.url if broker else amqp
            assert bus
            with World(home, bus, server, keys, databases, broker) as made:
                yield made


def make_tables(name: str, url: str) -> None:
    """The tables of a service and of the bus in an empty database, and a hundred thousand accounts for the ledger."""
    engine = connect(url, 1)
    with engine.begin() as connection:
        for statement in BUS_TABLES.strip().split(";\n"):
            connection.execute(text(statement))
        SERVICES[name].tables.create_all(connection)
        if name == "ledger":
            rows = "SELECT n, 'owner ' || n, repeat('x', 100) FROM generate_series(1, 100000) AS n"
            connection.execute(text(f"INSERT INTO accounts {rows}"))
    engine.dispose()


def cpu_seconds(roots: Iterable[int]) -> float:
    """Seconds of CPU that these processes and all their descendants have used."""
    parents: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        pid = int(stat.parent.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        used[pid] = int(fields[11]) + int(fields[12])
    total, waiting = 0, list(roots)
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0)
        waiting += parents.get(pid, [])
    return total / TICKS
