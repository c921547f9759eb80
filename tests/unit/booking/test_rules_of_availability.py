"""Free starts, compared with packing the visit at every minute; and days on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from time import thread_time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Conflict
from kernel.time import Interval, start_of_day
from services.booking.domain.availability import by_day, free_starts, nearest
from services.booking.domain.hours import covered, joined, open_times
from services.booking.domain.packing import pack, whole_of
from services.booking.domain.shifts import Shift, interval_of
from services.booking.domain.units import in_window
from services.booking.domain.window import Window
from services.booking.domain.wish import Diary, Need, Phase, Unit, Wish
from services.booking.domain.workday import GRID, Workday, workday

MIDNIGHT = datetime(2026, 6, 1, tzinfo=UTC)
LONG_BEFORE = MIDNIGHT - timedelta(days=1)
ANNA, OLGA, NINA = MASTERS = tuple(UUID(int=number) for number in (1, 2, 3))
ROOM, CHAIR, LASER = (UUID(int=number) for number in (21, 22, 23))
CUT = UUID(int=11)
WINDOW = Window(MIDNIGHT, MIDNIGHT + timedelta(hours=7))


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def span(first: int, last: int) -> Interval:
    return Interval(at(first), at(last))


def need(minutes: int, before: int = 0, after: int = 0) -> Need:
    return Need((Phase(minutes),), before, after)


def a_wish(*masters: UUID, minutes: int = 60, **more: object) -> Wish:
    return Wish(CUT, {master: need(minutes) for master in masters}, **more)


def a_day(first: int, last: int, *busy: Interval) -> Workday:
    return workday(WINDOW, [span(first, last)], [span(first, last)], busy)


# --- every minute ---------------------------------------------------------------------------------------------------

durations = st.sampled_from([5, 10, 20, 30, 45])
phases = st.one_of(
    st.tuples(durations.map(Phase)),
    st.tuples(durations.map(Phase), durations.map(lambda each: Phase(each, busy=False)), durations.map(Phase)),
)
needs = st.builds(Need, phases, st.sampled_from([0, 0, 5]), st.sampled_from([0, 0, 7]))


@st.composite
def spans(draw: st.DrawFn, most: int = 8) -> list[Interval]:
    """Some that do not overlap; they may begin and end between two minutes, and reach out of the window."""
    marks = sorted(draw(st.lists(st.integers(-4, 40), unique=True, max_size=most)))
    odd = timedelta(seconds=draw(st.sampled_from([0, 0, 0, 20])))
    return [
        Interval(at(first * 10) - odd, at(last * 10) + odd)
        for first, last in zip(marks[::2], marks[1::2], strict=False)
    ]


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Interval], Diary]:
    """A master's shifts and their diary: absences cut into the shifts, but the grid is that of the whole shift."""
    long = st.sampled_from([[span(-30, 380)], [span(-30, 380)], [span(13, 200), span(200, 390)]])
    shifts = draw(st.one_of(long, long, spans(4)))
    starts, ends = draw(st.tuples(st.integers(0, 100), st.integers(150, 420)))
    open_ = [
        Interval(max(shift.starts, at(starts)), min(shift.ends, at(ends)))
        for shift in joined(shifts)
        if max(shift.starts, at(starts)) < min(shift.ends, at(ends))
    ]
    rooms = draw(st.sets(st.sampled_from([ROOM, CHAIR]), max_size=1))
    return shifts, Diary(open_, draw(spans(4)), frozenset(rooms))


