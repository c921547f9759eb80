"""A caller of the HTTP API who tries again as a decent client should."""

import itertools
import time
from collections import Counter
from typing import Any, Self
from uuid import uuid4

import httpx

from tests.e2e.systems import PASSWORD

_AWAY = {429, 502, 503, 504}
_PATIENCE = 100.0


class Desk:
    """A signed-in caller who sends a request again, with the same key, until there is a definite answer."""

    def __init__(self, url: str, login: str = "owner", password: str = PASSWORD) -> None:
        self._http = httpx.Client(base_url=f"{url}/api/v1", timeout=8.0)
        self._login = {"login": login, "password": password}
        self.retries: Counter[str] = Counter()
        self._sign_in()

    def get(self, path: str, **query: Any) -> Any:
        return self._definite("GET", path, params=query)

    def every(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a list."""
        items: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            page = self.get(path, limit=200, **query, **more)
            items += page["items"]
            if page["next"] is None:
                return items
            more = {"cursor": page["next"]}

    def post(self, path: str, body: Any = None, *, refusals: frozenset[str] | set[str] = frozenset()) -> Any:
        """The answer, or None for one of the `refusals`."""
        key = {"Idempotency-Key": uuid4().hex}
        return self._definite("POST", path, refusals=refusals, json=body or {}, headers=key)

    def put(self, path: str, body: Any) -> Any:
        return self._definite("PUT", path, json=body)

    def patch(self, path: str, version: int, body: Any) -> Any:
        return self._definite("PATCH", path, json=body, headers={"If-Match": f'"{version}"'})

    def delete(self, path: str, version: int) -> None:
        assert self._asked("DELETE", path, headers={"If-Match": f'"{version}"'}).status_code == 204

    def raw(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Whatever is answered."""
        return self._asked(method, path, **request)

    def _definite(self, method: str, path: str, refusals: Any = frozenset(), **request: Any) -> Any:
        answer = self._asked(method, path, **request)
        content = answer.json()
        if content.get("code") in refusals:
            return None
        assert answer.is_success, f"{method} {path}: {answer.status_code} {content}"
        return content

    def _asked(self, method: str, path: str, **request: Any) -> httpx.Response:
        deadline = time.monotonic() + _PATIENCE
        for attempt in itertools.count():
            try:
                answer = self._http.request(method, path, **request)
                why = _why_again(answer)
            except httpx.TransportError as lost:
                why = type(lost).__name__
            if not why:
                return answer
            self.retries[why] += 1
            assert time.monotonic() < deadline, f"{method} {path}: no definite answer, at last {why}"
            if why == "401":
                self._sign_in()
            time.sleep(min(0.1 * 2**attempt, 1.0))
        raise AssertionError("counting never ends")

    def _sign_in(self) -> None:
        self._http.headers.pop("Authorization", None)
        session = self._definite("POST", "/auth/login", json=self._login)
        self._http.headers["Authorization"] = f"Bearer {session['access_token']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def _why_again(answer: httpx.Response) -> str:
    """Why this answer is not the last word; nothing if it is."""
    if answer.status_code in _AWAY:
        return str(answer.status_code)
    if answer.status_code == 401 and not answer.request.url.path.endswith("/login"):
        return "401"
    if answer.status_code == 409 and answer.json()["code"] == "request_in_progress":
        return "request_in_progress"
    return ""
