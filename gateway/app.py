"""The WSGI applications: the public one, and the internal one for whoever runs the machine."""

from typing import Any

from flask import Flask
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis.config import Settings, settings
from chassis.crypto import KeyFolder
from gateway import api, compressed, health, live, problems, traffic
from gateway.bus import NAME, Bus, client_of, identity_of
from gateway.exchange import Gateway
from gateway.identity import Identities, Throttle
from gateway.pages import app as pages
from gateway.pages.uploads import UploadRequest
from gateway.reading import LARGEST_BODY
from gateway.sessions import Sessions
from kernel.errors import Refusal

WIRE = "lokon.wire"  # the extension that is the client of the bus


def create_app(configured: Settings | None = None, wire: Any = None, *, streams: bool = False) -> Flask:
    """The public application. `wire` carries messages; without one, a client of the bus that the settings name.

    With `streams` it serves those too: only where an open one holds no thread.
    """
    configured = configured or settings()
    wire = wire or client_of(configured)
    gateway = _gateway(configured, wire)
    app = _bare_app(static_folder="static")
    app.wsgi_app = _Chunked(app.wsgi_app)  # type: ignore[method-assign]
    _believe(app, configured.proxies)
    app.config.update(api.CONFIG, SEND_FILE_MAX_AGE_DEFAULT=3600)
    traffic.watch(app, cors_origins=frozenset(configured.cors_origins))
    compressed.compress(app)
    app.register_blueprint(health.blueprint(gateway.bus, configured.services))
    pages.mount(
        app,
        gateway,
        secret=KeyFolder(configured.keys).secret(NAME, "forms"),
        session_days=configured.session_days,
        live_url=None if streams else configured.live_url,
        widget_hosts=configured.widget_hosts,
    )
    api.mount(app, gateway)
    gateway.sessions.listen(wire)
    if streams:
        _stream(app, gateway, wire)
    app.extensions[WIRE] = wire
    return app


def create_live_app(configured: Settings | None = None, wire: Any = None) -> Flask:
    """Streams alone, for a process of their own."""
    configured = configured or settings()
    wire = wire or client_of(configured)
    gateway = _gateway(configured, wire)
    app = _bare_app(static_folder=None)
    _believe(app, configured.proxies)
    traffic.watch(app, cors_origins=frozenset())
    app.register_blueprint(health.blueprint(gateway.bus, configured.services))
    gateway.sessions.listen(wire)
    _stream(app, gateway, wire)
    app.extensions[WIRE] = wire
    return app


def _gateway(configured: Settings, wire: Any) -> Gateway:
    bus = Bus(wire, identity_of(configured))
    sessions = Sessions(bus)
    identities = Identities(KeyFolder(configured.keys).verifier(), sessions)
    return Gateway(bus, identities, sessions, Throttle(), configured.services)


def _stream(app: Flask, gateway: Gateway, wire: Any) -> None:
    streams = live.Streams()
    streams.listen(wire)
    live.mount(app, gateway, streams)


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
    app.request_class = UploadRequest
    app.response_class.default_mimetype = "application/json"  # an empty answer is no page either
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1  # Werkzeug cuts a chunked body there; the readers refuse it
    app.url_map.merge_slashes = False  # would redirect with a page
    app.url_map.strict_slashes = True
    app.register_error_handler(Refusal, problems.of_refusal)
    app.register_error_handler(HTTPException, problems.of_http_error)
    app.register_error_handler(Exception, problems.of_failure)
    return app


def _believe(app: Flask, proxies: int) -> None:
    """What that many web servers in front say of the address, and the last of them of scheme and host."""
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=1, x_host=1)  # type: ignore[method-assign]


class _Chunked:
    """Tells Werkzeug that a chunked body has an end: eventlet's server reads it, but does not say so."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        return self._app(environ, start_response)
