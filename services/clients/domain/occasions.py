"""On which days clients are remembered."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from kernel.errors import Invalid

LONGEST_PERIOD = 62  # days
BEFORE, AFTER = timedelta(days=7), timedelta(days=7)  # how long before its day an occasion opens, and closes after it
FIRST_DAY, LAST_DAY = timedelta(hours=14), timedelta(hours=-12)  # where on earth a date begins, and where it ends


def days_between(first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last`, both included; `Invalid` if they are reversed or too many."""
    days = (last - first).days + 1
    if not 1 <= days <= LONGEST_PERIOD:
        raise Invalid.field("to", "period_wrong", f"a period has 1 to {LONGEST_PERIOD} days")
    return (first + timedelta(days=day) for day in range(days))


def month_day(day: date) -> str:
    """`MM-DD`."""
    return f"{day:%m-%d}"


def remembered_on(day: date) -> tuple[str, ...]:
    """Whose days are kept on `day`: also those of 29 February, in a year without one the day before."""
    if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
        return ("02-28", "02-29")
    return (month_day(day),)


def earlier_days(day: date, first_year: int) -> list[date]:
    """The days of the years from `first_year` until the one before that are remembered on `day`."""
    days = []
    for year in range(first_year, day.year):
        for text in remembered_on(day):
            try:
                days.append(date.fromisoformat(f"{year:04}-{text}"))
            except ValueError:  # a 29 February that was not
                continue
    return days


def open_days(now: datetime) -> list[date]:
    """The days whose occasions are open at `now`: a day begins when it does so anywhere, for branches lie anywhere."""
    first, last = (now + LAST_DAY).date() - AFTER, (now + FIRST_DAY).date() + BEFORE
    return [first + timedelta(days=day) for day in range((last - first).days + 1)]


def closed_before(now: datetime) -> date:
    """Occasions that close on an earlier day than this are over everywhere."""
    return (now + LAST_DAY).date()
