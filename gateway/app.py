"""The WSGI applications: the public one, and the internal one for whoever runs the machine."""

from typing import Any

from flask import Flask
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException

from chassis.config import Settings, settings
from chassis.crypto import KeyFolder
from gateway import api, health, pages, problems, traffic
from gateway.bus import Bus, client_of, identity_of
from gateway.exchange import Gateway
from gateway.identity import Identities, Throttle
from gateway.reading import LARGEST_BODY
from gateway.sessions import Sessions
from kernel.errors import Refusal

WIRE = "lokon.wire"  # the extension that is the client of the bus


def create_app(configured: Settings | None = None, wire: Any = None) -> Flask:
    """The public application. `wire` carries messages; without one, a client of the bus that the settings name."""
    configured = configured or settings()
    wire = wire or client_of(configured)
    bus = Bus(wire, identity_of(configured))
    sessions = Sessions(bus)
    gateway = Gateway(
        bus=bus,
        identities=Identities(KeyFolder(configured.keys).verifier(), sessions),
        sessions=sessions,
        throttle=Throttle(),
        installed=configured.services,
    )
    app = _bare_app(static_folder="static")
    app.wsgi_app = _Chunked(app.wsgi_app)  # type: ignore[method-assign]
    app.config.update(api.CONFIG, SEND_FILE_MAX_AGE_DEFAULT=3600)
    traffic.watch(app, cors_origins=frozenset(configured.cors_origins))
    app.register_blueprint(health.blueprint(bus, configured.services))
    app.register_blueprint(pages.blueprint(gateway, session_days=configured.session_days))
    api.mount(app, gateway)
    sessions.listen(wire)
    app.extensions[WIRE] = wire
    return app


def create_internal_app(configured: Settings | None = None, wire: Any = None) -> Flask:
    """Health and metrics, for `LOKON_INTERNAL_LISTEN` only; in one process both share the `wire`."""
    configured = configured or settings()
    bus = Bus(wire or client_of(configured), identity_of(configured))
    app = _bare_app(static_folder=None)
    app.register_blueprint(health.blueprint(bus, configured.services))
    app.add_url_rule("/metrics", "metrics", lambda: (generate_latest(), {"Content-Type": CONTENT_TYPE_LATEST}))
    return app


def _bare_app(static_folder: str | None) -> Flask:
    app = Flask(__name__, static_folder=static_folder)
    app.response_class.default_mimetype = "application/json"  # an empty answer is no page either
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1  # Werkzeug cuts a chunked body there; the readers refuse it
    app.url_map.merge_slashes = False  # would redirect with a page
    app.url_map.strict_slashes = True
    app.register_error_handler(Refusal, problems.of_refusal)
    app.register_error_handler(HTTPException, problems.of_http_error)
    app.register_error_handler(Exception, problems.of_failure)
    return app


class _Chunked:
    """Tells Werkzeug that a chunked body has an end: eventlet's server reads it, but does not say so."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        return self._app(environ, start_response)
