"""Pages and forms: how an area declares them, and what each goes through before and after its function."""

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import flask
import msgspec
from flask import Blueprint, Response, render_template
from werkzeug.exceptions import HTTPException

from contracts.auth import ShowMe
from contracts.message import Request
from gateway.exchange import Gateway
from gateway.identity import require
from gateway.pages import languages, sentences, uploads
from gateway.pages.cookies import SignedIn
from gateway.pages.forms import Form
from gateway.pages.tokens import FormTokens
from gateway.pages.visitor import Visitor
from gateway.problems import of_failure, status_of
from kernel.errors import Refusal, Unauthenticated

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'{live}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DOOR, DOOR_OF_CLIENTS = "/sign-in", "/my/sign-in"
HOME_OF_CLIENTS = "/my"
THEME = "lokon_theme"
THEMES = ("auto", "light", "dark")

Answer = str | Response
Function = Callable[..., Answer]


@dataclass(frozen=True)
class Entry:
    """An address of an area: what it needs, and whether it changes something."""

    rule: str
    function: Function
    needs: tuple[type[Request[Any]], ...]
    form: bool
    takes: uploads.Upload | None = None
    door: str = DOOR


@dataclass
class Area:
    """Pages about one subject. A page needs at least the rights of the Requests that it names.

    `door` is where whoever is not signed in goes first.
    """

    name: str
    door: str = DOOR
    entries: list[Entry] = field(default_factory=list)

    def page(self, rule: str, *needs: type[Request[Any]]) -> Callable[[Function], Function]:
        """`function(visitor, form, **path)` shows something; asked as often as anybody likes."""
        return self._entry(rule, needs, form=False)

    def form(
        self, rule: str, *needs: type[Request[Any]], takes: uploads.Upload | None = None
    ) -> Callable[[Function], Function]:
        """`function(visitor, form, **path)` does what a form says; refused without the form's token.

        A form with a file says which one it `takes`; without the rights it is refused unread.
        """
        return self._entry(rule, needs, form=True, takes=takes)

    def mount(self, blueprint: Blueprint, view: Callable[[Entry], Callable[..., Response]]) -> None:
        """Give each entry its address; `view` makes of it what answers there."""
        for entry in self.entries:
            blueprint.add_url_rule(
                entry.rule,
                endpoint=f"{self.name}-{entry.function.__name__}",
                view_func=view(entry),
                methods=["POST"] if entry.form else ["GET"],
            )

    def _entry(
        self, rule: str, needs: tuple[type[Request[Any]], ...], *, form: bool, takes: uploads.Upload | None = None
    ) -> Callable[[Function], Function]:
        def noted(function: Function) -> Function:
            self.entries.append(Entry(rule, function, needs, form, takes, self.door))
            return function

        return noted


