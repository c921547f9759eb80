"""One process of what is measured: `python -m bench.process ROLE`, told by the environment where everything is."""

# ruff: noqa: E402  eventlet patches before anything else is imported

import eventlet

eventlet.monkey_patch()

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from bench.pair import INSTALLED, SERVICES
from chassis.crypto import KeyFolder
from chassis.database import connect
from chassis.masters import MasterFile, MasterKeys
from chassis.messaging.ask import Call, Identity
from chassis.messaging.client import Client
from chassis.messaging.dispatch import Dispatcher
from chassis.messaging.server import Requests, host
from chassis.observability import configure_logs
from chassis.relay import Relay

WORKERS = 16


def assemble(name: str, keys: KeyFolder, database: str, client: Client, wake: Callable[[], None]) -> Dispatcher:
    """The service `name` as `chassis.runner` would assemble it."""
    return Dispatcher(
        SERVICES[name],
        engine=connect(database, WORKERS),
        verifier=keys.verifier(),
        call=Call(client, Identity(name, keys.signer(name)), INSTALLED),
        replies_key=MasterKeys(MasterFile(keys.folder / f"{name}.master").read).derived("replies"),
        wake=wake,
    )


def serve(name: str, env: dict[str, str]) -> None:
    """Run the service until SIGTERM."""
    client = Client(env["BENCH_BUS"], name=name)
    keys = KeyFolder(Path(env["BENCH_KEYS"]))
    dispatcher = assemble(name, keys, env[f"BENCH_{name.upper()}"], client, lambda: client.wake(name))
    container = host(dispatcher, url=env["BENCH_BUS"], workers=WORKERS)
    container.start()
    requests = next(entrypoint for entrypoint in container.entrypoints if isinstance(entrypoint, Requests))
    while not requests.takes_requests:
        eventlet.sleep(0.01)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn(container.stop))
    print("ready", flush=True)
    container.wait()
    client.close()


def relay(name: str, env: dict[str, str]) -> None:
    """Run the relay of the service until SIGTERM."""
    runs = Relay(name, connect(env[f"BENCH_{name.upper()}"], 1), url=env["BENCH_BUS"])
    signal.signal(signal.SIGTERM, lambda *_: runs.stop())
    print("ready", flush=True)
    runs.run()


def main(role: str, name: str) -> None:
    configure_logs(f"{name} {role}")
    {"serve": serve, "relay": relay}[role](name, dict(os.environ))


if __name__ == "__main__":
    main(*sys.argv[1:])
