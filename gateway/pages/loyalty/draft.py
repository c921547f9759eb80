"""A programme as somebody fills it in: from the document to fields of a form, and back with the place of each mistake.

A draft is what the form holds: a node for each object, under the same names as in the document; entries of lists are
nodes under a mark of their own, which stays while others are added and removed.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4

from babel.numbers import NumberFormatError, format_decimal, get_currency_precision, parse_decimal

from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale
from gateway.pages.loyalty.fields import RULES, SECTIONS, SORTING, Field
from kernel.errors import Invalid
from kernel.money import LARGEST

Node = dict[str, Any]  # of nodes, and of lists of texts

ABOUT_RULE = (
    Field("name", "", "maybe_text"),
    Field("branch_ids", "", "picks"),
)


def mark() -> str:
    """For a new entry of a list."""
    return uuid4().hex[:8]


# --- from a form -----------------------------------------------------------------------------------------------------


def posted(fields: Sequence[tuple[str, Sequence[str]]]) -> Node:
    """What a form says, `rules.3f.steps.a0.percent` and so on, in the order in which it says it."""
    whole: Node = {}
    for name, texts in fields:
        *way, last = name.split(".")
        node = whole
        for step in way:
            below = node.setdefault(step, {})
            if not isinstance(below, dict):
                break
            node = below
        else:
            node.setdefault(last, [text.strip() for text in texts])
    return whole


def said(node: Node, name: str) -> str:
    """The text of a field, empty if there is none."""
    found = node.get(name)
    return str(found[0]) if isinstance(found, list) and found else ""


def entries(node: Node, name: str) -> list[tuple[str, Node]]:
    """The entries of a list with their marks."""
    found = node.get(name)
    return [(key, each) for key, each in found.items() if isinstance(each, dict)] if isinstance(found, dict) else []


# --- to the document -------------------------------------------------------------------------------------------------


class Reading:
    """Reads a draft; `wrong` has what cannot be read, `places` where each entry of the document stands in the form."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.wrong: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}

    def document(self, draft: Node) -> dict[str, Any]:
        document: dict[str, Any] = {"rules": self._rules(draft), "sorting": self._rows(SORTING, draft, "", "")}
        if name := said(draft, "name"):
            document["name"] = name
        for section in SECTIONS:
            node = draft.get(section.name)
            if section.optional and not (isinstance(node, dict) and said(node, "on")):
                document[section.name] = None
            else:
                document[section.name] = self._object(
                    section.fields, node if isinstance(node, dict) else {}, section.name, section.name
                )
        if self.wrong:
            raise Invalid("invalid_fields", "some fields cannot be read", errors=self.wrong)
        return document

    def in_form(self, refused: Invalid) -> Invalid:
        """The same refusal with the names of the form."""
        errors = {self._place(place): texts for place, texts in refused.details.get("errors", {}).items()}
        return Invalid("invalid_fields" if errors else refused.code, refused.message, errors=errors)

    def _place(self, place: str) -> str:
        parts = place.split(".")
        for end in range(len(parts), 0, -1):
            if (form := self.places.get(".".join(parts[:end]))) is not None:
                return ".".join([form, *parts[end:]])
        return place

    def _rules(self, draft: Node) -> list[dict[str, Any]]:
        rules = []
        for number, (key, node) in enumerate(entries(draft, "rules")):
            here, form = f"rules.{number}", f"rules.{key}"
            self.places[here] = form
            kind = said(node, "kind")
            fields = RULES[kind].fields if kind in RULES else ()
            rules.append({"kind": kind} | self._object((*ABOUT_RULE, *fields), node, here, form))
        return rules

    def _object(self, fields: Sequence[Field], node: Node, here: str, form: str) -> dict[str, Any]:
        read: dict[str, Any] = {}
        by = said(node, "by")
        for field in fields:
            read[field.name] = self._value(field, node, f"{here}.{field.name}", f"{form}.{field.name}", by)
        return read

    def _value(self, field: Field, node: Node, here: str, form: str, by: str) -> Any:
        match field.kind:
            case "rows":
                return self._rows(field, node, here, form, by=by)
            case "month_days":
                return [
                    f"{each['month']}-{each['day']:02}" if isinstance(each.get("day"), int) else ""
                    for each in self._rows(field, node, here, form)
                ]
            case "part":
                inner = node.get(field.name)
                here_too = isinstance(inner, dict) and said(inner, "on")
                return self._object(field.inside, inner, here, form) if here_too and isinstance(inner, dict) else None
            case "reward":
                return self._reward(node.get(field.name), here, form)
            case "picks" | "several":
                return list(node.get(field.name) or [])
            case "flag":
                return bool(said(node, field.name))
            case _:
                return self._text(field.kind, said(node, field.name), form, by)

    def _rows(self, field: Field, node: Node, here: str, form: str, *, by: str = "") -> list[dict[str, Any]]:
        rows = []
        here, form = here or field.name, form or field.name
        for number, (key, entry) in enumerate(entries(node, field.name)):
            self.places[f"{here}.{number}"] = f"{form}.{key}"
            inner = entry if field.name != "levels" else entry | {"by": [by]}
            rows.append(self._object(field.inside, inner, f"{here}.{number}", f"{form}.{key}"))
        return rows

    def _reward(self, node: Any, here: str, form: str) -> dict[str, Any]:
        self.places[here] = f"{form}.value"
        if not isinstance(node, dict):
            return {}
        gives, text = said(node, "gives"), said(node, "value")
        for name in ("percent", "gift", "offer"):
            self.places[f"{here}.{name}"] = f"{form}.value"
        if gives == "percent":
            return {"percent": self._text("percent", text, f"{form}.value", "")}
        return {gives: text} if gives in ("gift", "offer") else {}

    def _text(self, kind: str, text: str, form: str, by: str) -> Any:
        if kind == "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        if kind == "wholes":
            return [self._whole(part, form) for part in text.replace(";", ",").split(",") if part.strip()]
        if not text:
            return None if kind.startswith("maybe") or kind in ("choice", "pick") else self._missing(form)
        if kind in ("whole", "maybe") or (kind == "amount" and by != "spend"):
            return self._whole(text, form)
        if kind in ("money", "maybe_money", "amount"):
            return self._money(text, form)
        if kind in ("percent", "maybe_percent", "factor"):
            number = self._decimal(text, form)
            return None if number is None else f"{number:f}"
        return text

    def _missing(self, form: str) -> None:
        self.wrong[form] = [_("Please fill this in.")]

    def _whole(self, text: str, form: str) -> int | None:
        digits = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
        if digits.isdecimal() and len(digits) <= 15:
            return int(digits)
        self.wrong[form] = [_("This must be a whole number.")]
        return None

    def _decimal(self, text: str, form: str) -> Decimal | None:
        """A number as the language writes it; with a point, too, for that is what many keyboards offer."""
        plain = text.strip().removesuffix("%").strip().replace(" ", "\u00a0")
        try:
            number = Decimal(plain) if "," not in plain else parse_decimal(plain, locale=locale())
            if number.is_finite() and abs(number) < LARGEST:
                return number
        except (NumberFormatError, InvalidOperation):
            try:
                return parse_decimal(plain, locale=locale())
            except (NumberFormatError, InvalidOperation):
                pass
        self.wrong[form] = [_("This must be a number.")]
        return None

    def _money(self, text: str, form: str) -> int | None:
        number = self._decimal(text, form)
        if number is None:
            return None
        minor = number.scaleb(get_currency_precision(self.currency))
        if minor == minor.to_integral_value() and 0 <= minor <= LARGEST:
            return int(minor)
        self.wrong[form] = [_("This must be an amount of money.")]
        return None


