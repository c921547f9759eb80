"""When it is long enough ago to forget somebody."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.database import new_id
from services.clients import domain


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-11-23T01:00:00+00:00", 1, "2026-10-23T01:00:00+00:00"),
        ("2026-03-31T01:00:00+00:00", 1, "2026-02-28T01:00:00+00:00"),
        ("2024-02-29T01:00:00+00:00", 12, "2023-02-28T01:00:00+00:00"),
        ("2026-01-15T01:00:00+00:00", 13, "2024-12-15T01:00:00+00:00"),
    ],
)
def test_months_are_those_of_the_calendar(now: str, months: int, then: str) -> None:
    """The same day so many months ago, or the last day of a shorter month."""
    assert domain.months_before(datetime.fromisoformat(now), months) == datetime.fromisoformat(then)


@given(st.dates(date(2000, 1, 1), date(2199, 1, 1)), st.integers(1, 600))
def test_more_months_are_longer_ago(day: date, months: int) -> None:
    """Every month more is earlier, and it is never less than 28 days each."""
    now = datetime.combine(day, time(12), UTC)
    earlier = domain.months_before(now, months)
    assert domain.months_before(now, months + 1) < earlier <= now - timedelta(days=28) * months


def test_ids_tell_before_and_after() -> None:
    """An id made now lies between a moment ago and a moment ahead."""
    now = datetime.now(UTC)
    assert domain.first_id_of(now - timedelta(seconds=5)) < new_id() < domain.first_id_of(now + timedelta(seconds=5))
