"""What every answer has, whatever it is about: a request id, protective headers, a line in the log, a measured time."""

import re
import time
from typing import Any
from uuid import uuid4

import flask
from flask import Flask, Response, g

from chassis.observability import http_seconds, log, working_for

_VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
PRIVATE = "private, no-store"
EXPOSED = "ETag, Location, Idempotent-Replay, Retry-After, X-Request-Id"
ACCEPTED = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id"
METHODS = "GET, POST, PUT, PATCH, DELETE"
FORMS = "/api/v1/forms/"  # sent from pages of other sites, without credentials; clients looks from which

_log = log("gateway")


def watch(app: Flask, *, cors_origins: frozenset[str]) -> None:
    """Look at every exchange as it comes and goes. Query strings are not looked at: they may hold phones."""
    clocks: dict[tuple[str, str, int], Any] = {}

    def arrived() -> None:
        g.started = time.perf_counter()
        given = flask.request.headers.get("X-Request-Id")
        g.request_id = given if given and _VALID_ID.fullmatch(given) else uuid4().hex
        working_for(g.request_id)

    def leaves(response: Response) -> Response:
        request, headers = flask.request, response.headers
        headers["X-Request-Id"] = g.request_id
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = PRIVATE
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = NO_PAGE
        if request.path.startswith(FORMS):
            _allow(request, response, "*")
        elif cors_origins:
            _allow_origin(request, response, cors_origins)
        seconds = time.perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else "?"
        # Methods are whatever clients send; only known ones may become labels.
        method = request.method if request.url_rule else "?"
        key = (method, route, response.status_code)
        clock = clocks.get(key)
        if clock is None:
            clock = clocks[key] = http_seconds.labels(method, route, str(response.status_code))
        clock.observe(seconds)
        _log.info("http", method=method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
        return response

    app.before_request(arrived)
    app.after_request(leaves)


def _allow_origin(request: flask.Request, response: Response, origins: frozenset[str]) -> None:
    origin = request.headers.get("Origin")
    response.headers.add("Vary", "Origin")
    if origin in origins:
        _allow(request, response, origin)


def _allow(request: flask.Request, response: Response, origin: str) -> None:
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = ACCEPTED
        response.headers["Access-Control-Max-Age"] = "600"
