"""The HTTP server of the one-process shape: eventlet's, with answers to broken requests that are problem documents."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import uuid4

import eventlet
from eventlet import wsgi

_LONGEST_WAIT_FOR_A_REQUEST_SECONDS = 60
_MOST_CONNECTIONS = 1000
_BARE_REFUSAL = re.compile(rb"HTTP/1\.0 (4\d\d) ")

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Front:
    """Serves the public application on a listening socket, and others beside it."""

    def __init__(self, application: Application, listening: socket.socket) -> None:
        self._busy = 0
        self._sockets: list[socket.socket] = []
        self._servers: list[Any] = []
        self.also(application, listening)

    def also(self, application: Application, listening: socket.socket) -> None:
        """Serve one more application."""
        self._sockets.append(listening)
        server = eventlet.spawn(
            wsgi.server,
            listening,
            self._counted(application),
            protocol=_Protocol,
            max_size=_MOST_CONNECTIONS,
            log_output=False,  # the gateway logs each request itself, without the query
            debug=False,
            socket_timeout=_LONGEST_WAIT_FOR_A_REQUEST_SECONDS,
        )
        self._servers.append(server)

    def stop(self, within_seconds: float) -> None:
        """Take no more requests and let those that have begun finish."""
        for server in self._servers:
            server.kill()
        for listening in self._sockets:
            listening.close()
        deadline = time.monotonic() + within_seconds
        while self._busy and time.monotonic() < deadline:
            eventlet.sleep(0.02)

    def _counted(self, application: Application) -> Application:
        def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            self._busy += 1
            try:
                body = application(environ, start_response)
            except BaseException:
                self._busy -= 1
                raise
            return _Body(body, self._done)

        return counted

    def _done(self) -> None:
        self._busy -= 1


class _Body:
    """A response's body that says when it was sent."""

    def __init__(self, body: Iterable[bytes], done: Callable[[], None]) -> None:
        self._body = body
        self._done = done

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._done()


class _Protocol(wsgi.HttpProtocol):  # type: ignore[misc]
    """HTTP as eventlet speaks it; what is no HTTP gets a problem document instead of a page or of nothing."""

    def setup(self) -> None:
        super().setup()
        answers: Any = self.__dict__["wfile"]
        self.wfile = _Answers(answers)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        self.close_connection = 1
        self.wfile.write(_problem(code))
        self.wfile.flush()


class _Answers:
    """What is written to a connection; eventlet's own refusals, which say nothing, become problem documents."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> Any:
        bare = _BARE_REFUSAL.match(data)  # answers of the application come as lists of lines
        return self._file.write(_problem(int(bare[1])) if bare else data)


def _problem(code: int) -> bytes:
    request_id = uuid4().hex
    problem = {
        "type": "/problems/request_malformed",
        "title": "Bad Request",
        "status": code,
        "detail": "this is not a request that can be read",
        "code": "request_malformed",
        "request_id": request_id,
    }
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {code} Bad Request\r\nContent-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: private, no-store\r\nX-Request-Id: {request_id}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
