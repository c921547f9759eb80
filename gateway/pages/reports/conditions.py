"""Conditions as a form has them, groups of tests within groups, and as the API reads them."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, get_currency_precision, parse_decimal

from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale
from gateway.pages.loyalty.draft import Node, entries, mark, said
from gateway.pages.reports.subjects import Test
from gateway.pages.reports.words import MONEY

UNKNOWN = "—"  # stands for nothing at all, which a test may ask for, too


class Conditions:
    """Reads the conditions of a form; `wrong` has what cannot be read, `places` where each part stands in the form."""

    def __init__(self, tests: Mapping[str, Test], currency: str) -> None:
        self.tests = tests
        self.currency = currency
        self.wrong: dict[str, list[str]] = {}
        self.places: dict[str, str] = {}

    def filter(self, node: Node) -> dict[str, Any] | None:
        """The filter, nothing where no test is said."""
        return self._group(node, "document.filter", "filter") if entries(node, "parts") else None

    def _group(self, node: Node, here: str, form: str) -> dict[str, Any] | None:
        join = said(node, "join") or "and"
        inside = {"and": f"{here}.and", "or": f"{here}.or", "not": f"{here}.not.or"}.get(join, f"{here}.and")
        parts: list[Any] = []
        for key, each in entries(node, "parts"):
            place, where = f"{inside}.{len(parts)}", f"{form}.parts.{key}"
            part = self._group(each, place, where) if "join" in each else self._test(each, place, where)
            if part is not None:
                self.places.setdefault(place, f"{where}.field")
                parts.append(part)
        if not parts:
            return None
        return {"not": {"or": parts}} if join == "not" else {"or" if join == "or" else "and": parts}

    def _test(self, node: Node, here: str, form: str) -> dict[str, Any] | None:
        name, operator = said(node, "field"), said(node, "op") or "is"
        test = self.tests.get(name)
        if test is None:
            return None
        self.places |= {f"{here}.field": f"{form}.field", f"{here}.{operator}": f"{form}.value"}
        self.places[f"{here}.within_days"] = f"{form}.within_days"
        texts = [text for text in node.get("value") or [] if text]
        if operator == "in" and not test.options and test.kind not in ("id", "flag"):
            texts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
        if not texts:
            self.wrong[f"{form}.value"] = [_("Please fill this in.")]
            return None
        values = [self._value(name, test, text, f"{form}.value") for text in texts]
        read: dict[str, Any] = {"field": name, operator: values if operator == "in" else values[0]}
        if test.windowed and (days := said(node, "within_days")):
            read["within_days"] = self._whole(days, f"{form}.within_days")
        return read

    def _value(self, name: str, test: Test, text: str, form: str) -> Any:
        if text == UNKNOWN and test.nullable:
            return None
        if test.kind == "flag":
            return text == "yes"
        if name in MONEY:
            number = self._number(text, form)
            return None if number is None else int(number.scaleb(get_currency_precision(self.currency)))
        if test.kind == "whole":
            return self._whole(text, form)
        if test.kind == "number":
            number = self._number(text, form)
            return None if number is None else float(number)
        return text

    def _whole(self, text: str, form: str) -> int | None:
        if text.isdecimal() and len(text) <= 15:
            return int(text)
        self.wrong[form] = [_("This must be a whole number.")]
        return None

    def _number(self, text: str, form: str) -> Decimal | None:
        try:
            number = parse_decimal(text.replace(" ", "\u00a0"), locale=locale())
            if number.is_finite():
                return number
        except (NumberFormatError, InvalidOperation):
            pass
        self.wrong[form] = [_("This must be a number.")]
        return None


def drawn(condition: Mapping[str, Any] | None, currency: str) -> Node:
    """A filter as the form has it: a group at the top, whatever the filter is."""
    if not condition:
        return {"join": ["and"], "parts": {}}
    node = _node(condition, currency)
    return node if "join" in node else {"join": ["and"], "parts": {mark(): node}}


def _node(condition: Mapping[str, Any], currency: str) -> Node:
    if "not" in condition:
        inner = condition["not"]
        parts = inner.get("or", [inner])
        return {"join": ["not"], "parts": {mark(): _node(part, currency) for part in parts}}
    for join in ("and", "or"):
        if join in condition:
            return {"join": [join], "parts": {mark(): _node(part, currency) for part in condition[join]}}
    name = condition["field"]
    operator = next(key for key in condition if key not in ("field", "within_days"))
    value = condition[operator]
    texts = [_text(name, each, currency) for each in (value if operator == "in" else [value])]
    days = condition.get("within_days")
    return {"field": [name], "op": [operator], "value": texts, "within_days": [str(days) if days else ""]}


def _text(name: str, value: Any, currency: str) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in MONEY:
        return _plain(Decimal(value).scaleb(-get_currency_precision(currency)))
    return _plain(Decimal(str(value))) if isinstance(value, float) else str(value)


def _plain(number: Decimal) -> str:
    return str(format_decimal(number, locale=locale(), decimal_quantization=False, group_separator=False))
