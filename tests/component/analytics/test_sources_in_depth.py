"""The hierarchy of sources in depth: what subtrees are worth, what channels cost, and levels on demand."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.analytics import ShowSources
from contracts.clients import MonthlyCost, SourceChanged
from kernel.errors import Invalid
from kernel.money import Money
from services.analytics.queries import levels, sources
from tests.builders import ELSEWHERE, HERE, anna
from tests.facts import NOON, completed, line, numbered, registered, retail

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
RADIO = numbered(50)
TOP, BELOW, DEEP, OTHER, ALONE = (numbered(place) for place in (1, 2, 3, 4, 5))


def costs(*monthly):
    return tuple(MonthlyCost(month, Money(amount, "RUB")) for month, amount in monthly)


@pytest.fixture
def analytics(start):
    """Radio brought Top, who brought Below, who brought Deep; and Other. Alone came by themselves."""
    service = start("analytics")
    service.deliver(
        SourceChanged(RADIO, 1, "Radio", None, True, costs(("2026-02", 3_100)), NOON),
        SourceChanged(numbered(51), 1, "Web", None, True, costs(("2026-03", 310), ("2026-04", 999)), NOON),
        registered(TOP, channel="Radio", source_id=RADIO),
        registered(BELOW, TOP),
        registered(DEEP, BELOW),
        registered(OTHER, channel="radio"),
        registered(ALONE),
        completed(numbered(11), TOP, line(100, discount=10, cost=30)),
        completed(numbered(12), TOP, line(50), local_date=date(2026, 3, 9)),
        completed(numbered(13), DEEP, line(400, discount=5)),
        completed(numbered(14), OTHER, line(20), branch_id=ELSEWHERE),
        completed(numbered(15), ALONE, line(7)),
        completed(numbered(16), None, retail(3, cost=1)),
    )
    return service


def tree(analytics, caller=None, **changes):
    return analytics.ask(ShowSources(**({"from_": FIRST, "to": LAST} | changes)), *([caller] if caller else []))


def worth(node):
    return node.clients, node.visits, node.revenue.amount, node.margin.amount, node.discount.amount, node.returned


def test_subtrees_tell_margin_discounts_and_who_returned(analytics):
    root = tree(analytics)
    assert worth(root) == (4, 6, 580, 549, 15, 1)
    radio, alone, web = root.children
    assert (radio.name, *worth(radio), radio.return_rate) == ("Radio", 3, 4, 570, 540, 15, 1, Decimal("33.33"))
    assert (web.name, worth(web), web.return_rate) == ("Web", (0, 0, 0, 0, 0, 0), None)
    assert (alone.name, alone.return_rate) == (None, Decimal(0))
    top, _ = radio.children
    assert (top.client_id, worth(top)) == (TOP, (2, 3, 550, 520, 15, 1))
    assert (top.own.revenue.amount, top.own.margin.amount, top.own.returned) == (150, 120, 1)
    assert (top.children[0].client_id, top.children[0].own.visits, top.children[0].visits) == (BELOW, 0, 1)
    assert top.children[0].children[0].client_id == DEEP
    assert "brought them" in root.definition


def test_channels_cost_what_their_months_do_by_the_day(analytics):
    root = tree(analytics)
    assert {each.name: each.cost.amount for each in root.children} == {"Radio": 3_100, None: 0, "Web": 310}
    assert root.cost.amount == 3_410
    week = tree(analytics, from_=date(2026, 3, 25), to=date(2026, 4, 1))
    assert {each.name: each.cost.amount for each in week.children} == {"Radio": 803, "Web": 103}
    assert tree(analytics, branch_id=HERE).cost is None
    assert tree(analytics, anna("analytics.read")).cost is None
    analytics.deliver(SourceChanged(RADIO, 2, "Radio", None, True, (), NOON))
    analytics.deliver(SourceChanged(RADIO, 1, "Radio", None, True, costs(("2026-02", 5)), NOON))
    assert tree(analytics).cost.amount == 310


def test_levels_on_demand_are_those_of_the_whole_tree(analytics):
    whole = tree(analytics)
    root = tree(analytics, depth=1)
    assert worth(root) == worth(whole)
    assert [(each.name, worth(each), each.children) for each in root.children] == [
        (each.name, worth(each), ()) for each in whole.children
    ]
    two = tree(analytics, depth=2)
    assert [worth(each) for each in two.children[0].children] == [worth(each) for each in whole.children[0].children]
    assert all(each.children == () for each in two.children[0].children)
    radio = tree(analytics, channel="RADIO")
    assert (radio.kind, worth(radio)) == ("channel", worth(whole.children[0]))
    expected = [(each.client_id, worth(each), each.own) for each in whole.children[0].children]
    assert [(each.client_id, worth(each), each.own) for each in radio.children] == expected
    top = tree(analytics, under=TOP)
    assert (top.client_id, worth(top), top.own) == (TOP, worth(whole.children[0].children[0]), expected[0][2])
    assert [(each.client_id, each.clients, each.children) for each in top.children] == [(BELOW, 1, ())]
    assert tree(analytics, under=TOP, depth=2).children[0].children[0].client_id == DEEP
    assert tree(analytics, channel="radio", depth=5).children == whole.children[0].children


def test_of_many_children_the_first_are_listed(analytics):
    radio = tree(analytics, channel="radio", limit=1)
    assert ([each.client_id for each in radio.children], radio.left_out, radio.clients) == ([TOP], 1, 3)
    radio = tree(analytics, channel="radio", limit=1, depth=2)
    assert ([each.client_id for each in radio.children], radio.left_out, radio.clients) == ([TOP], 1, 3)


def test_a_large_chain_is_answered_level_by_level(analytics, monkeypatch):
    monkeypatch.setattr(sources, "WHOLE", 3)
    root = tree(analytics)
    assert [each.children for each in root.children] == [(), (), ()]
    assert worth(root) == (4, 6, 580, 549, 15, 1)
    assert levels.WHOLE == 2_000


def test_a_branch_is_told_of_what_happened_there(analytics):
    there = tree(analytics, branch_id=ELSEWHERE, depth=1)
    assert [(each.name, each.clients, each.cost) for each in there.children] == [("Radio", 1, None)]
    assert [each.client_id for each in tree(analytics, channel="radio", branch_id=ELSEWHERE).children] == [OTHER]


def test_a_loop_ends_on_demand_too(analytics):
    one, two = numbered(61), numbered(62)
    analytics.deliver(registered(one, two), registered(two, one), completed(numbered(63), one))
    assert [each.client_id for each in tree(analytics, under=two).children] == [one]
    assert tree(analytics, depth=1).clients == 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"under": numbered(99)}, "client_unknown"),
        ({"channel": "television"}, "channel_unknown"),
        ({"under": TOP, "channel": "radio"}, "under_both"),
        ({"from_": LAST, "to": FIRST}, "period_invalid"),
    ],
)
def test_what_cannot_be_shown_is_refused(analytics, words, code):
    with pytest.raises(Invalid) as refused:
        tree(analytics, **words)
    assert refused.value.code == code
