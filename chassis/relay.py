"""Publishes what waits in the event log: one active relay per service numbers committed events and sends them on."""

import logging
import time
from collections.abc import Sequence
from ssl import SSLContext
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, text, update

from chassis.messaging.link import HEARTBEAT, PERSISTENT, Link, back_off, events_exchange, publisher, wake_queue
from chassis.messaging.pace import Pace
from chassis.observability import events_published, outbox_lag
from chassis.outbox import envelope, event_log, relay_state

log = logging.getLogger(__name__)

LOCK = 20_180_315  # the advisory lock of the active relay; each service has a database of its own
BATCH = 500  # events that are published before their confirms are waited for
POLL = 1.0  # seconds between two looks that nobody asked for, and between two tries of a relay that stands by
CONFIRM_TIMEOUT = 15.0
LAG_INTERVAL = 5.0  # seconds between two measurements of what waits

# Sequences come out of order and leave holes; numbers are given to committed rows by one relay and do neither.
NUMBER_FRESH = text(f"""
    WITH fresh AS (
        SELECT sequence, row_number() OVER (ORDER BY sequence) AS place
        FROM event_log WHERE number IS NULL ORDER BY sequence LIMIT {BATCH}
    )
    UPDATE event_log SET number = :last + fresh.place FROM fresh WHERE event_log.sequence = fresh.sequence
    RETURNING event_log.number, event_log.id, event_log.name, event_log.event, event_log.request_id,
              event_log.occurred_at
""").columns(event_log.c.number, *(event_log.c[name] for name in ("id", "name", "event", "request_id", "occurred_at")))  # noqa: S608


class Relay:
    """Runs in a thread or process of its own; any number may run for one service, and one of them is active.

    The lock that makes it active belongs to the connection on which it writes: who loses it cannot write any more.
    """

    def __init__(self, service: str, engine: Engine, *, url: str, tls: SSLContext | None = None) -> None:
        self.service = service
        self._engine = engine
        self._url = url
        self._tls = tls
        self._stopping = False  # a plain flag, because a signal may come while the lock of an Event is held

    def run(self) -> None:
        """Relay until stop(), through every loss of the database or the bus."""
        attempt = 0
        while not self._stopping:
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    try:
                        if self._is_active(connection):
                            self._relay(connection)
                            attempt = 0
                    finally:
                        connection.invalidate()  # the lock goes with it
            except Exception as lost:  # whatever it was, starting over is the cure: nothing is marked that is not done
                log.warning("the relay of %s starts over: %r", self.service, lost)
            time.sleep(back_off(attempt))
            attempt += 1

    def stop(self) -> None:
        """Let run() return when the batch that has begun is published, within about two seconds."""
        self._stopping = True

    def _is_active(self, connection: Connection) -> bool:
        """Stand by until the lock is ours; False if we are stopped first."""
        while not connection.scalar(select(func.pg_try_advisory_lock(LOCK))):
            time.sleep(POLL)
            if self._stopping:
                return False
        return True

    def _relay(self, connection: Connection) -> None:
        last = connection.scalar(select(func.coalesce(func.max(event_log.c.number), 0))) or 0
        published = connection.scalar(select(relay_state.c.published)) or 0
        pace = Pace()
        bus = _Bus(self.service, Link(self._url, name=f"{self.service} relay", tls=self._tls))
        try:
            while not self._stopping:
                began = monotonic()
                bus.woken = False
                if published < last:  # what a relay before us had numbered and not published
                    rows: Sequence[Row[Any]] = self._numbered(connection, published)
                else:
                    rows = sorted(connection.execute(NUMBER_FRESH, {"last": last}).all(), key=lambda row: row.number)
                if rows:
                    bus.publish(rows)
                    self._wait_for_confirms(bus)
                    published = rows[-1].number
                    last = max(last, published)
                    connection.execute(update(relay_state).values(published=published))
                    events_published.labels(self.service).inc(len(rows))
                    time.sleep(pace.after(began, len(rows), more=len(rows) == BATCH))
                self._measure(connection)
                if not rows and not bus.woken:
                    bus.drain(POLL)
                bus.keep_alive()
        finally:
            bus.close()

    def _wait_for_confirms(self, bus: "_Bus") -> None:
        """Wait until the broker has taken responsibility for all that was published."""
        deadline = monotonic() + CONFIRM_TIMEOUT
        while bus.unconfirmed:
            silent = not bus.drain(POLL)
            if (silent and self._stopping) or monotonic() > deadline:
                raise TimeoutError("the bus does not confirm what was published")
        if bus.refused:
            raise ConnectionError("the bus refused what was published")

    def _numbered(self, connection: Connection, after: int) -> Sequence[Row[Any]]:
        return connection.execute(
            select(event_log).where(event_log.c.number > after).order_by(event_log.c.number).limit(BATCH)
        ).all()

    _measured = 0.0

    def _measure(self, connection: Connection) -> None:
        if monotonic() > self._measured + LAG_INTERVAL:
            waiting = connection.scalar(select(func.count()).select_from(event_log).where(event_log.c.number.is_(None)))
            outbox_lag.labels(self.service).set(waiting or 0)
            self._measured = monotonic()


class _Bus:
    """The relay's connection to the bus: publishes with confirms, and hears the wake-up calls."""

    def __init__(self, service: str, link: Link) -> None:
        self.woken = False
        self._service = service
        self._link = link
        self._exchange = events_exchange(service)
        self._beaten = monotonic()
        self._sent = 0
        self.unconfirmed: set[int] = set()
        self.refused = False
        channel = link.channel()
        channel.events["basic_ack"].add(self._confirmed)
        channel.events["basic_nack"].add(self._refuse)
        channel.confirm_select()
        channel.exchange_declare(exchange=self._exchange, type="topic", durable=True, auto_delete=False)
        self._publish = publisher(channel)
        # One wake-up call says as much as a hundred.
        channel.queue_declare(
            queue=wake_queue(service), durable=False, auto_delete=False, arguments={"x-max-length": 1}
        )
        channel.basic_consume(queue=wake_queue(service), consumer_tag="wake", no_ack=True, callback=self._wake)

    def publish(self, rows: Sequence[Row[Any]]) -> None:
        """Publish a batch; `unconfirmed` is empty when the broker has answered for all of it."""
        self.refused = False
        with self._link.together():
            for row in rows:
                self._sent += 1
                self.unconfirmed.add(self._sent)
                self._publish(envelope(self._service, row), self._exchange, row.name, delivery_mode=PERSISTENT)

    def drain(self, timeout: float) -> bool:
        """Wait for confirms and wake-up calls; False if nothing came."""
        return self._link.drain(timeout)

    def keep_alive(self) -> None:
        if monotonic() > self._beaten + HEARTBEAT / 4:
            self._link.beat()
            self._beaten = monotonic()

    def close(self) -> None:
        self._link.close()

    def _wake(self, _message: Any) -> None:
        self.woken = True

    def _confirmed(self, number: int, multiple: bool) -> None:
        if multiple:
            self.unconfirmed = {each for each in self.unconfirmed if each > number}
        else:
            self.unconfirmed.discard(number)

    def _refuse(self, number: int, multiple: bool) -> None:
        self.refused = True
        self._confirmed(number, multiple)
