"""The conditions of a segment as the page lays them out: groups in groups, and what the API makes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from babel.numbers import NumberFormatError, get_currency_precision, parse_decimal

from gateway.pages.figures.segments_words import FIELDS, WORDS, operators_of
from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale
from kernel.errors import Invalid

MOST = 100
DEEPEST = 8
LONGEST_WINDOW = 20 * 366  # days


@dataclass(frozen=True)
class Line:
    """A line: a field, how it is compared, with what, as people wrote it."""

    field: str
    operator: str
    value: str = ""
    within_days: str = ""


@dataclass(frozen=True)
class Group:
    """`word` says whether all, one or none of the parts must hold."""

    word: str
    parts: tuple["Group | Line", ...]


# --- from what the API keeps to the page ----------------------------------------------------------------------------


def group_of(document: Mapping[str, Any], currency: str) -> Group:
    """A filter as a group, whatever somebody wrote through the API."""
    found = _part(document, currency)
    return found if isinstance(found, Group) else Group("and", (found,))


def _part(document: Mapping[str, Any], currency: str) -> Group | Line:
    if "field" in document:
        return _tests(document, currency)
    word = next(iter(document))
    if word != "not":
        return Group(word, tuple(_part(part, currency) for part in document[word]))
    inside = _part(document["not"], currency)
    if isinstance(inside, Group) and inside.word == "or":
        return Group("none", inside.parts)
    return Group("none", (inside,))


def _tests(document: Mapping[str, Any], currency: str) -> Group | Line:
    """One of several values is one of several lines."""
    field = str(document["field"])
    operator = next(key for key in document if key not in ("field", "within_days"))
    within = str(document.get("within_days", ""))
    if operator == "in":
        return Group("or", tuple(Line(field, "is", _shown(field, each, currency), within) for each in document["in"]))
    return Line(field, operator, _shown(field, document[operator], currency), within)


def _shown(field: str, value: Any, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field in FIELDS and FIELDS[field].kind == "money":
        digits = get_currency_precision(currency)
        value = Decimal(str(value)).scaleb(-digits)
        text = f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:.{digits}f}"
        return text.replace(".", locale().number_symbols.get("latn", locale().number_symbols).get("decimal", "."))
    return str(value)


# --- from the page to what the API takes ----------------------------------------------------------------------------


def filter_in(text: str, currency: str) -> dict[str, Any]:
    """The filter that the page's groups and lines say; what is wrong is told by the number of its line."""
    try:
        tree = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        raise Invalid.field("tree", "form_malformed", _("Load the page again: this form is not complete.")) from None
    lines = iter(range(1, MOST + 1))
    return _document(tree, currency, lines, 1)


def _document(tree: Any, currency: str, lines: Iterator[int], level: int) -> dict[str, Any]:
    if not isinstance(tree, dict) or level > DEEPEST:
        raise Invalid.field("tree", "form_malformed", _("Load the page again: this form is not complete."))
    if "field" in tree:
        return _check(tree, currency, lines)
    word, parts = tree.get("word"), tree.get("parts")
    if word not in WORDS or not isinstance(parts, list):
        raise Invalid.field("tree", "form_malformed", _("Load the page again: this form is not complete."))
    if not parts:
        raise Invalid("condition_wrong", _("A group is empty. Add a condition to it, or remove it."), errors={})
    found = [_document(part, currency, lines, level + 1) for part in parts]
    return {"not": {"or": found}} if word == "none" else {str(word): found}


def _check(tree: Mapping[str, Any], currency: str, lines: Iterator[int]) -> dict[str, Any]:
    line = next(lines, None)
    if line is None:
        raise Invalid("condition_wrong", _("These are too many conditions. Make two segments of them."), errors={})
    said = {name: str(tree.get(name) or "").strip() for name in ("field", "operator", "value", "within_days")}
    field = said["field"]
    if field not in FIELDS or said["operator"] not in operators_of(field):
        raise Invalid.field("tree", "form_malformed", _("Load the page again: this form is not complete."))
    found: dict[str, Any] = {"field": field, said["operator"]: _value(field, said["value"], currency, line)}
    if said["within_days"] and FIELDS[field].windowed:
        if not said["within_days"].isdecimal() or not 1 <= int(said["within_days"]) <= LONGEST_WINDOW:
            raise _wrong(line, _("days must be a whole number"))
        found["within_days"] = int(said["within_days"])
    return found


def _value(field: str, text: str, currency: str, line: int) -> Any:
    asked = FIELDS[field]
    if not text:
        if asked.blank:
            return None
        raise _wrong(line, _("something is missing"))
    match asked.kind:
        case "flag":
            return text == "yes"
        case "text":
            return text
        case "choice":
            if text not in asked.options:
                raise _wrong(line, _("something is missing"))
            return text
        case "service" | "master" | "branch":
            return _id(text, line)
        case _:
            return _number(asked.kind, text, currency, line)


def _id(text: str, line: int) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise _wrong(line, _("something is missing")) from None


def _number(kind: str, text: str, currency: str, line: int) -> int | float:
    try:
        value = parse_decimal(text.replace(" ", "\u00a0"), locale=locale())
    except (NumberFormatError, ArithmeticError):
        raise _wrong(line, _("this must be a number")) from None
    if kind == "money":
        value = value.scaleb(get_currency_precision(currency))
    if not value.is_finite() or abs(value) > 10**12:
        raise _wrong(line, _("this must be a number"))
    if kind in ("whole", "money"):
        if value != value.to_integral_value():
            raise _wrong(line, _("this must be a whole number"))
        return int(value)
    return float(value)


def _wrong(line: int, what: str) -> Invalid:
    return Invalid("condition_wrong", _("Condition %(line)s: %(what)s.", line=line, what=what), errors={})