wishes_drawn = st.lists(
    st.builds(
        Wish,
        st.just(CUT),
        st.one_of(
            st.fixed_dictionaries(dict.fromkeys(MASTERS, needs)),
            st.dictionaries(st.sampled_from(MASTERS), needs, min_size=1),
        ),
        st.sampled_from([(), (), (), ("room",), ("room", "laser"), ("room", "room")]),
        st.sampled_from([None, None, None, ROOM]),
        st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=3,
).filter(lambda wishes: len(wishes) > 1 or wishes[0].room_kinds)  # one alone is hardly ever wrong


@st.composite
def units_drawn(draw: st.DrawFn) -> list[Unit]:
    units = []
    for unit_id, kind in ((ROOM, "room"), (CHAIR, "room"), (LASER, "laser")):
        if draw(st.integers(0, 5)):
            places = draw(st.integers(1, 2))
            busy = [(place, each) for place in range(places) for each in draw(spans(4))]
            units.append(Unit(unit_id, kind, places, draw(st.sampled_from([None, [span(0, 300)]])), busy))
    return units


def can_be_packed(
    wishes: list[Wish], diaries: dict[UUID, Diary], units: list[Unit], start: int, taken: list[Interval]
) -> bool:
    """By whomever of those whom `diaries` and `wishes` leave; the client must be there throughout.

    Who is chosen decides how long it takes, so one who would be too long for the client is left out and it is tried
    again without them.
    """
    try:
        placed = pack(at(start), wishes, diaries, units)
    except Conflict:
        return False
    if not any(each.overlaps(whole_of(placed)) for each in taken):
        return True
    return any(
        can_be_packed(
            [*wishes[:place], without(wish, each.master_id), *wishes[place + 1 :]], diaries, units, start, taken
        )
        for place, (wish, each) in enumerate(zip(wishes, placed, strict=True))
    )


def without(wish: Wish, master: UUID) -> Wish:
    return Wish(
        wish.service_id,
        {each: need for each, need in wish.needs.items() if each != master},
        wish.room_kinds,
        wish.room_id,
        wish.parallel,
    )


def only(wish: Wish, master: UUID) -> Wish:
    mine = {each: need for each, need in wish.needs.items() if each == master}
    return Wish(wish.service_id, mine, wish.room_kinds, wish.room_id, wish.parallel)


def on_grid(shifts: list[Interval], minute: int) -> bool:
    return any(
        shift.starts <= at(minute) < shift.ends
        and (at(minute) - at_minute_after(shift.starts)) % timedelta(minutes=GRID) == timedelta()
        for shift in shifts
    )


def at_minute_after(instant: datetime) -> datetime:
    """The grid of a shift that begins between two minutes begins with the next."""
    return instant if not instant.second else instant + timedelta(seconds=60 - instant.second)


@settings(deadline=None, max_examples=200)
@given(
    wishes_drawn,
    st.fixed_dictionaries(dict.fromkeys(MASTERS, days())),
    units_drawn(),
    st.integers(-30, 60),
    st.one_of(st.just([]), spans(2), spans(4)),
)
def test_a_visit_is_offered_exactly_where_it_can_be_packed(
    wishes: list[Wish],
    masters: dict[UUID, tuple[list[Interval], Diary]],
    units: list[Unit],
    now: int,
    taken: list[Interval],
) -> None:
    diaries = {master: diary for master, (_, diary) in masters.items()}
    workdays = {
        master: workday(WINDOW, shifts, diary.open, diary.busy, diary.room_ids)
        for master, (shifts, diary) in masters.items()
    }
    found = free_starts(wishes, workdays, [in_window(unit, WINDOW) for unit in units], WINDOW, at(now), taken)
    expected = {}
    for minute in range(max(0, now + 1), WINDOW.minutes - 7):
        begin = [
            master
            for master in sorted(wishes[0].needs)
            if on_grid(masters[master][0], minute)
            and can_be_packed([only(wishes[0], master), *wishes[1:]], diaries, units, minute, taken)
        ]
        alone = [
            master
            for master in begin
            if can_be_packed([only(wish, master) for wish in wishes], diaries, units, minute, taken)
        ]
        if begin:
            expected[at(minute)] = tuple(alone or begin)
    assert found == expected


def test_the_grid_begins_with_the_shift_even_before_the_window_and_behind_an_absence() -> None:
    day = workday(WINDOW, [span(-10, 150)], [span(-10, 30), span(60, 150)])
    starts = list(free_starts([a_wish(ANNA, minutes=25)], {ANNA: day}, [], WINDOW, LONG_BEFORE))
    assert starts == [at(minute) for minute in (5, 65, 80, 95, 110, 125)]


def test_masters_who_can_take_it_all_are_named_before_those_who_only_begin() -> None:
    wishes = [a_wish(ANNA, OLGA, minutes=30), a_wish(ANNA, NINA, minutes=30)]
    masters = {ANNA: a_day(0, 60), OLGA: a_day(0, 120), NINA: a_day(0, 120)}
    found = free_starts(wishes, masters, [], WINDOW, LONG_BEFORE)
    assert found[at(0)] == (ANNA,)
    assert found[at(15)] == (ANNA, OLGA)
    assert found[at(60)] == (OLGA,)


def test_a_visit_goes_on_when_the_master_who_began_is_done() -> None:
    """Olga takes longer than Anna, and Nina comes late."""
    wishes = [Wish(CUT, {ANNA: need(30), OLGA: need(60)}), a_wish(NINA, minutes=30)]
    masters = {ANNA: a_day(0, 60), OLGA: a_day(0, 60), NINA: a_day(60, 90)}
    assert free_starts(wishes, masters, [], WINDOW, LONG_BEFORE) == {at(0): (OLGA,), at(30): (ANNA,)}


def test_nobody_is_slower_than_they_are_so_that_the_rest_fits() -> None:
    """Anna comes back after an hour, Olga needs half of it, and Nina, who would need all of it, is not there."""
    wishes = [a_wish(ANNA, minutes=30), Wish(CUT, {OLGA: need(30), NINA: need(60)}), a_wish(ANNA, minutes=30)]
    anna = workday(WINDOW, [span(0, 120)], [span(0, 30), span(90, 120)])
    masters = {ANNA: anna, OLGA: a_day(0, 120), NINA: a_day(200, 300)}
    assert free_starts(wishes, masters, [], WINDOW, LONG_BEFORE) == {}
    assert free_starts(wishes, masters | {NINA: a_day(0, 120)}, [], WINDOW, LONG_BEFORE) == {at(0): (ANNA,)}


def test_only_who_is_done_before_the_client_must_leave_is_named() -> None:
    masters = {ANNA: a_day(0, 60), OLGA: a_day(0, 60)}
    wish = Wish(CUT, {ANNA: need(30), OLGA: need(60)})
    assert free_starts([wish], masters, [], WINDOW, LONG_BEFORE, [span(30, 90)]) == {at(0): (ANNA,)}


def test_two_at_once_need_two() -> None:
    wishes = [a_wish(ANNA, OLGA, minutes=30), a_wish(ANNA, OLGA, minutes=30, parallel=True)]
    masters = {ANNA: a_day(0, 60), OLGA: a_day(30, 90)}
    assert free_starts(wishes, masters, [], WINDOW, LONG_BEFORE) == {at(30): (ANNA, OLGA)}


def test_the_nearest_starts_come_in_order_of_time() -> None:
    starts = [at(minute) for minute in (0, 30, 60, 90, 120)]
    assert nearest(starts, at(70), 3) == [at(30), at(60), at(90)]


# --- days on which the clocks change --------------------------------------------------------------------------------

ZONES = (
    "Europe/Paris", "Europe/London", "America/Toronto", "America/St_Johns", "America/Santiago", "America/Havana",
    "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Chatham", "Pacific/Auckland", "Pacific/Norfolk",
    "Africa/Cairo", "Asia/Beirut", "Asia/Jerusalem", "Atlantic/Azores",
)  # fmt: skip
DATE_LINE = (("Pacific/Apia", date(2011, 12, 29)), ("Pacific/Kiritimati", date(1994, 12, 30)))  # a day was left out


def transitions(name: str) -> list[date]:
    """The days of 2027 on which the clocks change."""
    tz = ZoneInfo(name)
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    return [
        day for day in days if start_of_day(day + timedelta(days=1), tz) - start_of_day(day, tz) != timedelta(days=1)
    ]


CHANGES = [(name, day) for name in ZONES for day in transitions(name)]


@cache
def changes_of(name: str, day: date) -> Window:
    return Window(start_of_day(day, ZoneInfo(name)), start_of_day(day + timedelta(days=1), ZoneInfo(name)))


@pytest.mark.parametrize(("name", "day"), [*CHANGES, *DATE_LINE])
@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 23 * 4),
    st.integers(1, 96),
    st.sampled_from([need(15), need(50), need(120), Need((Phase(20), Phase(40, busy=False), Phase(20)), 5, 5)]),
    st.tuples(st.integers(0, 1440), st.integers(0, 300)),
)
def test_a_start_in_the_gap_does_not_exist_and_one_in_the_fold_not_twice(
    name: str, day: date, opens: int, quarters: int, wanted: Need, absent: tuple[int, int]
) -> None:
    """Whatever the clocks do, all that is offered lies in open time and can be placed there."""
    tz = ZoneInfo(name)
    planned = Shift(day, opens * 15, min(opens * 15 + quarters * 15, 1440))
    shift = interval_of(planned, tz)
    window = changes_of(name, day)
    if shift is None or not window.minutes:
        return  # the clocks jump over the whole of it
    away = [Interval(window.at(absent[0]), window.at(absent[0] + absent[1]))] if absent[1] else []
    open_ = open_times([planned], {}, {}, away, (), tz)
    wish = Wish(CUT, {ANNA: wanted})
    masters = {ANNA: workday(window, [shift], open_)}
    starts = free_starts([wish], masters, [], window, window.starts - timedelta(days=1))
    shown = [start for start, _ in by_day(starts, day, day, tz)[day]]
    clocks = [start.replace(tzinfo=None) for start in shown]
    assert clocks == sorted(set(clocks))
    for start in shown:
        instant = start.astimezone(UTC)
        assert instant.astimezone(tz).replace(tzinfo=None) == start.replace(tzinfo=None)
        assert instant.astimezone(tz).date() == day
        assert covered(wanted.keeps(instant), open_)
        (placed,) = pack(instant, [wish], {ANNA: Diary(open_)}, [])
        assert placed.work.ends - placed.work.starts == timedelta(minutes=wanted.duration)
    assert all((clock.hour * 60 + clock.minute - opens * 15) % GRID == 0 for clock in clocks)


