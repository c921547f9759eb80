"""call: how a service, or a timer of it, asks another service in its own name."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chassis.crypto import TokenSigner
from chassis.messaging.envelope import BUG, ask_bytes, decode_answer, refusal_from
from chassis.observability import current_request_id
from chassis.wire import decoder
from contracts.message import Request
from kernel.caller import Caller
from kernel.errors import NotFound, Unavailable

if TYPE_CHECKING:  # the gateway, which has no database, imports this module too
    from sqlalchemy.orm import Session

Reply = TypeVar("Reply")
TOKEN_SECONDS = 300


class Bus(Protocol):
    """What `chassis.messaging.client.Client` offers."""

    def call(self, body: bytes, *, service: str, timeout: float) -> bytes: ...


class Identity:
    """A service's own name, and the token that proves it, renewed before it expires."""

    def __init__(self, service: str, signer: TokenSigner) -> None:
        self.service = service
        self._signer = signer
        self._token = ""
        self._fresh_until = 0.0

    def token(self) -> str:
        now = time.time()
        if now >= self._fresh_until:
            self._token = self._signer.sign(Caller(kind="service", service=self.service), now + TOKEN_SECONDS)
            self._fresh_until = now + TOKEN_SECONDS / 2
        return self._token


class Call:
    """`call(QuoteVisit(…))` is a `VisitQuote`, or a refusal; `Unavailable` if nobody answers in time.

    `reads` opens a session on the service's own database, for those who must look something up before they ask; it has
    to be closed before the question, or a connection waits for the answer.
    """

    reads: "Callable[[], Session]"  # the dispatcher lends it

    def __init__(self, bus: Bus, identity: Identity, installed: tuple[str, ...]) -> None:
        self._bus = bus
        self._identity = identity
        self._installed = installed

    def __call__(self, request: Request[Reply], *, service: str | None = None, timeout: float | None = None) -> Reply:
        """The reply of the owner of `request`, or of `service` for what every service answers."""
        to = service or type(request).owner
        if to not in self._installed:
            raise NotFound("not_installed", f"the service {to} is not installed")
        seconds = timeout or type(request).timeout
        body = ask_bytes(
            request,
            request_id=current_request_id(),
            deadline=time.time() + seconds,
            token=self._identity.token(),
        )
        answer = decode_answer(self._bus.call(body, service=to, timeout=seconds))
        if answer.error is not None:
            if answer.error.kind == BUG:  # to who asks, a service that fails is as good as one that is away
                raise Unavailable("service_unavailable", f"{to} failed")
            raise refusal_from(answer.error)
        reply: Any = decoder(type(request).reply)(bytes(answer.ok))
        return reply  # type: ignore[no-any-return]
