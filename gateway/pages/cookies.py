"""How a browser stays signed in: both tokens in cookies that no script reads, renewed by the server when needed."""

import flask
from flask import Request, Response

from chassis.crypto import fingerprint
from chassis.wire import decoder
from contracts.auth import RefreshSession, Session, SignOut
from gateway.bus import reply_of
from gateway.exchange import Gateway, remote_address
from kernel.caller import Caller
from kernel.errors import Refusal, Unauthenticated

ACCESS = "lokon_access"
REFRESH = "lokon_session"
LARGEST = 3_800  # characters: browsers drop a cookie of more than 4 KiB, and a manager of many branches has more
MOST_PARTS = 8


class SignedIn:
    """The session that a request came with, and what its answer has to tell the browser about it."""

    def __init__(self, gateway: Gateway, days: int) -> None:
        self._gateway = gateway
        self._days = days
        self._new: Session | None = None
        self._forget = False

    def caller(self, request: Request) -> tuple[Caller, str]:
        """Who asks, and their access token, a new one if the old has expired. Raises Unauthenticated."""
        token = access_token_of(request)
        if token:
            try:
                return self._gateway.identities.verified(token), token
            except Unauthenticated as refused:
                if refused.code not in ("token_expired", "token_invalid"):
                    self._forget = True
                    raise
        return self._renewed(request)

    def begin(self, session: Session) -> Caller:
        """From now on the browser is signed in by `session`."""
        self._new, self._forget = session, False
        return self._gateway.identities.verified(session.access_token)

    def end(self, token: str) -> None:
        """Sign out everywhere; the cookies go even if nobody answers."""
        self._forget = True
        reply_of(self._gateway.bus.ask(SignOut(), token))
        self._gateway.sessions.fetch()

    def tell(self, response: Response) -> None:
        """Put into the answer's cookies what has changed."""
        if self._forget:
            for name in (REFRESH, *(_part(number) for number in range(MOST_PARTS))):
                if name in flask.request.cookies:
                    response.delete_cookie(name, httponly=True, samesite="Lax")
        elif self._new:
            self._keep(response, REFRESH, self._new.refresh_token, self._days * 86_400)
            text = self._new.access_token
            parts = [text[start : start + LARGEST] for start in range(0, len(text), LARGEST)]
            for number in range(MOST_PARTS):
                if number < len(parts):
                    self._keep(response, _part(number), parts[number], self._new.expires_in)
                elif _part(number) in flask.request.cookies:  # else the end of a longer one would be glued on
                    response.delete_cookie(_part(number), httponly=True, samesite="Lax")

    def _renewed(self, request: Request) -> tuple[Caller, str]:
        token = request.cookies.get(REFRESH)
        if not token:
            raise Unauthenticated("signed_out", "sign in first")
        self._gateway.throttle.take(request.remote_addr or "")
        # Two tabs may come at once with the same cookie: with this key both get the same pair.
        asked = RefreshSession(token, retry_key=fingerprint(token).hex(), address=remote_address())
        try:
            self._new = decoder(Session)(bytes(reply_of(self._gateway.bus.ask(asked, None))))
        except Unauthenticated:
            self._forget = True
            raise
        return self._gateway.identities.verified(self._new.access_token), self._new.access_token

    def _keep(self, response: Response, name: str, value: str, seconds: int) -> None:
        secure = flask.request.is_secure
        response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")


def access_token_of(request: Request) -> str:
    """The access token in the cookies of a request, empty if there is none."""
    return "".join(request.cookies.get(_part(number), "") for number in range(MOST_PARTS))


def _part(number: int) -> str:
    return f"{ACCESS}_{number}" if number else ACCESS


def sign_out_quietly(session: SignedIn, token: str) -> None:
    """Whoever wants to leave is let go, whatever the services say."""
    try:
        session.end(token)
    except Refusal:
        return
