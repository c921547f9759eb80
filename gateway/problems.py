"""Refusals and failures as RFC 9457 problem documents; nothing else answers with an error."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from chassis.messaging.envelope import BUG, Broken
from chassis.observability import current_request_id, log
from kernel.errors import Refusal

MEDIA_TYPE = "application/problem+json"

STATUSES = {
    "not_found": 404,
    "gone": 410,
    "conflict": 409,
    "stale": 412,
    "invalid": 422,
    "forbidden": 403,
    "unauthenticated": 401,
    "throttled": 429,
    "unavailable": 503,
    # Kinds that only the edge knows:
    "malformed": 400,
    "not_allowed": 405,
    "too_large": 413,
    "media_type": 415,
    "version_missing": 428,
}
TIMED_OUT = 504

TITLES = {
    400: "Malformed request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    412: "Another version",
    413: "Too large",
    414: "Address too long",
    415: "Unsupported media type",
    422: "Invalid",
    428: "Version needed",
    429: "Too many requests",
    500: "Internal error",
    503: "Service unavailable",
    504: "Service too slow",
}

_log = log("gateway")


class Malformed(Refusal):
    """Not JSON at all, or not HTTP."""

    kind = "malformed"


class TooLarge(Refusal):
    """More than the gateway takes."""

    kind = "too_large"


class WrongMediaType(Refusal):
    """A body that is not JSON."""

    kind = "media_type"


class VersionMissing(Refusal):
    """A change without `If-Match`."""

    kind = "version_missing"


def status_of(refusal: Refusal) -> int:
    return TIMED_OUT if refusal.code == "timed_out" else STATUSES[refusal.kind]


def of_refusal(refusal: Refusal) -> Response:
    details = dict(refusal.details)
    retry_after = details.pop("retry_after", None)
    response = problem(status_of(refusal), refusal.code, refusal.message, details)
    if retry_after is not None:
        response.headers["Retry-After"] = str(max(1, int(retry_after)))
    if response.status_code == STATUSES["unauthenticated"]:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def of_http_error(error: HTTPException) -> Response:
    """What Flask and Werkzeug refuse by themselves."""
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        return problem(413, "body_too_large", "the body is larger than the gateway takes")
    if status == 404:
        return problem(404, "path_not_found", "there is nothing at this address")
    if status >= 500:
        return of_failure(error.original_exception if hasattr(error, "original_exception") else error)
    response = problem(status, "method_not_allowed" if status == 405 else "malformed", error.name.lower())
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def of_failure(error: BaseException | None) -> Response:
    """A bug: logged whole, answered without detail."""
    if not isinstance(error, Broken):  # the service that broke has logged it
        _log.error("request_failed", exc_info=error)
    return problem(500, BUG if error is None else "internal_error", "something went wrong here; it has been logged")


def problem(status: int, code: str, detail: str, more: Mapping[str, Any] | None = None) -> Response:
    """A problem document; members of RFC 9457 cannot be overwritten by `more`."""
    document: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
    }
    document |= {name: value for name, value in (more or {}).items() if name not in document}
    return Response(msgspec.json.encode(document), status=status, content_type=MEDIA_TYPE)
