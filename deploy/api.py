"""A caller of the HTTP API: signs in, follows lists, sends bulks, tries again what may be tried again."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

BULK_ITEMS = 500
BULK_BYTES = 900_000  # below the 1 MiB that the gateway takes, with room for what surrounds the items

_ATTEMPTS = 6
_LONGEST_PAUSE_SECONDS = 10.0
_AWAY = frozenset({429, 503, 504})  # busy, starting or slow: nothing was done, or doing it again changes nothing


class CannotCall(Exception):  # noqa: N818 - named like the refusals of the kernel
    """There is no sensible answer at that address; the text is one sentence."""


class Refused(Exception):  # noqa: N818 - named like the refusals of the kernel
    """The API answered with a problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", status))
        self.detail = str(problem.get("detail", "no reason given"))
        self.errors: dict[str, list[str]] = {
            field: [str(text) for text in (texts if isinstance(texts, list) else [texts])]
            for field, texts in (problem.get("errors") or {}).items()
        }
        super().__init__(f"{self.code}: {self.sentence}")

    @property
    def sentence(self) -> str:
        """What is wrong, with the fields if any are named."""
        fields = "; ".join(f"{field}: {', '.join(texts)}" for field, texts in self.errors.items())
        return f"{self.detail} ({fields})" if fields and fields not in self.detail else self.detail


class Api:
    """One signed-in user at one address; the access token is renewed before it ends."""

    def __init__(self, url: str) -> None:
        try:
            self._http = httpx.Client(base_url=url.rstrip("/") + "/api/v1", timeout=60.0)
        except (httpx.InvalidURL, ValueError) as wrong:
            raise CannotCall(f"{url} is not an address: {wrong}.") from None
        self.url = url
        self._refresh_token = ""
        self._renew_at = float("inf")
        self._answered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def sign_in(self, login: str, password: str) -> dict[str, Any]:
        """The user who is signed in from now on."""
        try:
            session = self._ask("POST", "/auth/login", json={"login": login, "password": password})
        except Refused as refused:
            if refused.status != 401:
                raise
            raise CannotCall(f"{login} cannot sign in at {self.url}: {refused.detail}.") from None
        return self._keep(session)

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, params=query)

    def every(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, limit=200, **query, **cursor)
            yield from page["items"]
            if page["next"] is None:
                return
            cursor = {"cursor": page["next"]}

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> Any:
        """Sent again after a silence, it is still done once; with the same `key` also by another process."""
        return self._call("POST", path, json=body or {}, headers={"Idempotency-Key": key or uuid4().hex})

    def send(self, path: str, body: Mapping[str, Any]) -> Any:
        """A bulk request: references in it make repeating harmless, so no answer needs to be kept for it."""
        return self._call("POST", path, json=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._call("PUT", path, json=body)

    def patch(self, path: str, version: int, body: Mapping[str, Any]) -> Any:
        return self._call("PATCH", path, json=body, headers={"If-Match": f'"{version}"'})

    def _call(self, method: str, path: str, **request: Any) -> Any:
        if time.monotonic() > self._renew_at:
            self._keep(self._ask("POST", "/auth/refresh", json={"refresh_token": self._refresh_token}))
        return self._ask(method, path, **request)

    def _keep(self, session: Mapping[str, Any]) -> dict[str, Any]:
        self._http.headers["Authorization"] = f"Bearer {session['access_token']}"
        self._refresh_token = session["refresh_token"]
        self._renew_at = time.monotonic() + session["expires_in"] * 2 / 3
        user: dict[str, Any] = session["user"]
        return user

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        for attempt in itertools.count(1):
            pause = min(0.25 * 2**attempt, 5.0)
            try:
                response = self._http.request(method, path, **request)
            except httpx.TransportError as failure:
                # Who never answered is not there; who did may be starting again.
                if attempt == _ATTEMPTS or not self._answered:
                    raise CannotCall(f"{self.url} does not answer: {str(failure) or 'it is too slow'}.") from None
            else:
                self._answered = True
                wait = response.headers.get("Retry-After", "")
                pause = max(pause, float(wait)) if wait.isdecimal() else pause
                if response.status_code not in _AWAY or attempt == _ATTEMPTS or pause > _LONGEST_PAUSE_SECONDS:
                    return _content(response, self.url)
            time.sleep(pause)
        raise AssertionError("counting never ends")


def _content(response: httpx.Response, url: str) -> Any:
    if response.status_code == 204:
        return None
    try:
        content = response.json()
    except ValueError:
        content = None
    if response.is_success and content is not None:
        return content
    if isinstance(content, dict) and "code" in content:
        raise Refused(response.status_code, content)
    raise CannotCall(f"{url} answered {response.status_code}, but not as Lokon does.")


def batches(items: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """`items` in order, in portions that one bulk request takes."""
    batch: list[Mapping[str, Any]] = []
    size = 0
    for item in items:
        weight = len(json.dumps(item, ensure_ascii=False).encode()) + 1
        if batch and (len(batch) == BULK_ITEMS or size + weight > BULK_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += weight
    if batch:
        yield batch
