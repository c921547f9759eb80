"""How much of open time is booked: the same as counted minute by minute over random diaries."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from contracts.analytics import ShowIdleWindows, ShowOccupancy
from contracts.booking import (
    AppointmentCancelled,
    AppointmentChanged,
    BookedSegment,
    OpenDay,
    OpenHoursChanged,
    OpenTime,
)
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics.tables import derived
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.counting import count
from tests.facts import HAIRCUT, IRINA, NOON, OLGA, booked, numbered

DAY = date(2026, 3, 2)  # a Monday
ROOM, CHAIR = numbered(0x701), numbered(0x702)
MOSCOW = timezone(timedelta(hours=3))


@pytest.fixture
def analytics(start):
    return start("analytics")


def at(minute, day=DAY):
    return datetime.combine(day, time(0), MOSCOW) + timedelta(minutes=minute)


def opens(master, *spans, day=DAY, version=1, branch_id=HERE):
    times = tuple(OpenTime(at(starts, day), at(ends, day)) for starts, ends in spans)
    return OpenHoursChanged(master, branch_id, version, (OpenDay(day, times),), NOON)


def takes(number, *parts, day=DAY, build=None, **changes):
    """An appointment of parts: master, start, end, units."""
    segments = tuple(BookedSegment(HAIRCUT, who, at(starts, day), at(ends, day), tuple(units))
                     for who, starts, ends, units in parts)  # fmt: skip
    words = {
        "segments": segments,
        "local_date": day,
        "starts": min(part.starts for part in segments),
        "ends": max(part.ends for part in segments),
    } | changes
    state = booked(numbered(number), CLARA, **words)
    return state if build is None else build(**state.__dict__)


def rows(analytics, caller=None, **changes):
    count(analytics)
    asked = ShowOccupancy(**({"from_": DAY, "to": DAY, "bucket": "period"} | changes))
    return analytics.ask(asked, *([caller] if caller else [])).rows


def minutes(row):
    return row.open_minutes, row.busy_minutes, row.idle_minutes, row.outside_minutes, row.occupancy_percent


def test_booked_minutes_by_open_minutes(analytics):
    analytics.deliver(
        opens(OLGA, (600, 720), (780, 900)),
        opens(IRINA, (600, 660)),
        takes(1, (OLGA, 600, 660, [ROOM]), (IRINA, 660, 690, [])),
        takes(2, (OLGA, 630, 690, [ROOM, CHAIR])),
        takes(3, (OLGA, 700, 800, [])),
        takes(4, (OLGA, 840, 900, []), build=AppointmentCancelled, status="cancelled", version=2),
    )
    (branch,) = rows(analytics)
    assert minutes(branch) == (300, 130, 170, 90, Decimal("43.33"))
    each = {row.master_id: minutes(row)[:4] for row in rows(analytics, each="one", bucket="week")}
    assert each == {OLGA: (240, 130, 110, 60), IRINA: (60, 0, 60, 30)}
    units = {row.unit_id: minutes(row)[:4] for row in rows(analytics, of="units", each="one")}
    assert units == {ROOM: (240, 90, 150, 0), CHAIR: (240, 60, 180, 0)}
    (month,) = rows(analytics, bucket="month", each="chain")
    assert (month.period, month.busy_minutes) == ("2026-03", 130)


def test_an_appointment_that_moves_leaves_nothing_behind(analytics):
    later = DAY + timedelta(days=1)
    analytics.deliver(
        opens(OLGA, (600, 720)),
        opens(OLGA, (600, 720), day=later),
        takes(1, (OLGA, 600, 660, [])),
        takes(1, (OLGA, 600, 690, []), day=later, build=AppointmentChanged, version=2),
    )
    found = rows(analytics, to=later, bucket="day")
    assert [(row.period, row.busy_minutes) for row in found] == [("2026-03-02", 0), ("2026-03-03", 90)]


def test_a_period_in_which_nobody_works_says_so(analytics):
    answer = analytics.ask(ShowOccupancy(DAY, DAY))
    assert (answer.rows, answer.reason) == ((), "nothing_open")
    idle = analytics.ask(ShowIdleWindows(DAY, DAY))
    assert (idle.rows, idle.reason) == ((), "nothing_open")
    analytics.deliver(takes(1, (OLGA, 600, 660, [])))
    count(analytics)
    answer = analytics.ask(ShowOccupancy(DAY, DAY))
    assert (answer.rows[0].occupancy_percent, answer.reason) == (None, "nothing_open")


def test_idle_windows_stand_between_what_is_booked_on_the_clock_of_the_branch(analytics):
    analytics.deliver(
        opens(OLGA, (600, 720), (780, 900)),
        takes(1, (OLGA, 630, 660, [])),
        takes(2, (OLGA, 650, 700, [])),
    )
    found = analytics.ask(ShowIdleWindows(DAY, DAY))
    assert [(each.starts, each.ends, each.minutes) for each in found.rows] == [
        (at(600), at(630), 30),
        (at(780), at(900), 120),
    ]
    assert found.rows[0].starts.utcoffset() == timedelta(hours=3)
    assert found.reason is None
    assert len(analytics.ask(ShowIdleWindows(DAY, DAY, minutes=20)).rows) == 3
    first = analytics.ask(ShowIdleWindows(DAY, DAY, limit=1))
    assert (len(first.rows), first.more) == (1, True)
    assert analytics.ask(ShowIdleWindows(DAY, DAY, minutes=121)).reason == "none_so_long"
    assert analytics.ask(ShowIdleWindows(DAY, DAY, master_id=IRINA)).reason == "nothing_open"


def test_boris_sees_his_branch(analytics):
    analytics.deliver(
        opens(OLGA, (600, 720)), opens(OLGA, (600, 660), branch_id=ELSEWHERE), takes(1, (OLGA, 600, 630, []))
    )
    his = boris("analytics.read")
    assert [(row.branch_id, minutes(row)[:2]) for row in rows(analytics, caller=his)] == [(ELSEWHERE, (60, 0))]
    assert {each.branch_id for each in analytics.ask(ShowIdleWindows(DAY, DAY), his).rows} == {ELSEWHERE}
    for asked in (ShowOccupancy(DAY, DAY, branch_id=HERE), ShowIdleWindows(DAY, DAY, branch_id=HERE)):
        with pytest.raises(NotFound, match="branch_not_found"):
            analytics.ask(asked, his)


@pytest.mark.parametrize("ask", [ShowOccupancy, ShowIdleWindows])
def test_rights_and_periods_are_checked(analytics, ask):
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ask(DAY, DAY), caller)
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ask(DAY, DAY - timedelta(days=1)))
    with pytest.raises(Invalid, match="period_too_long"):
        analytics.ask(ask(date(2000, 1, 1), DAY))


DAYS = [DAY, DAY + timedelta(days=1)]
MASTERS, UNITS = [OLGA, IRINA], [ROOM, CHAIR]
SPAN = st.tuples(st.integers(0, 40), st.integers(1, 20)).map(lambda each: (each[0], each[0] + each[1]))
BUSY = {"booked", "confirmed", "arrived", "completed"}


@st.composite
def diaries(draw):
    """Shifts and appointments with their changes, in the order in which they happened."""
    said = []
    for master in MASTERS:
        for version in range(1, draw(st.integers(0, 3)) + 1):
            day, spans = draw(st.sampled_from(DAYS)), sorted(draw(st.lists(SPAN, max_size=2)))
            if len(spans) == 2 and spans[0][1] > spans[1][0]:
                spans = spans[:1]
            said.append(opens(master, *spans, day=day, version=version))
    for number in range(draw(st.integers(0, 6))):
        for version in range(1, draw(st.integers(1, 3)) + 1):
            part = st.tuples(st.sampled_from(MASTERS), SPAN, st.lists(st.sampled_from(UNITS), max_size=2, unique=True))
            parts = draw(st.lists(part, min_size=1, max_size=3))
            said.append(
                takes(
                    number,
                    *((who, *span, units) for who, span, units in parts),
                    day=draw(st.sampled_from(DAYS)),
                    build=AppointmentChanged if version > 1 else None,
                    version=version,
                    status=draw(st.sampled_from(["booked", "arrived", "cancelled", "no_show"])),
                )
            )
    return said


def by_minutes(history):
    """Day and resource -> open, busy and outside minutes, each minute looked at."""
    days, states = {}, {}
    for event in history:
        if isinstance(event, OpenHoursChanged):
            days[event.master_id, event.days[0].date] = event.days[0].open
        else:
            states[event.appointment_id] = event

    def each_minute(starts, ends):
        return {starts + timedelta(minutes=offset) for offset in range((ends - starts) // timedelta(minutes=1))}

    opened, busy, units = defaultdict(set), defaultdict(set), defaultdict(set)
    for (master, day), times in days.items():
        for one in times:
            opened[day, master] |= each_minute(one.starts, one.ends)
    for state in states.values():
        for part in state.segments if state.status in BUSY else ():
            busy[state.local_date, part.master_id] |= each_minute(part.starts, part.ends)
            for unit in part.unit_ids:
                units[state.local_date, unit] |= each_minute(part.starts, part.ends)
    masters = {
        key: (len(opened[key]), len(opened[key] & busy[key]), len(busy[key] - opened[key])) for key in {*opened, *busy}
    }
    known = {unit for _, unit in units}
    of_units = {}
    for day in DAYS:
        doors = set().union(*(opened[day, master] for master in MASTERS))
        for unit in known:
            of_units[day, unit] = (len(doors), len(doors & units[day, unit]), len(units[day, unit] - doors))
    return masters, of_units


def wipe(analytics):
    with analytics.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(table.name for table in derived)}, inbox, positions"))
        session.commit()


def held(analytics):
    count(analytics)
    with analytics.session() as session:
        return {table.name: sorted(map(repr, session.execute(select(table)))) for table in derived}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), history=diaries())
def test_every_day_is_as_counted_by_the_minute_in_whatever_order_it_was_told(analytics, data, history):
    numbered_bodies = [analytics.envelope(event, place + 1) for place, event in enumerate(history)]
    wipe(analytics)
    for body in numbered_bodies:
        assert analytics.dispatcher.absorb("booking", [body]) == []
    lived = held(analytics)
    wipe(analytics)
    if numbered_bodies:
        assert analytics.dispatcher.absorb("booking", data.draw(st.permutations(numbered_bodies))) == []
    assert held(analytics) == lived

    masters, units = by_minutes(history)
    asked = {"from_": DAYS[0], "to": DAYS[-1], "bucket": "day", "each": "one"}
    for of, one, plain in (("masters", "master_id", masters), ("units", "unit_id", units)):
        found = {
            (date.fromisoformat(row.period), getattr(row, one)): (
                row.open_minutes,
                row.busy_minutes,
                row.outside_minutes,
            )
            for row in rows(analytics, of=of, **asked)
        }
        assert found == {key: figures for key, figures in plain.items() if any(figures)}
    windows = analytics.ask(ShowIdleWindows(DAYS[0], DAYS[-1], minutes=5)).rows
    every = sum(opened - busy for opened, busy, _ in masters.values())
    assert sum(each.minutes for each in windows) <= every
    assert all(each.ends.astimezone(UTC) > each.starts for each in windows)
