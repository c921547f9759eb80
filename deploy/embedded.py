"""`make run` and `make demo`: all services, their relays and the gateway in one process, beside one PostgreSQL."""

# ruff: noqa: E402 - the patch comes before anything that imports threads or sockets
import warnings

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
import eventlet

eventlet.monkey_patch()

import os
import signal
import socket
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

import click

from chassis import assembly, config
from chassis.config import Misconfigured, Settings
from chassis.database import connect
from chassis.messaging.client import Client
from chassis.messaging.server import host
from chassis.observability import configure_logs, log
from chassis.relay import Relay
from deploy import greeting, keys, processes
from deploy.filling import Filling
from deploy.front import Front
from deploy.installation import Installation, make_databases
from deploy.postgres import PostgresServer
from deploy.processes import CannotStart

BUS = "inprocess://lokon"
_LOOK_EVERY_SECONDS = 0.2
_SAFETY_NET_SECONDS = 15.0  # a bus that forgets everything at its end is asked about more often
_FINISH_WITHIN_SECONDS = 8.0


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty installation with a generated chain.")
@click.option("--with-parent", is_flag=True, help="End when the process that started this one ends.")
def main(*, demo: bool, with_parent: bool) -> None:
    """Run Lokon in one process until SIGTERM or Ctrl-C."""
    if with_parent:
        processes.end_with_parent()
    told = _Told()
    given = config.environment()
    settings = config.read({"LOKON_DATA": "var/demo" if demo else "var/run", **given, "LOKON_BUS": BUS})
    installation = Installation(settings.data)
    installation.make_folders()
    complain = _send_logs_to(installation.logs / "lokon.log")
    try:
        _run(settings, installation, told, demo=demo)
    except (CannotStart, Misconfigured) as failure:
        complain.write(f"lokon: {failure}\n")
        sys.exit(1)
    except Exception as failure:  # what nobody foresaw is told whole in the log, and here that it is there
        complain.write(f"lokon: ended by {type(failure).__name__}, see {installation.logs / 'lokon.log'}\n")
        raise


def _run(settings: Settings, installation: Installation, told: "_Told", *, demo: bool) -> None:
    listening = _listen(settings.listen)
    with PostgresServer(installation.postgres) as server:
        settings = _complete(settings, installation, server)
        lokon = Lokon(settings)
        lokon.start(listening)
        filling = Filling(installation, settings, settings.owner_password) if demo else None
        if filling:
            greeting.say_address(installation, settings)
        else:
            greeting.greet(installation, settings)
        while not told.wait(_LOOK_EVERY_SECONDS):
            if not server.alive():
                log("embedded").error("postgres_died")
                server.start()
            if filling:
                filling.look()
        if filling:
            filling.stop()
        lokon.stop()


class Lokon:
    """Everything that runs in this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: list[Client] = []
        self._dispatchers: list[Any] = []
        self._containers: list[Any] = []
        self._relays: list[Relay] = []
        self._front: Front | None = None

    def start(self, listening: socket.socket) -> None:
        """Bring the databases up to date, then answer."""
        for service in self._settings.services:
            assembly.migrate(service, self._settings)
        for service in self._settings.services:
            self._start_service(service)
        from gateway.app import create_app, create_internal_app

        wire = self._client("gateway")
        self._front = Front(create_app(self._settings, wire, streams=True), listening)
        if self._settings.internal_listen:
            self._front.also(create_internal_app(self._settings, wire), _listen(self._settings.internal_listen))

    def stop(self) -> None:
        """Finish what has begun: requests first, then events, then what waits to be published."""
        if self._front:
            self._front.stop(_FINISH_WITHIN_SECONDS)
        for container in self._containers:
            container.stop()
        for relay in self._relays:
            relay.stop()
        for client in self._clients:
            client.close()
        for dispatcher in self._dispatchers:
            dispatcher.close()

    def _start_service(self, service: str) -> None:
        client = self._client(service)
        dispatcher = assembly.assemble(service, self._settings, client, wake=lambda: client.wake(service))
        dispatcher.started()
        dispatcher.keep_house()
        container = host(dispatcher, url=BUS, workers=self._settings.workers, safety_net=_SAFETY_NET_SECONDS)
        container.start()
        relay = Relay(service, connect(self._settings.database(service), pool=2), url=BUS)
        threading.Thread(target=relay.run, name=f"relay of {service}", daemon=True).start()
        self._dispatchers.append(dispatcher)
        self._containers.append(container)
        self._relays.append(relay)

    def _client(self, name: str) -> Client:
        client = Client(BUS, name=name)
        self._clients.append(client)
        return client


class _Told:
    """Whether SIGTERM or SIGINT came; a plain flag, because a lock may be held by whoever the handler interrupts."""

    def __init__(self) -> None:
        self._told = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._tell)

    def wait(self, seconds: float) -> bool:
        if not self._told:
            time.sleep(seconds)
        return self._told

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True


def _complete(settings: Settings, installation: Installation, server: PostgresServer) -> Settings:
    """The settings with the addresses of what was just started."""
    keys.make_in_one_folder(installation.keys, settings.services)
    return replace(
        settings,
        databases=make_databases(server, settings),
        keys=installation.keys,
        owner_password=installation.owner_password(settings.owner_password),
    )


def _listen(address: str) -> socket.socket:
    name, _, port = address.rpartition(":")
    try:
        return eventlet.listen((name, int(port)), backlog=512, reuse_port=False)  # type: ignore[no-any-return]
    except (OSError, ValueError) as failure:
        raise CannotStart(f"{address} cannot be listened on ({failure}); choose another LOKON_LISTEN.") from None


def _send_logs_to(file: Path) -> TextIO:
    """Standard error becomes the log, so that the terminal shows only what is meant for a person; the old one."""
    before = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
    configure_logs("lokon")
    return before


if __name__ == "__main__":
    main()
