"""Both services, relay and writers in one process on the in-process bus: `python -m bench.embedded SECONDS`."""

# ruff: noqa: E402  eventlet patches before anything else is imported

import eventlet

eventlet.monkey_patch()

import json
import os
import sys
import threading
import time
from pathlib import Path

from eventlet import tpool

from bench.ledger import Deposit
from bench.process import assemble
from bench.writers import alone, announced, write
from chassis.crypto import KeyFolder
from chassis.database import connect
from chassis.messaging.ask import Call, Identity
from chassis.messaging.client import Client
from chassis.messaging.server import host
from chassis.observability import configure_logs
from chassis.relay import Relay

BUS = "inprocess://"


def main(seconds: float) -> None:
    """Write events for so many seconds and say what happened; then announce one event for each line that comes in."""
    configure_logs("embedded")
    env, client = os.environ, Client(BUS, name="embedded")
    keys = KeyFolder(Path(env["BENCH_KEYS"]))
    ledger, tally = (
        assemble(name, keys, env[f"BENCH_{name.upper()}"], client, lambda name=name: client.wake(name))  # type: ignore[misc]
        for name in ("ledger", "tally")
    )
    for dispatcher in (ledger, tally):
        host(dispatcher, url=BUS).start()
    relay = Relay("ledger", connect(env["BENCH_LEDGER"], 1), url=BUS)
    threading.Thread(target=relay.run, daemon=True).start()
    write(ledger, alone, 0.5)
    print("ready", flush=True)
    floor = write(ledger, alone, seconds)
    began = time.time()
    written = write(ledger, announced, seconds)
    print(json.dumps({"floor": floor / seconds, "began": began, "written": written}), flush=True)
    call = Call(client, Identity("bench", keys.signer("bench")), ("ledger",))
    while tpool.execute(sys.stdin.readline):
        asked = time.time()
        call(Deposit(1, 1))
        print(json.dumps({"asked": asked, "answered": time.time()}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
