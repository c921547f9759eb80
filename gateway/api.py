"""The REST API on Flask: every area a blueprint of flask-smorest, every route documented by what it reads."""

import re
from functools import cached_property

import flask
import msgspec
from flask import Flask, Response
from flask_smorest import Api, Blueprint
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from gateway import openapi, problems
from gateway.exchange import Gateway, view
from gateway.identity import require
from gateway.route import Route
from gateway.routes import AREAS
from kernel.errors import Refusal

PREFIX = "/api/v1"

CONFIG = {
    "API_TITLE": "Lokon",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": PREFIX,
}


class _Documented(Api):  # type: ignore[misc]
    """flask-smorest without its own errors, pagination and validation: it documents what is declared elsewhere."""

    DEFAULT_ERROR_RESPONSE_NAME = None  # a default would document every status

    def _register_error_handlers(self) -> None:
        """Problems are made in one place, for pages and unknown addresses too."""

    def _register_responses(self) -> None:
        """`openapi.describe` does."""

    def _register_pagination_header(self) -> None:
        """Lists have a cursor in their body."""

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(self.spec.to_dict())

    def _openapi_json(self) -> Response:
        return Response(self._document, content_type="application/json")


def mount(app: Flask, gateway: Gateway) -> None:
    """Put every route of every area under PREFIX, and the document that describes them beside."""
    api = _Documented(app)
    openapi.describe(api, AREAS)
    for area in AREAS:
        blueprint = Blueprint(area.name, __name__, url_prefix=PREFIX, description=area.description)
        for route in area.routes:
            function = view(gateway, route)
            function._apidoc = {"manual_doc": openapi.operation(route)}  # type: ignore[attr-defined]  # noqa: SLF001
            blueprint.add_url_rule(
                route.path, endpoint=openapi.operation_id(route), view_func=function, methods=[route.method]
            )
        api.register_blueprint(blueprint)
    routes = [(_loose(route), route) for area in AREAS for route in area.routes]
    app.register_error_handler(404, lambda error: _not_matched(gateway, routes, error))


def _loose(route: Route) -> re.Pattern[str]:
    return re.compile(PREFIX + re.sub(r"<uuid:\w+>", "[^/]+", route.path))


def _not_matched(gateway: Gateway, routes: list[tuple[re.Pattern[str], Route]], error: HTTPException) -> Response:
    """An id that is none is unknown (404), but who asks is looked at first, as with any other id."""
    request = flask.request
    alike = [route for path, route in routes if path.fullmatch(request.path)]
    if not isinstance(error, NotFound) or not alike:
        return problems.of_http_error(error)
    meant = next((route for route in alike if route.method == request.method), None)
    if meant is None:
        return problems.of_http_error(MethodNotAllowed([route.method for route in alike]))
    try:
        caller, _ = gateway.identities.of(request)
        require(meant.request.permission, caller)
    except Refusal as refusal:
        return problems.of_refusal(refusal)
    return problems.problem(404, "id_unknown", "there is nothing with this id")
