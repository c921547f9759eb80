"""Everything that goes over a cluster's broker while a test listens: requests, replies, events, as they are sent."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import kombu

from chassis.messaging.link import events_exchange, events_queue, requests_queue
from deploy.rabbitmq import program
from tests.e2e.systems import Running

NODE = "lokon@localhost"
TRACE = "amq.rabbitmq.trace"  # where the broker copies messages to, once it is told to trace
QUEUE = "a-test.firehose"


@dataclass(frozen=True)
class Heard:
    """A message as it was sent to `to` (a queue or an exchange); of a reply, `about` is the queue of its request."""

    to: str
    body: bytes
    about: str = ""

    @property
    def is_event(self) -> bool:
        return self.to.startswith(events_exchange(""))

    @property
    def is_reply(self) -> bool:
        return bool(self.about)

    @property
    def name(self) -> str:
        """What the message is called, where it says so."""
        try:
            return str(json.loads(self.body).get("name", self.to))
        except (ValueError, AttributeError):
            return self.to

    def concerns(self, service: str) -> bool:
        """Whether it was asked of the service, answered by it, announced by it, or delivered to it as an event."""
        own = {requests_queue(service), events_exchange(service)}
        return bool({self.to, self.about} & own) or self.to.startswith(events_queue(service, ""))


class Firehose:
    """Traces the broker for as long as it is open."""

    def __init__(self, system: Running) -> None:
        self._system = system
        environ = Path(f"/proc/{system.pid('rabbitmq')}/environ").read_bytes().decode().split("\0")
        self._environment = dict(word.partition("=")[::2] for word in environ if word)

    def __enter__(self) -> Self:
        self._control("trace_on")
        self._connection = kombu.Connection(self._system.bus())
        self._channel = self._connection.channel()
        self._channel.queue_declare(QUEUE, durable=False, exclusive=True, auto_delete=True)
        self._channel.queue_bind(QUEUE, TRACE, routing_key="#")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._control("trace_off")

    def drain(self) -> list[Heard]:
        """Each message once: as it was published, events also as they were delivered to each who hears them."""
        traced = []
        while message := self._channel.basic_get(QUEUE, no_ack=True):
            traced.append(message)
        asked_of: dict[tuple[str, str], str] = {}
        heard = []
        for message in traced:
            way, _, name = message.delivery_info["routing_key"].partition(".")
            headers = message.properties["application_headers"]
            sent = _plain(headers.get("properties", {}))
            target = name or "".join(map(str, headers.get("routing_keys", ())))
            exchange = (sent.get("reply_to", ""), sent.get("correlation_id", ""))
            if way == "publish" and all(exchange):
                asked_of[exchange] = target
            if way == "publish":
                about = "" if sent.get("reply_to") else asked_of.get((target, exchange[1]), "")
                heard.append(Heard(target, bytes(message.body), about))
            elif name.startswith(events_exchange("")):
                heard.append(Heard(name, bytes(message.body)))
        return heard

    def _control(self, command: str) -> None:
        tool = program().with_name("rabbitmqctl")
        subprocess.run([tool, "--node", NODE, command], env=self._environment, check=True, capture_output=True)


def _plain(table: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in dict(table).items()}
