"""The envelopes of requests and replies, and how refusals travel in them."""

from typing import Any

import msgspec

from chassis.wire import encode
from contracts.message import Request
from kernel.errors import KINDS, Refusal

BUG = "bug"


class Ask(msgspec.Struct, omit_defaults=True):
    """A request on its way. `deadline` is seconds since 1970, after which nobody waits; `key` makes it idempotent."""

    name: str
    request: msgspec.Raw
    request_id: str
    deadline: float
    token: str | None = None
    key: str | None = None


class Error(msgspec.Struct, omit_defaults=True):
    kind: str
    code: str
    message: str
    details: dict[str, Any] = {}


NOTHING = msgspec.Raw(b"")


class Answer(msgspec.Struct, omit_defaults=True):
    """Either the reply or the refusal; `replay` says that the reply was stored by an earlier request."""

    ok: msgspec.Raw = NOTHING
    error: Error | None = None
    replay: bool = False


decode_ask = msgspec.json.Decoder(Ask).decode
decode_answer = msgspec.json.Decoder(Answer).decode


def ask_bytes(
    request: Request[Any], *, request_id: str, deadline: float, token: str | None = None, key: str | None = None
) -> bytes:
    """`request` in its envelope."""
    return encode(Ask(type(request).__name__, msgspec.Raw(encode(request)), request_id, deadline, token, key))


def error_of(refusal: Refusal) -> Error:
    return Error(refusal.kind, refusal.code, refusal.message, refusal.details)


class Broken(Exception):  # noqa: N818
    """The other side failed in a way that nobody foresaw; its log says how."""


def refusal_from(error: Error) -> Exception:
    """The refusal that `error` stands for."""
    kind = KINDS.get(error.kind)
    return kind(error.code, error.message, **error.details) if kind else Broken(error.code)
