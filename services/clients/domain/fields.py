"""What may be said in a field that a salon added to its cards."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kernel.errors import Invalid

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
YES_NO = ("yes", "no")


@dataclass(frozen=True)
class Field:
    """A question; `options` are those of a choice."""

    id: UUID
    kind: str
    options: tuple[str, ...] = ()
    required: bool = False
    personal: bool = True


def checked_options(kind: str, options: Sequence[str]) -> tuple[str, ...]:
    """The options of a choice without outer spaces: two at least, each once; nothing else has any."""
    tidy = tuple(option.strip() for option in options)
    if kind != "choice":
        if tidy:
            raise Invalid.field("options", "options_needless", "only a choice has options")
        return ()
    if len(tidy) < 2 or "" in tidy or len(set(tidy)) < len(tidy):
        raise Invalid.field("options", "options_wrong", "a choice is among two options or more, each named once")
    return tidy


def checked_values(
    said: Iterable[tuple[UUID, str | None]], fields: Mapping[UUID, Field], *, complete: bool
) -> dict[UUID, str | None]:
    """What is said in each field as it is kept, None where nothing is any more, or `Invalid` naming the field.

    `complete`: every required field must be answered, not only those that are spoken of.
    """
    values: dict[UUID, str | None] = {}
    for field_id, text in said:
        place = f"custom.{field_id}"
        if field_id not in fields:
            raise Invalid.field(place, "field_unknown", "there is no such field")
        if field_id in values:
            raise Invalid.field(place, "field_repeated", "this field comes twice")
        values[field_id] = None if text is None else _read(text.strip(), fields[field_id], place)
    for field in fields.values():
        asked = complete or field.id in values
        if field.required and asked and values.get(field.id) is None:
            raise Invalid.field(f"custom.{field.id}", "field_required", "this field must say something")
    return values


def _read(text: str, field: Field, place: str) -> str:
    right = {"text": bool(text), "choice": text in field.options, "yes_no": text in YES_NO}.get(field.kind)
    if field.kind == "number":
        right = NUMBER.fullmatch(text) is not None
    if field.kind == "date":
        right = _is_day(text)
    if not right:
        raise Invalid.field(place, "value_invalid", f"this is no value of kind {field.kind}")
    return text


def _is_day(text: str) -> bool:
    try:
        return DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
