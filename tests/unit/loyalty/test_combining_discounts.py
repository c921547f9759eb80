"""How offers become one discount: best of, sum, cascade, caps, one rounding; everything adds up."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kernel.money import percent_of, share_out
from services.loyalty.domain import combining
from services.loyalty.domain.combining import combine
from services.loyalty.domain.judging import judge
from services.loyalty.domain.programme import Combination, Group, Personal, Reward, Services, Step, Visits
from services.loyalty.domain.rules.offer import Offer
from tests.standings import (
    COLOUR,
    CUT,
    NAILS,
    a_bill,
    a_line,
    a_personal,
    a_programme,
    a_standing,
    a_visit,
)

PERCENTS = st.decimals(0, 100, places=2)
PRICES = st.lists(st.integers(0, 200_000), min_size=1, max_size=6)


def offering(percent, name="a", *, on=None, limit=None):
    return Offer(name, "services", "services", Decimal(percent), (("reward", ""),), on, limit=limit)


def priced(prices):
    return a_visit(*(a_line(number, price) for number, price in enumerate(prices)))


def by_line(outcome):
    return [line.discount for line in outcome.lines]


# --- the groups ------------------------------------------------------------------------------------------------------

THREE = (Personal(name="personal"), Services(name="services", reward=Reward(Decimal(10)), service_ids=frozenset({CUT})))
VISITS = Visits(name="visits", steps=(Step(1, Decimal(4)),))
KNOWN = a_standing(personal=a_personal(5), bills=(a_bill(),))


def of(combination, *lines):
    programme = a_programme(*THREE, VISITS, combination=combination)
    return judge(programme, KNOWN, a_visit(*(lines or (a_line(1, 10_000), a_line(2, 10_000, NAILS)))))


def test_of_rules_that_no_group_names_the_best_counts_on_each_line():
    verdict = of(Combination())
    assert by_line(verdict) == [1000, 500]
    assert {part.rule: (part.amount, part.refusal) for part in verdict.parts} == {
        "personal": (500, None),
        "services": (1000, None),
        "visits": (0, "less_than"),
    }


@pytest.mark.parametrize(
    ("combination", "lines"),
    [
        (Combination((Group(("personal", "visits"), "sum"),)), [1000, 900]),  # 10 or 9; 9
        (Combination((Group(("personal", "visits"), "sum"),), by="sum"), [1900, 900]),
        (Combination((Group(("personal", "visits")), Group(("services",))), by="sum"), [1500, 500]),
        (Combination((Group(("personal",)), Group(("services",))), by="cascade"), [1792, 880]),  # 1 - .95 x .9 x .96
        (
            Combination((Group(("personal", "visits", "services"), "sum"),), max_percent_per_line=Decimal(12)),
            [1200, 900],
        ),
        (
            Combination((Group(("personal", "visits", "services"), "sum"),), max_percent_per_visit=Decimal(7)),
            [950, 450],
        ),
    ],
)
def test_groups_are_put_together_as_the_programme_says(combination, lines):
    verdict = of(combination)
    assert by_line(verdict) == lines
    assert sum(part.amount for part in verdict.parts) == verdict.discount == sum(lines)


def test_a_cap_is_told_with_what_it_took():
    verdict = of(Combination((Group(("personal", "visits", "services"), "sum"),), max_percent_per_line=Decimal(12)))
    assert [(cap.name, cap.before, cap.after) for cap in verdict.caps] == [("max_percent_per_line", 19, 12)]


def test_without_a_visit_only_what_holds_at_any_is_added():
    combination = Combination((Group(("personal",)),), by="cascade")
    verdict = judge(a_programme(*THREE, VISITS, combination=combination), KNOWN)
    assert verdict.percent == Decimal("8.8")
    assert {part.rule: part.percent for part in verdict.parts} == {
        "personal": 5,
        "services": 0,
        "visits": Decimal("3.8"),
    }


def test_the_texts_say_which_was_more():
    verdict = judge(a_programme(VISITS, THREE[0]), KNOWN)
    assert [(part.percent, part.refused) for part in verdict.parts] == [(0, "the personal discount is more"), (5, None)]
    verdict = judge(a_programme(VISITS, THREE[0]), replace(KNOWN, personal=a_personal(4)))
    assert [(part.percent, part.refused) for part in verdict.parts] == [
        (4, None),
        (0, "the programme gives as much or more"),
    ]


# --- the laws --------------------------------------------------------------------------------------------------------


@given(PRICES, PERCENTS)
def test_one_percentage_of_everything_is_what_booking_makes_of_it(prices, percent):
    """The fast way and the general one, and booking's own from its copy of the percentage."""
    expected = share_out(percent_of(sum(prices), percent), prices)
    assert by_line(combine(Combination(), [offering(percent)], priced(prices))) == expected
    general = Combination((Group(("a",), "sum"),))
    assert by_line(combine(general, [offering(percent)], priced(prices))) == expected


