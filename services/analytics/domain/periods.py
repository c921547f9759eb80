"""Which periods may be asked for."""

from datetime import date, timedelta

from kernel.errors import Invalid

LONGEST_YEARS = 20


def check_period(first: date, last: date) -> None:
    """Refuse a period that ends before it begins, or that is longer than any salon's history."""
    if first > last:
        raise Invalid.field("from", "period_invalid", "the period ends before it begins")
    if last.year - first.year > LONGEST_YEARS:
        raise Invalid.field("to", "period_too_long", f"the period is longer than {LONGEST_YEARS} years")


def end_of_month(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
