"""How events come into a service: batches of what has arrived, retries, and the catch-up of what was missed."""

import logging
from collections import deque
from time import monotonic
from typing import Any, NamedTuple

import eventlet
import msgspec
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint

from chassis.messaging.link import DEAD_LETTERS, Link, back_off, events_exchange, events_queue
from chassis.messaging.pace import Pace
from chassis.messaging.server import STOP_PATIENCE, Bus

log = logging.getLogger(__name__)

BATCH = 200  # events in one transaction
PREFETCH = 2 * BATCH  # so that a batch has arrived while the one before is written
TRIES = 2  # to consume from a queue, before it is taken for broken
GAP_PATIENCE = 1.0  # seconds that an event may be missing before the producer is asked for it


class _Numbered(msgspec.Struct):
    number: int


_number_of = msgspec.json.Decoder(_Numbered).decode


class _Postponed(NamedTuple):
    due: float
    retry: Any


class Bell:
    """Wakes the one green thread that waits for it; a ring that nobody waits for is remembered."""

    def __init__(self) -> None:
        self._rung = False
        self._signal: Signal | None = None

    def ring(self) -> None:
        self._rung = True
        if self._signal and not self._signal.ready():
            self._signal.send()

    def wait(self, timeout: float | None) -> None:
        if not self._rung:
            self._signal = Signal()
            self._signal.wait(timeout)
            self._signal = None
        self._rung = False


