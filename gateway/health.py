"""Whether this process lives, and whether the whole installation can do its work."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
from flask import Blueprint, Response

from chassis.observability import current_request_id, working_for
from chassis.wire import decoder
from contracts.bus import CheckHealth, Health
from gateway.bus import Bus
from kernel.errors import Unavailable


def blueprint(bus: Bus, services: tuple[str, ...]) -> Blueprint:
    """`/health/live` and `/health/ready`; ready only when every one of `services` answers and lacks nothing."""
    health = Blueprint("health", __name__, url_prefix="/health")

    @health.get("/live")
    def live() -> Response:
        return _answer(200, {"status": "live"})

    @health.get("/ready")
    def ready() -> Response:
        request_id = current_request_id()

        def ask(service: str) -> tuple[str, ...]:
            working_for(request_id)
            return _missing(bus, service)

        with ThreadPoolExecutor(max_workers=len(services)) as asking:
            missing = [word for words in asking.map(ask, services) for word in words]
        if missing:
            return _answer(503, {"status": "not_ready", "missing": missing})
        return _answer(200, {"status": "ready"})

    return health


def _missing(bus: Bus, service: str) -> tuple[str, ...]:
    try:
        health: Health = decoder(Health)(bytes(bus.ask_for_gateway(CheckHealth(), service)))
    except Unavailable as away:
        return (f"{service}: {away.message}",)
    except Exception as failed:  # whatever it is, it is not ready
        return (f"{service}: {type(failed).__name__}",)
    if health.ready:
        return ()
    return tuple(f"{service}: {word}" for word in health.missing) or (f"{service}: not ready",)


def _answer(status: int, body: dict[str, object]) -> Response:
    return Response(msgspec.json.encode(body), status=status, content_type="application/json")
