"""What somebody looked at last: ids only, kept in this browser for each of those who sign in with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import flask
from flask import Response

from contracts.analytics import ListReports, ListSavedSegments
from contracts.booking import ListMasters, ListServices
from contracts.clients import NameClients
from contracts.message import Request
from gateway.pages.visitor import Visitor
from kernel.errors import Refusal

MOST_VIEWED = 8
DAYS = 90
CLIENT = "c"


@dataclass(frozen=True)
class Listed:
    """Things that are few enough to be named from their list, and where one of them is shown."""

    lists: type[Request[Any]]
    address: str


LISTED = {
    "m": Listed(ListMasters, "/settings/masters/"),
    "v": Listed(ListServices, "/settings/services/"),
    "r": Listed(ListReports, "/reports/"),
    "s": Listed(ListSavedSegments, "/segments/"),
}
MARKS = {"client": CLIENT, "master": "m", "service": "v", "report": "r", "segment": "s"}


@dataclass(frozen=True)
class Viewed:
    """Something that was looked at, by its name."""

    name: str
    address: str


def remembered(response: Response, visitor: Visitor, kind: str, viewed_id: UUID) -> Response:
    """`response`, with what it shows at the head of what was looked at last."""
    mark = f"{MARKS[kind]}{viewed_id.hex}"
    kept = [mark, *(text for text in _kept(visitor) if text != mark)][:MOST_VIEWED]
    secure = flask.request.is_secure
    response.set_cookie(
        _cookie(visitor), ".".join(kept), max_age=DAYS * 86_400, secure=secure, httponly=True, samesite="Lax"
    )
    return response


def last_viewed(visitor: Visitor) -> tuple[Viewed, ...]:
    """What of it is there still and may be seen, the last one first."""
    kept = _kept(visitor)
    names = dict(_names(visitor, kept))
    return tuple(names[text] for text in kept if text in names)


def last_viewed_clients(visitor: Visitor) -> tuple[object, ...]:
    """Those of them who are clients whom the visitor may see, by name, the last one first."""
    ids = [_id(text) for text in _kept(visitor) if text[0] == CLIENT]
    names = _clients(visitor, ids)
    return tuple(names[one] for one in ids if one in names)


def _names(visitor: Visitor, kept: Sequence[str]) -> Iterator[tuple[str, Viewed]]:
    for id_, named in _clients(visitor, [_id(text) for text in kept if text[0] == CLIENT]).items():
        yield f"{CLIENT}{id_.hex}", Viewed(named.name, f"/clients/{id_}")
    for mark, listed in LISTED.items():
        if any(text[0] == mark for text in kept):
            for one in visitor.all_if(listed.lists):
                yield f"{mark}{one.id.hex}", Viewed(one.name, f"{listed.address}{one.id}")


def _clients(visitor: Visitor, ids: Sequence[UUID]) -> dict[UUID, Any]:
    if not ids or not visitor.may(NameClients):
        return {}
    try:
        return {item.id: item for item in visitor.ask(NameClients(tuple(ids))).items}
    except Refusal:
        return {}


def _cookie(visitor: Visitor) -> str:
    """Several people use the browser of a desk: each has what they looked at themselves."""
    return f"lokon_viewed_{visitor.caller.id.hex[-8:] if visitor.caller.id else ''}"


def _kept(visitor: Visitor) -> list[str]:
    return [text for text in flask.request.cookies.get(_cookie(visitor), "").split(".")[:MOST_VIEWED] if _is_mark(text)]


def _is_mark(text: str) -> bool:
    try:
        UUID(text[1:])
    except ValueError:
        return False
    return text[:1] in MARKS.values()


def _id(text: str) -> UUID:
    return UUID(text[1:])
