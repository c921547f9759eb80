"""Tokens against forms of other sites: made of the session, or of a cookie of the door where there is none yet."""

import hashlib
import hmac
import secrets

import flask
from flask import Response

from kernel.caller import Caller
from kernel.errors import Forbidden

DOOR = "lokon_door"
FIELD = "csrf"
HEADER = "X-Csrf"


class FormTokens:
    """Says which token a form must bring, and refuses another."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, caller: Caller) -> str:
        return self._made(f"session {caller.session_id}")

    def of_door(self) -> str:
        """For the form by which one signs in; `tell_door` must follow."""
        if "door" not in flask.g:
            flask.g.door = flask.request.cookies.get(DOOR) or secrets.token_urlsafe(24)
        return self._made(f"door {flask.g.door}")

    def of_form(self, key: str) -> str:
        """For a form of a public page, by the form's own key: whoever sends it has no session."""
        return self._made(f"form {key}")

    def tell_door(self, response: Response) -> None:
        if "door" in flask.g and flask.request.cookies.get(DOOR) != flask.g.door:
            secure = flask.request.is_secure
            response.set_cookie(DOOR, flask.g.door, secure=secure, httponly=True, samesite="Lax")

    def check(self, wanted: str) -> None:
        given = flask.request.headers.get(HEADER) or flask.request.form.get(FIELD, "")
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Forbidden("form_foreign", "this form was not made for you, or it is too old; load the page again")

    def _made(self, what: str) -> str:
        return hmac.new(self._secret, what.encode(), hashlib.sha256).hexdigest()
