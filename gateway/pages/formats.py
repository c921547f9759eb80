"""Money, dates and times as people of a language write them; wall clocks are those of the branch."""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from babel import dates, numbers

from gateway.pages import me_look
from gateway.pages.languages import chosen, locale, name_of
from kernel.money import Money

INTERNATIONAL = phonenumbers.PhoneNumberFormat.INTERNATIONAL
HIDDEN = "•"  # of a phone that is not shown whole
_DAYS = {"en": "d MMM y"}  # where the short form has the month in digits, 06/05/2026
_CODE = re.compile(r"([A-Z]{3})(?=\d)")  # a currency without a sign of its own stands apart


def money(value: Money) -> str:
    """Without decimals where there are none: 2 500 ₽, RUB 2,500.50."""
    amount = Decimal(value.amount).scaleb(-numbers.get_currency_precision(value.currency))
    pattern: str = locale().currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        text = numbers.format_currency(
            amount, value.currency, pattern.replace(".00", ""), locale=locale(), currency_digits=False
        )
    else:
        text = numbers.format_currency(amount, value.currency, locale=locale())
    return _CODE.sub("\\1\u00a0", text)


def amount(value: Money) -> str:
    """As people type it: without the currency and without a sign between thousands, 2500,5."""
    digits = Decimal(value.amount).scaleb(-numbers.get_currency_precision(value.currency))
    return decimal(digits)


def decimal(value: Decimal) -> str:
    return str(numbers.format_decimal(value, locale=locale(), decimal_quantization=False, group_separator=False))


def percent(value: Decimal) -> str:
    return numbers.format_percent(value / 100, locale=locale(), decimal_quantization=False)


def number(value: int) -> str:
    return numbers.format_decimal(value, locale=locale())


def day(value: date | datetime) -> str:
    """A date with its weekday: Mon, 23 November 2026."""
    return dates.format_skeleton("yMMMEd", value, locale=locale())


def month(value: str) -> str:
    """Nov 2026, of 2026-11."""
    return dates.format_skeleton("yMMM", date.fromisoformat(f"{value}-01"), locale=locale())


def city_of(time_zone: str) -> str:
    """Where the clocks are set so, as people call it: Moscow, of Europe/Moscow."""
    return dates.get_timezone_location(ZoneInfo(time_zone), locale=locale(), return_city=True)


def month_name(number: int) -> str:
    """January, standing alone."""
    return str(dates.get_month_names("wide", context="stand-alone", locale=locale())[number]).capitalize()


def near_day(value: date | datetime) -> str:
    """A date of these weeks: Mon 23 Nov."""
    return dates.format_skeleton("MMMEd", value, locale=locale())


def short_month(value: date | datetime) -> str:
    """Nov."""
    return dates.format_date(value, "LLL", locale=locale())


def short_day(value: date | datetime) -> str:
    """21.06.1976, 21 Jun 1976: with the whole year, and never so that a day could be a month."""
    return dates.format_date(value, _DAYS.get(chosen(), "short"), locale=locale())


def weekday(value: date | int) -> str:
    """Mon, of a date or a number from 0 on."""
    number = value if isinstance(value, int) else value.weekday()
    return str(dates.get_day_names("abbreviated", context="stand-alone", locale=locale())[number]).capitalize()


def phone(value: str) -> str:
    """As people of its country write it, +7 916 123-45-67; what is masked, or no number, stays as it is."""
    try:
        return value if HIDDEN in value else phonenumbers.format_number(phonenumbers.parse(value), INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return value


FILTERS = {
    "phone": phone,
    "weekday": weekday,
    "language_name": name_of,
    "money": money,
    "amount": amount,
    "decimal": decimal,
    "percent": percent,
    "number": number,
    "day": day,
    "near_day": near_day,
    "short_day": short_day,
    "short_month": short_month,
    "month": month,
    "city_of": city_of,
    "clock": me_look.clock,
    "called": me_look.called,
}
