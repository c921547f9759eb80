"""Who asks: the bearer token, the rights that it carries, and the limit for those without one."""

import threading
import time

import flask

from chassis.crypto import TokenVerifier
from contracts.message import INTERNAL, PUBLIC, SIGNED_IN
from gateway.sessions import Sessions
from kernel.caller import NOBODY, Caller
from kernel.errors import Forbidden, Throttled, Unauthenticated


class Identities:
    """Turns `Authorization` into a caller without asking anybody."""

    def __init__(self, verifier: TokenVerifier, sessions: Sessions) -> None:
        self._verifier = verifier
        self._sessions = sessions

    def of(self, request: flask.Request) -> tuple[Caller, str | None]:
        """The caller and their token; NOBODY without one. Unauthenticated for one that is false, old or ended."""
        header = request.headers.get("Authorization")
        if header is None:
            return NOBODY, None
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token_invalid", "send the access token as `Authorization: Bearer …`")
        return self.verified(token), token

    def verified(self, token: str) -> Caller:
        """The user whom an access token names, as long as their session lasts."""
        caller = self._verifier.verify(token)
        if caller.kind != "user":  # services have the bus
            raise Unauthenticated("token_invalid", "the access token is not valid")
        self._sessions.refuse_ended(caller.session_id)
        return caller


def require(permission: str, caller: Caller) -> None:
    """Refuse a caller who may not send a Request with `permission`; its service looks again, with the branches."""
    if permission == PUBLIC:
        return
    if caller.kind == "nobody":
        raise Unauthenticated("signed_out", "sign in first")
    if permission == INTERNAL:
        raise Forbidden("permission_missing", "this is for services only")
    if permission != SIGNED_IN:
        caller.must(permission)


class Throttle:
    """A bucket of tokens per address for calls of nobody: `rate` a second on average, `burst` at once."""

    FORGET_ABOVE = 10_000

    def __init__(self, rate: float = 20.0, burst: float = 60.0) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, address: str) -> None:
        now = time.monotonic()
        with self._lock:
            left, since = self._buckets.get(address, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            if left < 1:
                raise Throttled("too_many_calls", "too many calls; sign in or slow down", retry_after=1 / self._rate)
            if len(self._buckets) >= self.FORGET_ABOVE:
                self._buckets.clear()
            self._buckets[address] = (left - 1, now)
