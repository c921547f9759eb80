"""Numbers, money, days and months as people of a language write them."""

from datetime import date
from decimal import Decimal
from math import isfinite

BLANK = "\u00a0"
SIGNS = {"RUB": "₽", "EUR": "€", "USD": "$", "GBP": "£", "KZT": "₸"}

MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ru": ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
}
WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
}
LARGE = {
    "en": ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")),
    "ru": ((1_000_000_000, f"{BLANK}млрд"), (1_000_000, f"{BLANK}млн"), (1_000, f"{BLANK}тыс.")),
}
_NOT_SHORT_BELOW = 10_000


def number(value: float | Decimal, language: str, places: int = 0) -> str:
    """`1,234.5` or `1 234,5`; zeros after the point are not written."""
    text = f"{value:,.{places}f}"
    if places:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    if language == "ru":
        text = text.replace(",", BLANK).replace(".", ",")
    return text.replace("-", "−")


def short(value: float, language: str) -> str:
    """At most some five characters, for axes and cells: `1.2M`."""
    for size, word in LARGE[language]:
        if abs(value) >= max(size, _NOT_SHORT_BELOW):
            return number(value / size, language, 1) + word
    return number(value, language, 0 if abs(value) >= 100 else 2)


def money(minor_units: float, currency: str, language: str, *, brief: bool = False) -> str:
    """Whole units, the sign where the language has it; kopecks where there are some."""
    units = minor_units / 100
    text = short(units, language) if brief else number(units, language, 0 if float(units).is_integer() else 2)
    sign = SIGNS.get(currency, currency)
    if language == "en" and len(sign) == 1:
        return f"−{sign}{text[1:]}" if text.startswith("−") else f"{sign}{text}"
    return f"{text}{BLANK}{sign}".rstrip()


def percent(value: float | Decimal, language: str) -> str:
    text = number(value, language, 1)
    return f"{text}{BLANK}%" if language == "ru" else f"{text}%"


def day(value: date, language: str, *, year: bool = True) -> str:
    """`5 Jan 2026`; days come first in both languages."""
    text = f"{value.day}{BLANK}{MONTHS[language][value.month - 1]}"
    return f"{text}{BLANK}{value.year}" if year else text


def month(value: str, language: str) -> str:
    """`Jan 2026` for `2026-01`."""
    year, _, number_of_month = value.partition("-")
    return f"{MONTHS[language][int(number_of_month) - 1]}{BLANK}{year}"


def period(value: str, language: str) -> str:
    """A day, a month, a quarter or a year, whatever of these `value` is; anything else as it is."""
    if len(value) == 10:
        return day(date.fromisoformat(value), language)
    if len(value) == 7 and value[5:6] != "Q":
        return month(value, language)
    if len(value) == 7:
        return (
            f"{'Q' if language == 'en' else ''}{value[6]}{BLANK}{'' if language == 'en' else f'кв.{BLANK}'}{value[:4]}"
        )
    return value


def drawn(value: float | Decimal | None) -> float | None:
    """A value that can be drawn: finite, or none."""
    if value is None:
        return None
    found = float(value)
    return found if isfinite(found) else None
