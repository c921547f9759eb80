"""Dataclass <-> JSON, masks of sensitive fields, and list cursors."""

import base64
import dataclasses
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin
from uuid import UUID

import msgspec

from kernel.caller import Caller
from kernel.errors import Invalid

T = TypeVar("T")

MASK = "•••"
LARGEST_KEY = 2**31 - 1  # of the serial numbers that lists are ordered by
PLAIN = (NoneType, bool, bytes, date, datetime, Decimal, int, str, time, UUID)

_encoder = msgspec.json.Encoder(decimal_format="number")
encode: Callable[[Any], bytes] = _encoder.encode


_decoders: dict[Any, Callable[[bytes], Any]] = {}


def decoder(shape: Any) -> Callable[[bytes], Any]:
    """A strict decoder of JSON bytes into `shape`; it raises `msgspec.ValidationError` or `DecodeError`."""
    decode = _decoders.get(shape)
    if decode is None:
        decode = _decoders[shape] = msgspec.json.Decoder(shape).decode
    return decode


# --- sensitive fields -----------------------------------------------------------------------------------------------


@cache
def sensitive_marks(shape: Any) -> frozenset[str]:
    """The marks of all sensitive fields in a view, however deep; empty for most views, which are then not walked."""
    seen: set[Any] = set()
    marks: set[str] = set()

    def look(kind: Any) -> None:
        for part in (kind, get_origin(kind), *get_args(kind)):
            if part in seen:
                continue
            seen.add(part)
            if dataclasses.is_dataclass(part):
                hints = msgspec._utils.get_class_annotations(part)  # type: ignore[attr-defined]  # noqa: SLF001
                for field in dataclasses.fields(part):
                    if mark := field.metadata.get("sensitive"):
                        marks.add(mark)
                    look(hints.get(field.name))
            elif get_args(part):
                look(part)

    look(shape)
    return frozenset(marks)


def masked(view: T, shape: Any, caller: Caller) -> T:
    """`view` with every sensitive field that `caller` may not see replaced: texts by a mask, the rest by nothing."""
    hidden = frozenset(mark for mark in sensitive_marks(shape) if not caller.sees(mark))
    return _mask(view, hidden) if hidden else view


def _mask(value: Any, hidden: frozenset[str]) -> Any:
    if isinstance(value, tuple):
        return tuple([_mask(item, hidden) for item in value])
    kind: Any = type(value)
    if not hasattr(kind, "__dataclass_fields__"):
        return value
    changes = {}
    for name, is_hidden in _looked_at(kind, hidden):
        old = getattr(value, name)
        new = _hide(old) if is_hidden else _mask(old, hidden)
        if new is not old and new != old:
            changes[name] = new
    return dataclasses.replace(value, **changes) if changes else value


@cache
def _looked_at(kind: Any, hidden: frozenset[str]) -> tuple[tuple[str, bool], ...]:
    """The fields of `kind` that are hidden themselves, or may have something hidden in them: of a card, very few."""
    hints = msgspec._utils.get_class_annotations(kind)  # type: ignore[attr-defined]  # noqa: SLF001
    marked = ((field.name, field.metadata.get("sensitive") in hidden) for field in dataclasses.fields(kind))
    return tuple((name, is_hidden) for name, is_hidden in marked if is_hidden or not _is_plain(hints[name]))


def _is_plain(hint: Any) -> bool:
    """Whether no view can be in a value of this type; what is not known may be one."""
    if hint in PLAIN or get_origin(hint) is Literal:
        return True
    if get_origin(hint) is Annotated:
        return _is_plain(get_args(hint)[0])
    parts = [part for part in get_args(hint) if part is not Ellipsis]
    return bool(parts) and get_origin(hint) in (tuple, Union, UnionType) and all(map(_is_plain, parts))


def _hide(value: Any) -> Any:
    if isinstance(value, str):
        return MASK
    if isinstance(value, tuple):
        return tuple(_hide(item) for item in value)
    return None


def refuse_masks(message: Any, place: str = "") -> None:
    """Refuse a message in which a mask is sent back, so that a mask is never stored."""
    if isinstance(message, str):
        if MASK in message:
            raise Invalid.field(place, "masked_value", "a masked value cannot be stored; leave the field out")
    elif isinstance(message, tuple):
        for index, item in enumerate(message):
            refuse_masks(item, f"{place}.{index}" if place else str(index))
    elif dataclasses.is_dataclass(message) and not isinstance(message, type):
        for name in message.__dataclass_fields__:
            refuse_masks(getattr(message, name), f"{place}.{name}" if place else name)


# --- cursors --------------------------------------------------------------------------------------------------------


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row of a page, opaque and safe in a URL."""
    return base64.urlsafe_b64encode(_encoder.encode(key)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *shape: Any) -> tuple[Any, ...]:
    """The sort key in `cursor`, its parts of the types `shape`; `Invalid` for what was not made by `encode_cursor`."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        parts: tuple[Any, ...] = msgspec.json.decode(text, type=tuple.__class_getitem__(shape))
    except (ValueError, msgspec.MsgspecError):
        parts = ()
    if not parts or not all(map(_is_key, parts)):
        raise Invalid.field("cursor", "cursor_invalid", "this is not a cursor of this list")
    return parts


def _is_key(part: Any) -> bool:
    """Whether a row can have it: the database would stumble over a text with U+0000 or a number of twenty digits."""
    match part:
        case str():
            return "\0" not in part
        case int():
            return abs(part) <= LARGEST_KEY
        case datetime():
            return part.tzinfo is not None
        case _:
            return True


def percent(value: Decimal) -> Decimal:
    """A percentage with at most two decimals and no exponent, as the API writes it."""
    rounded = value.quantize(Decimal("0.01"))
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded.normalize()
