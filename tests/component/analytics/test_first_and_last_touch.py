"""First and last touch side by side, and sources that are removed."""

from datetime import date

import pytest

from contracts.analytics import ShowChannels, ShowSources
from contracts.clients import MonthlyCost, SourceChanged, SourceRemoved
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.money import Money
from tests.builders import CLARA, ELSEWHERE, HERE, anna, boris
from tests.facts import NOON, completed, line, numbered, registered, retail

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
TWO, THREE = numbered(2), numbered(3)


@pytest.fixture
def analytics(start):
    """Clara came through Instagram and brought Two; both book as it happens. Three came through the web."""
    service = start("analytics")
    service.deliver(
        registered(CLARA, channel="Instagram"),
        registered(TWO, CLARA),
        registered(THREE, channel="Web"),
        completed(numbered(1), CLARA, line(100, cost=30), channel="web"),
        completed(numbered(2), CLARA, line(200, discount=20), local_date=date(2026, 3, 9), channel="WEB "),
        completed(numbered(3), TWO, line(400), local_date=date(2026, 3, 9), channel="phone"),
        completed(numbered(4), THREE, line(70), branch_id=ELSEWHERE, channel="instagram"),
        completed(numbered(5), None, retail(7)),
        completed(numbered(6), THREE, line(1), local_date=date(2026, 4, 1), channel="radio"),
    )
    return service


def channels(analytics, caller=None, **changes):
    return analytics.ask(ShowChannels(**({"from_": FIRST, "to": LAST} | changes)), *([caller] if caller else []))


def worth(figures):
    return figures.visits, figures.clients, figures.new_clients, figures.revenue.amount, figures.margin.amount


def test_both_touches_stand_side_by_side_under_one_name(analytics):
    found = channels(analytics)
    rows = {row.channel: (worth(row.first_touch), worth(row.last_touch)) for row in found.rows}
    nothing = (0, 0, 0, 0, 0)
    assert rows == {
        "Instagram": ((3, 2, 2, 700, 670), (1, 1, 1, 70, 70)),
        "Web": ((1, 1, 1, 70, 70), (2, 1, 1, 300, 270)),
        None: ((1, 0, 0, 7, 7), (1, 0, 0, 7, 7)),
        "phone": (nothing, (1, 1, 1, 400, 400)),
    }
    assert [row.channel for row in found.rows] == ["Instagram", "Web", None, "phone"]
    assert found.rows[0].first_touch.discount == Money(20, "RUB")
    assert "First touch" in found.definition and "Last touch" in found.definition


def test_either_touch_adds_up_to_all_visits(analytics):
    for changes in ({}, {"branch_id": HERE}, {"to": date(2026, 12, 31)}):
        found = channels(analytics, **changes)
        for touch in ("first_touch", "last_touch"):
            sums = [worth(getattr(row, touch)) for row in found.rows]
            visits, _, new_clients, *amounts = (sum(column) for column in zip(*sums, strict=True))
            assert (visits, new_clients, *amounts) == (worth(found.total)[0], *worth(found.total)[2:])
        assert sum(row.first_touch.clients for row in found.rows) == found.total.clients


def test_who_may_see_which_branches(analytics):
    his = channels(analytics, boris("analytics.read"))
    assert [(row.channel, row.first_touch.visits, row.last_touch.visits) for row in his.rows] == [
        ("Web", 1, 0),
        ("Instagram", 0, 1),
    ]
    with pytest.raises(NotFound):
        channels(analytics, boris("analytics.read"), branch_id=HERE)
    for permission in ("clients.read", "analytics.read.own"):
        with pytest.raises(Forbidden):
            channels(analytics, anna(permission))


def test_nobody_came_and_a_period_that_is_none(analytics):
    found = channels(analytics, from_=date(2020, 1, 1), to=date(2020, 2, 1))
    assert (found.rows, found.total.visits, found.reason) == ((), 0, "no_visits")
    with pytest.raises(Invalid, match="period_invalid"):
        channels(analytics, from_=LAST, to=FIRST)


def test_a_removed_source_costs_nothing_whichever_is_told_of_first(analytics):
    def stated(source_id, version):
        costs = (MonthlyCost("2026-03", Money(310, "RUB")),)
        return SourceChanged(source_id, version, f"Leaflets {source_id.int}", None, True, costs, NOON)

    def paid():
        root = analytics.ask(ShowSources(FIRST, LAST))
        return root.cost.amount, [each.name for each in root.children if not each.visits]

    analytics.deliver(stated(numbered(50), 1), stated(numbered(51), 1))
    assert paid() == (620, ["Leaflets 50", "Leaflets 51"])
    analytics.deliver(SourceRemoved(numbered(50), 3, NOON), stated(numbered(50), 2))
    assert paid() == (310, ["Leaflets 51"])
    analytics.deliver(SourceRemoved(numbered(52), 2, NOON), stated(numbered(52), 1))
    assert paid() == (310, ["Leaflets 51"])
    analytics.deliver(SourceRemoved(numbered(51), 1, NOON))  # of before: it was stated again since
    assert paid()[0] == 310
