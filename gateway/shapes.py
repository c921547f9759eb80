"""From a Request's fields to a strict msgspec Struct: the fast way to say that a body or a query is right.

The Struct refuses unknown fields, naive instants, dates that no calendar arithmetic survives, and NaN. When it
says no, `gateway.schemas`, derived from the same nodes, says which fields are wrong and why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType, inspect

from kernel.money import LARGEST, Money

FIRST_YEAR = 1900
LAST_YEAR = 2199

# What these classes check when they are made, said as constraints, so that the edge can explain and document it.
_CONSTRAINED: dict[type[Any], dict[str, inspect.Type]] = {
    Money: {
        "amount": inspect.IntType(ge=-LARGEST, le=LARGEST),
        "currency": inspect.StrType(pattern="^[A-Z]{3}$"),
    },
}


@dataclass(frozen=True)
class Member:
    """One field as the outside knows it: `key` on the wire, `name` in the Request."""

    name: str
    key: str
    node: inspect.Type
    required: bool


def members(node: inspect.DataclassType | inspect.StructType) -> tuple[Member, ...]:
    """The fields of a class; a trailing underscore (`from_`) is only there because the language wants it."""
    constrained = _CONSTRAINED.get(node.cls, {})
    return tuple(
        Member(field.name, field.encode_name.rstrip("_"), constrained.get(field.name, field.type), field.required)
        for field in node.fields
    )


def request_members(request: type[Any]) -> tuple[Member, ...]:
    """The fields of a Request or a view."""
    node = inspect.type_info(request)
    assert isinstance(node, inspect.DataclassType)
    return members(node)


def without_none(node: inspect.Type) -> tuple[inspect.Type, bool]:
    """The node that `X | None` is about, and whether None is allowed. Other unions have no place at the edge."""
    if not isinstance(node, inspect.UnionType):
        return node, False
    kinds = [kind for kind in node.types if not isinstance(kind, inspect.NoneType)]
    if len(kinds) != 1:
        raise TypeError(f"a field of several types cannot be explained to a client: {node}")
    return kinds[0], len(kinds) != len(node.types)


def _check_values(self: msgspec.Struct) -> None:
    for name in self.__struct_fields__:
        value = getattr(self, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, date) and not FIRST_YEAR <= one.year <= LAST_YEAR:
                raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
            if isinstance(one, Decimal) and not one.is_finite():
                raise ValueError("this must be a number")


def _is_checked(node: inspect.Type) -> bool:
    inner, _ = without_none(node)
    if isinstance(inner, inspect.VarTupleType):
        inner = inner.item_type
    return isinstance(inner, inspect.DateType | inspect.DateTimeType | inspect.DecimalType)


def struct(name: str, parts: Iterable[Member], *, nullable: bool = True) -> type[msgspec.Struct]:
    """A Struct of `parts` that refuses everything else; what is not given stays UNSET and is not sent on.

    `nullable=False` is for query strings, where nothing is said by leaving out.
    """
    parts = tuple(parts)
    checked = any(_is_checked(part.node) for part in parts)
    hints: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for part in parts:
        hint = _hint(part.node if nullable else without_none(part.node)[0])
        hints.append((part.name, hint) if part.required else (part.name, Union[hint, UnsetType], UNSET))  # noqa: UP007
    return msgspec.defstruct(
        name,
        hints,
        namespace={"__post_init__": _check_values} if checked else None,
        rename={part.name: part.key for part in parts},
        forbid_unknown_fields=True,
        kw_only=True,
        omit_defaults=True,
    )


@cache
def _nested(cls: type[Any]) -> type[msgspec.Struct]:
    node = inspect.type_info(cls)
    assert isinstance(node, inspect.DataclassType | inspect.StructType)
    return struct(cls.__name__, members(node))


def _length(node: Any) -> dict[str, Any]:
    return {"min_length": node.min_length, "max_length": node.max_length}


_HINTS: dict[type[inspect.Type], Callable[[Any], Any]] = {
    inspect.BoolType: lambda _: bool,
    inspect.NoneType: lambda _: None,
    inspect.UUIDType: lambda _: UUID,
    inspect.DateType: lambda _: date,
    inspect.DecimalType: lambda _: Decimal,
    inspect.DateTimeType: lambda _: Annotated[datetime, Meta(tz=True)],
    inspect.IntType: lambda node: Annotated[int, Meta(ge=node.ge, le=node.le)],
    inspect.StrType: lambda node: Annotated[str, Meta(pattern=node.pattern, **_length(node))],
    inspect.LiteralType: lambda node: Literal[node.values],
    inspect.UnionType: lambda node: Union[tuple(_hint(kind) for kind in node.types)],  # noqa: UP007
    inspect.VarTupleType: lambda node: Annotated[
        tuple.__class_getitem__((_hint(node.item_type), ...)), Meta(**_length(node))
    ],
    inspect.DataclassType: lambda node: _nested(node.cls),
    inspect.StructType: lambda node: _nested(node.cls),
    inspect.DictType: lambda _: dict[str, Any],  # a document, read by the service that it is for
}


def _hint(node: inspect.Type) -> Any:
    return _HINTS[type(node)](node)
