"""Everything in one process on the in-process bus: `python -m bench.embedded SECONDS` serves HTTP and then writes."""

# ruff: noqa: E402  eventlet patches before anything else is imported

import eventlet

eventlet.monkey_patch()

import json
import os
import sys
import threading
import time
from pathlib import Path

import eventlet.wsgi
from eventlet import tpool

from bench.ledger import Deposit
from bench.process import assemble
from bench.site import site
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
    """Serve until a line comes in, then write events for so many seconds, then one by one; say what happened."""
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
    listener = eventlet.listen(("127.0.0.1", int(env["BENCH_PORT"])))
    app = site(client, keys)
    eventlet.spawn(eventlet.wsgi.server, listener, app, log_output=False)
    print("ready", flush=True)
    tpool.execute(sys.stdin.readline)
    floor = write(ledger, alone, seconds)
    began = time.time()
    written = write(ledger, announced, seconds)
    print(json.dumps({"floor": floor / seconds, "began": began, "written": written}), flush=True)
    tpool.execute(sys.stdin.readline)
    call = Call(client, Identity("bench", keys.signer("bench")), ("ledger",))
    while True:
        asked = time.time()
        call(Deposit(1, 1))
        print(json.dumps({"asked": asked, "answered": time.time()}), flush=True)
        tpool.execute(sys.stdin.readline)


if __name__ == "__main__":
    main(float(sys.argv[1]))
