"""Conditions as people write them: and, or, not over typed tests, read with the place of every mistake."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from kernel.errors import Invalid

DEEPEST = 8  # levels of and, or, not
MOST = 100  # tests of one condition, and values of one `in`
LONGEST_TEXT = 200
LARGEST = 10**15
LONGEST_WINDOW = 20 * 366  # days

Kind = Literal["id", "text", "whole", "number", "day", "flag"]
SAME = ("is", "in")
BOUNDS = ("at_least", "at_most", "above", "below")
ORDERED = (*SAME, *BOUNDS)
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "id": SAME,
    "text": SAME,
    "whole": ORDERED,
    "number": BOUNDS,  # of what is estimated, nothing is exactly so much
    "day": ORDERED,
    "flag": ("is",),
}
WANTED: dict[Kind, str] = {
    "id": "a UUID",
    "text": "a text",
    "whole": "a whole number",
    "number": "a number",
    "day": "a date (YYYY-MM-DD)",
    "flag": "true or false",
}


@dataclass(frozen=True, slots=True)
class Field:
    """What may be tested. `options` are the only values of a text; `nullable` ones may be compared with null;
    `windowed` ones may be counted over the last `within_days` alone. A whole number lies `within` two others, and is a
    multiple of `step`, where it has to be one exactly.
    """

    kind: Kind
    options: tuple[str, ...] = ()
    nullable: bool = False
    windowed: bool = False
    within: tuple[int, int] | None = None
    step: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """`field` `operator` `value`; of `in` the value is a tuple."""

    field: str
    operator: str
    value: Any
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Check | Every | Either | Not


@dataclass
class Mistakes:
    """What is wrong with a document, in the order in which it was read."""

    found: list[tuple[str, str, str]] = field(default_factory=list)

    def note(self, place: str, code: str, sentence: str) -> None:
        self.found.append((place, code, sentence))

    def refuse(self) -> None:
        """Raise one refusal that names all of them; its code is that of the first."""
        if not self.found:
            return
        errors: dict[str, list[str]] = {}
        for place, _, sentence in self.found:
            errors.setdefault(place, []).append(sentence)
        place, code, sentence = self.found[0]
        raise Invalid(code, f"{place}: {sentence}", errors=errors)


def condition_of(document: Any, fields: Mapping[str, Field], place: str, mistakes: Mistakes) -> Condition:
    """The condition that `document` says of `fields`; what is wrong is noted and something harmless stands for it."""
    reader = _Reader(fields, mistakes)
    condition = reader.read(document, place, 1)
    if reader.tests > MOST:
        mistakes.note(place, "filter_too_large", f"a condition may have {MOST} tests")
    return condition


def checks_of(condition: Condition | None) -> Iterator[Check]:
    """Every test in it."""
    if isinstance(condition, Check):
        yield condition
    elif isinstance(condition, Not):
        yield from checks_of(condition.part)
    elif condition is not None:
        for part in condition.parts:
            yield from checks_of(part)


def document_of(condition: Condition) -> dict[str, Any]:
    """The normal form of a condition: what `condition_of` reads as the same."""
    if isinstance(condition, Every):
        return {"and": [document_of(part) for part in condition.parts]}
    if isinstance(condition, Either):
        return {"or": [document_of(part) for part in condition.parts]}
    if isinstance(condition, Not):
        return {"not": document_of(condition.part)}
    value = [_written(each) for each in condition.value] if condition.operator == "in" else _written(condition.value)
    window = {} if condition.within_days is None else {"within_days": condition.within_days}
    return {"field": condition.field, condition.operator: value} | window


def _written(value: Any) -> Any:
    return str(value) if isinstance(value, UUID | date) else value


class _Reader:
    def __init__(self, fields: Mapping[str, Field], mistakes: Mistakes) -> None:
        self.fields = fields
        self.mistakes = mistakes
        self.tests = 0

    def read(self, document: Any, place: str, level: int) -> Condition:
        if not isinstance(document, Mapping):
            return self._wrong(place, "filter_invalid", "this must be an object")
        if level > DEEPEST:
            return self._wrong(place, "filter_too_large", f"conditions may be nested {DEEPEST} times")
        if "field" in document:
            return self._check(document, place)
        if len(document) != 1 or (word := str(next(iter(document)))) not in ("and", "or", "not"):
            return self._wrong(place, "filter_invalid", "a condition has `field`, or one of `and`, `or`, `not`")
        inside = f"{place}.{word}"
        if word == "not":
            return Not(self.read(document[word], inside, level + 1))
        parts = document[word]
        if not isinstance(parts, list | tuple) or not 1 <= len(parts) <= MOST:
            return self._wrong(inside, "filter_invalid", f"this must be a list of 1 to {MOST} conditions")
        read = tuple(self.read(part, f"{inside}.{index}", level + 1) for index, part in enumerate(parts))
        return Every(read) if word == "and" else Either(read)

    def _check(self, document: Mapping[str, Any], place: str) -> Condition:
        self.tests += 1
        name = document["field"]
        field = self.fields.get(name) if isinstance(name, str) else None
        if field is None:
            known = ", ".join(sorted(self.fields))
            return self._wrong(f"{place}.field", "field_unknown", f"there is no such field; there are {known}")
        operators = [key for key in document if key not in ("field", "within_days")]
        if len(operators) != 1 or operators[0] not in OPERATORS[field.kind]:
            options = ", ".join(OPERATORS[field.kind])
            return self._wrong(place, "operator_unknown", f"{name} is compared by one of: {options}")
        operator = operators[0]
        value = self._value(field, operator, document[operator], f"{place}.{operator}")
        return Check(name, operator, value, self._window(field, name, document, place))

    def _window(self, field: Field, name: str, document: Mapping[str, Any], place: str) -> int | None:
        if "within_days" not in document:
            return None
        days = document["within_days"]
        if not field.windowed:
            self._wrong(f"{place}.within_days", "filter_invalid", f"{name} is not counted over a number of days")
        elif _whole(days) is None or not 1 <= days <= LONGEST_WINDOW:
            sentence = f"this must be a whole number from 1 to {LONGEST_WINDOW}"
            self._wrong(f"{place}.within_days", "filter_wrong_type", sentence)
        else:
            return int(days)
        return None

    def _value(self, field: Field, operator: str, value: Any, place: str) -> Any:
        if operator != "in":
            return self._single(field, value, place, exactly=operator == "is")
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST:
            return self._wrong(place, "filter_wrong_type", f"this must be a list of 1 to {MOST} values")
        return tuple(self._single(field, each, f"{place}.{index}", exactly=True) for index, each in enumerate(value))

    def _single(self, field: Field, value: Any, place: str, *, exactly: bool) -> Any:
        if value is None and field.nullable:
            return None
        read = _READ[field.kind](value)
        if read is None:
            return self._wrong(place, "filter_wrong_type", f"this must be {WANTED[field.kind]}")
        if field.options and read not in field.options:
            return self._wrong(place, "filter_wrong_type", f"this must be one of: {', '.join(field.options)}")
        if impossible := _impossible(field, read, exactly=exactly):
            self.mistakes.note(place, "filter_wrong_type", impossible)  # and still means what it says
        return read

    def _wrong(self, place: str, code: str, sentence: str) -> Condition:
        self.mistakes.note(place, code, sentence)
        return Every(())


def _impossible(field: Field, value: Any, *, exactly: bool) -> str | None:
    """Why nobody and nothing ever has this value; None if something may."""
    if field.within and not field.within[0] <= value <= field.within[1]:
        return f"this must be a whole number from {field.within[0]} to {field.within[1]}"
    if exactly and field.step > 1 and value % field.step:
        return f"this must be a multiple of {field.step}"
    return None


def _id(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and "\0" not in value else None


def _whole(value: Any) -> int | None:
    """A whole number; JSON's 3.0 is none, because whoever writes it means something else."""
    fits = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
    return value if fits else None


def _number(value: Any) -> int | float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
    return value if fits else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READ: dict[Kind, Any] = {"id": _id, "text": _text, "whole": _whole, "number": _number, "day": _day, "flag": _flag}
