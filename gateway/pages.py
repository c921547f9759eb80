"""The web pages, and how they stay signed in: the refresh token in a cookie that no script reads."""

import flask
import msgspec
from flask import Blueprint, Response, render_template

from chassis.crypto import fingerprint
from chassis.wire import decoder
from contracts.auth import RefreshSession, Session, SignIn, SignOut
from gateway.bus import reply_of
from gateway.exchange import Gateway, remote_address, view
from gateway.problems import of_refusal
from gateway.route import Route
from kernel.errors import Forbidden, Refusal, Unauthenticated

COOKIE = "lokon_session"
COOKIE_PATH = "/session"
OWN_PAGES = "X-Lokon-Page"  # a page of another site cannot send it without our consent

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# What the pages ask in the name of a session, beside the API.
SIGN_IN = Route("POST", "/session", SignIn, "Sign in", 200, anonymous=True, fills={"address": remote_address})
SIGN_OUT = Route("DELETE", "/session", SignOut, "Sign out", 204, ends_sessions=True)


def blueprint(gateway: Gateway, *, session_days: int) -> Blueprint:
    """Two pages, and `/session`, by which they sign in, stay so and sign out."""
    pages = Blueprint("pages", __name__)
    start, end = view(gateway, SIGN_IN), view(gateway, SIGN_OUT)

    def kept(reply: bytes) -> Response:
        """What a script may know of the session; the refresh token goes into the cookie."""
        session: Session = decoder(Session)(reply)
        known = {"access_token": session.access_token, "expires_in": session.expires_in, "user": session.user}
        response = Response(msgspec.json.encode(known), content_type="application/json")
        response.set_cookie(
            COOKIE,
            session.refresh_token,
            max_age=session_days * 86_400,
            path=COOKIE_PATH,
            secure=flask.request.is_secure,
            httponly=True,
            samesite="Strict",
        )
        return response

    @pages.get("/")
    def day() -> Response:
        return _page("day.html")

    @pages.get("/sign-in")
    def sign_in() -> Response:
        return _page("sign_in.html")

    @pages.post("/session")
    def start_session() -> Response:
        _refuse_other_sites()
        return kept(start().get_data())

    @pages.post("/session/refresh")
    def refresh_session() -> Response:
        _refuse_other_sites()
        token = flask.request.cookies.get(COOKIE)
        if not token:
            raise Unauthenticated("signed_out", "sign in first")
        gateway.throttle.take(flask.request.remote_addr or "")
        # Two tabs may refresh at once with the same cookie: with this key both get the same pair.
        request = RefreshSession(token, retry_key=fingerprint(token).hex(), address=remote_address())
        try:
            return kept(bytes(reply_of(gateway.bus.ask(request, None))))
        except Unauthenticated as ended:
            return _forgotten(of_refusal(ended))

    @pages.delete("/session")
    def end_session() -> Response:
        _refuse_other_sites()
        try:
            return _forgotten(end())
        except Refusal as refusal:
            return _forgotten(of_refusal(refusal))

    return pages


def _page(template: str) -> Response:
    response = Response(render_template(template), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


def _forgotten(response: Response) -> Response:
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="Strict")
    return response


def _refuse_other_sites() -> None:
    if flask.request.headers.get(OWN_PAGES) != "1":
        raise Forbidden("other_site", f"this is for our own pages only, which send {OWN_PAGES}")
