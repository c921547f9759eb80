"""What a form says, read into the types that Requests are made of."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import flask
import msgspec
from babel.numbers import NumberFormatError, get_currency_precision, parse_decimal
from msgspec.inspect import BytesType

from chassis.wire import encode
from contracts.message import Request
from gateway.pages.languages import gettext as _
from gateway.pages.languages import locale
from gateway.pages.uploads import Upload, sent
from gateway.schemas import explain, schema
from gateway.shapes import request_members
from kernel.errors import Invalid
from kernel.money import LARGEST, Money

KEY = "key"
YEARS = range(2, 9_999)  # whose days have one before and one after, in every zone


class Form:
    """The fields of a form, or of a query string, of this request. A field that is wrong is refused by its name."""

    def __init__(self) -> None:
        request = flask.request
        self._fields = request.form if request.method == "POST" else request.args

    @property
    def key(self) -> str:
        """By which a form that is sent twice is done once; every form carries its own."""
        key = self._fields.get(KEY, "")
        if not (16 <= len(key) <= 64 and key.isalnum()):
            raise Invalid.field(KEY, "form_malformed", _("Load the page again: this form is not complete."))
        return key

    def maybe(self, name: str) -> str | None:
        """The text of a field, None if it is empty."""
        return (self._fields.get(name) or "").strip() or None

    def text(self, name: str) -> str:
        text = self.maybe(name)
        if text is None:
            raise Invalid.field(name, "field_missing", _("Please fill this in."))
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(text.strip() for text in self._fields.getlist(name) if text.strip())

    def each(self, name: str) -> tuple[str, ...]:
        """The texts of all fields with this name, empty ones too, so that rows of several fields stay together."""
        return tuple(text.strip() for text in self._fields.getlist(name))

    def one_of(self, name: str, offered: Iterable[str]) -> str:
        """The word that was chosen among those that the page offers."""
        return _offered(name, self.text(name), offered)

    def maybe_one_of(self, name: str, offered: Iterable[str]) -> str | None:
        text = self.maybe(name)
        return None if text is None else _offered(name, text, offered)

    def ticked(self, name: str) -> bool:
        return name in self._fields

    def id(self, name: str) -> UUID:
        return _uuid(name, self.text(name))

    def maybe_id(self, name: str) -> UUID | None:
        text = self.maybe(name)
        return None if text is None else _uuid(name, text)

    def ids(self, name: str) -> tuple[UUID, ...]:
        return tuple(_uuid(name, text) for text in self.texts(name))

    def whole(self, name: str) -> int:
        text = self.text(name)
        if not text.isdecimal() or len(text) > 15:
            raise Invalid.field(name, "not_a_number", _("This must be a whole number."))
        return int(text)

    def day(self, name: str) -> date:
        try:
            value = date.fromisoformat(self.text(name))
        except ValueError:
            value = date.min
        if value.year not in YEARS:
            raise Invalid.field(name, "not_a_date", _("This must be a date."))
        return value

    def maybe_day(self, name: str) -> date | None:
        return self.day(name) if self.maybe(name) else None

    def instant(self, name: str, zone: str) -> datetime:
        """A wall-clock time of the branch, `2026-11-23T10:30`; one that an offset follows keeps it."""
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            value = datetime.min  # noqa: DTZ901  refused below
        if value.year not in YEARS:
            raise Invalid.field(name, "not_a_time", _("This must be a date and a time."))
        return value if value.tzinfo else value.replace(tzinfo=ZoneInfo(zone))

    def maybe_file(self, upload: Upload) -> tuple[str, bytes] | None:
        """The name and the content of the file, nothing if none was chosen; the form says that it `takes` it."""
        return sent(upload)

    def file(self, upload: Upload) -> tuple[str, bytes]:
        found = self.maybe_file(upload)
        if found is None:
            raise Invalid.field(upload.name, "field_missing", _("Please choose a file."))
        return found

    def maybe_money(self, name: str, currency: str) -> Money | None:
        """An amount as people of the language write it: 1 500,50."""
        text = self.maybe(name)
        if text is None:
            return None
        try:
            value = parse_decimal(text.replace(" ", "\u00a0"), locale=locale())
        except (NumberFormatError, InvalidOperation):
            value = Decimal("NaN")
        minor = value.scaleb(get_currency_precision(currency))
        if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > LARGEST:
            raise Invalid.field(name, "not_an_amount", _("This must be an amount of money."))
        return Money(int(minor), currency)


def check(request: Request[Any]) -> None:
    """Refuse a Request whose fields are not as the API takes them, with the words of the API."""
    kind = type(request)
    members = tuple(one for one in request_members(kind) if not isinstance(one.node, BytesType))  # a file: its service
    values = _as_outside(msgspec.json.decode(encode(request)))
    said = {one.key: values[one.key] for one in members if one.key in values}
    wrong = explain(schema(f"{kind.__name__}Form", members), said)
    if wrong:
        raise Invalid("invalid_fields", next(iter(wrong.values()))[0], errors=wrong)


def _as_outside(value: Any) -> Any:
    """The same with the names that fields have outside: `from_` is `from` there."""
    if isinstance(value, dict):
        return {name.rstrip("_"): _as_outside(inner) for name, inner in value.items()}
    return [_as_outside(inner) for inner in value] if isinstance(value, list) else value


def _uuid(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_offered(name) from None


def _offered(name: str, text: str, offered: Iterable[str]) -> str:
    if text not in offered:
        raise not_offered(name)
    return text


def not_offered(name: str) -> Invalid:
    """The refusal of what no page offers."""
    return Invalid.field(name, "choice_unknown", _("Choose one from the list."))
