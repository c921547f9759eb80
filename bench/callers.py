"""The callers of an echo, over kombu alone and through the chassis by turns: `-m bench.callers SECONDS ROUNDS`."""

# ruff: noqa: E402  eventlet patches before anything else is imported
# mypy: disable-error-code="attr-defined,no-untyped-call,name-defined"

import eventlet

eventlet.monkey_patch()

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import uuid4

import kombu

from chassis.crypto import KeyFolder
from chassis.messaging.ask import Call, Identity
from chassis.messaging.client import Client
from contracts.bus import Echo

TEXT = "x" * 240
CALLERS = 32


def over_chassis(env: dict[str, str]) -> Callable[[], object]:
    """An echo as a service sends it: token, envelope, deadline, and a dispatcher at the other end."""
    signer = KeyFolder(Path(env["BENCH_KEYS"])).signer("bench")
    call = Call(Client(env["BENCH_BUS"], name="bench"), Identity("bench", signer), ("ledger",))
    return lambda: call(Echo(TEXT), service="ledger")


def over_kombu(env: dict[str, str]) -> Callable[[], object]:
    """The same text there and back with kombu alone: one connection, one reply queue, transient messages."""
    connection = kombu.Connection(env["BENCH_BUS"])
    producer = kombu.Producer(connection.channel())
    replies = kombu.Queue(f"bare.{uuid4().hex}", exclusive=True, auto_delete=True)
    waiting: dict[str, threading.Event] = {}
    numbers = count()

    def replied(_body: object, message: kombu.Message) -> None:
        waiting.pop(message.properties["correlation_id"]).set()

    def drain() -> None:
        while True:
            connection.drain_events()

    kombu.Consumer(connection.channel(), [replies], callbacks=[replied], no_ack=True).consume()
    threading.Thread(target=drain, daemon=True).start()

    def echo() -> None:
        number, answered = str(next(numbers)), threading.Event()
        waiting[number] = answered
        properties = {"correlation_id": number, "reply_to": replies.name, "delivery_mode": 1}
        producer.publish({"text": TEXT}, routing_key="bare.echo", serializer="json", **properties)
        if not answered.wait(5):
            raise TimeoutError("no echo")

    return echo


def measure(
    bare: Callable[[], object], ours: Callable[[], object], seconds: float, rounds: int
) -> dict[str, list[list[float]]]:
    """Pairs of calls per second, bare and ours, each pair from two neighbouring moments: whatever else the machine does
    then slows both.
    """
    for echo in (bare, ours) * 100:
        echo()
    pairs: dict[str, list[list[float]]] = {"one": [], "many": []}
    for _ in range(rounds):
        for kind, callers in (("one", 1), ("many", CALLERS)):
            pairs[kind].append([_rate(bare, callers, seconds), _rate(ours, callers, seconds)])
    return pairs


def _rate(echo: Callable[[], object], callers: int, seconds: float) -> float:
    done = count()
    end = time.perf_counter() + seconds

    def keep_calling() -> None:
        while time.perf_counter() < end:
            echo()
            next(done)

    threads = [threading.Thread(target=keep_calling) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return next(done) / seconds


if __name__ == "__main__":
    env = dict(os.environ)
    bare, ours = over_kombu(env), over_chassis(env)
    print("ready", flush=True)
    print(json.dumps(measure(bare, ours, float(sys.argv[1]), int(sys.argv[2]))), flush=True)
    os._exit(0)
