"""What public pages go through: nobody is signed in, and sites that the settings name may show them in a frame."""

import functools
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import flask
from flask import Blueprint, Response, render_template
from werkzeug.exceptions import HTTPException

from gateway.pages import languages, sentences
from gateway.pages.book.manner import Manner, manner_of, theme_of
from gateway.pages.book.said import told
from gateway.pages.forms import KEY, Form
from gateway.pages.site import POLICY, Area, Entry, Site, seen_at, shown
from gateway.pages.visitor import Visitor
from gateway.problems import of_failure, status_of
from kernel.caller import NOBODY
from kernel.errors import Forbidden, Refusal

BY_SCRIPT = "X-By-Script"
NO_FRAME = "frame-ancestors 'none'"
WORTH_COMPRESSING = 1_000


@dataclass(frozen=True)
class Guests:
    """`hosts`: origins whose pages may show these in a frame."""

    site: Site
    hosts: tuple[str, ...] = ()

    def mount(self, blueprint: Blueprint, area: Area) -> None:
        area.mount(blueprint, self._view)

    def _view(self, entry: Entry) -> Callable[..., Response]:
        @functools.wraps(entry.function)
        def respond(**path: Any) -> Response:
            flask.g.manner = Manner()
            flask.g.seal = self.site.tokens.of_form
            try:
                answer = self._answered(entry, path)
            except Refusal as refused:
                answer = trouble(told(refused), status_of(refused))
            except HTTPException as refused:  # a body that is too long, or is no form
                answer = trouble(sentences.of_status(refused.code or 500), refused.code or 500)
            except Exception as bug:
                of_failure(bug)  # logs it
                answer = trouble(sentences.of_status(500), 500)
            response = answer if isinstance(answer, Response) else Response(answer, content_type="text/html")
            return self._dressed(response)

        return respond

    def _answered(self, entry: Entry, path: dict[str, Any]) -> str | Response:
        gateway = self.site.gateway
        flask.g.manner = manner_of(flask.request, self.hosts)
        if flask.g.manner.language:
            flask.g.language = flask.g.manner.language
        gateway.throttle.take(flask.request.remote_addr or "")
        if entry.form:
            self._check_seal()
        return entry.function(Visitor(gateway, NOBODY, ""), Form(), **path)

    def _check_seal(self) -> None:
        """Refuse a form that no page of ours has made, or that another site has sent.

        There is no session, and in a frame of another site no cookie, that its token could be bound to: it is bound to
        the form's own key.
        """
        if flask.request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("form_foreign", "this form was not made for you")
        self.site.tokens.check(self.site.tokens.of_form(flask.request.form.get(KEY, "")))

    def _dressed(self, response: Response) -> Response:
        frames = f"frame-ancestors {' '.join(self.hosts)}" if self.hosts else NO_FRAME
        response.headers["Content-Security-Policy"] = POLICY.format(live="").replace(NO_FRAME, frames)
        if response.mimetype == "text/html":
            _compress(response)
        return response


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """A public page, with what all of them know."""
    return shown(template, status=status, **common(), **values)


def part(template: str, **values: Any) -> str:
    """A part of a public page."""
    return render_template(template, **common(), **values)


def trouble(text: str, status: int) -> Response:
    return page("book/trouble.html", status=status, text=text)


def onwards(address: str) -> Response:
    """After a form the page that comes next. A script is told it, since a redirect would cost it what is behind the #.

    It sends forms by itself so that no refused one stands in the browser's history, to be sent again by going back.
    """
    if BY_SCRIPT in flask.request.headers:
        return Response(status=204, headers={"X-Onwards": address})
    return seen_at(address)


def manner() -> Manner:
    """How the visitor of this request came."""
    found: Manner = flask.g.manner
    return found


def common() -> dict[str, Any]:
    here = manner()
    return {
        "address": here.address,
        "carried": here.carried(),
        "host": here.host,
        "theme": theme_of(here),
        "seal": flask.g.seal,
        "new_key": lambda: uuid4().hex,
        "language": languages.chosen(),
        "written_as": languages.tag(),
        "other_languages": [(code, _here_in(code)) for code in languages.languages() if code != languages.chosen()],
    }


def _here_in(language: str) -> str:
    """The same address in another language."""
    fields = [(name, value) for name, value in flask.request.args.items(multi=True) if name != "lang"]
    return Manner(language=language).address(flask.request.path, *fields)


def _compress(response: Response) -> None:
    """For slow lines. The only secret in such a page is the key of its form, which is another one every time."""
    body = response.get_data()
    response.headers["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
    if len(body) >= WORTH_COMPRESSING and flask.request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, 6))
        response.headers["Content-Encoding"] = "gzip"
