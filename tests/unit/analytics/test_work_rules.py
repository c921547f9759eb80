"""Idle time, shares and months, without a computer."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.time import Interval
from services.analytics.domain.occupancy import idle, offset_of
from services.analytics.domain.retention import definition, months_after
from services.analytics.domain.shares import average, percent

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def during(starts, ends):
    return Interval(START + timedelta(minutes=starts), START + timedelta(minutes=ends))


def minutes_of(intervals):
    return {
        each.starts + timedelta(minutes=minute)
        for each in intervals
        for minute in range((each.ends - each.starts) // timedelta(minutes=1))
    }


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda each: during(each[0], sum(each))))


@given(opened=SPANS, booked=SPANS)
def test_idle_is_every_open_minute_that_nobody_booked(opened, booked):
    found = list(idle(opened, booked))
    assert minutes_of(found) == minutes_of(opened) - minutes_of(booked)


@given(booked=SPANS)
def test_windows_of_one_shift_neither_touch_nor_overlap(booked):
    found = list(idle([during(0, 90)], booked))
    assert all(one.ends < other.starts for one, other in pairwise(found))


def test_the_offset_of_a_place_follows_from_what_its_clock_shows():
    at = offset_of(START, datetime.combine(date(2026, 3, 2), time(14, 30)))
    assert START.astimezone(at).isoformat() == "2026-03-02T14:30:00+05:30"
    assert START.astimezone(offset_of(START, datetime.combine(date(2026, 3, 2), time(4)))).hour == 4


@pytest.mark.parametrize(
    ("month", "as_of", "months"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), 0),
        (date(2026, 1, 1), date(2026, 2, 28), 0),
        (date(2026, 1, 1), date(2026, 3, 1), 1),
        (date(2025, 11, 1), date(2026, 2, 1), 2),
        (date(2020, 1, 1), date(2026, 2, 1), 12),
        (date(2027, 1, 1), date(2026, 2, 1), 0),
    ],
)
def test_a_month_after_counts_once_it_is_over(month, as_of, months):
    assert months_after(month, as_of) == months


def test_shares_round_half_up_and_there_is_none_of_nothing():
    assert percent(1, 3) == Decimal("33.33")
    assert percent(1, 800) == Decimal("0.13")
    assert percent(0, 0) is None
    assert (average(3, 2), average(-3, 2), average(0, 0)) == (2, -2, None)


@given(
    clients=st.sampled_from(["new", "all"]),
    days=st.integers(1, 1_000),
    keys=st.sets(st.sampled_from(["branch", "master"])),
)
def test_the_definition_names_the_window_and_whose_visits_count(clients, days, keys):
    said = definition(clients, days, keys)
    assert f"{days} days" in said
    assert all(key in said for key in keys)