class Events(Entrypoint):  # type: ignore[misc]
    """Absorbs the events of one producer, a batch at a time.

    A batch is acknowledged when its transaction is committed. An event in it that failed is tried again from memory
    while the others go on; if that memory is lost, the position has not passed the event, and the next catch-up
    brings it back.
    """

    bus = Bus()

    def __init__(self, producer: str) -> None:
        super().__init__()
        self.producer = producer

    def setup(self) -> None:
        self._dispatcher = self.container.config["dispatcher"]
        self._link: Link | None = None
        self._channel: Any = None
        self._arrived: deque[Any] = deque()
        self._postponed: list[_Postponed] = []
        self._bell = Bell()
        self._highest = 0
        self._busy = False
        self._stopping = False
        self._watch_bell = Bell()
        self._connections = 0
        self._tries = 0  # to consume, since it last succeeded
        self.bus.register(self)

    def start(self) -> None:
        self._absorber = self.container.spawn_managed_thread(self._absorb_what_arrives)
        self._watcher = self.container.spawn_managed_thread(self._watch)

    def stop(self) -> None:
        """Finish the batch that has begun; whatever else was delivered goes back to the queue."""
        self._stopping = True
        if self._link:
            self._link.cancel(self._channel, self.producer)
        self._bell.ring()
        self._watch_bell.ring()
        self._absorber.wait()
        with eventlet.Timeout(STOP_PATIENCE, False):  # it may be asking a producer that has stopped before us
            self._watcher.wait()
        self._watcher.kill()

    def consume(self, link: Link) -> None:
        channel = link.channel()
        channel.basic_qos(0, PREFETCH, False)
        exchange, queue = events_exchange(self.producer), events_queue(self.container.service_name, self.producer)
        self._tries += 1
        if self._tries > TRIES:
            # RabbitMQ killed soon after it made a quorum queue comes back with its name and without its data: it takes
            # no message, confirms none and lets nobody consume. What was in it is in the producer's log.
            log.error("the queue %s does not work and is made anew", queue)
            channel.queue_delete(queue=queue)
        channel.exchange_declare(exchange=exchange, type="topic", durable=True, auto_delete=False)
        channel.queue_declare(queue=DEAD_LETTERS, durable=True, auto_delete=False)
        channel.queue_declare(
            queue=queue,
            durable=True,
            auto_delete=False,
            arguments={
                "x-queue-type": "quorum",
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": DEAD_LETTERS,
            },
        )
        channel.queue_bind(queue=queue, exchange=exchange, routing_key="#")
        self._link, self._channel = link, channel
        self._arrived.clear()  # what the lost connection had delivered is delivered again
        if not self._stopping:
            channel.basic_consume(queue=queue, consumer_tag=self.producer, callback=self._receive)
        self._tries = 0
        self._connections += 1
        self._watch_bell.ring()

    def _receive(self, message: Any) -> None:
        try:
            number = _number_of(message.body).number
        except msgspec.DecodeError:
            log.exception("a message of %s cannot be decoded and goes to %s", self.producer, DEAD_LETTERS)
            message.channel.basic_reject(message.delivery_tag, requeue=False)
            return
        self._highest = max(self._highest, number)
        self._arrived.append(message)
        self._bell.ring()

    def _absorb_what_arrives(self) -> None:
        pace = Pace()
        while not self._stopping:
            self._busy = False
            if not self._arrived:
                self._bell.wait(self._until_next_try())
            self._busy = True
            if self._postponed:
                self._try_again()
            batch = [self._arrived.popleft() for _ in range(min(BATCH, len(self._arrived)))]
            if batch and not self._stopping:
                began = monotonic()
                self._absorb(batch)
                eventlet.sleep(pace.after(began, len(batch), more=len(self._arrived) >= BATCH))

    def _until_next_try(self) -> float | None:
        if not self._postponed:
            return None
        return max(0.0, min(each.due for each in self._postponed) - monotonic())

    def _absorb(self, batch: list[Any]) -> None:
        attempt = 0
        while True:
            try:
                retries = self._dispatcher.absorb(self.producer, [message.body for message in batch])
                break
            except Exception as away:  # the database: nothing has happened
                log.warning("events of %s cannot be absorbed now: %r", self.producer, away)
            eventlet.sleep(back_off(attempt))
            attempt += 1
            if self._stopping or batch[0].channel is not self._channel:
                return  # they are delivered again
        self._postponed += [_Postponed(monotonic() + retry.after, retry) for retry in retries]
        try:
            batch[-1].channel.basic_ack(batch[-1].delivery_tag, multiple=True)
        except Exception as lost:  # the inbox knows them when they are delivered again
            log.info("events of %s could not be acknowledged: %r", self.producer, lost)

    def _try_again(self) -> None:
        now = monotonic()
        for each in [each for each in self._postponed if each.due <= now]:
            try:
                retry = self._dispatcher.retry(self.producer, each.retry)
            except Exception as away:  # the database: this did not count as a try
                log.warning("an event of %s cannot be tried now: %r", self.producer, away)
                retry = each.retry
            self._postponed.remove(each)
            if retry is not None:
                self._postponed.append(_Postponed(monotonic() + retry.after, retry))

    def _watch(self) -> None:
        """Ask the producer for what was missed: at each connection, at a gap that stays, and now and then."""
        safety_net = self.container.config["safety_net"]
        connections, failures, next_round, gap = 0, 0, 0.0, _Gap()
        self._watch_bell.wait(None)  # for the first connection
        while not self._stopping:
            now = monotonic()
            if connections != self._connections or now >= next_round or gap.is_overdue(self, now):
                connections = self._connections
                try:
                    self._dispatcher.catch_up(self.producer)
                    failures, next_round = 0, monotonic() + safety_net
                except Exception as away:
                    log.info("%s cannot be asked for missed events now: %r", self.producer, away)
                    next_round = monotonic() + back_off(failures)
                    failures += 1
            self._watch_bell.wait(min(GAP_PATIENCE, max(0.0, next_round - monotonic())))

    def reached(self, number: int) -> bool | None:
        """Whether all up to the event `number` is done or parked; None while that is still being worked on."""
        if self._busy or self._arrived or self._postponed:
            return None
        try:
            return bool(self._dispatcher.position(self.producer) >= number)
        except Exception as away:
            log.info("the position in the events of %s is not known now: %r", self.producer, away)
            return None

    @property
    def highest(self) -> int:
        return self._highest


class _Gap:
    """Notices that the position stays below a number that was seen; asks less and less often about the same gap."""

    def __init__(self) -> None:
        self._closed_up_to = 0
        self._seen: int | None = None
        self._due = 0.0
        self._patience = GAP_PATIENCE

    def is_overdue(self, events: Events, now: float) -> bool:
        if self._seen is None:
            if events.highest > self._closed_up_to:
                self._seen, self._due = events.highest, now + self._patience
            return False
        if now < self._due:
            return False
        reached = events.reached(self._seen)
        if reached:
            self._closed_up_to, self._seen, self._patience = self._seen, None, GAP_PATIENCE
        if reached is not False:
            return False
        self._patience = min(30.0, self._patience * 2)
        self._due = now + self._patience
        return True
