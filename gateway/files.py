"""Bodies and replies that are files: a picture, a calendar, a document that is larger than a message."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from flask import Response, stream_with_context

from chassis import wire
from contracts.message import Request
from gateway.route import Ask, File, Format, Route


def sent_ahead(
    route: Route, path: dict[str, UUID], values: dict[str, Any], key: str | None, ask: Ask
) -> dict[str, Any]:
    """Send the file among `values` in parts; the values with what stands for it in the Request that follows.

    With an idempotency key the same bytes have the same id: a repeated Request has to be the same one.
    """
    assert route.upload is not None
    part: Any = route.parts
    content: bytes = values[route.upload.name]
    upload_id = UUID(bytes=hashlib.sha256(content).digest()[:16]) if key else uuid4()
    size = route.largest_part
    for number, start in enumerate(range(0, len(content), size)):
        piece = {route.upload.name: content[start : start + size]}
        ask(part(**path, upload_id=upload_id, number=number, **piece))
    rest = {name: value for name, value in values.items() if name != route.upload.name}
    return rest | {"upload_id": upload_id, "size": len(content)}


def response_of(file: File, message: Request[Any], reply: bytes, ask: Ask) -> Response:
    """The `content` of the reply as the body; what the reply says of its own media type and name goes first.

    A reply that is the first of several `parts` is followed by the others.
    """
    found = wire.decoder(type(message).reply)(reply)
    content = b"".join(contents(found, message, ask))
    response = Response(content, content_type=getattr(found, "media_type", None) or file.media_type)
    if name := getattr(found, "name", None) or file.name:
        response.headers["Content-Disposition"] = f"attachment; {called(name)}"
    if (version := getattr(found, "version", None)) is not None:
        response.headers["ETag"] = f'"{version}"'
    if file.cache:
        response.headers["Cache-Control"] = file.cache
    return response


def called(name: str) -> str:
    """The name that a browser saves under (RFC 6266), in ASCII too for those that read nothing else."""
    plain = "".join(letter if " " <= letter <= "~" and letter not in '"\\%' else "_" for letter in name)
    return f'filename="{plain}"' + ("" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}")


def in_format(form: Format, message: Request[Any], reply: bytes, ask: Ask) -> Response:
    """The reply in another format; its first piece is made before anything is answered, so that it may still fail."""
    pieces = form.write(reply, message, ask)
    first = next(pieces)
    response = Response(stream_with_context(chain([first], pieces)), content_type=form.media_type)
    stem, _, ending = form.name.rpartition(".")
    name = f"{stem}-cut-off.{ending}" if _cut_off(reply).more else form.name
    response.headers["Content-Disposition"] = f"attachment; {called(name)}"
    return response


class CutOff(msgspec.Struct):
    """Whether there are `more` rows than a reply has: who adds up a column has to know."""

    more: bool = False


_cut_off = msgspec.json.Decoder(CutOff).decode


def contents(found: Any, message: Any, ask: Ask) -> Iterator[bytes]:
    """The pieces of a file whose first one is `found`."""
    yield found.content if isinstance(found.content, bytes) else found.content.encode()
    for number in range(1, getattr(found, "parts", 1)):
        yield wire.decoder(type(message).reply)(ask(replace(message, number=number))).content
