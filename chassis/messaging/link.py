"""One connection to the bus: how it is opened, kept alive, published to and drained. RabbitMQ and in-process alike."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from ssl import SSLContext, create_default_context
from typing import Any

from amqp import spec
from amqp.method_framing import frame_writer
from kombu.connection import Connection
from kombu.transport import pyamqp

from chassis.messaging.tls import Transport as TlsTransport

HEARTBEAT = 10.0  # seconds; a peer that was silent for two of them is gone
CONNECT_TIMEOUT = 5.0
GOODBYE_PATIENCE = 1.0
TRANSIENT = 1
PERSISTENT = 2

LONGEST_WAIT = 2.0  # seconds between two attempts to connect


def back_off(attempt: int) -> float:
    """Seconds to wait before attempt number `attempt` (from 0): doubling, at most LONGEST_WAIT."""
    return min(LONGEST_WAIT, 0.1 * 2.0 ** min(attempt, 10))


def requests_queue(service: str) -> str:
    """The queue that all replicas of a service take requests from."""
    return f"lokon.rpc.{service}"


def events_exchange(producer: str) -> str:
    """The exchange that a service's events are published to."""
    return f"lokon.events.{producer}"


def events_queue(consumer: str, producer: str) -> str:
    """The queue in which the events of one service wait for another."""
    return f"lokon.events.{consumer}.from.{producer}"


def wake_queue(service: str) -> str:
    """The queue whose messages say nothing but that the service has committed."""
    return f"lokon.relay.{service}"


DEAD_LETTERS = "lokon.dead"  # what could not be decoded


class _Writer:
    """Writes frames as py-amqp does, but those of a `together` in one piece: each write wakes the broker."""

    def __init__(self, connection: Any, transport: Any) -> None:
        self._send = transport.write
        self._frame = frame_writer(connection, self)
        self._lock = threading.RLock()
        self._held: list[bytes] = []
        self._depth = 0

    def __call__(self, *frame: Any) -> None:
        with self.together():
            self._frame(*frame)

    def write(self, data: memoryview) -> None:
        """What `frame_writer` calls with its own buffer, which it uses again."""
        self._held.append(bytes(data))

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        with self._lock:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    held, self._held = self._held, []
                    self._send(b"".join(held))


class _AmqpConnection(pyamqp.Connection):
    # While `connection.blocked` is negotiated, py-amqp drains the connection before each publish: from a second thread
    # that makes the shared socket non-blocking under the draining thread, which dies of it; and it costs a fifth.
    negotiate_capabilities = {**pyamqp.Connection.negotiate_capabilities, "connection.blocked": False}  # noqa: RUF012

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, frame_writer=_Writer, **named)

    def Transport(self, host: str, connect_timeout: float, ssl: SSLContext | None, *more: Any, **named: Any) -> Any:  # noqa: N802
        """What py-amqp connects through; the name and the arguments are its own."""
        if ssl:
            return TlsTransport(ssl, host, connect_timeout, *more, **named)
        return super().Transport(host, connect_timeout, ssl, *more, **named)


class _AmqpTransport(pyamqp.Transport):
    Connection = _AmqpConnection


class Link:
    """An open connection. One thread drains it; any thread may publish on its channels.

    `url` is `amqp://`, `amqps://` or `inprocess://`; `tls` says whose certificates are believed, else the machine's.
    Raises OSError or an AMQP error when the broker cannot be reached.
    """

    def __init__(self, url: str, *, name: str, tls: SSLContext | None = None) -> None:
        self.local = url.startswith("inprocess:")
        self._kombu = Connection(  # type: ignore[no-untyped-call]
            url,
            transport="chassis.inprocess:Transport" if self.local else _AmqpTransport,
            ssl=(tls or create_default_context()) if url.startswith("amqps:") else None,
            heartbeat=0 if self.local else HEARTBEAT,
            connect_timeout=CONNECT_TIMEOUT,
            transport_options={} if self.local else {"client_properties": {"connection_name": name}},
        )
        self._transport = self._kombu.transport
        self._connection = self._transport.establish_connection()

    @property
    def connected(self) -> bool:
        return bool(self._connection.connected)

    def channel(self) -> Any:
        """A new channel; only before draining starts, or in the thread that drains."""
        return self._connection.channel()

    def drain(self, timeout: float | None = None) -> bool:
        """Wait for something to arrive and hand it to its callback; False if nothing came within `timeout` seconds."""
        try:
            self._connection.drain_events(timeout=timeout)
        except TimeoutError:
            return False
        return True

    def together(self) -> contextlib.AbstractContextManager[None]:
        """What is sent inside goes to the bus in one piece; nothing in there may wait."""
        return contextlib.nullcontext() if self.local else self._connection.frame_writer.together()

    def cancel(self, channel: Any, consumer_tag: str) -> None:
        """Ask for no more messages, from a thread that does not drain; what is on its way still comes."""
        with contextlib.suppress(Exception):  # from a connection that is lost nothing comes either
            if self.local:
                channel.basic_cancel(consumer_tag)
            else:
                channel.send_method(spec.Basic.Cancel, "sb", (consumer_tag, False))

    def consumes(self, channel: Any, consumer_tag: str) -> bool:
        """Whether messages may still come; False some time after cancel()."""
        return self.connected and consumer_tag in channel.callbacks

    def beat(self) -> None:
        """Send a heartbeat if one is due; raises when the peer has been silent for too long."""
        self._transport.heartbeat_check(self._connection)

    def leave(self) -> None:
        """Say goodbye from a thread that does not drain: the draining thread then finds the connection closed."""
        try:
            if self.local:
                self._connection.close()
            else:
                self._connection.is_closing = True
                self._connection.send_method(spec.Connection.Close, "BsBB", (0, "", 0, 0))
        except Exception:  # the peer has gone first
            self.cut()

    def cut(self) -> None:
        """Cut the connection from any thread; the draining thread wakes with an error."""
        if self.local:
            self._connection.close()
            return
        transport = self._connection._transport  # noqa: SLF001  the property would connect again
        if transport is not None and transport.sock is not None:
            with contextlib.suppress(OSError):  # already cut
                transport.sock.shutdown(socket.SHUT_RDWR)

    def drop(self) -> None:
        """Let go of a connection that is lost, from the draining thread."""
        self._connection.collect()

    def close(self) -> None:
        """Say goodbye and wait for the answer, though not for long; from the draining thread, or when none drains."""
        self.leave()
        with contextlib.suppress(Exception):  # the peer has gone first
            while self.connected and self.drain(GOODBYE_PATIENCE):
                pass
        self.drop()


def publisher(channel: Any, *, mandatory: bool = False) -> Callable[..., None]:
    """A function that publishes bytes on `channel`: `publish(body, exchange, routing_key, **properties)`."""
    prepare, send = channel.prepare_message, channel.basic_publish

    def publish(body: bytes, exchange: str, routing_key: str, **properties: Any) -> None:
        send(prepare(body, properties=properties), exchange, routing_key, mandatory)

    return publish
