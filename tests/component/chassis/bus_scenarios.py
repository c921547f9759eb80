"""What test_bus_inprocess.py has done in a process of its own, patched as a service is: `bus_scenarios NAME`."""

# ruff: noqa: E402  eventlet patches before anything else is imported

import eventlet

eventlet.monkey_patch()

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventlet.event import Event

from chassis.messaging.client import Client
from chassis.messaging.intake import Events
from chassis.messaging.link import DEAD_LETTERS, PERSISTENT, TRANSIENT, Link, events_exchange, publisher
from chassis.messaging.server import host
from kernel.errors import Unavailable

BUS = "inprocess://scenario"


@dataclass
class Retry:
    body: bytes
    after: float = 0.05


@dataclass
class Stub:
    """A dispatcher that remembers what it was given."""

    name: str = "tally"
    producers: tuple[str, ...] = ("ledger",)
    absorbed: list[list[bytes]] = field(default_factory=list)
    retried: list[bytes] = field(default_factory=list)
    caught_up: int = 0
    slowness: float = 0.0
    begun: int = 0  # to answer
    failing: Callable[[Sequence[bytes]], list[Retry]] = lambda _bodies: []

    def answer(self, body: bytes, *, repeated: bool = False) -> bytes:
        self.begun += 1
        eventlet.sleep(self.slowness)
        return body + b" repeated" * repeated

    def absorb(self, producer: str, bodies: Sequence[bytes]) -> list[Retry]:
        assert producer == "ledger"
        retries = self.failing(bodies)
        self.absorbed.append(list(bodies))
        return retries

    def retry(self, _producer: str, retry: Retry) -> Retry | None:
        self.retried.append(retry.body)
        return None if len(self.retried) > 2 else retry

    def catch_up(self, _producer: str) -> int:
        self.caught_up += 1
        return 0

    def position(self, _producer: str) -> int:
        return 0

    @property
    def all_absorbed(self) -> list[bytes]:
        return [body for batch in self.absorbed for body in batch]


def event(number: int) -> bytes:
    return b'{"number": %d}' % number


def started(stub: Stub, **options: Any) -> Any:
    container = host(stub, url=BUS, **options)
    container.start()
    until(lambda: stub.caught_up > 0 or not stub.producers)
    eventlet.sleep(0.05)
    return container


def announce(*bodies: bytes) -> None:
    link = Link(BUS, name="relay")
    publish = publisher(link.channel())
    for body in bodies:
        publish(body, events_exchange("ledger"), "Deposited", delivery_mode=PERSISTENT)
    link.close()


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        eventlet.sleep(0.01)


# --- the scenarios --------------------------------------------------------------------------------------------------


def what_arrives_during_a_transaction_is_the_next_batch() -> None:
    begun: list[object] = []
    gate = Event()
    stub = Stub(failing=lambda bodies: begun.append(bodies) or gate.wait() or [])
    container = started(stub)
    (intake,) = (entrypoint for entrypoint in container.entrypoints if isinstance(entrypoint, Events))
    announce(event(1))
    until(lambda: len(begun) == 1)
    announce(*map(event, range(2, 302)))
    until(lambda: len(intake._arrived) == 300)
    gate.send()
    until(lambda: len(stub.all_absorbed) == 301)
    assert [len(batch) for batch in stub.absorbed] == [1, 200, 100]
    container.stop()


def nothing_is_lost_while_the_database_is_away() -> None:
    away = iter((True, True, False))

    def failing(_bodies: Sequence[bytes]) -> list[Retry]:
        if next(away):
            raise ConnectionError("the database is away")
        return []

    stub = Stub(failing=failing)
    container = started(stub)
    announce(event(1))
    until(lambda: stub.absorbed == [[event(1)]])
    container.stop()


def a_failed_event_is_tried_again_while_the_others_go_on() -> None:
    stub = Stub(failing=lambda bodies: [Retry(body) for body in bodies if body == event(2)])
    container = started(stub)
    announce(event(1), event(2), event(3))
    announce(event(4))
    until(lambda: len(stub.retried) == 3)
    assert stub.all_absorbed == [event(number) for number in (1, 2, 3, 4)]
    container.stop()


