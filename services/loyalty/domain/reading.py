"""Reading one object of a document strictly: every mistake is noted with its place, and nothing is guessed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from kernel.errors import Invalid

LONGEST_LIST = 200
LONGEST_TEXT = 200
LARGEST = 10**12  # minor units; above that a figure is a slip
REQUIRED: Any = object()

MISSING = "field_missing"
WRONG = "field_invalid"
UNKNOWN = "unknown_field"
OUT_OF_RANGE = "percent_out_of_range"


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
        more = f", and {len(self.found) - 1} more" if len(self.found) > 1 else ""
        raise Invalid(code, f"{place}: {sentence}{more}" if place else f"{sentence}{more}", errors=errors)


class Reader:
    """One object of a document at `place`. Fields are asked for one by one; `done` refuses those nobody asked for.

    Where a value is wrong the mistake is noted and the default (or something of the right type) is answered, so that
    reading goes on and finds the rest.
    """

    def __init__(self, value: Any, place: str, mistakes: Mistakes) -> None:
        self.place = place
        self.mistakes = mistakes
        self._asked: set[str] = set()
        self._fields: Mapping[str, Any] = {}
        if isinstance(value, Mapping):
            self._fields = value
        else:
            mistakes.note(place, WRONG, "this must be an object")

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def note(self, name: str, code: str, sentence: str) -> None:
        self.mistakes.note(self.at(name) if name else self.place, code, sentence)

    def has(self, name: str) -> bool:
        return self._fields.get(name) is not None

    def says_null(self, name: str) -> bool:
        """Whether the field is there, and null: where leaving out means something else."""
        return name in self._fields and self._fields[name] is None

    def done(self) -> None:
        for name in self._fields:
            if name not in self._asked:
                self.note(name, UNKNOWN, "there is no such field")

    # --- single values ----------------------------------------------------------------------------------------------

    def text(self, name: str, default: Any = REQUIRED) -> Any:
        return self._value(name, default, "", _text, f"this must be a text of at most {LONGEST_TEXT} characters")

    def choice(self, name: str, options: Sequence[str], default: Any = REQUIRED) -> Any:
        return self._value(name, default, options[0], _one_of(options), f"this must be one of: {', '.join(options)}")

    def flag(self, name: str, *, default: bool) -> bool:
        read: bool = self._value(
            name,
            default,
            default,
            lambda value: value if isinstance(value, bool) else None,
            "this must be true or false",
        )
        return read

    def whole(
        self, name: str, default: Any = REQUIRED, *, least: int = 0, most: int = LARGEST, code: str = WRONG
    ) -> Any:
        def read(value: Any) -> int | None:
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            return value if is_whole and least <= value <= most else None

        return self._value(name, default, least, read, f"this must be a whole number from {least} to {most}", code)

    def percent(self, name: str, default: Any = REQUIRED, *, above_zero: bool = False) -> Any:
        """A percentage from 0 to 100 with at most two decimals, as a number or a text."""
        least = Decimal("0.01") if above_zero else Decimal(0)

        def read(value: Any) -> Decimal | None:
            number = decimal(value)
            fits = number is not None and least <= number <= 100 and number == round(number, 2)
            return number if fits else None

        sentence = f"this must be a percentage from {least} to 100 with at most two decimals"
        return self._value(name, default, Decimal(0), read, sentence, OUT_OF_RANGE)

    def fraction(self, name: str, default: Any = REQUIRED, *, including_one: bool, code: str) -> Any:
        """A factor above 0 and below 1, or up to 1."""

        def read(value: Any) -> Decimal | None:
            number = decimal(value)
            fits = number is not None and number > 0 and (number <= 1 if including_one else number < 1)
            return number if fits and number is not None and number == round(number, 6) else None

        sentence = (
            f"this must lie above 0 and {'be at most' if including_one else 'below'} 1, with at most six decimals"
        )
        return self._value(name, default, Decimal("0.5"), read, sentence, code)

    def id(self, name: str, default: Any = REQUIRED) -> Any:
        return self._value(name, default, UUID(int=0), uuid, "this must be a UUID")

    # --- lists and objects ------------------------------------------------------------------------------------------

    def ids(self, name: str) -> frozenset[UUID]:
        return frozenset(self._items(name, uuid, "this must be a UUID"))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self._items(name, _text, f"this must be a text of at most {LONGEST_TEXT} characters"))

    def choices(self, name: str, options: Sequence[str]) -> frozenset[str]:
        return frozenset(self._items(name, _one_of(options), f"this must be one of: {', '.join(options)}"))

    def wholes(self, name: str, *, least: int) -> tuple[int, ...]:
        def read(value: Any) -> int | None:
            return value if isinstance(value, int) and not isinstance(value, bool) and value >= least else None

        return tuple(self._items(name, read, f"this must be a whole number from {least}"))

    def items(self, name: str, read: Callable[[Any], Any], sentence: str) -> tuple[Any, ...]:
        return tuple(self._items(name, read, sentence))

    def objects(self, name: str) -> list["Reader"]:
        """The objects of a list, none if it is not there."""
        return [
            Reader(value, f"{self.at(name)}.{index}", self.mistakes) for index, value in enumerate(self._list(name))
        ]

    def object(self, name: str) -> "Reader | None":
        self._asked.add(name)
        return Reader(self._fields[name], self.at(name), self.mistakes) if self.has(name) else None

    # --- how --------------------------------------------------------------------------------------------------------

    def _value(
        self, name: str, default: Any, instead: Any, read: Callable[[Any], Any], sentence: str, code: str = WRONG
    ) -> Any:
        self._asked.add(name)
        if not self.has(name):
            if default is REQUIRED:
                self.note(name, MISSING, "this field is missing")
                return instead
            return default
        value = read(self._fields[name])
        if value is None:
            self.note(name, code, sentence)
            return instead
        return value

    def _items(self, name: str, read: Callable[[Any], Any], sentence: str) -> list[Any]:
        found = []
        for index, item in enumerate(self._list(name)):
            value = read(item)
            if value is None:
                self.mistakes.note(f"{self.at(name)}.{index}", WRONG, sentence)
            else:
                found.append(value)
        return found

    def _list(self, name: str) -> Sequence[Any]:
        self._asked.add(name)
        values = self._fields.get(name)
        if values is None:
            return ()
        if not isinstance(values, list | tuple):
            self.note(name, WRONG, "this must be a list")
            return ()
        if len(values) > LONGEST_LIST:
            self.note(name, WRONG, f"this may have {LONGEST_LIST} entries")
            return ()
        return values


def decimal(value: Any) -> Decimal | None:
    """What was written, exactly: JSON's 7.5 arrives as a float whose shortest text is what was written."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST else None


def uuid(value: Any) -> UUID | None:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    fits = isinstance(value, str) and len(value.strip()) > 0 and len(value) <= LONGEST_TEXT
    return value.strip() if fits and "\0" not in value else None


def _one_of(options: Sequence[str]) -> Callable[[Any], str | None]:
    return lambda value: value if isinstance(value, str) and value in options else None
