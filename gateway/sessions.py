"""Sessions that ended while their access tokens are still valid: nobody gets in with those."""

import threading
import time
from typing import Protocol
from uuid import UUID

import msgspec

from chassis.observability import log
from chassis.wire import decoder
from contracts.auth import EndedSession, EndedSessions, ListEndedSessions, SessionsEnded
from gateway.bus import Bus
from kernel.errors import Unauthenticated, Unavailable

OWNER = SessionsEnded.owner
TIDY_ABOVE = 10_000

_log = log("gateway")


class _Heard(msgspec.Struct):
    """What of an event's envelope matters here."""

    name: str
    event: msgspec.Raw


_heard = msgspec.json.Decoder(_Heard).decode


class Broadcasts(Protocol):
    """What `chassis.messaging.client.Client` offers for hearing events."""

    def subscribe(self, producer: str, on_event: "OnEvent", on_connect: "OnConnect") -> None: ...


class OnEvent(Protocol):
    def __call__(self, body: bytes, /) -> None: ...


class OnConnect(Protocol):
    def __call__(self) -> None: ...


class Sessions:
    """Those that ended. Until the list was fetched once, nobody is let in: a gateway that starts knows nothing."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._until: dict[UUID, float] = {}  # seconds since 1970, when the session's last token has expired
        self._known = False
        self._fetching = threading.Lock()

    def listen(self, broadcasts: Broadcasts) -> None:
        broadcasts.subscribe(OWNER, self.heard, self.fetch)

    def heard(self, body: bytes) -> None:
        envelope = _heard(body)
        if envelope.name == SessionsEnded.__name__:
            event: SessionsEnded = decoder(SessionsEnded)(bytes(envelope.event))
            self._add(event.sessions)

    def fetch(self) -> None:
        """Ask for the whole list; raises if nobody answers."""
        reply: EndedSessions = decoder(EndedSessions)(bytes(self._bus.ask_for_gateway(ListEndedSessions(), OWNER)))
        self._add(reply.items)
        self._known = True

    def refuse_ended(self, session_id: UUID | None) -> None:
        """Refuse a session that ended, and everybody as long as nothing is known."""
        if not self._known:
            self._fetch_once()
        if session_id in self._until:
            raise Unauthenticated("session_ended", "this session has ended; sign in again")

    def _fetch_once(self) -> None:
        with self._fetching:  # one asks, the others wait for what it hears
            if self._known:
                return
            try:
                self.fetch()
            except Unavailable as away:
                _log.warning("ended_sessions_unknown", reason=away.code)
                raise

    def _add(self, ended: tuple[EndedSession, ...]) -> None:
        if len(self._until) > TIDY_ABOVE:
            now = time.time()
            self._until = {session: until for session, until in self._until.items() if until > now}
        for session in ended:
            self._until[session.session_id] = session.until.timestamp()
