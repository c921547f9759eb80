"""The kombu transport that carries the bus inside one process, at `inprocess://name`. It forgets everything at exit."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

from amqp import Message
from amqp.exceptions import NotFound, RecoverableConnectionError
from amqp.protocol import queue_declare_ok_t
from kombu.transport import base, pyamqp

# A queue whose consumer has fallen this far behind drops its oldest messages: memory stays bounded, and consumers of
# events see the gap and fetch from the producer's log what they missed.
QUEUE_LIMIT = 20_000


class _Parcel(NamedTuple):
    body: bytes
    properties: dict[str, Any]
    exchange: str
    routing_key: str
    redelivered: bool = False


class _Queue:
    def __init__(self, name: str, owner: "Connection | None", arguments: dict[str, Any]) -> None:
        self.name = name
        self.owner = owner  # of an exclusive queue; it goes when the owner goes
        self.dead_letters: str | None = arguments.get("x-dead-letter-routing-key")
        self.waiting: deque[_Parcel] = deque(maxlen=arguments.get("x-max-length", QUEUE_LIMIT))
        self.consumers: deque[_Consumer] = deque()

    def pump(self) -> None:
        """Deliver what waits to the consumers that have room, in turn."""
        while self.waiting:
            consumer = next((each for each in self.consumers if each.has_room()), None)
            if consumer is None:
                return
            self.consumers.rotate(-1)
            consumer.channel.deliver(consumer, self.waiting.popleft())


class _Consumer:
    def __init__(
        self, channel: "Channel", tag: str, queue: _Queue, callback: Callable[[Any], None], no_ack: bool
    ) -> None:
        self.channel = channel
        self.tag = tag
        self.queue = queue
        self.callback = callback
        self.no_ack = no_ack
        self.unacked = 0
        self.prefetch = channel.prefetch

    def has_room(self) -> bool:
        return not self.prefetch or self.unacked < self.prefetch


class Broker:
    """The queues, exchanges and bindings of one `inprocess://` address."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.queues: dict[str, _Queue] = {}
        self.bindings: dict[str, list[tuple[str, str]]] = {}  # exchange -> (pattern, queue)

    def put(self, parcel: _Parcel) -> bool:
        """Put a message into every queue that it is routed to; False if there is none."""
        routed = [self.queues[name] for name in self._route(parcel) if name in self.queues]
        for queue in routed:
            queue.waiting.append(parcel)
            queue.pump()
        return bool(routed)

    def delete(self, name: str) -> None:
        self.queues.pop(name, None)
        for exchange, bound in self.bindings.items():
            self.bindings[exchange] = [(pattern, queue) for pattern, queue in bound if queue != name]

    def _route(self, parcel: _Parcel) -> set[str]:
        if not parcel.exchange:
            return {parcel.routing_key}
        bound = self.bindings.get(parcel.exchange, [])
        return {queue for pattern, queue in bound if _matches(pattern.split("."), parcel.routing_key.split("."))}


def _matches(pattern: list[str], words: list[str]) -> bool:
    """AMQP's topics: `*` is one word, `#` any number of them."""
    if not pattern:
        return not words
    first, *rest = pattern
    if first == "#":
        return not rest or any(_matches(rest, words[skipped:]) for skipped in range(len(words) + 1))
    return bool(words) and first in ("*", words[0]) and _matches(rest, words[1:])


