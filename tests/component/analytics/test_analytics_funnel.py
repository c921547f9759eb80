"""From an enquiry to a regular client: whom the enquiries of a period became, as counted by hand too."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from contracts.analytics import ShowFunnel
from contracts.clients import EnquiryAnswered, EnquiryReceived
from kernel.errors import Forbidden, Invalid, NotFound
from services.analytics.tables import derived, enquiries
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.facts import booked, completed, merged, numbered

DAY = date(2026, 3, 2)
NOON = datetime.combine(DAY, time(12), UTC)


@pytest.fixture
def analytics(start):
    return start("analytics")


def enquired(number, who, received=NOON, *, answered=None, version=1, **changes):
    words = {"branch_id": HERE, "channel": "site", "known": False, "occurred_at": received} | changes
    event = EnquiryReceived if version == 1 else EnquiryAnswered
    return event(numbered(number), version, who, received_at=received, answered_at=answered, **words)


def visit(number, who, days, **changes):
    day = DAY + timedelta(days=days)
    starts = datetime.combine(day, time(15), UTC)
    return completed(numbered(number), who, local_date=day, starts=starts, ends=starts + timedelta(hours=1), **changes)


def rows(analytics, caller=None, **changes):
    asked = ShowFunnel(**({"from_": DAY, "to": DAY + timedelta(days=6)} | changes))
    return analytics.ask(asked, *([caller] if caller else [])).rows


def test_enquiries_become_clients_and_regular_ones(analytics):
    one, two, three, four = (numbered(place) for place in range(1, 5))
    analytics.deliver(
        visit(20, four, -30),
        enquired(1, one),
        enquired(1, one, answered=NOON + timedelta(minutes=90), version=2),
        enquired(2, one, NOON + timedelta(days=1), channel="landing"),
        enquired(3, two),
        enquired(4, three),
        enquired(5, four, known=True),
        *(visit(30 + place, one, 2 + place) for place in range(3)),
        visit(40, two, 5),
        booked(numbered(50), three, occurred_at=NOON + timedelta(days=1)),
    )
    (row,) = rows(analytics)
    assert (row.enquiries, row.answered, row.median_minutes_to_answer, row.people) == (5, 1, 90, 4)
    assert (row.leads, row.booked, row.clients, row.regulars) == (3, 3, 2, 1)
    assert (row.booked_percent, row.clients_percent) == (Decimal(100), Decimal("66.67"))
    assert (row.regulars_percent, row.median_days_to_visit) == (Decimal(50), 2)
    by_channel = {each.channel: (each.enquiries, each.people) for each in rows(analytics, group_by=("channel",))}
    assert by_channel == {"site": (4, 4), "landing": (1, 0)}
    answer = analytics.ask(ShowFunnel(DAY, DAY))
    assert "a person counts once" in answer.definition


def test_a_period_without_enquiries_says_so(analytics):
    answer = analytics.ask(ShowFunnel(DAY, DAY))
    assert (answer.rows, answer.reason) == ((), "no_enquiries")


def test_enquiries_of_a_merged_card_are_those_of_the_other(analytics):
    """Whichever comes first; and an older state changes nothing."""
    analytics.deliver(enquired(1, CLARA), merged(numbered(7), CLARA), enquired(2, CLARA))
    analytics.deliver(enquired(1, CLARA, answered=NOON, version=3), enquired(1, CLARA, version=2))
    with analytics.session() as session:
        kept = session.execute(select(enquiries).order_by(enquiries.c.enquiry_id)).all()
    assert [(row.client_id, row.answered_at) for row in kept] == [(numbered(7), NOON), (numbered(7), None)]
    (row,) = rows(analytics)
    assert (row.enquiries, row.people) == (2, 1)


def test_boris_sees_enquiries_of_his_branch(analytics):
    analytics.deliver(
        enquired(1, CLARA), enquired(2, numbered(7), branch_id=ELSEWHERE), enquired(3, numbered(8), branch_id=None)
    )
    his = boris("analytics.read")
    assert [(row.branch_id, row.enquiries) for row in rows(analytics, his, group_by=("branch",))] == [(ELSEWHERE, 1)]
    assert {row.branch_id for row in rows(analytics, group_by=("branch",))} == {HERE, ELSEWHERE, None}
    assert rows(analytics, a_user("analytics.read")) == ()
    with pytest.raises(NotFound, match="branch_not_found"):
        rows(analytics, his, branch_id=HERE)


def test_rights_and_periods_are_checked(analytics):
    for caller in (anna("loyalty.read"), a_user("analytics.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            analytics.ask(ShowFunnel(DAY, DAY), caller)
    with pytest.raises(Invalid, match="period_invalid"):
        analytics.ask(ShowFunnel(DAY, DAY - timedelta(days=1)))
    with pytest.raises(Invalid, match="period_too_long"):
        analytics.ask(ShowFunnel(date(2000, 1, 1), DAY))
    assert analytics.ask(ShowFunnel(date(9999, 1, 1), date.max)).rows == ()


ASKED = st.lists(st.tuples(st.integers(1, 4), st.integers(-2, 8), st.sampled_from(["site", "landing"])), max_size=8)
CAME = st.lists(st.tuples(st.integers(1, 4), st.integers(-10, 400)), max_size=12)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(asked=ASKED, came=CAME)
def test_every_stage_is_as_counted_by_hand(analytics, asked, came):
    with analytics.session() as session:
        session.execute(text(f"TRUNCATE {', '.join(table.name for table in derived)}, inbox, positions"))
        session.commit()
    told = [
        enquired(100 + place, numbered(who), NOON + timedelta(days=days), channel=channel)
        for place, (who, days, channel) in enumerate(asked)
    ]
    visits = [visit(200 + place, numbered(who), days) for place, (who, days) in enumerate(came)]
    for producer, events in (("clients", told), ("booking", visits)):
        bodies = [analytics.envelope(event, place + 1) for place, event in enumerate(events)]
        if bodies:
            assert analytics.dispatcher.absorb(producer, bodies) == []

    within = [event for event in told if DAY <= event.received_at.date() <= DAY + timedelta(days=6)]
    plain = defaultdict(lambda: [0, 0, 0, 0, 0])
    for event in within:
        plain[event.channel][0] += 1
    for who in {event.client_id for event in within}:
        first = min(
            (each for each in within if each.client_id == who), key=lambda each: (each.received_at, each.enquiry_id)
        )
        theirs = [each for each in visits if each.client_id == who]
        row = plain[first.channel]
        row[1] += 1
        if any(each.starts < first.received_at for each in theirs):
            continue
        days = sorted({each.local_date for each in theirs})
        row[2] += 1
        row[3] += bool(days)
        row[4] += len([day for day in days if day < days[0] + timedelta(days=365)]) >= 3
    found = {
        row.channel: [row.enquiries, row.people, row.leads, row.clients, row.regulars]
        for row in rows(analytics, group_by=("channel",))
    }
    assert found == plain
