"""The client's side of the bus: calls that wait for a reply, broadcasts, and the relay's wake-up call. Threads only."""

import logging
import threading
from collections.abc import Callable
from itertools import count
from ssl import SSLContext
from typing import Any
from uuid import uuid4

from chassis.messaging.link import (
    HEARTBEAT,
    TRANSIENT,
    Link,
    back_off,
    events_exchange,
    publisher,
    requests_queue,
    wake_queue,
)
from kernel.errors import Unavailable

log = logging.getLogger(__name__)

CONNECT_PATIENCE = 1.0  # seconds that a call waits for a connection before it is refused
WAKE_INTERVAL = 0.02  # seconds; commits that follow each other faster share one wake-up call


class _Call:
    """A caller that waits: `answered` is held until there is a reply, or it is known that none will come."""

    __slots__ = ("answered", "reply")

    def __init__(self) -> None:
        self.reply: bytes | None = None
        self.answered = threading.Lock()
        self.answered.acquire()


class _Subscription:
    def __init__(self, producer: str, on_event: Callable[[bytes], None], on_connect: Callable[[], None]) -> None:
        self.producer = producer
        self.on_event = on_event
        self.on_connect = on_connect


class Client:
    """One connection, made by the first use (so after a fork) and made again whenever it is lost.

    A thread of its own drains the connection and hands each reply to the thread that waits for it.
    """

    def __init__(self, url: str, *, name: str, tls: SSLContext | None = None) -> None:
        self._url = url
        self._name = name
        self._tls = tls
        self._numbers = count(1)
        self._calls: dict[str, _Call] = {}
        self._subscriptions: list[_Subscription] = []
        self._starting = threading.Lock()
        self._started = False
        self._connected = threading.Event()
        self._closing = threading.Event()
        self._link: Link | None = None
        self._channel: Any = None
        self._request: Callable[..., None] | None = None  # publishes; None while there is no connection
        self._replies = ""
        self._to_wake: set[str] = set()
        self._wanted = threading.Event()
        self._threads: list[threading.Thread] = []

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes:
        """Send a request and wait for its reply, `timeout` seconds at most.

        Raises Unavailable: `service_unavailable` (no such service, no connection) or `timed_out`.
        """
        request = self._request or self._connection(timeout)
        number = str(next(self._numbers))
        call = self._calls[number] = _Call()
        try:
            try:
                request(
                    body,
                    "",
                    requests_queue(service),
                    correlation_id=number,
                    reply_to=self._replies,
                    delivery_mode=TRANSIENT,
                    expiration=str(int(timeout * 1000)),
                )
            except Exception as lost:
                raise _unavailable(service) from lost
            if not call.answered.acquire(timeout=timeout):
                raise Unavailable("timed_out", f"the service {service} did not answer in time")
            if call.reply is None:
                raise _unavailable(service)
            return call.reply
        finally:
            self._calls.pop(number, None)

    def subscribe(self, producer: str, on_event: Callable[[bytes], None], on_connect: Callable[[], None]) -> None:
        """Hear every event of `producer` from now on, as long as there is a connection.

        `on_event` runs in the draining thread: it must not wait for a reply. `on_connect` runs in a thread of its own
        after every connection, and again until it succeeds, so that its owner can fetch what was missed.
        """
        subscription = _Subscription(producer, on_event, on_connect)
        with self._starting:
            self._subscriptions.append(subscription)
            if self._request:
                self._listen(subscription)
        self._start()

    def wake(self, service: str) -> None:
        """Tell the relay of `service` that something was committed; returns at once."""
        self._to_wake.add(service)
        if not self._started:
            self._start()
        self._wanted.set()

    def close(self) -> None:
        """Close the connection and end the threads; calls in flight are refused."""
        self._closing.set()
        self._wanted.set()
        link = self._link
        if link:
            link.leave()
        for thread in self._threads:
            thread.join(timeout=2)
        if link:
            link.cut()

    def _start(self) -> None:
        with self._starting:
            if self._started or self._closing.is_set():
                return
            self._started = True
            for task in (self._stay_connected, self._keep_alive, self._send_wakes):
                thread = threading.Thread(target=task, name=f"bus {task.__name__}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _connection(self, timeout: float) -> Callable[..., None]:
        self._start()
        self._connected.wait(min(timeout, CONNECT_PATIENCE))
        if self._request is None:
            raise Unavailable("service_unavailable", "the message bus is away")
        return self._request

    def _stay_connected(self) -> None:
        attempt = 0
        while not self._closing.is_set():
            try:
                self._connect()
                attempt = 0
                while self._link and self._link.connected:
                    self._link.drain()
            except Exception as lost:  # whatever it was, a new connection is the cure
                if not self._closing.is_set():
                    log.warning("the connection to the bus was lost: %r", lost)
            self._disconnected()
            self._closing.wait(back_off(attempt))
            attempt += 1

    def _connect(self) -> None:
        link = Link(self._url, name=self._name, tls=self._tls)
        try:
            channel = link.channel()
            channel.events["basic_return"].add(self._returned)
            replies = f"lokon.replies.{self._name}.{uuid4().hex}"
            channel.queue_declare(queue=replies, exclusive=True, auto_delete=True)
            channel.basic_consume(queue=replies, no_ack=True, callback=self._replied)
            with self._starting:
                self._link, self._channel, self._replies = link, channel, replies
                self._request = publisher(channel, mandatory=True)
                for subscription in self._subscriptions:
                    self._listen(subscription)
        except BaseException:
            link.close()
            raise
        self._connected.set()

    def _disconnected(self) -> None:
        self._request = None
        self._connected.clear()
        if self._link:
            self._link.drop()
        for number in list(self._calls):
            self._settle(number, None)

    def _listen(self, subscription: _Subscription) -> None:
        # Nothing here waits for the broker's answer, because the draining thread is not always the one that asks.
        exchange, queue = events_exchange(subscription.producer), f"lokon.broadcast.{self._name}.{uuid4().hex}"
        channel = self._channel
        channel.exchange_declare(exchange=exchange, type="topic", durable=True, auto_delete=False, nowait=True)
        channel.queue_declare(queue=queue, exclusive=True, auto_delete=True, nowait=True)
        channel.queue_bind(queue=queue, exchange=exchange, routing_key="#", nowait=True)
        channel.basic_consume(
            queue=queue,
            consumer_tag=queue,
            no_ack=True,
            nowait=True,
            callback=lambda message: self._heard(subscription, message),
        )
        threading.Thread(target=self._catch_up, args=(subscription, self._link), daemon=True).start()

    def _catch_up(self, subscription: _Subscription, link: Link) -> None:
        attempt = 0
        while link is self._link and not self._closing.is_set():
            try:
                return subscription.on_connect()
            except Exception as failed:
                log.info("what %s announced while we were away is not known yet: %r", subscription.producer, failed)
            self._closing.wait(back_off(attempt))
            attempt += 1
        return None

    def _heard(self, subscription: _Subscription, message: Any) -> None:
        try:
            subscription.on_event(message.body)
        except Exception:
            log.exception("a broadcast of %s failed", subscription.producer)

    def _replied(self, message: Any) -> None:
        self._settle(message.properties.get("correlation_id"), message.body)

    def _returned(self, _error: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        self._settle(message.properties.get("correlation_id"), None)

    def _settle(self, number: str, reply: bytes | None) -> None:
        call = self._calls.pop(number, None)  # whoever takes it out releases it, once
        if call:
            call.reply = reply
            call.answered.release()

    def _keep_alive(self) -> None:
        while not self._closing.wait(HEARTBEAT / 4):
            link = self._link
            if not link or not self._request:
                continue
            try:
                link.beat()
            except Exception as silent:
                log.warning("the bus does not answer: %r", silent)
                link.cut()

    def _send_wakes(self) -> None:
        while not self._closing.is_set():
            self._wanted.wait()
            self._wanted.clear()
            while self._to_wake:
                self._send_wake(self._to_wake.pop())
            self._closing.wait(WAKE_INTERVAL)

    def _send_wake(self, service: str) -> None:
        try:
            if self._channel and self._request:
                message = self._channel.prepare_message(b"1", properties={"delivery_mode": TRANSIENT})
                self._channel.basic_publish(message, "", wake_queue(service))
        except Exception as lost:  # the relay looks by itself, only later
            log.debug("the relay of %s was not woken: %r", service, lost)


def _unavailable(service: str) -> Unavailable:
    return Unavailable("service_unavailable", f"the service {service} is away")
