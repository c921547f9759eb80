"""Open time, compared with asking at every quarter of an hour; and terms that a master has of their own."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.time import Interval, start_of_day
from services.booking.domain.hours import Span, joined, open_times, week_times, within_hours, without
from services.booking.domain.shifts import Shift
from services.booking.domain.wish import Need, Phase, Wish, groups_of, stretched

MONDAY = date(2026, 6, 1)
MOSCOW = ZoneInfo("Europe/Moscow")
MIDNIGHT = start_of_day(MONDAY, MOSCOW)


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def interval(first: int, last: int) -> Interval:
    return Interval(at(first), at(last))


@st.composite
def spans(draw: st.DrawFn, last: int = 96) -> list[Span]:
    marks = sorted(draw(st.lists(st.integers(0, last), unique=True, max_size=6)))
    return [(first * 15, until * 15) for first, until in zip(marks[::2], marks[1::2], strict=False)]


def lies_in(minute: int, wanted: list[Span]) -> bool:
    return any(first <= minute < last for first, last in wanted)


@settings(deadline=None)
@given(
    st.lists(spans(), min_size=2, max_size=2),
    st.dictionaries(st.integers(0, 1), spans()),
    st.dictionaries(st.integers(0, 1), st.one_of(st.none(), spans().filter(bool).map(lambda found: found[0]))),
    spans(192),
    st.lists(st.integers(-1, 3), max_size=2),
)
def test_open_is_when_shift_hours_holiday_absence_and_permit_all_allow_it(
    worked: list[list[Span]],
    week: dict[int, list[Span]],
    closed: dict[int, Span | None],
    away: list[Span],
    permits: list[int],
) -> None:
    shifts = [Shift(MONDAY + timedelta(days=day), *span) for day in (0, 1) for span in worked[day]]
    found = open_times(
        shifts,
        week,
        {MONDAY + timedelta(days=day): span for day, span in closed.items()},
        [interval(*span) for span in away],
        [MONDAY + timedelta(days=day) for day in permits],
        MOSCOW,
    )
    assert all(earlier.ends < later.starts for earlier, later in pairwise(found))
    for minute in range(0, 2 * 1440, 15):
        day, clock = divmod(minute, 1440)
        expected = (
            lies_in(clock, worked[day])
            and (not week.get(day) or lies_in(clock, week[day]))
            and (day not in closed or (closed[day] is not None and lies_in(clock, [closed[day]])))
            and not lies_in(minute, away)
            and all(day <= permit for permit in permits)
        )
        assert any(each.starts <= at(minute) < each.ends for each in found) is expected


def test_a_weekday_that_is_not_named_sets_no_bounds() -> None:
    shift = Shift(MONDAY, 540, 1260)
    assert within_hours(shift, {1: [(600, 700)]}, {}) == (shift,)
    assert list(within_hours(shift, {0: [(600, 700), (500, 550)]}, {})) == [
        Shift(MONDAY, 540, 550),
        Shift(MONDAY, 600, 700),
    ]


def test_a_room_with_hours_of_its_own_is_closed_on_the_other_days() -> None:
    week = {0: [(600, 720)], 2: [(0, 1440)]}
    assert week_times(week, MONDAY, MONDAY + timedelta(days=1), MOSCOW) == [interval(600, 720)]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
)
def test_sets_of_time_are_sets_of_minutes(first: list[tuple[int, int]], second: list[tuple[int, int]]) -> None:
    whole, cuts = (joined(interval(start, start + length) for start, length in each) for each in (first, second))
    minutes, gone = (
        {minute for start, length in each for minute in range(start, start + length)} for each in (first, second)
    )
    assert {minute for minute in range(60) if any(each.starts <= at(minute) < each.ends for each in whole)} == minutes
    left = without(whole, cuts)
    assert {minute for minute in range(60) if any(each.starts <= at(minute) < each.ends for each in left)} == (
        minutes - gone
    )
    assert all(earlier.ends < later.starts for earlier, later in pairwise(whole))


# --- what a service takes -------------------------------------------------------------------------------------------


def test_buffers_and_phases_make_the_pieces_of_a_need() -> None:
    colour = Need((Phase(30), Phase(40, busy=False), Phase(20)), 10, 5)
    assert colour.busy(at(0)) == (interval(-10, 30), interval(70, 95))
    assert colour.work(at(0)) == interval(0, 90)
    assert colour.keeps(at(0)) == interval(-10, 95)
    assert Need((Phase(30), Phase(30)), 10).busy(at(0)) == (interval(-10, 60),)


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [(90, [30, 40, 20]), (115, [45, 40, 30]), (42, [1, 40, 1]), (41, [41]), (65, [15, 40, 10])],
)
def test_who_is_slower_or_faster_waits_as_long_as_everybody(duration: int, minutes: list[int]) -> None:
    phases = stretched((Phase(30), Phase(40, busy=False), Phase(20)), duration)
    assert [phase.minutes for phase in phases] == minutes
    assert sum(minutes) == duration


@given(st.lists(st.builds(Phase, st.integers(1, 90), st.booleans()), max_size=9), st.integers(5, 1440))
def test_stretched_phases_add_up(phases: list[Phase], duration: int) -> None:
    found = stretched(phases, duration)
    assert sum(phase.minutes for phase in found) == duration
    assert all(phase.minutes > 0 for phase in found)


def test_what_is_parallel_begins_with_what_stands_before_it() -> None:
    service = UUID(int=1)
    visit = [Wish(service, {}, parallel=parallel) for parallel in (False, True, False, False, True, True)]
    assert groups_of(visit) == [(0, 1), (2,), (3, 4, 5)]