def test_both_kinds_of_change_are_among_the_days() -> None:
    assert len(CHANGES) == 2 * len(ZONES)


@pytest.mark.parametrize(("name", "day"), CHANGES)
def test_open_time_is_what_the_wall_clock_shows(name: str, day: date) -> None:
    """Ten to six is open from the instant at which clocks first show ten until they show six, whatever was skipped."""
    tz = ZoneInfo(name)
    (open_,) = open_times([Shift(day, 600, 1080)], {day.weekday(): [(0, 1440)]}, {}, (), [day], tz)
    assert (open_.starts.astimezone(tz).hour, open_.ends.astimezone(tz).hour) == (10, 18)
    assert open_times([Shift(day, 600, 1080)], {}, {day: None}, (), (), tz) == []
    assert open_times([Shift(day, 600, 1080)], {}, {}, (), [day - timedelta(days=1)], tz) == []


# --- speed ----------------------------------------------------------------------------------------------------------


MONTH = Window(MIDNIGHT, MIDNIGHT + timedelta(days=30))
CROWD = [UUID(int=number) for number in range(50)]


def a_month() -> dict[UUID, Workday]:
    shifts = [span(day * 1440 + 540, day * 1440 + 1260) for day in range(30)]
    busy = [
        span(day * 1440 + 600 + hour * 120, day * 1440 + 660 + hour * 120) for day in range(30) for hour in range(4)
    ]
    return {master: workday(MONTH, shifts, shifts, busy) for master in CROWD}


@pytest.mark.parametrize(
    ("wishes", "seconds"),
    [
        ([a_wish(*CROWD)], 0.1),
        ([a_wish(*CROWD), a_wish(*CROWD, parallel=True), a_wish(*CROWD)], 1.0),
        ([Wish(CUT, {master: need(30 + 5 * (place % 3)) for place, master in enumerate(CROWD)})] * 3, 0.3),
    ],
    ids=["one", "two at once and one more", "three, at three speeds"],
)
def test_fifty_masters_for_thirty_days_are_found_quickly(wishes: list[Wish], seconds: float) -> None:
    masters = a_month()
    took = []
    for _ in range(3):
        began = thread_time()
        free_starts(wishes, masters, [], MONTH, LONG_BEFORE)
        took.append(thread_time() - began)
    assert min(took) < seconds, f"{min(took) * 1000:.0f} ms"
