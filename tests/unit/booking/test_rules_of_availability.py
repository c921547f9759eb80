"""Free starts, compared with what looking at every minute would find; and days on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from time import thread_time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.time import Interval, start_of_day
from services.booking.domain.availability import GRID, Need, Window, Workday, by_day, free_starts, nearest
from services.booking.domain.shifts import Shift, interval_of

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
LONG_BEFORE = MIDNIGHT - timedelta(days=1)
ANNA, OLGA, NINA = (UUID(int=number) for number in (1, 2, 3))
WINDOW = Window(MIDNIGHT, MIDNIGHT + timedelta(hours=10))


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def span(first: int, last: int) -> Interval:
    return Interval(at(first), at(last))


@st.composite
def intervals(draw: st.DrawFn, first: int = -60, last: int = 660) -> list[Interval]:
    """Up to three that do not overlap; unless told otherwise they may reach out of the window."""
    marks = sorted(draw(st.lists(st.integers(first, last), unique=True, max_size=6)))
    return [span(starts, ends) for starts, ends in zip(marks[::2], marks[1::2], strict=False)]


needs = st.lists(
    st.builds(Need, st.integers(5, 120), st.sampled_from([0, 0, 10]), st.sampled_from([0, 0, 7])),
    min_size=1,
    max_size=3,
)
workdays = st.builds(Workday, st.sets(st.integers(0, 2)), intervals(0, 600), intervals())


def fits(day: Workday, place: int, need: Need, start: int) -> bool:
    whole = span(start - need.before, start + need.duration + need.after)
    minutes = range(start - need.before, start + need.duration + need.after)
    return (
        place in day.capable
        and all(any(shift.contains(span(minute, minute + 1)) for shift in day.shifts) for minute in minutes)
        and not any(busy.overlaps(whole) for busy in day.busy)
    )


def looked_up(
    wanted: list[Need], masters: dict[UUID, Workday], now: int, taken: list[Interval]
) -> dict[datetime, tuple[UUID, ...]]:
    """The same, minute by minute."""
    found = {}
    length = sum(need.duration for need in wanted)
    for start in range(max(0, now + 1), WINDOW.minutes - length + 1):
        if any(busy.overlaps(span(start, start + length)) for busy in taken):
            continue
        begins = [sum(need.duration for need in wanted[:place]) + start for place in range(len(wanted))]
        able = [
            {master for master, day in masters.items() if fits(day, place, need, begin)}
            for place, (need, begin) in enumerate(zip(wanted, begins, strict=True))
        ]
        first = {
            master
            for master in able[0]
            if any(
                shift.starts <= at(start) < shift.ends
                and (at(start) - shift.starts) % timedelta(minutes=GRID) == timedelta()
                for shift in masters[master].shifts
            )
        }
        if first and all(able):
            alone = first & set.intersection(*able)
            found[at(start)] = tuple(sorted(alone or first))
    return found


@settings(deadline=None)
@given(needs, st.lists(workdays, min_size=1, max_size=3), st.integers(-30, 300), intervals())
def test_shifting_bits_finds_what_looking_at_every_minute_finds(
    wanted: list[Need], days: list[Workday], now: int, taken: list[Interval]
) -> None:
    masters = dict(zip((ANNA, OLGA, NINA), days, strict=False))
    assert free_starts(wanted, masters, WINDOW, at(now), taken) == looked_up(wanted, masters, now, taken)


def test_the_grid_begins_with_the_shift_even_before_the_window() -> None:
    day = Workday({0}, [span(-10, 120)])
    starts = list(free_starts([Need(60)], {ANNA: day}, WINDOW, LONG_BEFORE))
    assert starts == [at(minute) for minute in (5, 20, 35, 50)]


def test_masters_who_can_take_it_all_are_named_before_those_who_only_begin() -> None:
    both, first, second = Workday({0, 1}, [span(0, 60)]), Workday({0}, [span(0, 120)]), Workday({1}, [span(0, 120)])
    found = free_starts([Need(30), Need(30)], {ANNA: both, OLGA: first, NINA: second}, WINDOW, LONG_BEFORE)
    assert found[at(0)] == (ANNA,)
    assert found[at(15)] == (ANNA, OLGA)
    assert found[at(60)] == (OLGA,)


def test_the_nearest_starts_come_in_order_of_time() -> None:
    starts = [at(minute) for minute in (0, 30, 60, 90, 120)]
    assert nearest(starts, at(70), 3) == [at(30), at(60), at(90)]


ZONES = ("Europe/Paris", "America/Toronto", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Beirut")


def transitions(name: str) -> list[date]:
    """The days of 2027 on which the clocks change."""
    tz = ZoneInfo(name)
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    return [
        day for day in days if start_of_day(day + timedelta(days=1), tz) - start_of_day(day, tz) != timedelta(days=1)
    ]


CHANGES = [(name, day) for name in ZONES for day in transitions(name)]


@pytest.mark.parametrize(("name", "day"), CHANGES)
@settings(deadline=None)
@given(st.integers(0, 23 * 4), st.integers(15, 120))
def test_a_start_in_the_gap_does_not_exist_and_one_in_the_fold_not_twice(
    name: str, day: date, opens: int, duration: int
) -> None:
    tz = ZoneInfo(name)
    shift = interval_of(Shift(day, opens * 15, 1440), tz)
    assert shift is not None
    window = Window(start_of_day(day, tz), start_of_day(day + timedelta(days=1), tz))
    starts = free_starts([Need(duration)], {ANNA: Workday({0}, [shift])}, window, LONG_BEFORE)
    shown = [start for start, _ in by_day(starts, day, day, tz)[day]]
    clocks = [start.replace(tzinfo=None) for start in shown]
    assert clocks == sorted(set(clocks))
    assert all(
        start.astimezone(UTC).astimezone(tz).replace(tzinfo=None) == start.replace(tzinfo=None) for start in shown
    )
    assert all(start.astimezone(UTC) + timedelta(minutes=duration) <= shift.ends for start in shown)
    wall = {clock.hour * 60 + clock.minute for clock in clocks}
    assert all((minute - opens * 15) % GRID == 0 for minute in wall)


def test_both_kinds_of_change_are_among_the_days() -> None:
    assert len(CHANGES) == 2 * len(ZONES)


def test_fifty_masters_for_thirty_days_take_well_under_a_tenth_of_a_second() -> None:
    window = Window(MIDNIGHT, MIDNIGHT + timedelta(days=30))
    shifts = [span(day * 1440 + 540, day * 1440 + 1260) for day in range(30)]
    busy = [
        span(day * 1440 + 600 + hour * 120, day * 1440 + 660 + hour * 120) for day in range(30) for hour in range(4)
    ]
    masters = {UUID(int=number): Workday({0}, shifts, busy) for number in range(50)}
    took = []
    for _ in range(3):
        began = thread_time()
        assert free_starts([Need(60)], masters, window, LONG_BEFORE)
        took.append(thread_time() - began)
    assert min(took) < 0.1, f"{min(took) * 1000:.0f} ms"
