"""A whole Lokon that a test starts, wounds and ends: its processes by name, and the databases and the bus behind it."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from chassis.config import SERVICES, environment
from deploy import ports
from tests.room import roomy

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
STOPS_WITHIN = 20.0
_STARTS_WITHIN = 180.0


@dataclass
class Running:
    """One data folder and, while it runs, the process group over it. `shape` is `embedded` or `cluster`."""

    shape: str
    folder: Path
    listen: str
    password: str = PASSWORD  # of the owner
    process: subprocess.Popen[bytes] | None = None
    seen: dict[int, str] = field(default_factory=dict)  # every process that was ever found, by id, and when it began

    @property
    def url(self) -> str:
        return f"http://{self.listen}"

    def start(self) -> None:
        """Start it, again if need be, over whatever the folder holds, and wait until it is ready."""
        words = {"LOKON_DATA": str(self.folder), "LOKON_LISTEN": self.listen, "LOKON_OWNER_PASSWORD": self.password}
        # A broker that tests kill must be their own.
        given = {name: value for name, value in environment().items() if name != "LOKON_TEST_AMQP"}
        with (self.folder / "out").open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"deploy.{self.shape}", "--with-parent"],
                env=given | words,
                cwd=ROOT,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        until(self.ready, _STARTS_WITHIN, "it is ready")

    def ready(self) -> bool:
        assert self.process is not None and self.process.poll() is None, (self.folder / "out").read_text()
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End the process that was started, as a power cut would; the kernel tells its children."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> float:
        """Ask it to end; the seconds that it took. Whatever is left afterwards fails the test."""
        assert self.process is not None
        self.processes()
        asked = time.monotonic()
        self.process.terminate()
        try:
            assert self.process.wait(STOPS_WITHIN + 10) == 0, (self.folder / "out").read_text()
        finally:
            took = time.monotonic() - asked
            left = self.left()
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        assert left == {}, "processes are left"
        return took

    def left(self) -> dict[int, str]:
        """What still runs of everything that was ever started."""
        self.processes()
        alive = {pid: describe(pid) for pid, began in self.seen.items() if began_at(pid) == began}
        return {pid: what for pid, what in alive.items() if what}

    def processes(self) -> dict[str, list[int]]:
        """What runs, by name: a service, its relay (`booking-relay`), `gateway`, `rabbitmq`, `postgres` and so on."""
        assert self.process is not None
        found: dict[str, list[int]] = {}
        for pid in family(self.process.pid):
            self.seen.setdefault(pid, began_at(pid))
            found.setdefault(name_of(pid, self.process.pid), []).append(pid)
        return found

    def pid(self, name: str) -> int:
        """The process called `name`, waited for if it is being started."""
        until(lambda: bool(self.processes().get(name)), 60, f"{name} runs")
        return self.processes()[name][0]

    def logs(self) -> str:
        return "\n".join(file.read_text(errors="replace") for file in sorted((self.folder / "logs").iterdir()))

    def rows(self, database: str, statement: str) -> list[tuple[Any, ...]]:
        """What `statement` finds in a service's database, asked past the service."""
        words = f"host={self.folder / 'postgres' / 'socket'} user=postgres dbname={database}"
        with psycopg.connect(words, autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def parked(self) -> list[tuple[Any, ...]]:
        """The events that any service has given up."""
        asked = "SELECT producer, number, name, handler, reason FROM inbox WHERE state = 'parked'"
        return [(service, *row) for service in SERVICES for row in self.rows(service, asked)]

    def bus(self) -> str:
        """The address of the cluster's own broker."""
        home = self.folder / "rabbitmq"
        address = next(line for line in (home / "rabbitmq.conf").read_text().splitlines() if "listeners.tcp.1" in line)
        return f"amqp://lokon:{(home / 'password').read_text()}@{address.rpartition(' ')[2]}//"


@contextmanager
def running(shape: str) -> Iterator[Running]:
    """A fresh system in a folder of its own, started; nothing of it is left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"lokon-{shape}-", dir=roomy()))
    system = Running(shape, folder, f"127.0.0.1:{ports.free(1)[0]}")
    try:
        system.start()
        yield system
    finally:
        if system.process is not None and system.process.poll() is None:
            system.process.send_signal(signal.SIGCONT)
            system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for it to come true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"within {seconds:.0f} s it did not come true that {what}"
        time.sleep(0.05)


# --- processes ------------------------------------------------------------------------------------------------------


def family(root: int) -> list[int]:
    """`root`, all its descendants and whoever else is in its process group."""
    parents: dict[int, int] = {}
    group: set[int] = {root}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := stat_of(int(entry.name))):
            parents[int(entry.name)] = int(stat[1])
            if int(stat[2]) == root and stat[0] != "Z":
                group.add(int(entry.name))
    grown = True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in group} - group
        group |= more
        grown = bool(more)
    return sorted(group)


def stat_of(pid: int) -> list[str]:
    """The fields of /proc/…/stat after the name: state, parent, group and so on; nothing for one that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def began_at(pid: int) -> str:
    """When the process began: with its id, that names it for good. Nothing for one that has ended."""
    stat = stat_of(pid)
    return stat[19] if stat and stat[0] not in "ZX" else ""


def describe(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def name_of(pid: int, root: int) -> str:
    """What a process is called here."""
    words = describe(pid).split()
    if "chassis.runner" in words:
        return "-".join(words[words.index("chassis.runner") + 1 :])
    if "deploy.live" in words:
        return "live"
    if "gunicorn" in words:
        return "gateway" if stat_of(pid)[1:2] == [str(root)] else "gateway-worker"
    if "-D" in words and words[0].endswith("/postgres"):
        return "postgres"
    for word, name in (("beam.smp", "rabbitmq"), ("epmd", "epmd"), ("postgres:", "postgres-session")):
        if words and word in words[0]:
            return name
    return "root" if pid == root else "other"
