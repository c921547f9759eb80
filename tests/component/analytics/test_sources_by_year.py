"""The hierarchy of sources from years that are kept tells what visits tell, whatever period is asked for."""

import random
from datetime import date, timedelta

import pytest

from contracts.analytics import ShowSources
from contracts.clients import ClientsMerged
from tests.builders import ELSEWHERE, HERE
from tests.facts import NOON, completed, line, numbered, registered, retail

FIRST, DAYS = date(2024, 2, 3), 800
PEOPLE = [numbered(place) for place in range(1, 13)]
PERIODS = (
    (date(2020, 1, 1), date(2030, 1, 1)),
    (date(2025, 1, 1), date(2025, 12, 31)),
    (date(2024, 1, 1), date(2025, 12, 31)),
    (date(2024, 5, 5), date(2026, 1, 31)),
    (date(2025, 3, 1), date(2026, 2, 28)),
    (date(2025, 7, 1), date(2025, 7, 31)),
    (date(2023, 1, 1), date(2023, 12, 31)),
)


@pytest.fixture
def analytics(start):
    """Sixty visits over three years at two branches, of people who brought each other, and of some without a card."""
    service, chance = start("analytics"), random.Random(11)
    service.deliver(*(registered(who, channel=f"Channel {place % 2}") for place, who in enumerate(PEOPLE[:3])))
    service.deliver(*(registered(who, PEOPLE[place // 2]) for place, who in enumerate(PEOPLE[3:])))
    service.deliver(*(visit(chance, place) for place in range(60)))
    return service


def visit(chance, place, **changes):
    who = chance.choice([*PEOPLE, None])
    words = {
        "local_date": FIRST + timedelta(days=chance.randrange(DAYS)),
        "branch_id": chance.choice([HERE, ELSEWHERE]),
    }
    lines = (line(chance.randrange(1_000), cost=place, discount=place % 7),) if who else (retail(place),)
    return completed(numbered(100 + place), who, *lines, **(words | changes))


def worth(node):
    return node.clients, node.visits, node.revenue.amount, node.margin.amount, node.discount.amount, node.returned


def by_channel(root):
    return {each.name: worth(each) for each in root.children}


def all_told(analytics, **words):
    return analytics.ask(ShowSources(**words))


def assert_levels_agree(analytics):
    """A depth of 9 reads visits, one level reads years."""
    for first, last in PERIODS:
        for branch_id in (None, HERE):
            words = {"from_": first, "to": last, "branch_id": branch_id}
            whole, level = all_told(analytics, depth=9, **words), all_told(analytics, depth=1, **words)
            assert (worth(level), level.own) == (worth(whole), whole.own)
            assert by_channel(level) == by_channel(whole)
            for channel in whole.children:
                if channel.name is None:
                    continue
                below = all_told(analytics, channel=channel.name, **words)
                assert [(each.client_id, worth(each), each.own) for each in below.children] == [
                    (each.client_id, worth(each), each.own) for each in channel.children
                ]
                for top in channel.children:
                    under = all_told(analytics, under=top.client_id, **words)
                    assert (worth(under), under.own) == (worth(top), top.own)


def test_every_level_of_every_period_agrees_with_the_visits(analytics):
    assert_levels_agree(analytics)
    every = all_told(analytics, from_=PERIODS[0][0], to=PERIODS[0][1], depth=1)
    assert every.visits == 60
    assert every.clients == 12


def test_bills_that_move_and_cards_that_become_one_leave_no_year_behind(analytics):
    chance = random.Random(12)
    analytics.deliver(*(visit(chance, place, version=3) for place in range(0, 60, 4)))
    analytics.deliver(*(visit(chance, place, version=4, branch_id=HERE) for place in range(0, 60, 6)))
    assert_levels_agree(analytics)
    analytics.deliver(ClientsMerged(PEOPLE[4], 9, PEOPLE[5], 1, NOON))
    assert_levels_agree(analytics)
    assert all_told(analytics, from_=PERIODS[0][0], to=PERIODS[0][1], depth=1).visits == 60
