"""From a Request's fields to a marshmallow schema: the words for what is wrong, and the shape for OpenAPI."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from msgspec import inspect

from gateway.shapes import FIRST_YEAR, LAST_YEAR, Member, members, without_none

NOT_STORABLE = "the text contains a character that cannot be kept (U+0000)"


class _Read:
    """Mixed into a field of marshmallow, so that it takes what the bus takes and nothing beside.

    In a query string (`from_text`) everything arrives as text.
    """

    shape: ClassVar[Any]
    wanted: ClassVar[str]

    def __init__(self, *, from_text: bool = False, **rest: Any) -> None:
        self.from_text = from_text
        super().__init__(**rest)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            return self.checked(msgspec.convert(value, self.shape, strict=not self.from_text))
        except (msgspec.ValidationError, OverflowError):
            raise ValidationError(f"this must be {self.wanted}") from None

    def checked(self, value: Any) -> Any:
        return value


class _Dated(_Read):
    def checked(self, value: Any) -> Any:
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValidationError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
        return value


class TextField(_Read, fields.String):
    shape = str
    wanted = "a text"

    def checked(self, value: str) -> str:
        if "\0" in value:
            raise ValidationError(NOT_STORABLE)
        return value


class WholeField(_Read, fields.Integer):
    shape = int
    wanted = "a whole number"


class FlagField(_Read, fields.Boolean):
    shape = bool
    wanted = "true or false"


class IdField(_Read, fields.UUID):
    shape = UUID
    wanted = "a UUID"


class DateField(_Dated, fields.Date):
    shape = date
    wanted = "a date (YYYY-MM-DD)"


class InstantField(_Dated, fields.DateTime):
    shape = datetime
    wanted = "an instant with an offset (2026-12-01T10:00:00+03:00)"

    def checked(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            raise ValidationError(f"this must be {self.wanted}")
        checked: datetime = super().checked(value)
        return checked


class DecimalField(_Read, fields.Decimal):
    shape = Decimal
    wanted = "a number"

    def checked(self, value: Decimal) -> Decimal:
        if not value.is_finite():
            raise ValidationError(f"this must be {self.wanted}")
        return value


class DocumentField(_Read, fields.Dict):
    """An object that the service reads, which it is for: it names the place of whatever is wrong in it."""

    shape = dict[str, Any]
    wanted = "an object"


class _Strict(Schema):
    class Meta:
        unknown = RAISE  # the default, said aloud: so it is in the document, too

    error_messages = {"unknown": "there is no such field", "type": "this must be an object"}  # noqa: RUF012


def schema(name: str, parts: Iterable[Member], *, from_text: bool = False) -> type[Schema]:
    """A schema of `parts` that refuses everything else. Defaults are left to the Request."""
    return _Strict.from_dict({part.name: _field(part, from_text=from_text) for part in parts}, name=name)


def explain(shape: type[Schema], values: Any) -> dict[str, list[str]]:
    """What is wrong with `values`, by field; nested fields are written with dots (`segments.0.service_id`)."""
    if not isinstance(values, dict):
        return {"": ["this must be an object"]}
    return flatten(shape().validate(values))


def flatten(errors: Any, place: str = "") -> dict[str, list[str]]:
    if isinstance(errors, dict):
        flat: dict[str, list[str]] = {}
        for key, inner in errors.items():
            inside = place if key == "_schema" else f"{place}.{key}" if place else str(key)
            flat |= flatten(inner, inside)
        return flat
    return {place: [str(error) for error in errors]}


@cache
def _nested(cls: type[Any]) -> type[Schema]:
    node = inspect.type_info(cls)
    assert isinstance(node, inspect.DataclassType | inspect.StructType)
    return schema(f"{cls.__name__}Given", members(node))


def _field(part: Member, *, from_text: bool) -> fields.Field[Any]:
    node, nullable = without_none(part.node)
    return _FIELDS[type(node)](
        node,
        from_text,
        {
            "required": part.required,
            "allow_none": nullable and not from_text,
            "data_key": part.key,
            "error_messages": {
                "required": "this field is missing",
                "null": "this must not be null",
                "invalid": "this must be a list",
            },
        },
    )


def _item(node: inspect.Type, *, from_text: bool) -> fields.Field[Any]:
    return _field(Member("", "", node, required=True), from_text=from_text)


def _plain(field: type[Any], *checks: Callable[[Any], validate.Validator | None]) -> Callable[..., fields.Field[Any]]:
    def make(node: Any, from_text: bool, about: dict[str, Any]) -> fields.Field[Any]:
        found = [check for check in (make_check(node) for make_check in checks) if check is not None]
        made: fields.Field[Any] = field(from_text=from_text, validate=found, **about)
        return made

    return make


def _length(node: Any) -> validate.Validator | None:
    if node.min_length is None and node.max_length is None:
        return None
    return validate.Length(min=node.min_length, max=node.max_length)


def _range(node: Any) -> validate.Validator | None:
    return None if node.ge is None and node.le is None else validate.Range(min=node.ge, max=node.le)


def _pattern(node: Any) -> validate.Validator | None:
    return validate.Regexp(node.pattern, error="this is not of the right form") if node.pattern else None


def _choice(node: Any) -> validate.Validator:
    return validate.OneOf(node.values, error="this must be one of: {choices}")


def _list(node: Any, from_text: bool, about: dict[str, Any]) -> fields.Field[Any]:
    length = _length(node)
    return fields.List(_item(node.item_type, from_text=from_text), validate=[length] if length else [], **about)


def _object(node: Any, _from_text: bool, about: dict[str, Any]) -> fields.Field[Any]:
    return fields.Nested(_nested(node.cls), **about)


_FIELDS: dict[type[inspect.Type], Callable[..., fields.Field[Any]]] = {
    inspect.BoolType: _plain(FlagField),
    inspect.UUIDType: _plain(IdField),
    inspect.DateType: _plain(DateField),
    inspect.DateTimeType: _plain(InstantField),
    inspect.DecimalType: _plain(DecimalField),
    inspect.IntType: _plain(WholeField, _range),
    inspect.StrType: _plain(TextField, _length, _pattern),
    inspect.LiteralType: _plain(TextField, _choice),
    inspect.VarTupleType: _list,
    inspect.DataclassType: _object,
    inspect.StructType: _object,
    inspect.DictType: _plain(DocumentField),
}
