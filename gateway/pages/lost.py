"""What a browser is shown where no page answers: an address that leads nowhere, a form's address that was opened."""

import flask
from flask import Flask, Response, render_template

from gateway.pages import sentences
from gateway.pages.site import POLICY, by_htmx
from gateway.problems import MEDIA_TYPE

NO_PAGES = ("api/", "static/", "health/")  # of programs, and of what pages load


def mount(app: Flask) -> None:
    """Put a page in the place of each problem that a browser would show as it came; programs get it as before."""
    app.after_request(_in_words)


def _in_words(response: Response) -> Response:
    if response.mimetype != MEDIA_TYPE or not _asked_for_a_page():
        return response
    template = "trouble_part.html" if by_htmx() else "lost.html"
    text = sentences.of_status(response.status_code)
    response.set_data(render_template(template, text=text, fields={}, refused=None))
    response.content_type = "text/html; charset=utf-8"
    if by_htmx():
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#trouble", "innerHTML"
    response.headers["Content-Security-Policy"] = POLICY.format(live="")
    response.headers["Vary"] = "Accept, Accept-Language, Cookie, HX-Request"
    return response


def _asked_for_a_page() -> bool:
    """Browsers name pages among what they take; programs take anything, or say what."""
    request = flask.request
    named = any(kind == "text/html" for kind, _ in request.accept_mimetypes)
    return named and not request.path.lstrip("/").startswith(NO_PAGES)