class Channel(base.StdChannel):
    """The part of AMQP's channel that the bus speaks."""

    prepare_message = pyamqp.Channel.prepare_message

    def __init__(self, connection: "Connection") -> None:
        self.connection: Connection | None = connection
        self.broker = connection.broker
        self.events: defaultdict[str, set[Callable[..., None]]] = defaultdict(set)
        self.prefetch = 0
        self.callbacks: set[str] = set()  # the tags of those for whom messages may still come
        self._consumers: dict[str, _Consumer] = {}
        self._unacked: dict[int, tuple[_Consumer, _Parcel]] = {}
        self._tags = count(1)
        self._published: count[int] | None = None

    def message_to_python(self, raw: Message) -> Any:
        return pyamqp.Message(raw, channel=self)  # type: ignore[no-untyped-call]

    def exchange_declare(self, exchange: str, type: str = "topic", **_: Any) -> None:  # noqa: A002  kombu's name
        if type != "topic":
            raise NotImplementedError(f"the in-process bus has topic exchanges only, not {type}")
        with self.broker.lock:
            self.broker.bindings.setdefault(exchange, [])

    def queue_declare(
        self, queue: str, *, passive: bool = False, exclusive: bool = False, arguments: Any = None, **_: Any
    ) -> Any:
        with self.broker.lock:
            if queue not in self.broker.queues:
                if passive:
                    raise NotFound(f"no queue {queue}", (50, 10))
                owner = self.connection if exclusive else None
                self.broker.queues[queue] = _Queue(queue, owner, arguments or {})
            declared = self.broker.queues[queue]
            return queue_declare_ok_t(queue, len(declared.waiting), len(declared.consumers))

    def queue_bind(self, queue: str, exchange: str, routing_key: str = "", **_: Any) -> None:
        with self.broker.lock:
            if (routing_key, queue) not in self.broker.bindings[exchange]:
                self.broker.bindings[exchange].append((routing_key, queue))

    def queue_delete(self, queue: str, **_: Any) -> None:
        with self.broker.lock:
            self.broker.delete(queue)

    def basic_qos(self, prefetch_size: int, prefetch_count: int, a_global: bool = False) -> None:  # noqa: ARG002
        self.prefetch = prefetch_count

    def basic_consume(
        self, queue: str, consumer_tag: str = "", *, no_ack: bool = False, callback: Any = None, **_: Any
    ) -> str:
        with self.broker.lock:
            tag = consumer_tag or f"{id(self)}.{len(self._consumers)}"
            consumer = _Consumer(self, tag, self.broker.queues[queue], callback, no_ack)
            self._consumers[tag] = consumer
            self.callbacks.add(tag)
            consumer.queue.consumers.append(consumer)
            consumer.queue.pump()
            return tag

    def basic_cancel(self, consumer_tag: str, **_: Any) -> None:
        with self.broker.lock:
            consumer = self._consumers.pop(consumer_tag, None)
            if consumer:
                consumer.queue.consumers.remove(consumer)
                if self.connection:
                    self.connection.receive(consumer, None, 0)

    def confirm_select(self, **_: Any) -> None:
        self._published = self._published or count(1)

    def basic_publish(
        self, message: Message, exchange: str = "", routing_key: str = "", mandatory: bool = False, **_: Any
    ) -> None:
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        with self.broker.lock:
            routed = self.broker.put(_Parcel(message.body, message.properties, exchange, routing_key))
        if mandatory and not routed:
            for returned in self.events["basic_return"]:
                returned(NotFound("no route"), exchange, routing_key, message)
        if self._published:
            number = next(self._published)
            for confirmed in self.events["basic_ack"]:
                confirmed(number, False)

    def deliver(self, consumer: _Consumer, parcel: _Parcel) -> None:
        """Hand a message to the thread that drains this channel's connection; the broker's lock is held."""
        if self.connection is None:
            return
        number = next(self._tags)
        if not consumer.no_ack:
            self._unacked[number] = consumer, parcel
            consumer.unacked += 1
        self.connection.receive(consumer, parcel, number)

    def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        with self.broker.lock:
            acked = [tag for tag in self._unacked if tag <= delivery_tag] if multiple else [delivery_tag]
            for queue in {self._settle(tag)[0].queue for tag in acked if tag in self._unacked}:
                queue.pump()

    def basic_reject(self, delivery_tag: int, requeue: bool) -> None:
        with self.broker.lock:
            consumer, parcel = self._settle(delivery_tag)
            if requeue:
                consumer.queue.waiting.appendleft(parcel._replace(redelivered=True))
            elif consumer.queue.dead_letters:
                self.broker.put(parcel._replace(exchange="", routing_key=consumer.queue.dead_letters))
            consumer.queue.pump()

    def close(self) -> None:
        """Give back what was not acknowledged, in its old order."""
        with self.broker.lock:
            for consumer_tag in list(self._consumers):
                self.basic_cancel(consumer_tag)
            self.connection = None
            for number in sorted(self._unacked, reverse=True):
                self.basic_reject(number, requeue=True)

    def _settle(self, tag: int) -> tuple[_Consumer, _Parcel]:
        consumer, parcel = self._unacked.pop(tag)
        consumer.unacked -= 1
        return consumer, parcel


