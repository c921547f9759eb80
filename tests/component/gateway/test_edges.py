"""What is around the routes: unknown addresses, health, metrics, the document, other sites."""

from uuid import UUID

import pytest

from contracts.booking import Room, ShowRoom
from contracts.bus import CheckHealth, Health
from gateway.app import create_internal_app
from gateway.routes import AREAS
from kernel.errors import Unavailable
from tests.builders import HERE

ROOM = Room(UUID(int=7), HERE, "Blue", 1, 4)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/nowhere", 404),
        ("GET", "/api/v1/clients/", 404),
        ("GET", "//api/v1/clients", 404),
        ("GET", "/api/v1/auth/login", 405),
        ("DELETE", "/api/v1/clients", 405),
        ("GET", "/api/v1/clients/bulk", 405),
        ("TRACE", "/api/v1/clients", 405),
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/../app.py", 404),
    ],
)
def test_even_the_unknown_is_answered_with_a_problem(web, method, path, status):
    answer = web.http.open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]
    if status == 405:
        assert answer.headers["Allow"]


def test_head_and_options_are_answered_without_a_body(web):
    web.bus.answers[ShowRoom] = ROOM
    answer = web.http.head(f"/api/v1/rooms/{ROOM.id}", headers=web.as_())
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", '"4"')
    answer = web.http.options("/api/v1/rooms")
    assert (answer.status_code, answer.data) == (200, b"")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


def test_alive_is_who_answers_and_ready_is_when_every_service_is(web):
    assert web.http.get("/health/live").status_code == 200
    web.bus.answers[CheckHealth] = Health("any", ready=True)
    assert web.http.get("/health/ready").json == {"status": "ready"}
    web.bus.answers[CheckHealth] = Health("any", ready=False, missing=("the first owner",))
    answer = web.http.get("/health/ready")
    assert answer.status_code == 503
    assert "auth: the first owner" in answer.json["missing"]
    web.bus.answers[CheckHealth] = Unavailable("timed_out", "late")
    assert len(web.http.get("/health/ready").json["missing"]) == 5


def test_metrics_are_for_the_inside_and_name_no_path_that_a_client_chose(web):
    web.bus.answers[CheckHealth] = Health("any", ready=True)
    web.http.get("/api/v1/rooms/secret-name?q=secret", headers=web.as_())
    inside = create_internal_app(web.settings, web.bus).test_client()
    text = inside.get("/metrics").text
    assert 'lokon_http_seconds_count{method="?",route="?",status="404"}' in text
    assert "secret" not in text
    assert web.http.get("/metrics").status_code == 404
    assert inside.get("/health/ready").status_code == 200
    assert inside.get("/").json["status"] == 404


def test_the_log_never_sees_a_query_or_a_body(web, capsys):
    web.http.get("/api/v1/clients?q=%2B79991234567", headers=web.as_())
    web.http.post("/api/v1/clients/search", json={"q": "+79991234567"}, headers=web.as_())
    seen = capsys.readouterr()
    assert "9991234567" not in seen.out + seen.err


def test_the_document_describes_every_route_and_its_refusals(web):
    document = web.http.get("/api/v1/openapi.json").json
    described = {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert len(described) == sum(len(area.routes) for area in AREAS)
    change = described["patch", "/api/v1/branches/{id}"]
    assert {"200", "400", "401", "403", "404", "410", "412", "413", "415", "422", "428"} <= set(change["responses"])
    assert "default" not in change["responses"]
    booking = document["components"]["schemas"]["BookAppointmentBody"]
    assert booking["additionalProperties"] is False
    assert set(booking["required"]) == {"branch_id", "client_id", "starts", "segments"}
    assert booking["properties"]["segments"]["maxItems"] == 10
    assert document["components"]["schemas"]["Discount"]["properties"]["discount_percent"] == {"type": "number"}
    assert "version" not in document["components"]["schemas"]["ChangeBranchBody"]["properties"]
    ids = [operation["operationId"] for operation in described.values()]
    assert len(ids) == len(set(ids))


def test_other_sites_are_let_in_only_if_the_settings_name_them(web, a_web):
    friend = {"Origin": "https://friend.example"}
    assert "Access-Control-Allow-Origin" not in web.http.get("/health/live", headers=friend).headers
    open_web = a_web(cors_origins=("https://friend.example",))
    answer = open_web.http.options("/api/v1/rooms", headers=friend)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://friend.example"
    assert "If-Match" in answer.headers["Access-Control-Allow-Headers"]
    answer = open_web.http.get("/health/live", headers={"Origin": "https://other.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
