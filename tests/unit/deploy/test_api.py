"""How the API is called: what is tried again, what is said in one sentence, how much goes into one request."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.api import BULK_BYTES, BULK_ITEMS, Api, CannotCall, Refused, batches

SESSION = {"access_token": "one", "refresh_token": "r1", "expires_in": 600, "user": {"login": "owner"}}


class Site:
    """Answers in the order in which it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.asked.append(
                    (self.command, self.path, {key.lower(): value for key, value in self.headers.items()})
                )
                status, content = site.answers.pop(0)
                body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                if status == 429:
                    self.send_header("Retry-After", "60")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST  # noqa: N815 - the name that http.server looks for

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


def test_lists_are_followed_to_their_end(site: Site) -> None:
    site.answers = [(200, {"items": [{"id": 1}], "next": "abc"}), (200, {"items": [{"id": 2}], "next": None})]
    with Api(site.url) as api:
        assert [item["id"] for item in api.every("/clients")] == [1, 2]
    assert "cursor=abc" in site.asked[1][1]


def test_what_is_away_is_asked_again_with_the_same_key(site: Site) -> None:
    site.answers = [(503, {"code": "service_unavailable"}), (201, {"id": 1})]
    with Api(site.url) as api:
        assert api.post("/services", {"name": "Cut"}) == {"id": 1}
    first, second = (headers["idempotency-key"] for _, _, headers in site.asked)
    assert first == second


def test_a_session_is_renewed_before_it_ends(site: Site) -> None:
    renewed = SESSION | {"access_token": "two", "expires_in": 600}
    site.answers = [(200, SESSION | {"expires_in": 0}), (200, renewed), (200, {})]
    with Api(site.url) as api:
        api.sign_in("owner", "a password")
        api.get("/settings")
    assert [path for _, path, _ in site.asked] == [
        f"/api/v1/{end}" for end in ("auth/login", "auth/refresh", "settings")
    ]
    assert site.asked[2][2]["authorization"] == "Bearer two"


def test_a_refusal_names_its_fields(site: Site) -> None:
    problem = {"code": "invalid", "detail": "something is wrong", "errors": {"clients.3.phones": ["no such number"]}}
    site.answers = [(422, problem)]
    with Api(site.url) as api, pytest.raises(Refused) as refused:
        api.send("/clients/bulk", {})
    assert refused.value.sentence == "something is wrong (clients.3.phones: no such number)"


def test_what_is_not_lokon_is_said_so(site: Site) -> None:
    site.answers = [(200, "<html>")]
    with Api(site.url) as api, pytest.raises(CannotCall, match="not as Lokon does"):
        api.get("/settings")


def test_a_long_wait_is_not_waited(site: Site) -> None:
    site.answers = [(429, {"code": "throttled", "detail": "too many"})]
    with Api(site.url) as api, pytest.raises(Refused, match="too many"):
        api.sign_in("owner", "a password")


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:9", "http://[broken"])
def test_an_address_without_a_site_is_said_in_a_sentence(url: str) -> None:
    with pytest.raises(CannotCall), Api(url) as api:
        api.get("/settings")


@given(st.lists(st.integers(0, 300_000), max_size=40), st.integers(0, 1200))
def test_portions_keep_the_order_and_fit(long_ones: list[int], short_ones: int) -> None:
    items = [{"text": "x" * size} for size in long_ones] + [{"n": number} for number in range(short_ones)]
    portions = list(batches(items))
    assert [item for portion in portions for item in portion] == items
    for portion in portions:
        assert 0 < len(portion) <= BULK_ITEMS
        assert len(json.dumps(portion)) <= BULK_BYTES + 2 * len(portion)