class Connection:
    """One end of the bus; one thread drains it."""

    def __init__(self, broker: Broker, client: Any = None) -> None:
        self.broker = broker
        self.client = client  # kombu's connection, which its consumers look for
        self.connected = True
        self._channels: list[Channel] = []
        self._inbox: deque[tuple[_Consumer, _Parcel | None, int]] = deque()
        self._idle = False  # a thread waits for the bell
        self._bell = threading.Lock()
        self._bell.acquire()

    def channel(self) -> Channel:
        self._channels.append(Channel(self))
        return self._channels[-1]

    def receive(self, consumer: _Consumer, parcel: _Parcel | None, number: int) -> None:
        """Have the draining thread hand over `parcel`, or nothing more at all after those before."""
        self._inbox.append((consumer, parcel, number))
        self._ring()

    def drain_events(self, timeout: float | None = None) -> None:
        """Hand over one message; TimeoutError if none came within `timeout` seconds."""
        consumer, parcel, number = self._next(timeout)
        if parcel is None:
            consumer.channel.callbacks.discard(consumer.tag)
            return
        message = Message(parcel.body, **parcel.properties)
        message.channel = consumer.channel
        message.delivery_info = {
            "consumer_tag": consumer.tag,
            "delivery_tag": number,
            "redelivered": parcel.redelivered,
            "exchange": parcel.exchange,
            "routing_key": parcel.routing_key,
        }
        consumer.callback(message)

    def close(self) -> None:
        with self.broker.lock:
            if self.connected:
                self.connected = False
                for channel in self._channels:
                    channel.close()
                for name in [each.name for each in self.broker.queues.values() if each.owner is self]:
                    self.broker.delete(name)
            self._ring()

    collect = close

    def _next(self, timeout: float | None) -> tuple[_Consumer, _Parcel | None, int]:
        while True:
            with self.broker.lock:
                if not self.connected:
                    raise RecoverableConnectionError("connection already closed")
                if self._inbox:
                    return self._inbox.popleft()
                self._idle = True
            if not self._bell.acquire(timeout=-1 if timeout is None else timeout):
                with self.broker.lock:
                    if self._idle:
                        self._idle = False
                        raise TimeoutError("nothing arrived")
                    self._bell.acquire()  # it rang in between

    def _ring(self) -> None:
        if self._idle:
            self._idle = False
            self._bell.release()


_brokers: defaultdict[str, Broker] = defaultdict(Broker)


class Transport(base.Transport):
    """What kombu asks of a transport."""

    driver_type = driver_name = "inprocess"
    implements = base.Transport.implements.extend(exchange_type=frozenset(["topic"]))

    def establish_connection(self) -> Connection:
        return Connection(_brokers[getattr(self.client, "hostname", None) or ""], self.client)

    def create_channel(self, connection: Connection) -> Channel:
        return connection.channel()

    def drain_events(self, connection: Connection, **waiting: Any) -> None:
        connection.drain_events(**waiting)

    def close_connection(self, connection: Connection) -> None:
        connection.close()

    def verify_connection(self, connection: Connection) -> bool:
        return connection.connected

    def driver_version(self) -> str:
        return "1"
