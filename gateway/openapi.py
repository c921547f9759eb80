"""The OpenAPI document: what routes take from their marshmallow schemas, what they answer from the contracts."""

import re
from http import HTTPStatus
from typing import Any

import msgspec
from flask_smorest import Api

from contracts.message import PUBLIC
from gateway.problems import MEDIA_TYPE, TITLES
from gateway.reading import LARGEST_BODY
from gateway.route import Area, Route
from gateway.schemas import schema

_TRAILING = re.compile(r"`(\w+)_`")  # `from_` is `from` outside of Python
REFERENCE = "#/components/schemas/{name}"
_BINARY = {"type": "string", "format": "binary"}

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": 'finishes the sentence "refused because…"'},
        "request_id": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "sentences by field; nested fields with dots",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "conflicts": {"type": "array"},
        "alternatives": {"type": "array"},
        "theirs": {"type": "object", "description": "of two editors of a card: what this one sent"},
        "current": {"type": "object", "description": "the card as it is now"},
        "reason": {"type": "string", "description": "why there is nothing to draw, as the JSON of the answer says it"},
        "original": {"type": ["object", "null"], "description": "the card at the version that was named, if kept"},
    },
}

_HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "names this exchange in every log", "schema": {"type": "string"}},
    "ETag": {"description": "the version, for `If-Match`", "schema": {"type": "string"}},
    "Location": {"description": "the new resource", "schema": {"type": "string", "format": "uri-reference"}},
    "Idempotent-Replay": {"description": "this is the stored answer", "schema": {"type": "string", "const": "true"}},
    "Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"schema": {"type": "string"}},
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "the version that the caller saw, as the `ETag` gave it",
    "schema": {"type": "string", "pattern": r'^"[1-9][0-9]{0,17}"$', "examples": ['"1"']},
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "the same key and body get the stored answer",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def describe(api: Api, areas: tuple[Area, ...]) -> None:
    """Put into the document what all operations share."""
    components = api.spec.components
    components.security_scheme("bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    components.schema("Problem", _PROBLEM)
    for status, title in TITLES.items():
        components.response(f"Problem{status}", _problem(status, title))
    for name, header in _HEADERS.items():
        components.header(name, header)
    shapes = [route.request.reply for area in areas for route in area.routes if not route.file]
    _, schemas = msgspec.json.schema_components(shapes, ref_template=REFERENCE)
    for name, shape in schemas.items():
        components.schema(name, _plain(shape))


def operation(route: Route) -> dict[str, Any]:
    """The description of one route, errors included."""
    described: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "description": _description(route),
        "security": _security(route),
        "parameters": _parameters(route),
        "responses": {str(route.status): _success(route)}
        | {str(status): f"Problem{status}" for status in statuses(route)},
    }
    if route.takes:
        content = {kind: {"schema": _BINARY} for kind in route.takes}
        described["requestBody"] = {"required": True, "content": content}
    elif route.has_body and route.members:
        described["requestBody"] = {
            "required": any(member.required for member in route.members),
            "content": {"application/json": {"schema": schema(f"{route.request.__name__}Body", route.members)}},
        }
    return described


def statuses(route: Route) -> list[int]:
    """Every refusal that the route can answer with."""
    found = {404, 413, 422, 503, 504}
    if route.has_body:
        found |= {400, 415}
    elif route.members:
        found.add(414)  # lists of ids may be longer than an address can be
    if not route.anonymous or route.request.owner == "auth":
        found.add(401)
    if route.request.permission != PUBLIC:
        found.add(403)
    if route.path_fields or any(member.name in ("key", "code") for member in route.members):
        found.add(410)  # keys and codes expire
    if route.request.effects or route.method not in ("GET", "DELETE") or "png" in route.formats:
        found.add(409)  # nothing to draw
    if route.versioned:
        found |= {412, 428}
    if route.request.permission == PUBLIC or route.request.owner == "auth":
        found.add(429)
    return sorted(found)


def operation_id(route: Route) -> str:
    last = route.path.rsplit("/", 1)[-1]
    name = route.request.__name__
    return f"{name}Of{last.title()}" if last == "visits" and "<" in route.path else name


def _description(route: Route) -> str:
    text = (route.request.__doc__ or "").strip()
    text = "" if text.startswith(f"{route.request.__name__}(") else text
    text = _TRAILING.sub(r"`\1`", text)
    permission = route.request.permission
    needs = "Needs no sign-in." if permission == PUBLIC else f"Permission: `{permission}`."
    return f"{text}\n\n{needs}".strip()


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.anonymous:
        return []
    return [{}, {"bearer": []}] if route.request.permission == PUBLIC else [{"bearer": []}]


def _parameters(route: Route) -> list[Any]:
    parameters: list[Any] = []
    if (not route.has_body or route.takes) and route.members:
        parameters.append(
            {"in": "query", "schema": schema(f"{route.request.__name__}Query", route.members, from_text=True)}
        )
    if route.versioned:
        parameters.append(_IF_MATCH)
    if route.method == "POST" and (route.request.keyed or "retry_key" in route.fills):
        parameters.append(_IDEMPOTENCY_KEY)
    return parameters


def _success(route: Route) -> dict[str, Any]:
    names = ["X-Request-Id"]
    if route.shows("version"):
        names.append("ETag")
    if route.status == 201 and route.shows("id"):
        names.append("Location")
    if route.method == "POST" and route.request.keyed:
        names.append("Idempotent-Replay")
    response: dict[str, Any] = {
        "description": HTTPStatus(route.status).phrase,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if route.file:
        response["content"] = {
            media_type: {"schema": {"type": "string"} if media_type.startswith("text/") else _BINARY}
            for media_type in (route.file.media_type, *route.file.also)
        }
    elif route.status != 204:
        (shape,), _ = msgspec.json.schema_components([route.request.reply], ref_template=REFERENCE)
        response["content"] = {"application/json": {"schema": shape}}
        response["content"] |= {form.media_type: {"schema": _BINARY} for form in route.formats.values()}
    return response


def _problem(status: int, title: str) -> dict[str, Any]:
    names = ["X-Request-Id"]
    names += ["Retry-After"] if status == 429 else []
    names += ["WWW-Authenticate"] if status == 401 else []
    response: dict[str, Any] = {
        "description": f"{title} (JSON has at most {LARGEST_BODY} bytes)" if status == 413 else title,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(name="Problem")}}},
    }
    return response


def _plain(shape: Any) -> Any:
    """What msgspec says of a view, as the bus writes it: decimals are numbers, and defaults are no news in a reply."""
    if isinstance(shape, list):
        return [_plain(part) for part in shape]
    if not isinstance(shape, dict):
        return shape
    if shape.get("format") == "decimal":
        return {"type": "number"}
    return {key: _plain(value) for key, value in shape.items() if key != "default" or isinstance(value, dict)}
