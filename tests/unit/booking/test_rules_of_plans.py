"""Plans: any cycle laid out over dates, and what stands against the shifts that come of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.time import Interval
from services.booking.domain.plans import Around, Cycle, CycleShift, Problem, check_cycle, fit, lay_out, monday_of

MOSCOW, PARIS = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Paris")
TWO_BY_TWO = Cycle(4, (CycleShift(0, 600, 1320), CycleShift(1, 600, 1320)))
MONDAY = date(2027, 6, 7)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@st.composite
def cycles(draw: st.DrawFn) -> Cycle:
    """Cycles of up to four weeks with up to two shifts a day that do not overlap."""
    length = draw(st.integers(1, 28))
    shifts = []
    for day in sorted(draw(st.sets(st.integers(0, length - 1), min_size=1))):
        edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=4, max_size=4)))
        shifts += [CycleShift(day, edges[0], edges[1]), CycleShift(day, edges[2], edges[3])]
    return Cycle(length, tuple(shifts))


@settings(deadline=None)
@given(cycles(), days, days, st.integers(0, 60))
def test_every_day_has_what_its_place_in_the_cycle_says(cycle: Cycle, anchor: date, first: date, length: int) -> None:
    check_cycle(cycle)
    last = first + timedelta(days=length)
    planned = list(lay_out(cycle, anchor, first, last))
    for offset in range(length + 1):
        day = first + timedelta(days=offset)
        place = (day.toordinal() - anchor.toordinal()) % cycle.days
        wanted = [(shift.starts, shift.ends) for shift in cycle.shifts if shift.day == place]
        assert [(shift.starts, shift.ends) for shift in planned if shift.day == day] == sorted(wanted)
    assert all(first <= shift.day <= last for shift in planned)


@settings(deadline=None)
@given(cycles(), days, days, st.integers(0, 30), st.integers(-20, 20))
def test_an_anchor_a_cycle_away_is_the_same(cycle: Cycle, anchor: date, first: date, length: int, turns: int) -> None:
    last = first + timedelta(days=length)
    other = anchor + timedelta(days=turns * cycle.days)
    assert list(lay_out(cycle, anchor, first, last)) == list(lay_out(cycle, other, first, last))


@settings(deadline=None)
@given(cycles(), days, st.integers(1, 20), st.integers(1, 20))
def test_a_plan_in_two_parts_is_the_whole_plan(cycle: Cycle, first: date, one: int, two: int) -> None:
    middle, last = first + timedelta(days=one), first + timedelta(days=one + two)
    parts = [*lay_out(cycle, first, first, middle - timedelta(days=1)), *lay_out(cycle, first, middle, last)]
    assert parts == list(lay_out(cycle, first, first, last))


def test_two_days_on_and_two_off() -> None:
    planned = [shift.day.day for shift in lay_out(TWO_BY_TWO, date(2027, 6, 3), MONDAY, MONDAY + timedelta(days=7))]
    assert planned == [7, 8, 11, 12]
    before = [shift.day.day for shift in lay_out(TWO_BY_TWO, date(2027, 6, 30), MONDAY, MONDAY + timedelta(days=3))]
    assert before == [7, 10]


def test_a_week_begins_on_monday() -> None:
    assert [monday_of(MONDAY + timedelta(days=offset)) for offset in (0, 6, 7)] == [
        MONDAY,
        MONDAY,
        MONDAY + timedelta(days=7),
    ]


@pytest.mark.parametrize(
    ("shifts", "code", "field"),
    [
        ([CycleShift(7, 600, 720)], "day_outside_cycle", "shifts.0.day"),
        ([CycleShift(0, 600, 720), CycleShift(1, 720, 720)], "shift_ends_early", "shifts.1.ends"),
        ([CycleShift(0, 600, 720), CycleShift(0, 700, 800)], "template_overlaps", "shifts.1"),
        ([CycleShift(3, 700, 800), CycleShift(2, 0, 60), CycleShift(3, 600, 720)], "template_overlaps", "shifts.2"),
    ],
)
def test_cycles_that_cannot_be_are_refused_by_their_place(shifts: list[CycleShift], code: str, field: str) -> None:
    with pytest.raises(Invalid, match=code) as refused:
        check_cycle(Cycle(7, tuple(shifts)))
    assert list(refused.value.details["errors"]) == [field]


def test_a_break_is_no_overlap() -> None:
    check_cycle(Cycle(7, (CycleShift(0, 840, 1260), CycleShift(0, 540, 840), CycleShift(1, 540, 840))))


def codes(cycle: Cycle, around: Around, first: date = MONDAY, length: int = 1) -> list[tuple[str, date]]:
    fitted = fit(lay_out(cycle, first, first, first + timedelta(days=length - 1)), around)
    return [(problem.code, problem.day) for problem in fitted.problems]


EVERY_DAY = Cycle(1, (CycleShift(0, 600, 1200),))


def test_nothing_stands_against_a_plan_of_open_days() -> None:
    fitted = fit(lay_out(EVERY_DAY, MONDAY, MONDAY, MONDAY), Around(MOSCOW, {0: [(540, 1260)]}, {}))
    assert not fitted.problems
    ((shift, during),) = fitted.shifts
    assert shift.day == MONDAY
    assert during.starts == datetime(2027, 6, 7, 7, tzinfo=UTC)


def test_a_closed_day_has_no_shift() -> None:
    split = Cycle(1, (CycleShift(0, 600, 720), CycleShift(0, 780, 900)))
    fitted = fit(lay_out(split, MONDAY, MONDAY, MONDAY + timedelta(days=1)), Around(MOSCOW, {}, {MONDAY: None}))
    assert fitted.problems == (Problem("holiday", MONDAY),)
    assert {shift.day for shift, _ in fitted.shifts} == {MONDAY + timedelta(days=1)}


def test_what_sticks_out_of_the_hours_is_planned_and_named() -> None:
    assert codes(EVERY_DAY, Around(MOSCOW, {}, {MONDAY: (600, 900)})) == [("holiday", MONDAY)]
    assert codes(EVERY_DAY, Around(MOSCOW, {0: [(660, 1260)]}, {})) == [("outside_opening_hours", MONDAY)]
    assert codes(EVERY_DAY, Around(MOSCOW, {0: [(540, 720), (780, 1260)]}, {})) == [("outside_opening_hours", MONDAY)]
    assert codes(EVERY_DAY, Around(MOSCOW, {1: [(660, 1260)]}, {})) == []
    assert len(fit(lay_out(EVERY_DAY, MONDAY, MONDAY, MONDAY), Around(MOSCOW, {0: [(660, 1260)]}, {})).shifts) == 1


def test_papers_absences_and_other_branches_are_named() -> None:
    morning = Interval(datetime(2027, 6, 7, 5, tzinfo=UTC), datetime(2027, 6, 7, 8, tzinfo=UTC))
    evening = Interval(datetime(2027, 6, 7, 17, tzinfo=UTC), datetime(2027, 6, 7, 18, tzinfo=UTC))
    tuesday = MONDAY + timedelta(days=1)
    assert codes(EVERY_DAY, Around(MOSCOW, {}, {}, last_day=MONDAY), length=2) == [("permit_expired", tuesday)]
    assert codes(EVERY_DAY, Around(MOSCOW, {}, {}, absences=[morning, evening])) == [("absent", MONDAY)]
    assert codes(EVERY_DAY, Around(MOSCOW, {}, {}, elsewhere=[morning])) == [("overlaps_elsewhere", MONDAY)]
    assert codes(EVERY_DAY, Around(MOSCOW, {}, {}, absences=[evening], elsewhere=[evening])) == []


def test_a_shift_that_the_clocks_jump_over_is_left_out() -> None:
    night = Cycle(1, (CycleShift(0, 120, 180), CycleShift(0, 600, 660)))
    spring = date(2027, 3, 28)
    fitted = fit(lay_out(night, spring, spring, spring), Around(PARIS, {}, {}))
    assert fitted.problems == (Problem("shift_in_gap", spring),)
    assert [shift.starts for shift, _ in fitted.shifts] == [600]


@settings(deadline=None)
@given(cycles(), days, st.sampled_from([MOSCOW, PARIS, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("America/Santiago")]))
def test_the_shifts_of_a_plan_never_overlap(cycle: Cycle, first: date, tz: ZoneInfo) -> None:
    fitted = fit(lay_out(cycle, first, first, first + timedelta(days=60)), Around(tz, {}, {}))
    for (_, earlier), (_, later) in zip(fitted.shifts, fitted.shifts[1:], strict=False):
        assert earlier.ends <= later.starts
