"""The service's side of the bus: the Nameko container that hosts a dispatcher, its connection, and its requests."""

import logging
import sys
from collections.abc import Sequence
from functools import partial
from ssl import SSLContext
from time import monotonic
from typing import Any, Protocol

import eventlet
from nameko.containers import ServiceContainer
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from chassis.messaging.link import HEARTBEAT, TRANSIENT, Link, back_off, publisher, requests_queue

REQUESTS = "requests"  # the consumer's tag
SETUP_TIMEOUT = 6.0  # seconds for one consumer to begin; a queue that a crash has damaged never answers
STOP_PATIENCE = 2.0  # seconds that the broker has to say that it sends no more

log = logging.getLogger(__name__)


class Consumer(Protocol):
    """An entrypoint that takes messages from the service's connection."""

    def consume(self, link: Link) -> None:
        """Start to consume on a connection that was just made; the one before is lost, with all its deliveries."""


class Bus(SharedExtension):  # type: ignore[misc]
    """The one connection of a service: every entrypoint consumes on it, and one green thread drains it."""

    def __init__(self) -> None:
        self._consumers: list[Consumer] = []
        self._link: Link | None = None
        self._threads: list[Any] = []

    def register(self, consumer: Consumer) -> None:
        self._consumers.append(consumer)

    def start(self) -> None:
        self._threads = [self.container.spawn_managed_thread(run) for run in (self._stay_connected, self._keep_alive)]

    def stop(self) -> None:
        """Close the connection; Nameko calls this after the entrypoints and their workers have ended."""
        for thread in self._threads:
            thread.kill()
        if self._link:
            self._link.close()

    def kill(self) -> None:
        if self._link:
            self._link.cut()

    def _stay_connected(self) -> None:
        attempt = 0
        while True:
            try:
                self._connect()
                attempt = 0
                while self._link and self._link.connected:
                    self._link.drain()
            except Exception as lost:  # whatever it was, a new connection is the cure
                log.warning("%s lost its connection to the bus: %r", self.container.service_name, lost)
            if self._link:
                self._link.drop()
            eventlet.sleep(back_off(attempt))
            attempt += 1

    def _connect(self) -> None:
        address = self.container.config["bus"]
        self._link = Link(address["url"], name=self.container.service_name, tls=address["tls"])
        for consumer in self._consumers:
            with eventlet.Timeout(SETUP_TIMEOUT, ConnectionError("the broker does not let us consume")):
                consumer.consume(self._link)

    def _keep_alive(self) -> None:
        while True:
            eventlet.sleep(HEARTBEAT / 4)
            link = self._link
            if not link or not link.connected:
                continue
            try:
                link.beat()
            except Exception as silent:
                log.warning("the bus does not answer: %r", silent)
                link.cut()


class Requests(Entrypoint):  # type: ignore[misc]
    """Takes requests from the service's queue, as many at once as there are workers, and sends the replies.

    A request is acknowledged after its reply was sent, so one whose worker dies is given to another replica, which is
    told so.
    """

    bus = Bus()

    def setup(self) -> None:
        self._link: Link | None = None
        self._channel: Any = None
        self._stopping = False
        self.bus.register(self)

    def consume(self, link: Link) -> None:
        if self._stopping:
            return
        channel = link.channel()
        channel.basic_qos(0, self.container.max_workers, False)
        queue = requests_queue(self.container.service_name)
        channel.queue_declare(queue=queue, durable=False, auto_delete=False)
        self._link, self._channel = link, channel
        receive = partial(self._receive, link, publisher(channel))
        channel.basic_consume(queue=queue, consumer_tag=REQUESTS, callback=receive)

    @property
    def takes_requests(self) -> bool:
        """Whether requests come now: not before the first connection, nor while it is lost."""
        return self._link is not None and self._link.consumes(self._channel, REQUESTS)

    def stop(self) -> None:
        """Take no more; Nameko then waits for the workers of what was on its way."""
        self._stopping = True
        deadline = monotonic() + STOP_PATIENCE
        if self._link is None:
            return
        self._link.cancel(self._channel, REQUESTS)
        while self.takes_requests and monotonic() < deadline:
            eventlet.sleep(0.01)

    def _receive(self, link: Link, publish: Any, message: Any) -> None:
        arguments = message.body, bool(message.delivery_info["redelivered"])
        self.container.spawn_worker(self, arguments, {}, handle_result=partial(self._reply, link, publish, message))

    def _reply(
        self, link: Link, publish: Any, message: Any, _worker: Any, result: Any, failure: Any
    ) -> tuple[Any, Any]:
        properties = message.properties
        try:
            with link.together():
                if result is not None:
                    publish(
                        result,
                        "",
                        properties["reply_to"],
                        correlation_id=properties["correlation_id"],
                        delivery_mode=TRANSIENT,
                    )
                message.channel.basic_ack(message.delivery_tag)
        except Exception as lost:  # the connection went, and with it the caller's queue or our right to answer
            log.info("a reply could not be sent: %r", lost)
        return result, failure


class Dispatcher(Protocol):
    """What the container needs of `chassis.messaging.dispatch.Dispatcher`."""

    name: str
    producers: tuple[str, ...]

    def answer(self, body: bytes, *, repeated: bool = False) -> bytes: ...
    def absorb(self, producer: str, bodies: Sequence[bytes]) -> list[Any]: ...
    def retry(self, producer: str, retry: Any) -> Any: ...
    def catch_up(self, producer: str) -> int: ...
    def position(self, producer: str) -> int: ...


class Container(ServiceContainer):  # type: ignore[misc]
    """Nameko's container; a worker's life is the same, but is neither timed nor given call ids that nobody reads."""

    def _run_worker(self, worker: Any, handle_result: Any) -> None:
        self._inject_dependencies(worker)
        self._worker_setup(worker)
        result = failure = None
        try:
            result = getattr(worker.service, worker.entrypoint.method_name)(*worker.args, **worker.kwargs)
        except Exception:
            log.exception("a worker of %s failed", self.service_name)
            failure = sys.exc_info()
        if handle_result is not None:
            result, failure = handle_result(worker, result, failure)
        self._worker_result(worker, result, failure)
        self._worker_teardown(worker)


def host(
    dispatcher: Dispatcher,
    *,
    url: str,
    tls: SSLContext | None = None,
    workers: int = 32,
    safety_net: float = 30.0,
) -> ServiceContainer:
    """A Nameko container that runs `dispatcher` on the bus: start(), stop() gracefully, wait().

    `workers` requests are answered at once; size the database pool to it, and two more for each producer.
    `safety_net` is how often, in seconds, each producer is asked for events that were missed.
    """
    from chassis.messaging.hub import wait_on_the_hub
    from chassis.messaging.intake import Events

    wait_on_the_hub()

    class Service:
        name = dispatcher.name

        def answer(self, body: bytes, repeated: bool) -> bytes:
            return dispatcher.answer(body, repeated=repeated)

        def absorb(self, producer: str, bodies: Sequence[bytes]) -> list[Any]:
            return dispatcher.absorb(producer, bodies)

    register_entrypoint(Service.answer, Requests())
    for producer in dispatcher.producers:
        register_entrypoint(Service.absorb, Events(producer))
    config = {
        "max_workers": workers,
        "bus": {"url": url, "tls": tls},
        "dispatcher": dispatcher,
        "safety_net": safety_net,
    }
    return Container(Service, config)
