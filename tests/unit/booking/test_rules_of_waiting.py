"""Who waits says when they would come, and is offered nothing else."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.time import Interval
from services.booking.domain.waiting import LONGEST_WAIT, Time, Wanted, best_first, check_wanted

MONDAY = date(2026, 6, 1)
WEEK = Wanted(MONDAY, MONDAY + timedelta(days=6))
MORNINGS = Wanted(MONDAY, MONDAY + timedelta(days=13), (Time(0, 9 * 60, 12 * 60), Time(2, 9 * 60, 9 * 60)))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute)  # noqa: DTZ001  the wall clock


@pytest.mark.parametrize(
    ("wanted", "wall", "suits"),
    [
        (WEEK, at(1, 0), True),
        (WEEK, at(7, 23, 45), True),
        (WEEK, at(8, 0), False),
        (MORNINGS, at(1, 9), True),
        (MORNINGS, at(1, 12), True),
        (MORNINGS, at(1, 12, 15), False),
        (MORNINGS, at(2, 10), False),
        (MORNINGS, at(3, 9), True),
        (MORNINGS, at(8, 11), True),
        (MORNINGS, at(15, 11), False),
    ],
)
def test_dates_and_times_are_included_at_both_ends(wanted: Wanted, wall: datetime, suits: bool) -> None:
    assert wanted.suits(wall) is suits


@pytest.mark.parametrize(
    ("wanted", "field", "code"),
    [
        (Wanted(MONDAY, MONDAY - timedelta(days=1)), "latest", "period_invalid"),
        (Wanted(MONDAY, MONDAY + LONGEST_WAIT + timedelta(days=1)), "latest", "period_too_long"),
        (Wanted(MONDAY - timedelta(days=9), MONDAY - timedelta(days=1)), "latest", "period_over"),
        (Wanted(MONDAY, MONDAY, (Time(0, 60, 120), Time(1, 120, 60))), "times.1.latest", "time_ends_early"),
        (Wanted(MONDAY, MONDAY + timedelta(days=2), (Time(3, 0, 1440), Time(6, 60, 120))), "times", "times_on_no_date"),
    ],
)
def test_what_cannot_be_waited_for_is_refused_by_its_field(wanted: Wanted, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_wanted(wanted, MONDAY)
    assert (refusal.value.code, list(refusal.value.details["errors"])) == (code, [field])


WALLS = st.integers(0, 14 * 48).map(lambda halves: datetime(2026, 6, 1) + timedelta(minutes=30 * halves))  # noqa: DTZ001
TIMES = st.builds(
    lambda weekday, earliest, long: Time(weekday, 30 * earliest, min(30 * (earliest + long), 24 * 60)),
    st.integers(0, 6),
    st.integers(0, 47),
    st.integers(0, 10),
)


@given(WALLS, st.integers(0, 200), st.lists(TIMES, max_size=3), st.integers(-3, 9), st.integers(0, 5))
def test_some_time_may_suit_exactly_where_one_does(
    first: datetime, halves: int, times: list[Time], day: int, days: int
) -> None:
    earliest = MONDAY + timedelta(days=day)
    wanted = Wanted(earliest, earliest + timedelta(days=days), tuple(times))
    walls = [first + timedelta(minutes=30 * half) for half in range(halves + 1)]
    assert wanted.may_suit(first, walls[-1]) == any(wanted.suits(wall) for wall in walls)


def test_the_freed_time_itself_is_offered_before_what_only_reaches_into_it() -> None:
    freed = Interval(at(1, 12), at(1, 14))
    starts = [at(1, 11), at(1, 11, 30), at(1, 12), at(1, 13), at(1, 14)]
    assert best_first(starts, freed) == [at(1, 12), at(1, 13), at(1, 11, 30), at(1, 11), at(1, 14)]
