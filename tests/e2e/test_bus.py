"""The bus over a real RabbitMQ with real processes: the pair of services that exists to be measured and broken."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import kombu
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import Row

from bench import tally
from bench.ledger import Account, Deposit, ReadAccount, deposits
from bench.world import World, world
from chassis.messaging.ask import Call
from chassis.messaging.client import Client
from chassis.messaging.link import DEAD_LETTERS, events_exchange, events_queue, requests_queue
from chassis.outbox import envelope, event_log, inbox
from kernel.errors import Unavailable

PATIENCE = 30.0


@pytest.fixture(scope="module")
def shop() -> Iterator[World]:
    """A private broker and server with nothing running on them."""
    with world() as made:
        yield made


@pytest.fixture
def here(shop: World) -> Iterator[World]:
    """The same with empty tables and queues, and every process ended afterwards."""
    for name, table in (("ledger", "deposits"), ("tally", "sums")):
        with shop.engine(name).begin() as connection:
            connection.execute(text(f"TRUNCATE {table}, event_log, inbox, positions"))
            connection.execute(text("UPDATE relay_state SET published = 0"))
    with kombu.Connection(shop.bus) as bus:
        channel = bus.channel()
        for queue in (requests_queue("ledger"), events_queue("tally", "ledger"), DEAD_LETTERS):
            channel.queue_delete(queue)
    yield shop
    shop.stop()


@pytest.fixture
def call(here: World) -> Iterator[Call]:
    client = Client(here.bus, name="bench")
    yield Call(client, here.identity(), ("ledger", "tally", "nobody"))
    client.close()


def test_a_request_comes_back_with_its_reply(here: World, call: Call) -> None:
    here.start("serve", "ledger")
    assert call(ReadAccount(5)) == Account(5, "owner 5", "x" * 100)


def test_a_request_to_a_service_that_is_nowhere_is_refused_at_once(call: Call) -> None:
    started = time.monotonic()
    with pytest.raises(Unavailable, match="service_unavailable"):
        call(ReadAccount(5), service="nobody")
    assert time.monotonic() - started < 2


def test_who_has_stopped_waiting_is_not_worked_for(here: World, call: Call) -> None:
    service = here.start("serve", "ledger")
    assert call(ReadAccount(1))
    service.send_signal(signal.SIGSTOP)
    with pytest.raises(Unavailable, match="timed_out"):
        call(Deposit(1, 1), timeout=0.5)
    service.send_signal(signal.SIGCONT)
    assert call(Deposit(2, 1))
    assert banked(here) == (1, 1)


def test_replicas_share_the_requests(here: World, call: Call) -> None:
    replicas = [here.start("serve", "ledger") for _ in range(2)]
    at_once(lambda: [call(ReadAccount(1)) for _ in range(20)])
    answered = [here.logs[replica.pid].read_text().count("ReadAccount") for replica in replicas]
    assert sum(answered) == 160
    assert min(answered) > 20


def test_a_replica_that_is_stopped_finishes_what_it_began(here: World, call: Call) -> None:
    staying, leaving = (here.start("serve", "ledger") for _ in range(2))
    threading.Timer(0.5, leaving.terminate).start()
    at_once(lambda: [call(Deposit(1, 1)) for _ in range(100)])
    assert leaving.wait(10) == 0
    assert banked(here) == (800, 800)
    assert staying.poll() is None


def test_an_event_that_is_delivered_twice_is_done_once(here: World, call: Call) -> None:
    start_all(here)
    call(Deposit(1, 7))
    until(lambda: added_up(here) == (1, 7))
    publish(here, envelope("ledger", logged(here)[0]), times=3)
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (2, 8))
    until(lambda: waiting(here, events_queue("tally", "ledger")) == 0)
    assert added_up(here) == (2, 8)


def test_what_cannot_be_decoded_goes_to_the_dead_letters(here: World, call: Call) -> None:
    start_all(here)
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (1, 1))
    publish(here, b"\x00 no JSON at all")
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (2, 2))
    until(lambda: waiting(here, DEAD_LETTERS) == 1)


def test_a_service_killed_between_commit_and_publish_has_announced_all_the_same(here: World, call: Call) -> None:
    here.start("serve", "tally")
    service = here.start("serve", "ledger")
    at_once(lambda: [call(Deposit(1, 1)) for _ in range(10)])
    here.kill(service)
    assert added_up(here) == (0, 0)
    here.start("relay", "ledger")
    until(lambda: added_up(here) == (80, 80))


def test_numbers_have_no_holes_whatever_was_rolled_back(here: World, call: Call) -> None:
    start_all(here)
    for _ in range(5):
        call(Deposit(1, 1))
        with suppress(Exception):
            call(Deposit(1, 2**40))  # too large for the column: this transaction is rolled back
    until(lambda: added_up(here) == (5, 5))
    assert [row.number for row in logged(here)] == [1, 2, 3, 4, 5]


def test_another_relay_takes_over_within_seconds_when_the_active_one_is_killed(here: World, call: Call) -> None:
    _, active, _ = start_all(here)
    here.start("relay", "ledger")
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (1, 1))
    here.kill(active)
    started = time.monotonic()
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (2, 2))
    assert time.monotonic() - started < 4


def test_a_consumer_that_lost_its_queue_catches_up_from_the_producers_log(here: World, call: Call) -> None:
    *_, consumer = start_all(here)
    at_once(lambda: [call(Deposit(1, 1)) for _ in range(5)])
    until(lambda: added_up(here) == (40, 40))
    here.stop(consumer)
    with kombu.Connection(here.bus) as bus:
        bus.channel().queue_delete(events_queue("tally", "ledger"))
    at_once(lambda: [call(Deposit(1, 1)) for _ in range(5)])
    here.start("serve", "tally")
    until(lambda: added_up(here) == (80, 80))


def test_a_gap_is_fetched_without_waiting_for_the_safety_net(here: World, call: Call) -> None:
    start_all(here)
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (1, 1))
    with kombu.Connection(here.bus) as bus:  # the bus loses an event
        channel = bus.channel()
        queue, exchange = events_queue("tally", "ledger"), events_exchange("ledger")
        channel.queue_unbind(queue, exchange, "#")
        call(Deposit(1, 1))
        until(lambda: len([row for row in logged(here) if row.number]) == 2)
        time.sleep(0.3)
        channel.queue_bind(queue, exchange, "#")
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (3, 3), seconds=8)


@pytest.mark.parametrize("role", ["serve ledger", "serve tally", "relay ledger"])
def test_a_process_killed_under_load_and_started_again_loses_and_doubles_nothing(
    here: World, call: Call, role: str
) -> None:
    processes = start_all(here)
    victim = processes[["serve ledger", "relay ledger", "serve tally"].index(role)]
    with depositing(call):
        until(lambda: banked(here)[0] > 50)
        here.kill(victim)
        here.start(*role.split())
        before = banked(here)[0]
        until(lambda: banked(here)[0] > before + 50)
    until(lambda: added_up(here) == banked(here))


def test_a_broker_killed_and_started_again_under_load_loses_and_doubles_nothing(here: World, call: Call) -> None:
    processes = start_all(here)
    assert here.broker is not None
    writers = here.start("8", module="bench.writers")  # eight seconds of inserts alone, then eight of events
    with depositing(call):
        until(lambda: len(logged(here)) > 20)
    time.sleep(9)
    here.broker.kill()
    with pytest.raises(Unavailable):
        call(Deposit(1, 1), timeout=1)
    here.broker.start()
    writers.wait(60)
    until(lambda: answers(call))
    until(lambda: added_up(here)[0] == len(logged(here)), seconds=60)
    assert all(process.poll() is None for process in processes)
    with here.engine("tally").connect() as connection:
        assert connection.scalar(select(func.count()).select_from(inbox)) == len(logged(here))


def test_a_queue_that_a_crash_has_broken_is_made_anew(here: World, call: Call) -> None:
    """A quorum queue made just before the power goes may come back dead: it confirms nothing and nobody can consume."""
    start_all(here)
    call(Deposit(1, 1))
    assert here.broker is not None
    here.broker.kill()
    here.broker.start()
    until(lambda: answers(call), seconds=60)
    call(Deposit(1, 1))
    until(lambda: added_up(here) == (2, 2), seconds=60)


# --- what the tests do and look at ----------------------------------------------------------------------------------


def start_all(here: World) -> list[subprocess.Popen[bytes]]:
    return [here.start("serve", "ledger"), here.start("relay", "ledger"), here.start("serve", "tally")]


def at_once(work: Callable[[], object], callers: int = 8) -> None:
    """Eight callers do `work`; whatever goes wrong in one of them goes wrong here."""
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def depositing(call: Call) -> Iterator[None]:
    """Eight callers deposit meanwhile; whoever fails makes the end of the block fail."""
    enough = threading.Event()
    with ThreadPoolExecutor(1) as aside:
        load = aside.submit(at_once, lambda: keep_depositing(call, enough))
        try:
            yield
        finally:
            enough.set()
        load.result()


def keep_depositing(call: Call, enough: threading.Event) -> None:
    """Deposits whose caller does not mind when the service is away."""
    while not enough.is_set():
        try:
            call(Deposit(os.getpid() % 7, 1), timeout=1)
        except Unavailable:
            time.sleep(0.05)


def answers(call: Call) -> bool:
    try:
        return bool(call(ReadAccount(1), timeout=1))
    except Unavailable:
        return False


def banked(here: World) -> tuple[int, int]:
    """How many deposits the ledger keeps, and their sum."""
    with here.engine("ledger").connect() as connection:
        row = connection.execute(select(func.count(), func.coalesce(func.sum(deposits.c.amount), 0))).one()
    return int(row[0]), int(row[1])


def added_up(here: World) -> tuple[int, int]:
    """The same as the tally knows it from events alone."""
    with here.engine("tally").connect() as connection:
        sums = (func.coalesce(func.sum(column), 0) for column in (tally.sums.c.deposits, tally.sums.c.amount))
        row = connection.execute(select(*sums)).one()
    return int(row[0]), int(row[1])


def logged(here: World) -> list[Row]:
    with here.engine("ledger").connect() as connection:
        return list(connection.execute(select(event_log).order_by(event_log.c.number)))


def publish(here: World, body: bytes, times: int = 1) -> None:
    """Put a message onto the ledger's exchange as if the relay had sent it."""
    with kombu.Connection(here.bus) as bus:
        for _ in range(times):
            message = bus.default_channel.prepare_message(body)
            bus.default_channel.basic_publish(message, events_exchange("ledger"), "Deposited")


def waiting(here: World, queue: str) -> int:
    with kombu.Connection(here.bus) as bus:
        return int(bus.channel().queue_declare(queue, passive=True).message_count)


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