@dataclass(frozen=True)
class Site:
    """What all pages share."""

    gateway: Gateway
    tokens: FormTokens
    session_days: int
    live_url: str | None = None  # of another address than our own

    def mount(self, blueprint: Blueprint, area: Area) -> None:
        area.mount(blueprint, self._view)

    def _view(self, entry: Entry) -> Callable[..., Response]:
        @functools.wraps(entry.function)
        def respond(**path: Any) -> Response:
            session = SignedIn(self.gateway, self.session_days)
            try:
                response = self._answered(entry, session, path)
            except Unauthenticated as refused:
                response = self._door(refused, entry.door)
            session.tell(response)
            return self.dressed(response)

        return respond

    def _answered(self, entry: Entry, session: SignedIn, path: dict[str, Any]) -> Response:
        caller, token = session.caller(flask.request)
        flask.g.csrf = self.tokens.of(caller)
        flask.g.visitor = visitor = Visitor(self.gateway, caller, token)
        flask.g.session = session
        try:
            for kind in entry.needs:
                require(kind.permission, caller)
            if visitor.is_client and entry.door == DOOR and not entry.form:
                return seen_at(HOME_OF_CLIENTS)  # pages of those who work here speak of the salon's side
            if entry.takes:
                uploads.expect(entry.takes)
            if entry.form:
                self.tokens.check(flask.g.csrf)
            answer = entry.function(visitor, Form(), **path)
            return answer if isinstance(answer, Response) else Response(answer, content_type="text/html; charset=utf-8")
        except Unauthenticated:
            raise
        except Refusal as refused:
            return self._trouble(refused, status_of(refused))
        except HTTPException as refused:  # a body that is too long, or is no form
            return self._trouble(None, refused.code or 500)
        except Exception as bug:
            of_failure(bug)  # logs it
            return self._trouble(None, 500)

    def _trouble(self, refused: Refusal | None, status: int) -> Response:
        """Beside the form that was sent, which stays as it was filled in; else a page."""
        text = sentences.sentence(refused) if refused else sentences.of_status(status)
        fields = sentences.of_fields(refused) if refused else {}
        if not by_htmx():
            return shown("trouble.html", status=status, text=text, back=_way_back())
        response = shown("trouble_part.html", status=status, text=text, fields=fields, refused=refused)
        form = flask.request.headers.get("HX-Trigger", "")
        beside_form = flask.request.method == "POST" and form
        response.headers["HX-Retarget"] = f"#{form} .trouble-place" if beside_form else "#trouble"
        response.headers["HX-Reswap"] = "innerHTML"
        return response

    def _door(self, refused: Unauthenticated, door: str) -> Response:
        """Over the page, if a part of it asked, so that nothing typed there is lost; else in its place."""
        if by_htmx() and door != DOOR:
            return seen_at(door)
        if by_htmx():
            flask.g.csrf = self.tokens.of_door()
            response = shown("door/over.html", status=401, text=sentences.sentence(refused))
            response.headers["HX-Retarget"] = "#over"
            response.headers["HX-Reswap"] = "innerHTML"
            return response
        if flask.request.method == "GET" and wants_page():
            to = flask.request.full_path.rstrip("?")
            where = door if to == "/" else f"{door}?{urlencode({'to': to})}"
            return Response(status=303, headers={"Location": where})
        if wants_page():  # a form of a whole page, sent after the session has ended
            return Response(status=303, headers={"Location": door})
        return Response(status=401, content_type="text/plain")

    def dressed(self, response: Response) -> Response:
        self.tokens.tell_door(response)
        if response.mimetype == "text/html":
            live = f" {self.live_url}" if self.live_url else ""
            response.headers["Content-Security-Policy"] = POLICY.format(live=live)
            response.headers["Vary"] = "Cookie, Accept-Language, HX-Request"
        return response


def by_htmx() -> bool:
    return flask.request.headers.get("HX-Request") == "true"


def wants_page() -> bool:
    return flask.request.accept_mimetypes.best == "text/html" or "text/html" in str(flask.request.accept_mimetypes)


def _way_back() -> str | None:
    """The page of ours that led here, where what was chosen still stands; none after a form that was sent."""
    came_from = flask.request.referrer or ""
    ours = came_from.startswith(flask.request.host_url) and came_from != flask.request.url
    return came_from if ours and flask.request.method == "GET" else None


def shown(template: str, *, status: int = 200, **values: Any) -> Response:
    """A template as an answer."""
    return Response(render_template(template, **values), status=status, content_type="text/html; charset=utf-8")


def data(value: Any) -> Response:
    """Something for a script of ours."""
    return Response(msgspec.json.encode(value), content_type="application/json")


def done(text: str, **more: Any) -> Response:
    """What was asked for happened: the dialog closes, `text` is told, and `more` says which parts are out of date.

    Parts that `refresh` names, with spaces between them, show themselves anew by `hx-trigger="refresh-… from:body"`.
    `undo` is what a button beside the text takes back: its `text`, and the `address` and `fields` of a form.
    """
    response = Response(status=204)
    parts: dict[str, object] = {f"refresh-{part}": {} for part in more.get("refresh", "").split()}
    response.headers["HX-Trigger"] = json.dumps({"done": {"text": text} | more} | parts)
    return response


def seen_at(address: str) -> Response:
    """After a form of a whole page: the page that shows what came of it, so that going back repeats nothing."""
    if by_htmx():  # which would follow a redirect by itself, and show the page in a corner of this one
        return Response(status=204, headers={"HX-Redirect": address})
    return Response(status=303, headers={"Location": address})


def words_of_pages() -> dict[str, Any]:
    """What every template knows."""
    visitor: Visitor | None = flask.g.get("visitor")
    theme = flask.request.cookies.get(THEME)
    return {
        "csrf": flask.g.get("csrf", ""),
        "language": languages.chosen(),
        "written_as": languages.tag(),
        "languages": languages.languages(),
        "theme": theme if theme in THEMES else "auto",
        "visitor": visitor,
        "who": visitor.ask_if(ShowMe()) if visitor and not by_htmx() else None,
        "new_key": lambda: uuid4().hex,
    }
