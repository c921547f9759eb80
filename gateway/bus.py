"""The gateway's way to the services: one connection per process, Requests in, replies or refusals out."""

import time
from typing import Any

import msgspec

from chassis.config import Settings
from chassis.crypto import KeyFolder
from chassis.messaging.ask import Bus as Wire
from chassis.messaging.ask import Identity
from chassis.messaging.client import Client
from chassis.messaging.envelope import Answer, ask_bytes, decode_answer, refusal_from
from chassis.observability import current_request_id
from contracts.message import Request

NAME = "gateway"


class Bus:
    """Asks services, for a caller (with their token) or in the gateway's own name."""

    def __init__(self, wire: Wire, identity: Identity) -> None:
        self._wire = wire
        self._identity = identity

    def ask(self, request: Request[Any], token: str | None, key: str | None = None) -> Answer:
        """The answer, which may be an error. Raises Unavailable if there is none in time."""
        kind = type(request)
        return self._send(request, kind.owner, token, key)

    def ask_for_gateway(self, request: Request[Any], service: str) -> msgspec.Raw:
        """The reply of `service` to the gateway itself; raises what it refuses with."""
        return reply_of(self._send(request, service, self._identity.token(), None))

    def _send(self, request: Request[Any], service: str, token: str | None, key: str | None) -> Answer:
        seconds = type(request).timeout
        body = ask_bytes(request, request_id=current_request_id(), deadline=time.time() + seconds, token=token, key=key)
        return decode_answer(self._wire.call(body, service=service, timeout=seconds))


def reply_of(answer: Answer) -> msgspec.Raw:
    """The reply as the service encoded it, or the refusal raised."""
    if answer.error is not None:
        raise refusal_from(answer.error)
    assert answer.ok is not None
    return answer.ok


def client_of(settings: Settings) -> Client:
    """A client of the bus that the settings name; it connects when it is first used."""
    return Client(settings.bus, name=NAME, tls=settings.bus_tls())


def identity_of(settings: Settings) -> Identity:
    return Identity(NAME, KeyFolder(settings.keys).signer(NAME))
