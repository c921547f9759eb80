"""What people brought give: tiers, levels, weights, age, caps, budget."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.loyalty.domain.judging import judge
from services.loyalty.domain.programme import (
    DEFAULT_RULES,
    DEFAULT_TIERS,
    Budget,
    Checks,
    Combination,
    Group,
    Referrals,
    Tier,
)
from services.loyalty.domain.rules.brought import decayed
from tests.referrals import grant
from tests.standings import NOON, a_bill, a_line, a_personal, a_programme, a_standing, a_visit, people, percent

BY_PEOPLE = Referrals(name="referrals", tiers=DEFAULT_TIERS)
EACH = tuple(Tier(number, Decimal(number)) for number in range(1, 31))  # N people give N per cent


def referred(standing, **more):
    """The part of a programme with one referrals rule."""
    return judge(a_programme(replace(BY_PEOPLE, tiers=EACH, **more)), standing)


@given(count=st.integers(0, 30), waiting=st.integers(0, 3))
def test_the_default_programme_gives_what_it_always_gave(count, waiting):
    standing = a_standing(brought=people(count) + people(waiting, first=100, reason="no_paid_visit"))
    verdict = judge(a_programme(*DEFAULT_RULES), standing)
    was = grant(count, DEFAULT_TIERS)
    assert verdict.percent == was.percent
    assert [part.text for part in verdict.parts if part.percent] == [part.text for part in was.parts]


def test_nobody_brought_is_told_with_what_is_missing():
    part = judge(a_programme(BY_PEOPLE), a_standing(brought=people(1, reason="no_paid_visit"))).parts[0]
    assert (part.offered, part.text, part.refused) == (
        0,
        "0 people you brought came and paid",
        "1 is needed for a discount",
    )
    assert [(each.counted, each.reason) for each in part.evidence] == [(False, "no_paid_visit")]


def test_deeper_levels_count_only_where_the_rule_says_so_and_by_its_weight():
    standing = a_standing(brought=people(2) + people(4, level=2) + people(8, level=3))
    assert referred(standing).percent == 2
    assert referred(standing, depth=2, weight=Decimal("0.5")).percent == 4
    assert referred(standing, depth=3, weight=Decimal("0.5")).percent == 6
    text = referred(standing, depth=2, weight=Decimal("0.5")).parts[0].text
    assert text == "6 people you and yours brought came and paid and count as 4: 4 %"


def test_after_a_half_life_somebody_counts_half():
    standing = a_standing(brought=people(2, days=0.5) + people(4, days=30.5, first=10) + people(4, days=60, first=20))
    assert referred(standing, half_life_days=30).percent == 5  # 2 + 4/2 + 4/4
    assert decayed(30, 30) == Decimal("0.5")
    assert decayed(15, 30) == Decimal("0.707107")


def test_who_came_to_count_too_long_ago_is_left_out_of_a_period():
    standing = a_standing(brought=people(2) + people(3, days=40, first=10))
    verdict = referred(standing, period_days=30)
    assert verdict.percent == 2
    assert [each.reason for each in verdict.parts[0].evidence if not each.counted] == ["out_of_period"] * 3


def test_of_each_level_no_more_than_its_cap_count():
    standing = a_standing(brought=people(5) + people(7, level=2))
    verdict = referred(standing, depth=2, level_caps=(3, 2))
    assert verdict.percent == 5
    assert verdict.parts[0].caps[0].name == "level_caps"
    assert (verdict.parts[0].caps[0].before, verdict.parts[0].caps[0].after) == (12, 5)


def test_the_rule_gives_no_more_than_its_maximum():
    part = referred(a_standing(brought=people(9)), max_percent=Decimal(6)).parts[0]
    assert (part.percent, part.caps[0].before, part.caps[0].after) == (6, 9, 6)


ages = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 400), st.booleans()), max_size=12)


def as_people(drawn):
    brought = [
        replace(people(1, level=level, days=days, first=number, reason=None if counts else "refunded")[0])
        for number, (level, days, counts) in enumerate(drawn, 1)
    ]
    return tuple(sorted(brought, key=lambda each: (each.level, each.since)))


@given(
    some=ages,
    more=ages,
    weight=st.decimals("0.01", 1, places=2),
    half_life=st.none() | st.integers(1, 300),
    caps=st.lists(st.integers(0, 4), max_size=3).map(tuple),
    period=st.none() | st.integers(1, 400),
)
def test_more_people_never_give_less(some, more, weight, half_life, caps, period):
    rule = {"depth": 3, "weight": weight, "half_life_days": half_life, "level_caps": caps, "period_days": period}
    fewer = as_people(some)
    further = tuple(replace(each, client_id=UUID(int=each.client_id.int + 500)) for each in as_people(more))
    assert (
        referred(a_standing(brought=fewer), **rule).percent
        <= referred(a_standing(brought=fewer + further), **rule).percent
    )


def test_staff_get_nothing_for_bringing_people_unless_the_programme_lets_them():
    standing = a_standing(brought=people(3), staff=True, personal=a_personal(2))
    verdict = judge(a_programme(*DEFAULT_RULES), standing)
    assert (verdict.percent, verdict.parts[0].refusal, verdict.parts[0].offered) == (2, "client_is_staff", 5)
    assert judge(a_programme(*DEFAULT_RULES, checks=Checks(staff=False)), standing).percent == 5


# --- the budget ------------------------------------------------------------------------------------------------------

BUDGET = Budget(share=Decimal(10), ratio=Decimal("0.5"), settled_after_days=14)
BOUNDED = replace(BY_PEOPLE, tiers=(Tier(1, Decimal(20)),), depth=2, budget=BUDGET)


def who_paid(level, *bills):
    return replace(people(1, level=level, days=100)[0], bills=bills)


@pytest.mark.parametrize(
    ("brought", "credit"),
    [
        ((who_paid(1, a_bill(1, days_ago=20, price=10_000)),), 500),  # 10 % x 0.5 of 100.00
        ((who_paid(1, a_bill(1, days_ago=13, price=10_000)),), 0),  # it may still go back
        ((who_paid(1, a_bill(1, days_ago=20, price=10_000, refunded=4_000)),), 300),
        ((who_paid(1, a_bill(1, days_ago=20, price=10_000, tendered=4_000)),), 300),  # points are no money
        ((who_paid(1, a_bill(1, days_ago=20, price=10_000, paid=4_000)),), 200),
        ((who_paid(1, a_bill(1, days_ago=101, price=10_000)),), 0),  # from before they were known as brought
        ((who_paid(2, a_bill(1, days_ago=20, price=10_000)), *people(1)), 250),  # a level down: 0.5 of that
        ((who_paid(1, a_bill(1, days_ago=20, price=19)),), 0),  # 0.95 of a cent
    ],
)
def test_what_those_brought_paid_allows_for_a_share_of_it(brought, credit):
    brought = tuple(sorted(brought, key=lambda each: each.level))
    verdict = judge(a_programme(BOUNDED), a_standing(brought=brought), a_visit(a_line(price=100_000)))
    assert (verdict.discount, verdict.budget_used) == (credit, credit)
    assert judge(a_programme(BOUNDED), a_standing(brought=brought)).percent == (20 if credit else 0)


def test_a_cheap_visit_gets_the_percentage_and_leaves_the_rest_of_the_credit():
    brought = (who_paid(1, a_bill(1, days_ago=20, price=10_000)),)
    verdict = judge(a_programme(BOUNDED), a_standing(brought=brought), a_visit(a_line(price=2_000)))
    assert (verdict.discount, verdict.percent) == (400, 20)
    verdict = judge(a_programme(BOUNDED), a_standing(brought=brought, used_budget=400), a_visit(a_line(price=2_000)))
    assert (verdict.discount, verdict.percent, verdict.parts[0].caps[0].name) == (100, 5, "budget")
    verdict = judge(a_programme(BOUNDED), a_standing(brought=brought, used_budget=500), a_visit(a_line(price=2_000)))
    assert (verdict.discount, verdict.parts[0].refusal) == (0, "referrals.budget_used_up")


def test_what_is_left_of_the_credit_is_shared_out_over_the_lines():
    brought = (who_paid(1, a_bill(1, days_ago=20, price=10_000)),)
    lines = (a_line(1, 30_000), a_line(2, 20_000), a_line(3, 10_001))
    verdict = judge(a_programme(BOUNDED), a_standing(brought=brought), a_visit(*lines))
    assert [line.discount for line in verdict.lines] == [250, 167, 83]


def test_another_discount_that_is_more_spends_no_credit():
    brought = (who_paid(1, a_bill(1, days_ago=20, price=10_000)),)
    standing = a_standing(brought=brought, personal=a_personal(5))
    verdict = judge(a_programme(BOUNDED, DEFAULT_RULES[1]), standing, a_visit(a_line(price=100_000)))
    assert (verdict.discount, verdict.budget_used, verdict.parts[0].refusal) == (5_000, 0, "less_than_personal")


def test_two_rules_with_a_budget_spend_it_once():
    brought = (who_paid(1, a_bill(1, days_ago=20, price=10_000)),)
    both = (BOUNDED, replace(BOUNDED, name="more", tiers=(Tier(1, Decimal(30)),)))
    added = Combination((Group(("referrals", "more"), "sum"),))
    verdict = judge(a_programme(*both, combination=added), a_standing(brought=brought), a_visit(a_line(price=100_000)))
    assert (verdict.discount, [part.amount for part in verdict.parts]) == (500, [0, 500])


def test_an_instant_decides_what_is_settled():
    bill = a_bill(1, days_ago=14, price=10_000)
    standing = a_standing(brought=(who_paid(1, bill),))
    assert judge(a_programme(BOUNDED), standing).percent == 20
    before = replace(standing, at=NOON - timedelta(microseconds=1))
    assert judge(a_programme(BOUNDED), before).percent == percent(0)
