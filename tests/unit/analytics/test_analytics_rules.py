"""What a bill adds to which rollup, and who stands below whom."""

from collections import Counter, defaultdict
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.analytics.domain.channels import channel_key
from services.analytics.domain.forest import DEEPEST, Figures, Link, forest
from services.analytics.domain.periods import check_period
from services.analytics.domain.rollups import Day, Visit, Work, Worth, moves, parts_of


def client(number):
    return UUID(int=number)


def test_a_period_includes_both_ends_and_may_be_one_day():
    check_period(date(2026, 3, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("first", "last", "field", "code"),
    [
        (date(2026, 3, 2), date(2026, 3, 1), "from", "period_invalid"),
        (date(2000, 1, 1), date(2026, 1, 1), "to", "period_too_long"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(first, last, field, code):
    with pytest.raises(Invalid) as refused:
        check_period(first, last)
    assert refused.value.code == code
    assert list(refused.value.details["errors"]) == [field]


def test_channels_are_compared_without_case():
    assert channel_key("Instagram") == channel_key(" INSTAGRAM ") == channel_key("instagram")
    assert channel_key("ВКонтакте") == channel_key("вконтакте")


works = st.builds(Work, st.sampled_from([None, client(1), client(2)]), st.sampled_from([None, "hair"]), st.none())


amounts = st.integers(-(10**6), 10**6)


@given(st.lists(st.tuples(works, st.builds(Worth, amounts, amounts, amounts))))
def test_parts_add_up_to_the_bill(lines):
    parts = parts_of(lines)
    for amount in range(3):
        assert sum(worth[amount] for worth in parts.values()) == sum(worth[amount] for _, worth in lines)
    assert set(parts) == {work for work, _ in lines}


days = st.builds(
    Day, st.dates(date(2026, 3, 1), date(2026, 3, 3)), st.just(client(9)), st.sampled_from([None, client(1), client(2)])
)
bills = st.builds(Visit, days, st.integers(-1_000, 1_000))


@given(st.lists(st.lists(bills, min_size=1, max_size=4), max_size=6))
def test_corrections_one_after_another_come_to_the_newest_bills(histories):
    """Whatever a bill was before, what is kept is what the last ones say."""
    kept = defaultdict(lambda: (0, 0))
    for history in histories:
        for earlier, later in zip([None, *history], history, strict=False):
            for day, (visits, revenue) in moves([(earlier, later)]).items():
                kept[day] = (kept[day][0] + visits, kept[day][1] + revenue)
    visits, revenue = Counter(), Counter()
    for history in histories:
        visits[history[-1].day] += 1
        revenue[history[-1].day] += history[-1].revenue
    assert {day: row for day, row in kept.items() if row != (0, 0)} == {
        day: (visits[day], revenue[day]) for day in visits
    }


@st.composite
def worlds(draw):
    """People with referrers (loops and unknown ones too) and channels, of whom some came."""
    people = range(1, 11)
    links = {
        client(who): Link(
            draw(st.sampled_from([None, *map(client, range(1, 13))])), draw(st.sampled_from([None, "a", "b"]))
        )
        for who in people
    }
    came = draw(st.sets(st.integers(1, 12)))
    return {client(who): Figures(1, who, who * 10) for who in came}, links


def walk(nodes):
    for node in nodes:
        yield node
        yield from walk(node.children)


@given(worlds())
def test_everybody_who_came_stands_in_one_place_and_sums_include_the_subtree(world):
    own, links = world
    trees = forest(own, links)
    tops = [top for each in trees.values() for top in each]
    everybody = list(walk(tops))
    assert len({node.client_id for node in everybody}) == len(everybody)
    assert {node.client_id for node in everybody if node.own.visits} == set(own)
    assert sum(top.total.visits for top in tops) == sum(figures.visits for figures in own.values())
    for node in everybody:
        assert node.total.visits > 0
        for figure in ("clients", "visits", "revenue"):
            below = sum(getattr(child.total, figure) for child in node.children)
            assert getattr(node.total, figure) == getattr(node.own, figure) + below


@given(worlds())
def test_whoever_has_a_referrer_stands_below_them_unless_that_is_a_loop(world):
    own, links = world
    above = {child.client_id: node.client_id for node in _all(own, links) for child in node.children}
    for node in _all(own, links):
        referrer = links[node.client_id].referrer_id if node.client_id in links else None
        if node.client_id in above:
            assert above[node.client_id] == referrer
        elif referrer is not None:
            seen = {node.client_id}
            while referrer in links and referrer not in seen:
                seen.add(referrer)
                referrer = links[referrer].referrer_id
            assert referrer == node.client_id


def _all(own, links):
    return list(walk(top for tops in forest(own, links).values() for top in tops))


def test_a_channel_has_those_who_came_through_it_and_none_the_others():
    links = {
        client(1): Link(None, "instagram"),
        client(2): Link(client(1), "radio"),
        client(3): Link(None, None),
        client(4): Link(client(99), "radio"),
    }
    trees = forest({client(who): Figures(1, 1, 10 * who) for who in (2, 3, 4)}, links)
    assert {channel: [top.client_id.int for top in tops] for channel, tops in trees.items()} == {
        "instagram": [1],
        None: [99, 3],
    }
    assert [child.client_id.int for child in trees["instagram"][0].children] == [2]
    assert (trees["instagram"][0].own, trees["instagram"][0].total) == (Figures(), Figures(1, 1, 20))


def test_a_chain_of_any_length_is_cut_in_sight_but_not_in_sums():
    length = 5_000
    links = {client(who): Link(client(who - 1) if who > 1 else None, "a") for who in range(1, length + 1)}
    (top,) = forest({client(who): Figures(1, 1, 1) for who in range(1, length + 1)}, links)["a"]
    assert top.total == Figures(length, length, length)
    assert len(list(walk([top]))) == DEEPEST
