"""Figures by events alone, for those who may ask for them."""

from datetime import date, timedelta

import pytest
from msgspec import UNSET

from chassis.migrations import differences
from chassis.outbox import bus_metadata
from contracts.analytics import ShowSources, ShowVisits, VisitRows
from contracts.clients import SourceChanged
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.money import Money
from services.analytics.tables import analytics_metadata
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.facts import (
    COLOUR,
    HAIRCUT,
    IRINA,
    NOON,
    OLGA,
    changed,
    completed,
    line,
    numbered,
    refunded,
    registered,
    retail,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def analytics(start):
    return start("analytics")


def rows(analytics, *group_by, caller=None, **changes):
    words = {"from_": FIRST, "to": LAST, "group_by": group_by or ("month",)} | changes
    return analytics.ask(ShowVisits(**words), *([caller] if caller else [])).rows


def figures(row):
    return row.visits, row.clients, row.new_clients, row.revenue.amount


def tree(analytics, caller=None, **changes):
    return analytics.ask(ShowSources(**({"from_": FIRST, "to": LAST} | changes)), *([caller] if caller else []))


def source(source_id, version, channel):
    return SourceChanged(source_id, version, channel, None, active=True, costs=(), occurred_at=NOON)


def test_tables_are_as_the_migrations_make_them(analytics):
    with analytics.session() as session:
        assert differences(session.connection(), bus_metadata, analytics_metadata) == []


def test_before_any_visit_there_is_nothing_in_no_currency(analytics):
    assert analytics.ask(ShowVisits(FIRST, LAST)) == VisitRows((), "no_visits")
    assert analytics.ask(ShowVisits(FIRST, LAST, ("branch",))) == VisitRows((), "no_visits")
    root = tree(analytics)
    assert (root.kind, root.revenue, root.children, root.reason) == ("root", Money(0, "XXX"), (), "no_visits")


def test_months_count_visits_people_and_newcomers(analytics):
    analytics.deliver(
        completed(numbered(1), CLARA),
        completed(numbered(2), CLARA, local_date=date(2026, 3, 31)),
        completed(numbered(3), CLARA, line(50_000), retail(20_000), local_date=date(2026, 4, 1)),
        completed(numbered(4), numbered(77), local_date=date(2026, 4, 1)),
        completed(numbered(5), None, retail(5_000), local_date=date(2026, 4, 2)),
    )
    march, april = rows(analytics)
    assert tree(analytics).reason is UNSET
    assert (march.month, *figures(march)) == ("2026-03", 2, 1, 1, 200_000)
    assert (april.month, *figures(april)) == ("2026-04", 3, 2, 1, 175_000)
    assert march.branch_id is UNSET
    assert march.revenue.currency == "RUB"


def test_rows_count_only_the_days_asked_for_and_newcomers_of_the_whole_chain(analytics):
    analytics.deliver(completed(numbered(1), CLARA), completed(numbered(2), CLARA, local_date=date(2026, 3, 31)))
    (march,) = rows(analytics, from_=date(2026, 3, 3), to=date(2026, 3, 31))
    assert figures(march) == (1, 1, 0, 100_000)


def test_a_visit_counts_once_for_each_key_that_one_of_its_lines_has(analytics):
    analytics.deliver(
        completed(
            numbered(1),
            CLARA,
            line(100),
            line(40, service_id=COLOUR),
            line(30, service_id=COLOUR, master_id=IRINA),
            retail(5),
        )
    )
    by_service = {row.service_id: figures(row) for row in rows(analytics, "service")}
    assert by_service == {HAIRCUT: (1, 1, 1, 100), COLOUR: (1, 1, 1, 70), None: (1, 1, 1, 5)}
    by_category = {row.category: figures(row) for row in rows(analytics, "category")}
    assert by_category == {"hair": (1, 1, 1, 170), None: (1, 1, 1, 5)}
    by_master = {row.master_id: figures(row) for row in rows(analytics, "master", "month")}
    assert by_master == {OLGA: (1, 1, 1, 140), IRINA: (1, 1, 1, 30), None: (1, 1, 1, 5)}
    (march,) = rows(analytics, "month", "month")
    assert figures(march) == (1, 1, 1, 175)


@pytest.mark.parametrize(
    "grouped",
    [("month",), ("day",), ("branch",), ("source",), ("service",), ("service", "master"), ("month", "category")],
)
def test_margin_and_discount_stand_beside_revenue_whichever_way_they_are_counted(analytics, grouped):
    analytics.deliver(
        registered(CLARA, channel="radio"),
        completed(numbered(1), CLARA, line(900, discount=100, cost=250), retail(60, cost=40)),
        completed(numbered(2), CLARA, line(500), local_date=date(2026, 3, 20)),
        refunded(numbered(2), CLARA, line(500, refunded=200, cost=10), local_date=date(2026, 3, 20)),
    )
    for changes in ({}, {"to": date(2026, 3, 31)}, {"from_": date(2026, 3, 1), "to": date(2026, 3, 30)}):
        found = rows(analytics, *grouped, **changes)
        sums = [sum(getattr(row, name).amount for row in found) for name in ("revenue", "discount", "margin")]
        assert sums == [1_260, 100, 960]


def test_later_bills_replace_earlier_ones_in_any_order(analytics):
    analytics.deliver(
        completed(numbered(1), CLARA),
        refunded(numbered(1), CLARA, line(refunded=30_000), version=3),
        refunded(numbered(1), CLARA, line(refunded=100_000), version=4),
        refunded(numbered(1), CLARA, line(refunded=30_000), version=3),
        completed(numbered(1), CLARA),
    )
    (march,) = rows(analytics)
    assert figures(march) == (1, 1, 1, 0)
    assert [figures(row) for row in rows(analytics, "service")] == [(1, 1, 1, 0)]


def test_a_bill_that_now_names_another_day_and_client_leaves_nothing_behind(analytics):
    analytics.deliver(
        completed(numbered(1), CLARA),
        completed(numbered(1), numbered(77), version=3, local_date=date(2026, 4, 1)),
    )
    assert [(row.month, *figures(row)) for row in rows(analytics)] == [("2026-04", 1, 1, 1, 100_000)]


def test_source_is_the_channel_at_the_root_of_the_chain_in_its_first_spelling(analytics):
    one, two, alone = numbered(1), numbered(2), numbered(3)
    analytics.deliver(*(completed(numbered(10 + who.int), who) for who in (one, two, alone)))
    analytics.deliver(registered(two, one, channel="radio"), registered(one, CLARA))
    assert {row.source: row.visits for row in rows(analytics, "source")} == {None: 3}
    analytics.deliver(
        registered(CLARA, channel="Instagram"),
        registered(alone, channel="INSTAGRAM", registered_at=NOON + timedelta(days=1)),
    )
    assert {row.source: row.visits for row in rows(analytics, "source")} == {"Instagram": 3}
    assert {row.source: figures(row)[0] for row in rows(analytics, "service", "source")} == {"Instagram": 3}
    analytics.deliver(changed(CLARA, 2, channel="radio"))
    assert {row.source: row.visits for row in rows(analytics, "source")} == {"INSTAGRAM": 1, "radio": 2}


def test_a_renamed_source_is_one_channel_under_its_new_name(analytics):
    """Who came before and after, and who was told of by the spelling alone; another one may take the old name."""
    old, new, spelled, other = (numbered(place) for place in (1, 2, 3, 4))
    insta, fresh = numbered(50), numbered(51)
    analytics.deliver(*(completed(numbered(10 + who.int), who) for who in (old, new, spelled, other)))
    analytics.deliver(
        source(insta, 1, "Instagram"),
        registered(old, channel="Instagram", source_id=insta),
        source(insta, 2, "Insta"),
        registered(new, channel="Insta", source_id=insta),
        registered(spelled, channel="INSTA"),
        source(fresh, 1, "Instagram"),
        registered(other, channel="Instagram", source_id=fresh),
    )
    for grouped in (("source",), ("month", "source"), ("service", "source")):
        found = [(row.source, *figures(row)) for row in rows(analytics, *grouped)]
        assert found == [("Insta", 3, 3, 3, 300_000), ("Instagram", 1, 1, 1, 100_000)]
    assert [(one.name, one.clients) for one in tree(analytics).children] == [("Insta", 3), ("Instagram", 1)]
    analytics.deliver(source(insta, 1, "Instagram"))  # once more, and late
    assert {one.name for one in tree(analytics).children} == {"Insta", "Instagram"}


def test_a_card_may_be_told_of_before_its_source(analytics):
    """Until then it goes by its spelling."""
    analytics.deliver(completed(numbered(10), CLARA), registered(CLARA, channel="Radio", source_id=numbered(50)))
    assert [one.name for one in tree(analytics).children] == ["Radio"]
    analytics.deliver(source(numbered(50), 2, "FM"))
    assert [one.name for one in tree(analytics).children] == ["FM"]
    assert [row.source for row in rows(analytics, "source")] == ["FM"]


def test_hierarchy_shows_channel_then_clara_then_her_three_with_exact_revenue(analytics):
    three = [numbered(place) for place in (1, 2, 3)]
    analytics.deliver(registered(CLARA, channel="instagram"), *(registered(each, CLARA) for each in three))
    analytics.deliver(
        completed(numbered(10), CLARA, line(1_000)),
        *(completed(numbered(10 + who.int), who, line(100 * who.int)) for who in three),
        completed(numbered(14), None, retail(7)),
    )
    root = tree(analytics)
    assert (root.clients, root.visits, root.revenue.amount) == (4, 5, 1_607)
    assert (root.own.clients, root.own.visits, root.own.revenue.amount) == (0, 1, 7)
    (channel,) = root.children
    assert (channel.kind, channel.name, channel.clients, channel.visits) == ("channel", "instagram", 4, 4)
    assert (channel.revenue.amount, channel.own.visits) == (1_600, 0)
    (clara,) = channel.children
    assert (clara.kind, clara.client_id, clara.revenue.amount, clara.clients) == ("client", CLARA, 1_600, 4)
    assert (clara.own.revenue.amount, clara.own.clients) == (1_000, 1)
    assert [(child.client_id.int, child.revenue.amount) for child in clara.children] == [(3, 300), (2, 200), (1, 100)]


def test_hierarchy_has_only_those_below_whom_somebody_came_in_the_period(analytics):
    analytics.deliver(registered(CLARA, channel="instagram"), registered(numbered(1), CLARA), registered(numbered(2)))
    analytics.deliver(completed(numbered(11), numbered(1)), completed(numbered(12), numbered(2)))
    analytics.deliver(completed(numbered(13), CLARA, local_date=date(2025, 3, 2)))
    root = tree(analytics)
    assert [(channel.name, channel.visits) for channel in root.children] == [("instagram", 1), (None, 1)]
    clara = root.children[0].children[0]
    assert (clara.own.visits, clara.clients, clara.visits) == (0, 1, 1)
    assert tree(analytics, from_=date(2026, 5, 1)).children == ()


def test_a_loop_of_referrers_ends(analytics):
    one, two = numbered(1), numbered(2)
    analytics.deliver(registered(one, two, channel="radio"), registered(two, one))
    analytics.deliver(completed(numbered(11), one), completed(numbered(12), two))
    (channel,) = tree(analytics).children
    assert (channel.name, channel.visits) == (None, 2)
    assert {row.source for row in rows(analytics, "source")} == {None}
    analytics.deliver(changed(one, 2, channel="radio"))
    assert [(channel.name, channel.visits) for channel in tree(analytics).children] == [("radio", 2)]


def test_boris_sees_his_branch_and_nothing_of_this_one(analytics):
    analytics.deliver(registered(CLARA, channel="instagram"))
    analytics.deliver(completed(numbered(1), CLARA), completed(numbered(2), CLARA, line(7), branch_id=ELSEWHERE))
    his, hers = boris("analytics.read"), anna("analytics.read")
    assert [figures(row) for row in rows(analytics, caller=his)] == [(1, 1, 0, 7)]
    assert [figures(row) for row in rows(analytics, caller=hers)] == [(1, 1, 1, 100_000)]
    assert [row.branch_id for row in rows(analytics, "branch", "service", caller=his)] == [ELSEWHERE]
    assert tree(analytics, caller=his).revenue.amount == 7
    assert tree(analytics, caller=hers, branch_id=HERE).revenue.amount == 100_000
    for ask in (rows, tree):
        with pytest.raises(NotFound, match="branch_not_found"):
            ask(analytics, caller=his, branch_id=HERE)
    nowhere = a_user("analytics.read")
    assert rows(analytics, caller=nowhere) == ()
    assert tree(analytics, caller=nowhere).visits == 0


def test_owner_sees_one_branch_or_all(analytics):
    analytics.deliver(completed(numbered(1), CLARA), completed(numbered(2), CLARA, line(7), branch_id=ELSEWHERE))
    assert {row.branch_id: row.revenue.amount for row in rows(analytics, "branch")} == {HERE: 100_000, ELSEWHERE: 7}
    assert [row.revenue.amount for row in rows(analytics, branch_id=ELSEWHERE)] == [7]
    assert rows(analytics, branch_id=numbered(5)) == ()


def test_rights_and_periods_are_checked(analytics):
    for ask in (rows, tree):
        with pytest.raises(Forbidden):
            ask(analytics, caller=anna("loyalty.read"))
        with pytest.raises(Forbidden):
            ask(analytics, caller=a_user("analytics.read.own", client_id=CLARA))
        with pytest.raises(Invalid, match="period_invalid"):
            ask(analytics, from_=LAST, to=FIRST)
        with pytest.raises(Invalid, match="period_too_long"):
            ask(analytics, from_=date(1, 1, 1))
