"""Shifts: wall clocks into instants, in several zones and on the days when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.time import Interval, start_of_day
from services.booking.domain.shifts import Shift, by_date, clock_of, interval_of, intervals_of, minutes_of, next_instant

ZONES = (
    "Europe/Paris",
    "America/Toronto",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "Europe/Moscow",
)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
zones = st.sampled_from(ZONES).map(ZoneInfo)


@settings(deadline=None)
@given(st.integers(0, 1440))
def test_clocks_are_read_as_they_are_written(minutes: int) -> None:
    assert minutes_of(clock_of(minutes)) == minutes


@settings(deadline=None)
@given(days, st.integers(0, 1439), zones)
def test_an_instant_shows_its_clock_or_ends_the_gap(day: date, minutes: int, tz: ZoneInfo) -> None:
    instant = next_instant(day, minutes, tz)
    shown = instant.astimezone(tz)
    if (shown.hour * 60 + shown.minute, shown.date()) != (minutes, day):
        before = (instant - timedelta(seconds=1)).astimezone(tz)
        assert before.utcoffset() < shown.utcoffset()  # type: ignore[operator]
        wanted = datetime.combine(day, time(minutes // 60, minutes % 60))
        assert before.replace(tzinfo=None) < wanted < shown.replace(tzinfo=None)


@settings(deadline=None)
@given(days, zones, st.data())
def test_later_clocks_are_never_earlier_instants_before_the_fold(day: date, tz: ZoneInfo, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, 1440))
    second = data.draw(st.integers(first, 1440))
    assert next_instant(day, first, tz) <= next_instant(day, second, tz)


@pytest.mark.parametrize(
    ("zone", "day", "clock", "instant"),
    [
        ("Europe/Paris", date(2027, 3, 28), "02:30", datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),
        ("Europe/Paris", date(2027, 10, 31), "02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        ("America/Toronto", date(2027, 3, 14), "02:00", datetime(2027, 3, 14, 7, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2027, 10, 3), "02:15", datetime(2027, 10, 2, 15, 30, tzinfo=UTC)),
        ("America/Santiago", date(2027, 9, 5), "00:00", datetime(2027, 9, 5, 4, 0, tzinfo=UTC)),
        ("Europe/Moscow", date(2027, 3, 28), "24:00", datetime(2027, 3, 28, 21, 0, tzinfo=UTC)),
    ],
)
def test_known_instants(zone: str, day: date, clock: str, instant: datetime) -> None:
    assert next_instant(day, minutes_of(clock), ZoneInfo(zone)) == instant


def test_a_shift_across_the_change_has_its_real_length() -> None:
    paris = ZoneInfo("Europe/Paris")
    spring = interval_of(Shift(date(2027, 3, 28), 0, 480), paris)
    autumn = interval_of(Shift(date(2027, 10, 31), 0, 480), paris)
    assert spring and spring.ends - spring.starts == timedelta(hours=7)
    assert autumn and autumn.ends - autumn.starts == timedelta(hours=9)


def test_shifts_that_cannot_be_are_refused_by_their_place() -> None:
    paris, day = ZoneInfo("Europe/Paris"), date(2027, 6, 1)
    for shifts, code, field in (
        ([Shift(day, 600, 600)], "shift_ends_early", "shifts.0.ends"),
        ([Shift(day, 600, 720), Shift(day, 700, 800)], "shift_overlaps", "shifts.1"),
        ([Shift(day, 700, 800), Shift(day, 600, 720)], "shift_overlaps", "shifts.1"),
        ([Shift(date(2027, 3, 28), 120, 180)], "shift_in_gap", "shifts.0"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            intervals_of(shifts, paris)
        assert list(refused.value.details["errors"]) == [field]
    assert len(intervals_of([Shift(day, 600, 720), Shift(day, 720, 800)], paris)) == 2


@settings(deadline=None)
@given(days, st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 4_000)), max_size=5), zones)
def test_time_by_date_is_the_same_time_cut_at_midnight(day: date, parts: list[tuple[int, int]], tz: ZoneInfo) -> None:
    midnight = start_of_day(day, tz)
    whole = [
        Interval(midnight + timedelta(minutes=starts), midnight + timedelta(minutes=starts + length))
        for starts, length in parts
    ]
    cut = by_date(whole, tz)
    for date_, pieces in cut.items():
        for piece in pieces:
            assert start_of_day(date_, tz) <= piece.starts
            assert piece.ends <= start_of_day(date_ + timedelta(days=1), tz)
    lengths = [piece.ends - piece.starts for pieces in cut.values() for piece in pieces]
    assert sum(lengths, timedelta()) == sum((each.ends - each.starts for each in whole), timedelta())