@st.composite
def cases(draw):
    """A combination, what is offered, and a visit."""
    names = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5))
    prices = draw(PRICES)
    line_ids = [line.line_id for line in priced(prices).lines]
    offers = [
        offering(
            draw(PERCENTS),
            name,
            on=draw(st.none() | st.lists(st.sampled_from(line_ids), min_size=1, unique=True).map(tuple)),
            limit=draw(st.none() | st.integers(1, 20_000)),
        )
        for name in names
    ]
    grouped = draw(st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=3, unique=True), max_size=3))
    seen, groups = set(), []
    for group in grouped:
        left = tuple(name for name in group if name not in seen)
        seen.update(left)
        if left:
            groups.append(Group(left, draw(st.sampled_from(("best", "sum")))))
    caps = st.just(Decimal(100)) | PERCENTS
    by = draw(st.sampled_from(("best", "sum", "cascade")))
    return Combination(tuple(groups), by, draw(caps), draw(caps)), offers, priced(prices)


@settings(max_examples=400)
@given(cases())
def test_lines_and_parts_add_up_and_no_cap_is_broken(case):
    combination, offers, visit = case
    outcome = combine(combination, offers, visit)
    assert sum(by_line(outcome)) == outcome.discount == sum(outcome.amounts.values())
    assert 100 * outcome.discount <= combination.max_percent_per_visit * sum(line.price for line in visit.lines)
    for line, wanted in zip(outcome.lines, visit.lines, strict=True):
        assert 0 <= 100 * line.discount <= combination.max_percent_per_line * wanted.price
    for place, offer in enumerate(offers):
        assert outcome.amounts.get(place, 0) >= 0
        if offer.limit is not None:
            assert outcome.amounts.get(place, 0) <= offer.limit
        assert offer.refusal is None or not outcome.amounts.get(place, 0)


@given(cases())
def test_a_discount_is_never_more_than_all_together_nor_less_than_each(case):
    """Before caps: sum >= cascade >= best >= every offer for itself, but for the rounding of lines."""
    _, offers, visit = case
    groups = tuple(Group((name,)) for name in dict.fromkeys(offer.rule for offer in offers))
    found = {}
    for by in ("best", "cascade", "sum"):
        found[by] = combine(Combination(groups, by), [replace(each) for each in offers], visit).discount
    alone = [combine(Combination(), [replace(each)], visit).discount for each in offers]
    assert max(alone) <= found["best"] <= found["cascade"] <= found["sum"]


@given(st.lists(PERCENTS, min_size=1, max_size=4), PRICES, st.just(Decimal(100)) | PERCENTS)
def test_the_fast_way_is_the_general_one(percents, prices, cap):
    combination = Combination(max_percent_per_line=cap)

    def offers():
        return [offering(percent, str(number)) for number, percent in enumerate(percents)]

    for visit in (None, priced(prices)):
        fast, slow = offers(), offers()
        live = [place for place, percent in enumerate(percents) if percent]
        assume(live)
        quick = combining._best(combination, fast, live, visit)
        full = combining._General(combination, slow, live, visit).outcome()
        if quick is not None:
            assert (quick.percent, quick.discount, quick.lines) == (full.percent, full.discount, full.lines)
            assert {key: value for key, value in full.amounts.items() if value} == {
                key: value for key, value in quick.amounts.items() if value
            }
            assert [each.refusal for each in fast] == [each.refusal for each in slow]


@given(st.lists(PERCENTS, min_size=1, max_size=4), st.sampled_from(("best", "sum", "cascade")), PERCENTS)
def test_standing_parts_add_up_to_the_percentage(percents, by, cap):
    offers = [offering(percent, str(number)) for number, percent in enumerate(percents)]
    groups = tuple(Group((str(number),)) for number in range(len(percents)))
    outcome = combine(Combination(groups, by, max_percent_per_visit=cap), offers, None)
    assert sum(outcome.percents.values()) == outcome.percent <= cap


def test_a_visit_without_lines_has_nothing_to_price():
    visit = replace(a_visit(), lines=())
    verdict = judge(a_programme(*THREE), KNOWN, visit)
    assert (verdict.discount, verdict.lines) == (0, ())
    verdict = judge(a_programme(*THREE, combination=Combination((Group(("services",)),))), KNOWN, visit)
    assert (verdict.discount, verdict.parts[0].refusal) == (0, "nothing_to_price")


def test_without_explanations_prices_are_the_same():
    lines = (a_line(1, 9_999, CUT), a_line(2, 7_777, COLOUR))
    full = judge(a_programme(*THREE, VISITS), KNOWN, a_visit(*lines))
    short = judge(a_programme(*THREE, VISITS), KNOWN, a_visit(*lines), explain=False)
    assert (short.lines, short.percent) == (full.lines, full.percent)
    assert [(part.rule, part.amount) for part in short.parts] == [
        (part.rule, part.amount) for part in full.parts if part.refusal is None
    ]
