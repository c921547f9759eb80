"""Every route of the gateway stands for a Request, and so for a permission."""

import re
import subprocess
import sys
from pathlib import Path

from contracts import analytics, auth, booking, clients, loyalty  # noqa: F401  their Requests are compared
from contracts.message import INTERNAL, Request, all_requests
from gateway.app import create_app
from gateway.pages.app import AREAS as PAGES
from gateway.pages.book.public import AREAS as PUBLIC
from gateway.route import Route
from gateway.routes import AREAS
from tests.component.gateway.conftest import FakeBus, Web

ROUTES: list[Route] = [route for area in AREAS for route in area.routes]

# What is not the API: its description, what is open to anybody of the pages, health.
BESIDE = {
    "/sign-in",
    "/my/sign-in",
    "/my/sign-in/code",
    "/look",
    "/widget.js",
    "/colours/<colour>.css",
    "/static/<path:filename>",
    "/health/live",
    "/health/ready",
    "/api/v1/openapi.json",
}


def test_every_address_is_a_route_that_stands_for_a_request(tmp_path):
    web = Web(tmp_path)
    paths = {rule.rule for rule in create_app(web.settings, FakeBus()).url_map.iter_rules()}
    pages = {entry.rule for area in (*PAGES, *PUBLIC) for entry in area.entries}
    assert paths - BESIDE - pages == {f"/api/v1{route.path}" for route in ROUTES}


def test_answers_say_no_word_as_only_the_language_wants_it(tmp_path):
    """`from_` of a request is `from` outside; an answer goes out as it is."""
    web = Web(tmp_path)
    shapes = web.http.get("/api/v1/openapi.json").json["components"]["schemas"]
    assert [
        f"{name}.{field}"
        for name, shape in shapes.items()
        for field in shape.get("properties", ())
        if field.endswith("_")
    ] == []


def test_every_route_declares_its_permission():
    assert all(issubclass(route.request, Request) and route.request.permission for route in ROUTES)
    assert [route for route in ROUTES if route.request.permission == INTERNAL] == []


def test_every_request_that_is_not_internal_can_be_asked_over_http():
    outside = {kind for kind in all_requests().values() if kind.permission != INTERNAL}
    # Requests of test modules are not contracts.
    asked = {route.request for route in ROUTES} | {route.parts for route in ROUTES if route.parts}
    asked |= {kind for route in ROUTES if route.sheet for kind in (route.sheet.part, route.sheet.end)}
    asked |= {route.resource for route in ROUTES if route.resource}
    assert {kind for kind in outside if kind.__module__.startswith("contracts.")} == asked


def test_every_change_of_something_names_what_it_changes():
    """Without a resource a wrong field would be told before a missing id. The programme is of a scope, not of an id."""
    changes = [route for route in ROUTES if route.path_fields or route.versioned]
    assert [route.path for route in changes if not route.resource] == ["/loyalty/programme"]


def test_what_changes_by_patch_put_or_delete_needs_a_version():
    changes = [route for route in ROUTES if route.method in ("PATCH", "PUT", "DELETE")]
    assert [route.path for route in changes if not route.versioned] == ["/masters/<uuid:master_id>/shifts"]


def test_the_gateway_knows_neither_services_nor_their_machinery():
    forbidden = r"services|nameko|eventlet|sqlalchemy|psycopg"
    imports = re.compile(rf"^\s*(?:from|import)\s+({forbidden})\b", re.MULTILINE)
    sources = Path("gateway").rglob("*.py")
    assert {str(file): found for file in sources if (found := imports.findall(file.read_text()))} == {}
    loaded = f"import sys, gateway.app; print([m for m in sys.modules if m.split('.')[0] in '{forbidden}'.split('|')])"
    assert subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True).stdout == "[]\n"
