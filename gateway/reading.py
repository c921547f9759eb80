"""What a request says, read from its body or its query string as its route wants it."""

from collections.abc import Callable
from typing import Any

import flask
import msgspec
from msgspec import UNSET, inspect
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from gateway.problems import Malformed, TooLarge, WrongMediaType
from gateway.route import Route
from gateway.schemas import NOT_STORABLE, explain, schema
from gateway.shapes import struct

LARGEST_BODY = 1024 * 1024

Errors = dict[str, list[str]]
Reading = tuple[dict[str, Any], Errors]

_decode = msgspec.json.decode
_NUL = b"\\u0000"


def read_body(route: Route) -> Callable[[flask.Request], Reading]:
    """A reader of JSON bodies: the fields that were given, or what is wrong with them."""
    name = f"{route.request.__name__}Body"
    fits = msgspec.json.Decoder(struct(name, route.members)).decode
    shape = schema(name, route.members)
    can_be_empty = not any(member.required for member in route.members)

    def read(request: flask.Request) -> Reading:
        body = _json_of(request)
        errors = _no_query(request)
        if not body and can_be_empty:
            return {}, errors
        try:
            if _NUL not in body:
                return _given(fits(body)), errors
        except msgspec.ValidationError as refused:
            return {}, errors | (explain(shape, _decoded(body)) or _place(refused))
        except (msgspec.DecodeError, ValueError, RecursionError):
            pass  # told below, from the untyped value
        values = _decoded(body)
        wrong = explain(shape, values)
        if not wrong and _has_nul(values):
            wrong = {"": [NOT_STORABLE]}
        # An escaped backslash before "u0000" is only a text about U+0000.
        return ({}, errors | wrong) if wrong else (_given(fits(body)), errors)

    return read


def read_query(route: Route, largest: int = LARGEST_BODY) -> Callable[[flask.Request], Reading]:
    """A reader of query strings. Lists come as repeated keys, with commas, or both; those that are not empty when left
    out are made so by an empty value.
    """
    name = f"{route.request.__name__}Query"
    fits = struct(name, route.members, nullable=False)
    shape = schema(name, route.members, from_text=True)
    lists = {member.key for member in route.members if isinstance(member.node, inspect.VarTupleType)}
    instants = {member.key for member in route.members if _is_instant(member.node)}
    emptied = {each.key for each in route.members if each.key in lists and getattr(route.request, each.name, None)}
    can_be_empty = not any(member.required for member in route.members)

    def read(request: flask.Request) -> Reading:
        _refuse_long(request.content_length, largest)
        if can_be_empty and not request.query_string:
            return {}, {}
        values, repeated = _values_of(request.args, lists)
        values |= {key: [] for key in emptied if values.get(key) == [""]}
        repeated |= {key: ["Not a valid datetime."] for key in instants if _is_number(values.get(key))}
        try:
            if not repeated and not _has_nul(values):
                return _given(msgspec.convert(values, fits, strict=False)), {}
        except msgspec.ValidationError as refused:
            return {}, explain(shape, values) or _place(refused)
        return {}, repeated | explain(shape, values)

    return read


def read_upload(route: Route) -> Callable[[flask.Request], Reading]:
    """A reader of a body that is a file; what is in it is for its service to find out. The rest is in the query."""
    part, largest = route.upload, route.largest_body
    assert part is not None
    rest = read_query(route, largest)
    kinds = tuple(kind.removesuffix("*") for kind in route.takes)

    def read(request: flask.Request) -> Reading:
        body = _bytes_of(request, largest)
        values, errors = rest(request)
        if not body:
            return {}, errors | {part.key: ["this is empty; send the file as the body"]}
        if not request.mimetype.startswith(kinds):
            wanted = " or ".join(route.takes)
            raise WrongMediaType("media_type_unsupported", f"the body must be {wanted}, and its Content-Type say so")
        return {part.name: body} | values, errors

    return read


def reader(route: Route) -> Callable[[flask.Request], Reading]:
    if route.upload:
        return read_upload(route)
    return read_body(route) if route.has_body else read_query(route)


def _values_of(args: MultiDict[str, str], lists: set[str]) -> tuple[dict[str, Any], Errors]:
    values: dict[str, Any] = {}
    repeated: Errors = {}
    for key, texts in args.lists():
        if key in lists:
            values[key] = [part for text in texts for part in text.split(",")]
        else:
            values[key] = texts[0]
            if len(texts) > 1:
                repeated[key] = ["this may be given only once"]
    return values, repeated


def _refuse_long(size: int | None, largest: int = LARGEST_BODY) -> None:
    if (size or 0) > largest:
        raise TooLarge("body_too_large", f"a body may have {largest} bytes")


def _bytes_of(request: flask.Request, largest: int = LARGEST_BODY) -> bytes:
    _refuse_long(request.content_length, largest)
    request.max_content_length = largest + 1  # Werkzeug cuts a chunked body there
    try:
        body = request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception as broken:  # each server has errors of its own for chunks that are none
        raise Malformed("body_malformed", "the body cannot be read") from broken
    _refuse_long(len(body), largest)
    return body


def _json_of(request: flask.Request) -> bytes:
    body = _bytes_of(request)
    if body:
        charset = request.mimetype_params.get("charset", "utf-8").lower()
        if request.mimetype != "application/json" or charset not in ("utf-8", "utf8"):
            raise WrongMediaType("body_not_json", "the body must be application/json in UTF-8")
    return body


def _decoded(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Malformed("body_malformed", "the body is not well-formed JSON in UTF-8") from None


def _no_query(request: flask.Request) -> Errors:
    return {key: ["there is no such parameter"] for key in request.args} if request.query_string else {}


def _is_instant(node: inspect.Type) -> bool:
    options = node.types if isinstance(node, inspect.UnionType) else (node,)
    return any(isinstance(each, inspect.DateTimeType) for each in options)


def _is_number(value: Any) -> bool:
    """Seconds since 1970, which would be read as an instant, but are not how one is written."""
    return isinstance(value, str) and "T" not in value.upper() and "-" not in value[1:]


def _given(values: msgspec.Struct) -> dict[str, Any]:
    return {name: value for name in values.__struct_fields__ if (value := getattr(values, name)) is not UNSET}


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_has_nul, value))


def _place(refused: msgspec.ValidationError) -> Errors:
    """msgspec's own words, for what the schema had nothing against: `… - at `$.segments[0].price``."""
    text, _, place = str(refused).partition(" - at `$")
    return {place.rstrip("`").replace("[", ".").replace("]", "").lstrip("."): [text]}
