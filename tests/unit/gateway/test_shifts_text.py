"""Working hours as people write them into a cell."""

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from contracts.booking import Assignment, PublishShifts, Shift
from gateway.pages.forms import check
from gateway.pages.shifts_text import read, written
from kernel.errors import Invalid

minutes = st.integers(0, 24 * 12).map(lambda fives: f"{fives // 12:02}:{fives % 12 * 5:02}")


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("10-18", [("10:00", "18:00")]),
        ("9–21", [("09:00", "21:00")]),
        (" 9.30 — 18:15 ", [("09:30", "18:15")]),
        ("900-1830", [("09:00", "18:30")]),
        ("10-14, 15-24", [("10:00", "14:00"), ("15:00", "24:00")]),
        ("10-14;15-19", [("10:00", "14:00"), ("15:00", "19:00")]),
        ("10-14 15-19", [("10:00", "14:00"), ("15:00", "19:00")]),
        ("", []),
        ("  ", []),
    ],
)
def test_hours_are_read_however_they_are_written(text, hours):
    assert list(read(text, "Anna")) == hours


@given(st.lists(st.tuples(minutes, minutes), max_size=3))
def test_what_is_written_is_read_as_the_same(hours):
    assert list(read(written(hours), "Anna")) == sorted(hours)


@pytest.mark.parametrize("text", ["10", "10-", "25-26", "10-18-20", "10:70-18", "off", "10-18x", "24:30-25"])
def test_what_is_no_time_is_refused_with_what_it_was_for(text):
    with Flask("cells").test_request_context("/"), pytest.raises(Invalid) as refused:
        read(text, "Anna, 23.11.")
    assert "Anna" in str(refused.value.details["errors"]["painted"])


def test_a_day_has_no_half_past_midnight_at_its_end():
    with Flask("cells").test_request_context("/"), pytest.raises(Invalid):
        read("10-24:30", "Anna")


def test_a_plan_is_checked_by_the_names_that_its_fields_have_outside():
    day = date(2026, 11, 23)
    painted = Assignment(uuid4(), shifts=(Shift(day, "10:00", "18:00"),), dates=(day,))
    check(PublishShifts(uuid4(), day, day, (painted,)))
    with pytest.raises(Invalid):
        check(PublishShifts(uuid4(), day, day, ()))
