"""Structured logs, Prometheus metrics, and the request id that goes through every hop."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter, Gauge, Histogram

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
http_seconds = Histogram(
    "lokon_http_seconds", "Time to answer over HTTP", ["method", "route", "status"], buckets=BUCKETS
)


def _with_request_id(_logger: Any, _method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record.setdefault("request_id", _request_id.get())
    return record


def _render(_logger: Any, _name: str, record: MutableMapping[str, Any]) -> bytes:
    return msgspec.json.encode(dict(record), enc_hook=repr)


def configure_logs(component: str, *, verbose: bool = False) -> None:
    """JSON lines on standard error, our own and those of libraries, each with the name of the `component`."""
    level = logging.DEBUG if verbose else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
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
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def log(component: str) -> Any:
    """A logger whose lines name the `component`."""
    return structlog.get_logger(component=component)
