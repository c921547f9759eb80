"""Structured logs, Prometheus metrics, and the request id that goes through every hop."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from contextvars import ContextVar
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request that this thread is working for; `-` outside of any."""
    return _request_id.get()


def working_for(request_id: str) -> None:
    """From here on, logs and messages of this thread carry `request_id`."""
    _request_id.set(request_id)


BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

rpc_seconds = Histogram(
    "lokon_rpc_seconds", "Time to answer a request", ["service", "request", "outcome"], buckets=BUCKETS
)
event_seconds = Histogram(
    "lokon_event_batch_seconds", "Time of a batch of events", ["service", "producer"], buckets=BUCKETS
)
events_handled = Counter("lokon_events_handled", "Events whose effect was committed", ["service", "producer"])
events_retried = Counter("lokon_events_retried", "Failed tries of single events", ["service", "producer"])
events_parked = Gauge("lokon_events_parked", "Events that wait for an operator", ["service"])
events_published = Counter("lokon_events_published", "Events confirmed by the bus", ["service"])
outbox_lag = Gauge("lokon_outbox_lag_events", "Events committed and not yet published", ["service"])
consumer_lag = Gauge("lokon_consumer_lag_events", "Events published and not yet handled", ["service", "producer"])
mass_reads = Counter("lokon_mass_reads", "Warnings of somebody who opened unusually many cards", ["service"])
http_seconds = Histogram(
    "lokon_http_seconds", "Time to answer over HTTP", ["method", "route", "status"], buckets=BUCKETS
)


def _with_request_id(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record.setdefault("request_id", _request_id.get())
    return record


def _render(_logger: Any, _name: str, record: MutableMapping[str, Any]) -> bytes:
    return msgspec.json.encode(dict(record), enc_hook=repr)


def bare_traceback(error: BaseException | None) -> str:
    """Where `error` came from and of what types it and its causes are; not what they say, which may be personal."""
    lines: list[str] = []
    while error is not None:
        lines += [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        lines.append(type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(lines)


def _with_traceback(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = record.pop("exc_info", None)
    if given:
        record["exception"] = bare_traceback(given if isinstance(given, BaseException) else sys.exc_info()[1])
    return record


def configure_logs(component: str, *, verbose: bool = False) -> None:
    """JSON lines on standard error, our own and those of libraries, each with the name of the `component`."""
    level = logging.DEBUG if verbose else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _with_traceback,
            _render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(component))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


class _Lines(logging.Formatter):
    """Records of libraries as JSON lines."""

    def __init__(self, component: str) -> None:
        super().__init__()
        self._component = component

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "component": self._component,
            "logger": record.name,
            "event": record.getMessage(),
            "request_id": _request_id.get(),
        }
        if record.exc_info:
            line["exception"] = bare_traceback(record.exc_info[1])
        return msgspec.json.encode(line).decode()


def log(component: str) -> Any:
    """A logger whose lines name the `component`."""
    return structlog.get_logger(component=component)


# --- health and metrics on a port of their own ----------------------------------------------------------------------


def internal_app(missing: Callable[[], Iterable[str]]) -> Callable[[dict[str, Any], Any], list[bytes]]:
    """A WSGI application with /health/live, /health/ready and /metrics; ready while `missing()` names nothing."""

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        status, kind, body = "200 OK", "application/json", b'{"status":"ok"}'
        match environ.get("PATH_INFO"):
            case "/health/live":
                pass
            case "/health/ready":
                lacks = list(missing())
                if lacks:
                    status = "503 Service Unavailable"
                    body = msgspec.json.encode({"status": "not_ready", "missing": lacks})
            case "/metrics":
                kind, body = CONTENT_TYPE_LATEST, generate_latest()
            case _:
                status, body = "404 Not Found", b'{"status":"not_found"}'
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return answer


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Probes come every few seconds and say nothing new."""


def serve_internal(listen: str, missing: Callable[[], Iterable[str]]) -> None:
    """Serve `internal_app` on `listen` (host:port) in a thread that ends with the process."""
    host, _, port = listen.rpartition(":")
    server = make_server(host, int(port), internal_app(missing), _Server, _Quiet)
    threading.Thread(target=server.serve_forever, name="internal", daemon=True).start()