# --- from the document -----------------------------------------------------------------------------------------------


def drawn(document: Mapping[str, Any], currency: str) -> Node:
    """The draft of a document in its normal form."""
    draft: Node = {"name": [document.get("name") or ""], "rules": {}, "sorting": {}}
    for rule in document.get("rules") or ():
        kind = RULES.get(rule["kind"])
        fields = (*ABOUT_RULE, *(kind.fields if kind else ()))
        draft["rules"][mark()] = {"kind": [rule["kind"]]} | _drawn(fields, rule, currency)
    for sort in document.get("sorting") or ():
        draft["sorting"][mark()] = _drawn(SORTING.inside, sort, currency)
    for section in SECTIONS:
        node = document.get(section.name)
        draft[section.name] = (
            _drawn(section.fields, node, currency) | {"on": ["yes"]} if node else started(section.fields)
        )
    return draft


def started(fields: Sequence[Field]) -> Node:
    """A new object: what its fields stand at to begin with, and one entry in each list."""
    node: Node = {}
    for field in fields:
        if field.kind == "part":
            node[field.name] = started(field.inside)
        elif field.kind in ("rows", "month_days"):
            node[field.name] = {} if field.name in ("groups", "sorting") else {mark(): started(field.inside)}
        elif field.kind == "reward":
            node[field.name] = {"gives": ["percent"], "value": [""]}
        elif field.start:
            node[field.name] = [_localized(field.start) if field.kind in _NUMBERS else field.start]
    return node


_NUMBERS = frozenset({"factor", "percent", "money"})


def _localized(text: str) -> str:
    return str(format_decimal(Decimal(text), locale=locale(), decimal_quantization=False, group_separator=False))


def _drawn(fields: Sequence[Field], node: Mapping[str, Any], currency: str) -> Node:
    return {field.name: _field(field, node, currency) for field in fields}


def _field(field: Field, node: Mapping[str, Any], currency: str) -> Any:
    value = node.get(field.name)
    match field.kind:
        case "rows":
            return {mark(): _drawn(field.inside, _with_by(each, node), currency) for each in value or ()}
        case "month_days":
            return {mark(): {"month": [each[:2]], "day": [str(int(each[3:]))]} for each in value or ()}
        case "part":
            return _drawn(field.inside, value, currency) | {"on": ["yes"]} if value else started(field.inside)
        case "reward":
            gives = next((name for name in ("percent", "gift", "offer") if (value or {}).get(name)), "percent")
            text = str((value or {}).get(gives, ""))
            return {"gives": [gives], "value": [_localized(text) if gives == "percent" and text else text]}
        case "picks" | "several":
            return list(value or ())
        case "flag":
            return ["yes"] if value else []
    return [_text_of(field.kind, value, node, currency)]


def _with_by(entry: Mapping[str, Any], above: Mapping[str, Any]) -> Mapping[str, Any]:
    """A status with what statuses are reached by, which says whether its beginning is money."""
    return {**entry, "by": above["by"]} if "by" in above and "start" in entry else entry


def _text_of(kind: str, value: Any, node: Mapping[str, Any], currency: str) -> str:
    if value is None:
        return ""
    if kind in ("money", "maybe_money") or (kind == "amount" and node.get("by") == "spend"):
        return _localized(str(Decimal(value).scaleb(-get_currency_precision(currency))))
    if kind in ("percent", "maybe_percent", "factor"):
        return _localized(str(value))
    if kind == "lines":
        return "\n".join(value)
    if kind == "wholes":
        return ", ".join(map(str, value))
    return str(value)
