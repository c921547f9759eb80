"""What somebody looked at last: ids only, kept in this browser for each of those who sign in with it."""

from uuid import UUID

import flask
from flask import Response

from contracts.clients import NameClients
from gateway.pages.visitor import Visitor
from kernel.errors import Refusal

MOST_VIEWED = 8
DAYS = 90
KINDS = {"client": "c"}


def remembered(response: Response, visitor: Visitor, kind: str, viewed_id: UUID) -> Response:
    """`response`, with what it shows at the head of what was looked at last."""
    mark = f"{KINDS[kind]}{viewed_id.hex}"
    kept = [mark, *(text for text in _kept(visitor) if text != mark)][:MOST_VIEWED]
    secure = flask.request.is_secure
    response.set_cookie(
        _cookie(visitor), ".".join(kept), max_age=DAYS * 86_400, secure=secure, httponly=True, samesite="Lax"
    )
    return response


def last_viewed_clients(visitor: Visitor) -> tuple[object, ...]:
    """Those of them who are clients whom the visitor may see, by name, the last one first."""
    ids = [found for found in (_id(text) for text in _kept(visitor)) if found]
    if not ids or not visitor.may(NameClients):
        return ()
    try:
        names = {item.id: item for item in visitor.ask(NameClients(tuple(ids))).items}
    except Refusal:
        return ()
    return tuple(names[one] for one in ids if one in names)


def _cookie(visitor: Visitor) -> str:
    """Several people use the browser of a desk: each has what they looked at themselves."""
    return f"lokon_viewed_{visitor.caller.id.hex[-8:] if visitor.caller.id else ''}"


def _kept(visitor: Visitor) -> list[str]:
    return [text for text in flask.request.cookies.get(_cookie(visitor), "").split(".")[:MOST_VIEWED] if _id(text)]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text[1:]) if text[:1] == KINDS["client"] else None
    except ValueError:
        return None