def a_gap_that_stays_is_asked_for() -> None:
    stub = Stub()  # its position stays 0
    container = started(stub)
    before = stub.caught_up
    announce(event(7))
    until(lambda: stub.caught_up > before)
    container.stop()


def what_cannot_be_decoded_is_put_aside() -> None:
    stub = Stub()
    container = started(stub)
    announce(b"no JSON", event(1))
    until(lambda: stub.absorbed == [[event(1)]])
    link = Link(BUS, name="operator")
    assert link.channel().queue_declare(queue=DEAD_LETTERS, passive=True).message_count == 1
    container.stop()


def a_service_that_stops_answers_whom_it_has_begun_to_serve() -> None:
    stub = Stub(producers=(), slowness=0.2)
    container = started(stub)
    client = Client(BUS, name="client")
    client.call(b"warm", service="tally", timeout=2)
    replies: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: replies.append(client.call(b"x", service="tally", timeout=2))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    until(lambda: stub.begun == 1 + len(threads))
    container.stop()
    for thread in threads:
        thread.join()
    assert replies == [b"x"] * 5
    client.close()


def a_worker_learns_that_a_request_was_delivered_before() -> None:
    link = Link(BUS, name="somebody who dies")
    channel = link.channel()
    channel.queue_declare(queue="lokon.rpc.tally")
    channel.basic_consume(queue="lokon.rpc.tally", callback=lambda _message: link.close())
    dying = eventlet.spawn(link.drain)
    client = Client(BUS, name="client")
    reply = eventlet.spawn(client.call, b"x", service="tally", timeout=2)
    dying.wait()
    container = started(Stub(producers=()))
    assert reply.wait() == b"x repeated"
    client.close()
    container.stop()


def a_caller_who_gives_up_leaves_nothing_behind() -> None:
    container = started(Stub(producers=(), slowness=0.3))
    client = Client(BUS, name="client")
    for _ in range(3):
        try:
            client.call(b"x", service="tally", timeout=0.05)
        except Unavailable as refusal:
            assert refusal.code == "timed_out"
        else:
            raise AssertionError("that was too fast")
    assert not client._calls
    client.close()
    container.stop()


def wakes_that_follow_each_other_closely_are_one() -> None:
    link, client, heard = Link(BUS, name="relay"), Client(BUS, name="client"), []
    channel = link.channel()
    channel.queue_declare(queue="lokon.relay.ledger")
    channel.basic_consume(queue="lokon.relay.ledger", no_ack=True, callback=heard.append)
    client.wake("ledger")
    until(lambda: link.drain(0.2))
    for _ in range(100):
        client.wake("ledger")
    while link.drain(0.1):
        pass
    assert 2 <= len(heard) <= 4
    client.close()
    link.close()


def broadcasts_are_heard_by_everybody_and_missed_ones_are_fetched() -> None:
    heard: list[tuple[int, bytes]] = []
    fetched: list[int] = []
    failures = [Unavailable("service_unavailable", "not yet")]

    def fetch(number: int) -> None:
        if number == 1 and failures:
            raise failures.pop()
        fetched.append(number)

    clients = [Client(BUS, name=f"gateway {number}") for number in (1, 2)]
    for number, client in enumerate(clients, 1):
        client.subscribe(
            "auth",
            lambda body, number=number: heard.append((number, body)),  # type: ignore[misc]
            lambda number=number: fetch(number),  # type: ignore[misc]
        )
    until(lambda: sorted(fetched) == [1, 2])
    link = Link(BUS, name="relay")
    publisher(link.channel())(b"ended", events_exchange("auth"), "SessionsEnded", delivery_mode=TRANSIENT)
    until(lambda: sorted(heard) == [(1, b"ended"), (2, b"ended")])
    for client in clients:
        client.close()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
