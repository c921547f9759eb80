"""What of gunicorn is ours: its worker answers broken requests with problem documents, its logs are JSON lines."""

import json
import threading
from typing import Any
from uuid import uuid4

from flask import Flask
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.serving import make_server

from chassis.config import Settings
from chassis.observability import log
from gateway.app import WIRE, create_internal_app
from gateway.problems import MEDIA_TYPE

_STATUSES: dict[type[BaseException], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
}
_LINGER_SECONDS = 1.0

_log = log("gateway")


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threads. What it cannot read as HTTP never reaches Flask, so it is answered here."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        malformed = isinstance(exc, errors.ParseException)
        status, reason = _STATUSES.get(type(exc), (400, "Bad Request")) if malformed else (500, "Internal Server Error")
        if malformed:  # its text holds the request line, and so the query: only its kind is logged
            _log.warning("http_malformed", reason=type(exc).__name__)
        else:
            _log.error("http_failed", exc_info=exc)
        try:
            client.settimeout(_LINGER_SECONDS)
            client.sendall(_answer(status, reason))
        except OSError as gone:
            _log.info("client_gone", reason=type(gone).__name__)


def _answer(status: int, reason: str) -> bytes:
    code = "request_malformed" if status < 500 else "internal_error"
    detail = "this is not a request that can be read" if status < 500 else "something went wrong here"
    request_id = uuid4().hex
    words = {"type": f"/problems/{code}", "title": reason, "status": status, "code": code, "detail": detail}
    body = json.dumps(words | {"request_id": request_id}).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"X-Request-Id: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


class QuietLogger(Logger):  # type: ignore[misc]
    """Leaves gunicorn's own lines to our handlers."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


def serve_inside(app: Flask, settings: Settings) -> None:
    """Health and metrics of this worker on `LOKON_INTERNAL_LISTEN`; the first worker of a process group has it."""
    if settings.internal_listen is None:
        return
    host, _, port = settings.internal_listen.rpartition(":")
    inside = create_internal_app(settings, app.extensions[WIRE])
    try:
        server = make_server(host, int(port), inside, threaded=True)
    except (OSError, SystemExit):
        _log.warning("internal_listen_taken", address=settings.internal_listen)
        return
    threading.Thread(target=server.serve_forever, name="inside", daemon=True).start()
