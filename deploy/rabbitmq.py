"""A private RabbitMQ: an installed rabbitmq-server, started on free ports of the loopback with files of its own."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy import packages, ports, processes
from deploy.processes import CannotStart

_READY_WITHIN_SECONDS = 90
# Debian's `rabbitmq-server` on the path changes to a user who cannot enter a private folder; this one does not.
_PROGRAMS = (Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),)


@contextlib.contextmanager
def find_broker(given: str | None, folder: Path) -> Iterator[str]:
    """The address of a broker to use: the one that was given, else of a private one in `folder` for that long."""
    if given:
        yield given
    else:
        with PrivateBroker(folder) as broker:
            yield broker.url


def program() -> Path:
    """The installed rabbitmq-server that may be run privately; installed where that is possible."""
    found = _installed()
    if found is None and packages.install("rabbitmq-server"):
        found = _installed()
    if found is None:
        raise CannotStart("RabbitMQ is missing: install rabbitmq-server, or name a broker in LOKON_TEST_AMQP.")
    return found


class GivenBroker:
    """A broker that somebody else runs: it is neither started nor stopped."""

    name = "rabbitmq"

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def alive(self) -> bool:
        return True


class PrivateBroker:
    """A node over `folder`: its address stays the same when it is killed and started again.

    Several may run beside each other, and beside a system-wide one. All its processes end with us.
    """

    name = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "rabbitmq.log"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ports: dict[str, int] = {}
        self._password = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of the node, with its generated password."""
        return f"amqp://lokon:{self._password}@127.0.0.1:{self._ports['amqp']}//"

    def start(self) -> None:
        """Start the node, or start it again on the same ports and data, and wait until it takes connections."""
        server = program()
        self.kill()  # where only one of its processes has died, the other holds its port
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._password = self._kept_password()
        if not self._ports:
            self._ports = dict(zip(("amqp", "distribution", "epmd"), ports.free(3), strict=True))
        self._write_configuration()
        kill = signal.SIGKILL
        # epmd would daemonise if the node started it; as our child it is there before the node looks for it.
        epmd = [_epmd(), "-port", str(self._ports["epmd"]), "-address", "127.0.0.1"]
        self._processes = [
            processes.spawn(epmd, log=self.log, when_parent_dies=kill),
            processes.spawn(
                [server], log=self.log, environment=self._environment(), folder=self.folder, when_parent_dies=kill
            ),
        ]
        self._wait_until_ready()

    def stop(self) -> None:
        """End the node in an orderly way; what is durable stays in its folder."""
        for process in reversed(self._processes):
            processes.stop(process, (signal.SIGTERM, 3))
        self._processes = []

    def kill(self) -> None:
        """End every process of the node at once, as a power cut would."""
        for process in self._processes:
            for pid in (process.pid, *_descendants(process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        self._processes = []

    def alive(self) -> bool:
        """Whether the node's processes run."""
        return bool(self._processes) and all(process.poll() is None for process in self._processes)

    def _kept_password(self) -> str:
        # The node takes the password only when it makes its database, so it is kept beside it.
        file = self.folder / "password"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _write_configuration(self) -> None:
        lines = (
            f"listeners.tcp.1 = 127.0.0.1:{self._ports['amqp']}",
            "default_user = lokon",
            f"default_pass = {self._password}",
            "log.console = false",
            "log.file.level = warning",
            "disk_free_limit.absolute = 100MB",
        )
        configuration = self.folder / "rabbitmq.conf"
        configuration.touch(mode=0o600)
        configuration.write_text("\n".join(lines) + "\n")
        (self.folder / "environment.conf").write_text("")
        (self.folder / "plugins").write_text("[].\n")
        # Names are looked up in this file alone: a helper process that asks the system would start otherwise.
        (self.folder / "inetrc").write_text('{lookup, [file]}.\n{host, {127,0,0,1}, ["localhost"]}.\n')

    def _environment(self) -> dict[str, str]:
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "HOME": str(self.folder),  # of the node's cookie
            "ERL_EPMD_PORT": str(self._ports["epmd"]),
            "ERL_INETRC": str(self.folder / "inetrc"),
            "RABBITMQ_NODENAME": "lokon@localhost",
            "RABBITMQ_NODE_PORT": str(self._ports["amqp"]),
            "RABBITMQ_DIST_PORT": str(self._ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "environment.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "none.config"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-start_epmd false {loopback}",
            # Makes the script become the node instead of waiting beside it, so that our child is the node.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while not _speaks_amqp(self._ports["amqp"]):
            if not self.alive() or time.monotonic() > deadline:
                self.kill()
                raise CannotStart(f"RabbitMQ did not start:\n{processes.last_lines(self.log)}")
            time.sleep(0.05)


def _installed() -> Path | None:
    on_path = shutil.which("rabbitmq-server")
    unpacked = [] if on_path is None else [Path(on_path).resolve()]
    # Outside Debian the program on the path lies beside the rest of RabbitMQ and can be run as it is.
    candidates = [*_PROGRAMS, *(path for path in unpacked if (path.parent / "rabbitmq-env").exists())]
    return next((path for path in candidates if path.exists()), None)


def _epmd() -> str:
    found = shutil.which("epmd")
    if found is None:
        raise CannotStart("Erlang's epmd is not on the path; install Erlang together with rabbitmq-server.")
    return found


def _speaks_amqp(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"  # a method frame: Connection.Start
    except OSError:
        return False


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [found for child in map(int, children) for found in (child, *_descendants(child))]
