"""What work brought and how it went: the same as counted by hand over random diaries."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.analytics import ShowWork
from contracts.booking import AppointmentArrived, AppointmentCancelled, AppointmentMissed, BookedSegment
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics import queries
from services.analytics.tables import derived
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_user, anna, boris
from tests.counting import count
from tests.facts import HAIRCUT, IRINA, OLGA, booked, completed, line, numbered

DAY = date(2026, 3, 2)
LATER = datetime(2026, 6, 1, tzinfo=UTC)
ENDED = {"cancelled": AppointmentCancelled, "no_show": AppointmentMissed, "arrived": AppointmentArrived}


@pytest.fixture
def analytics(start):
    return start("analytics")


def shown(analytics, now=LATER, caller=OWNER, **changes):
    count(analytics)
    with analytics.session() as session:
        asked = ShowWork(**({"from_": DAY, "to": DAY + timedelta(days=30), "bucket": "period"} | changes))
        return queries.work(session, asked, now, caller)


def events_of(number, who=CLARA, day=DAY, hour=12, *, told, status="booked", masters=(OLGA,), ended=None, **changes):
    """An appointment of an hour that was booked at `told`, and what became of it at `ended`."""
    starts = datetime.combine(day, time(hour), UTC)
    segments = tuple(BookedSegment(HAIRCUT, master, starts, starts + timedelta(hours=1)) for master in masters)
    words = {
        "local_date": day,
        "starts": starts,
        "ends": starts + timedelta(hours=1),
        "segments": segments,
        "branch_id": changes.pop("branch_id", HERE),
    }
    found = [booked(numbered(number), who, **words, occurred_at=told)]
    words["occurred_at"] = ended or starts
    if status == "completed":
        lines = [line(100 + place, master_id=master) for place, master in enumerate(masters)]
        found.append(completed(numbered(number), who, *lines, **words, **changes))
    elif status != "booked":
        state = found[0].__dict__ | words | {"version": 2, "status": status} | changes
        found.append(ENDED[status](**state))
    return found


def test_what_work_brought_and_how_it_went(analytics):
    before = datetime(2026, 2, 20, tzinfo=UTC)
    analytics.deliver(
        *events_of(1, told=before, status="completed", late_minutes=4),
        *events_of(2, day=DAY + timedelta(days=20), told=datetime(2026, 3, 3, 12, tzinfo=UTC), status="no_show"),
        *events_of(3, numbered(7), told=before, status="completed", masters=(OLGA, IRINA), late_minutes=20),
        *events_of(4, numbered(8), told=before, status="cancelled", cancelled_by="client"),
        *events_of(5, numbered(9), told=before, status="cancelled", cancelled_by="erasure"),
    )
    found = shown(analytics)
    (row,) = found.rows
    assert (row.visits, row.revenue.amount, row.average_check.amount) == (2, 301, 151)
    assert (row.settled, row.rebooked, row.rebooked_percent) == (2, 1, Decimal(50))
    assert (row.appointments, row.kept, row.cancelled, row.cancelled_by_client) == (4, 2, 1, 1)
    assert (row.cancelled_percent, row.missed, row.missed_percent) == (Decimal(25), 1, Decimal("33.33"))
    assert (row.arrivals, row.late, row.late_percent, row.average_late_minutes) == (2, 1, Decimal(50), 12)
    assert found.reason is None
    assert "24 hours" in found.definition
    of = {each.master_id: each for each in shown(analytics, group_by=("master",)).rows}
    assert {who: (each.visits, each.revenue.amount, each.rebooked) for who, each in of.items()} == {
        OLGA: (2, 200, 1),
        IRINA: (1, 101, 0),
    }
    weeks = shown(analytics, bucket="week").rows
    assert [(each.period, each.appointments) for each in weeks] == [("2026-03-02", 3), ("2026-03-16", 1)]


@pytest.mark.parametrize(
    ("told", "ended", "rebooked"),
    [
        (datetime(2026, 3, 3, 13, tzinfo=UTC), None, 1),  # 24 hours after the end
        (datetime(2026, 3, 3, 13, 0, 1, tzinfo=UTC), None, 0),
        (datetime(2026, 2, 1, tzinfo=UTC), None, 1),  # long before, and still there
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 3, 13, tzinfo=UTC), 0),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 3, 13, 0, 1, tzinfo=UTC), 1),
    ],
)
def test_rebooked_is_a_later_appointment_a_day_after_the_visit(analytics, told, ended, rebooked):
    fate = {"status": "cancelled", "ended": ended} if ended else {}
    analytics.deliver(
        *events_of(1, told=datetime(2026, 2, 1, tzinfo=UTC), status="completed"),
        *events_of(2, day=DAY + timedelta(days=40), told=told, branch_id=ELSEWHERE, **fate),
    )
    (row,) = shown(analytics).rows
    assert (row.settled, row.rebooked) == (1, rebooked)
    (early,) = shown(analytics, now=datetime(2026, 3, 3, 12, 59, tzinfo=UTC)).rows
    assert (early.settled, early.rebooked, early.rebooked_percent) == (0, 0, None)


def test_a_day_of_a_branch_counts_once_its_last_visit_was_over_for_a_day(analytics):
    told = datetime(2026, 2, 1, tzinfo=UTC)
    analytics.deliver(
        *events_of(1, told=told, status="completed", hour=9),
        *events_of(2, numbered(7), told=told, status="completed", hour=18, masters=(IRINA,)),
        *events_of(3, numbered(8), told=told, status="no_show", hour=20),
        *events_of(4, numbered(9), told=told, status="completed", hour=9, branch_id=ELSEWHERE),
    )
    almost, over = datetime(2026, 3, 3, 18, 59, tzinfo=UTC), datetime(2026, 3, 3, 19, tzinfo=UTC)
    for asked in ({}, {"group_by": ("master",)}, {"from_": DAY, "to": DAY, "bucket": "day"}):
        assert sum(row.settled for row in shown(analytics, almost, **asked).rows) == 1
        assert sum(row.settled for row in shown(analytics, over, **asked).rows) == 3
    after = shown(analytics, almost, from_=DAY + timedelta(days=1))
    assert after.rows == ()


def test_visits_of_the_past_were_never_booked_here(analytics):
    analytics.deliver(completed(numbered(1), CLARA), completed(numbered(2), None))
    (row,) = shown(analytics).rows
    assert (row.visits, row.appointments, row.settled, row.missed_percent) == (2, 0, 0, None)


def test_a_period_without_work_says_so(analytics):
    found = analytics.ask(ShowWork(DAY, DAY))
    assert (found.rows, found.reason) == ((), "nothing_booked")


def test_boris_sees_his_branch(analytics):
    told = datetime(2026, 2, 1, tzinfo=UTC)
    analytics.deliver(*events_of(1, told=told, status="completed"), *events_of(2, told=told, branch_id=ELSEWHERE))
    his = boris("analytics.read")
    (row,) = shown(analytics, caller=his, group_by=("branch",)).rows
    assert (row.branch_id, row.visits, row.appointments) == (ELSEWHERE, 0, 1)
    assert shown(analytics, caller=a_user("analytics.read")).rows == ()
    with pytest.raises(NotFound, match="branch_not_found"):
        shown(analytics, caller=his, branch_id=HERE)


def test_rights_and_periods_are_checked(analytics):
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ShowWork(DAY, DAY), caller)
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ShowWork(DAY, DAY - timedelta(days=1)))
    with pytest.raises(Invalid, match="period_too_long"):
        analytics.ask(ShowWork(date(2020, 1, 1), DAY))


FATES = ["booked", "arrived", "completed", "cancelled", "no_show"]
APPOINTMENTS = st.lists(
    st.tuples(
        st.integers(1, 3),  # who
        st.integers(0, 8),  # day
        st.integers(8, 18),  # hour
        st.integers(-5, 3),  # booked so many days from DAY
        st.sampled_from(FATES),
        st.sampled_from([(OLGA,), (IRINA,), (OLGA, IRINA)]),
        st.sampled_from([HERE, ELSEWHERE]),
        st.one_of(st.none(), st.integers(0, 30)),  # late
        st.integers(-3, 6),  # cancelled so many days from DAY
    ),
    max_size=10,
)


def by_hand(diary, now, keys_of):
    found = defaultdict(lambda: defaultdict(int))
    last = {}
    for _, day, hour, _, fate, _, branch, _, _ in diary:
        if fate == "completed":
            last[day, branch] = max(last.get((day, branch), 0), hour)
    for number, (who, day, hour, _told, fate, masters, branch, late, _) in enumerate(diary):
        starts = datetime.combine(DAY + timedelta(days=day), time(hour), UTC)
        a_day_after = starts + timedelta(hours=25)
        again = any(
            number != other
            and who == whom
            and datetime.combine(DAY + timedelta(days=on), time(at), UTC) >= starts + timedelta(hours=1)
            and datetime.combine(DAY + timedelta(days=then), time(0), UTC) <= a_day_after
            and not (end == "cancelled" and datetime.combine(DAY + timedelta(days=gone), time(1), UTC) <= a_day_after)
            for other, (whom, on, at, then, end, _, _, _, gone) in enumerate(diary)
        )
        over = datetime.combine(DAY + timedelta(days=day), time(last.get((day, branch), 0)), UTC)
        settled = fate == "completed" and over + timedelta(hours=25) <= now
        for key, share in keys_of(starts.date(), branch, masters):
            row = found[key]
            row["appointments"] += 1
            row["visits"] += fate == "completed"
            row["revenue"] += share if fate == "completed" else 0
            row["kept"] += fate in ("arrived", "completed")
            row["cancelled"] += fate == "cancelled"
            row["missed"] += fate == "no_show"
            row["settled"] += settled
            row["rebooked"] += settled and again
            if fate in ("arrived", "completed") and late is not None:
                row["arrivals"] += 1
                row["late"] += late >= 5
    return {key: dict(row) for key, row in found.items()}


def whole(day, branch, masters):
    return [((day.isoformat(), branch), sum(100 + place for place in range(len(masters))))]


def by_master(day, branch, masters):
    return [((day.isoformat(), branch, master), 100 + place) for place, master in enumerate(masters)]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), diary=APPOINTMENTS, now=st.sampled_from([LATER, datetime(2026, 3, 6, 12, tzinfo=UTC)]))
def test_every_figure_is_as_counted_by_hand(analytics, data, diary, now):
    with analytics.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(table.name for table in derived)}, inbox, positions"))
        session.commit()
    events = []
    for number, (who, day, hour, told, fate, masters, branch, late, gone) in enumerate(diary):
        more = {"late_minutes": late} if fate in ("arrived", "completed") else {}
        if fate == "cancelled":
            more = {"ended": datetime.combine(DAY + timedelta(days=gone), time(1), UTC), "cancelled_by": "staff"}
        events += events_of(
            100 + number,
            numbered(who),
            DAY + timedelta(days=day),
            hour,
            told=datetime.combine(DAY + timedelta(days=told), time(0), UTC),
            status=fate,
            masters=masters,
            branch_id=branch,
            **more,
        )
    bodies = [analytics.envelope(event, place + 1) for place, event in enumerate(events)]
    if bodies:
        assert analytics.dispatcher.absorb("booking", data.draw(st.permutations(bodies))) == []
    for group_by, keys_of in ((("branch",), whole), (("branch", "master"), by_master)):
        plain = by_hand(diary, now, keys_of)
        rows = shown(analytics, now, bucket="day", group_by=group_by).rows
        found = {(row.period, *(getattr(row, f"{key}_id") for key in group_by)): row for row in rows}
        assert found.keys() == plain.keys()
        for key, figures in plain.items():
            row = found[key]
            assert {
                name: row.revenue.amount if name == "revenue" else getattr(row, name) for name in figures
            } == figures
