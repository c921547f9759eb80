"""Limits that are kept in minutes and told in hours, halves too."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from kernel.errors import Invalid

HOUR = 60
LONGEST = 60 * 24 * HOUR  # minutes


def hours_shown(minutes: int | None) -> str:
    """As a field of numbers takes it: 1.5."""
    return "" if minutes is None else f"{(Decimal(minutes) / HOUR).quantize(Decimal('0.0001')).normalize():f}"


def minutes_of(form: Form, name: str) -> int:
    try:
        minutes = Decimal(form.text(name).replace(",", ".")) * HOUR
    except InvalidOperation:
        minutes = Decimal("NaN")
    if not minutes.is_finite() or not 0 <= minutes <= LONGEST:
        raise Invalid.field(name, "not_a_number", _("This must be a number of hours, up to 1440."))
    return int(minutes.to_integral_value(ROUND_HALF_EVEN))


def maybe_minutes(form: Form, name: str) -> int | None:
    return None if form.maybe(name) is None else minutes_of(form, name)
