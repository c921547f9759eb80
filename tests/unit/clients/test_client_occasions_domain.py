"""The days of occasions: each person has one a year, and it is ahead, open or over, never two of these."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.clients.domain.occasions import AFTER, closed_before, earlier_days, open_days, remembered_on

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  made aware
LEAPERS = st.sampled_from([date(1904, 2, 29), date(1996, 2, 29), date(2000, 2, 29)])
BIRTHS = LEAPERS | st.dates(date(1900, 1, 1), date(2020, 1, 1))


@given(MOMENTS, st.integers(-60, 60))
def test_a_day_is_ahead_or_open_or_over(now: datetime, ahead: int) -> None:
    """So an occasion that was closed does not open again, and none stays open."""
    days, day = open_days(now), now.date() + timedelta(days=ahead)
    is_over = day + AFTER < closed_before(now)
    assert [day > days[-1], day in days, is_over].count(True) == 1


@given(MOMENTS)
def test_what_is_open_somewhere_on_earth_is_open(now: datetime) -> None:
    """Today is today in every zone, and the days go on without a hole."""
    days = open_days(now)
    assert {(now + timedelta(hours=hours)).date() for hours in range(-12, 15)} < set(days)
    assert all(later - earlier == timedelta(days=1) for earlier, later in pairwise(days))


@given(BIRTHS, st.integers(2021, 2100))
def test_everybody_has_one_birthday_a_year(born: date, year: int) -> None:
    """Those of 29 February too; and from the day one finds back to the birth."""
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(length)]
    (found,) = [day for day in days if f"{born:%m-%d}" in remembered_on(day)]
    assert born in earlier_days(found, born.year)
