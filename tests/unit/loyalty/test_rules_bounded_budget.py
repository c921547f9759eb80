"""What referral discounts of all levels cost is bounded by a share of what those brought have paid (FIELD.md 3.4)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings, target
from hypothesis import strategies as st

from services.loyalty.domain.facts import Bill, BillLine, Card
from services.loyalty.domain.history import History
from services.loyalty.domain.judging import judge
from services.loyalty.domain.programme import Budget, Checks, Combination, Group, Personal, Referrals, Tier
from services.loyalty.domain.standing import Visit, WantedLine
from tests.standings import BRANCH, NOON, a_programme

SETTLED = timedelta(days=14)
DAY = timedelta(days=1)


def who(number: int) -> UUID:
    return UUID(int=1 + number)


@dataclass(frozen=True)
class Naming:
    day: int
    client: int
    referrer: int | None


@dataclass(frozen=True)
class Coming:
    """A visit, and what of its price goes back after so many days."""

    day: int
    client: int
    price: int
    refund_after: int | None
    refunded_percent: int


@st.composite
def histories(draw):
    """Anybody may name anybody at any time and think better of it; all come again and again, some are refunded."""
    size = draw(st.integers(2, 4))
    clients = st.integers(0, size - 1)
    namings = [Naming(0, number, number - 1) for number in range(1, size)] if draw(st.booleans()) else []
    changes = st.builds(Naming, st.integers(0, 60), clients, st.none() | clients)
    namings += draw(st.lists(changes, max_size=8))
    comings = [
        Coming(
            turn * 8 + number,
            number,
            draw(st.sampled_from((0, 999, 100_000))),
            draw(st.sampled_from((None, None, 1, 13, 30))),
            draw(st.sampled_from((50, 100))),
        )
        for turn in range(draw(st.integers(2, 6)))
        for number in range(size)
    ]
    return namings, comings


@st.composite
def programmes(draw):
    """Generous tiers, so that it is the budget that binds."""
    share, ratio = (
        draw(st.sampled_from(("1", "10", "50", "100"))),
        draw(st.sampled_from(("0.01", "0.3", "0.5", "0.99"))),
    )
    rule = Referrals(
        name="referrals",
        tiers=(Tier(draw(st.integers(0, 1)), Decimal(draw(st.sampled_from((5, 100))))),),
        depth=draw(st.integers(1, 4)),
        weight=draw(st.decimals("0.1", 1, places=1)),
        budget=Budget(Decimal(share), Decimal(ratio), SETTLED.days),
    )
    combination = draw(
        st.sampled_from((Combination(), Combination((Group(("referrals",)),), by="cascade"), Combination(by="sum")))
    )
    checks = Checks(earlier_visit=draw(st.booleans()), velocity=None)
    return rule.budget, a_programme(rule, Personal(name="personal"), checks=checks, combination=combination)


def cards(namings):
    versions: dict[int, int] = {}
    for each in sorted(namings, key=lambda each: each.day):
        versions[each.client] = version = versions.get(each.client, 0) + 1
        yield Card(
            who(each.client), version, NOON + each.day * DAY, None if each.referrer is None else who(each.referrer)
        )


def lived(namings, comings, programme):
    """Live it day by day; the discounts by referrals, and every bill with what was refunded of it and when."""
    history = History()
    happenings = [(card.at, 0, card) for card in cards(namings)]
    happenings += [(NOON + each.day * DAY, 1, (number, each)) for number, each in enumerate(comings)]
    used: dict[UUID, int] = {}
    bills: list[Bill] = []
    while happenings:
        happenings.sort(key=lambda each: each[:2])
        at, kind, what = happenings.pop(0)
        if kind == 0:
            history.apply(what)
        elif kind == 1:
            number, coming = what
            client_id = who(coming.client)
            standing = history.standing(client_id, at, programme)
            standing = replace(standing, used_budget=used.get(client_id, 0))
            line_id = UUID(int=7_000 + number)
            visit = Visit(BRANCH, at.date(), (WantedLine(line_id, None, None, coming.price),))
            verdict = judge(programme, standing, visit)
            used[client_id] = used.get(client_id, 0) + verdict.budget_used
            due = coming.price - verdict.discount
            line = BillLine(line_id, "service", coming.price, verdict.discount)
            bill = Bill(UUID(int=8_000 + number), 1, client_id, BRANCH, at, at, at, at.date(), "EUR", (line,), due)
            history.apply(bill)
            bills.append(bill)
            if coming.refund_after is not None:
                back = due * coming.refunded_percent // 100
                happenings.append((at + coming.refund_after * DAY, 2, (bill, back)))
        else:
            bill, back = what
            later = Bill(
                bill.appointment_id, 2, bill.client_id, BRANCH, at, bill.completed_at, bill.starts, bill.local_date,
                "EUR", (BillLine(bill.lines[0].line_id, "service", bill.lines[0].price, bill.lines[0].discount, back),),
                bill.paid,
            )  # fmt: skip
            history.apply(later)
            bills.append(later)
    return sum(used.values()), bills


@settings(max_examples=300, deadline=None)
@given(histories(), programmes())
def test_referral_discounts_of_all_levels_stay_under_the_share_of_revenue(history, rules):
    """Of revenue of those whom somebody brought, whatever happens; less what went back while it was not settled."""
    namings, comings = history
    budget, programme = rules
    given_away, bills = lived(namings, comings, programme)
    brought = {who(each.client) for each in namings if each.referrer is not None}
    bills = [bill for bill in bills if bill.client_id in brought]
    gross = sum(bill.due for bill in bills if bill.version == 1)
    soon = sum(bill.refunded for bill in bills if bill.version == 2 and bill.at - bill.completed_at < SETTLED)
    target(float(given_away / (budget.share * (gross - soon) or 1)))
    assert given_away <= budget.share * (gross - soon) / 100


@settings(max_examples=50, deadline=None)
@given(programmes(), st.integers(2, 30), st.integers(1, 50_000))
def test_a_chain_of_people_who_all_pay_is_bounded_too(rules, length, price):
    """The worst tree for weights: everybody has somebody above on every level that counts."""
    budget, programme = rules
    namings = [Naming(0, number, number - 1) for number in range(1, length)]
    comings = [Coming(1 + turn * 20, number, price, None, 0) for turn in range(3) for number in range(length)]
    given_away, bills = lived(namings, comings, programme)
    assert given_away <= budget.share * sum(bill.net for bill in bills) / 100


WHOLE = Referrals(name="r", tiers=(Tier(1, Decimal(100)),), depth=3, budget=Budget(Decimal(100), Decimal("0.01")))


def test_a_correction_of_who_brought_somebody_does_not_give_the_same_visit_twice():
    """99 % of what 1 paid went to 0; that the card then names 2 gives 2 nothing of it, nor those above 2."""
    namings = [Naming(0, 1, 0), Naming(40, 1, 2), Naming(0, 2, 3)]
    comings = [
        Coming(1, 1, 10_000, None, 0),
        *(Coming(day, who, 10_000, None, 0) for day, who in ((30, 0), (50, 2), (60, 3))),
    ]
    given_away, _ = lived(namings, comings, a_programme(WHOLE, checks=Checks(earlier_visit=False)))
    assert given_away == 9_900


def test_a_correction_higher_up_does_not_give_the_same_visit_twice_either():
    """2 was brought by 1 all along; that 1 comes under 3 instead of 0 gives 3 nothing of what 2 paid before."""
    namings = [Naming(0, 2, 1), Naming(0, 1, 0), Naming(40, 1, 3)]
    comings = [Coming(1, 2, 1_000_000, None, 0), Coming(30, 0, 1_000_000, None, 0), Coming(50, 3, 1_000_000, None, 0)]
    rule = replace(WHOLE, tiers=(Tier(0, Decimal(100)),))
    given_away, _ = lived(namings, comings, a_programme(rule, checks=Checks(earlier_visit=False)))
    assert given_away == 9_900


def test_what_goes_back_before_it_is_settled_was_never_there():
    namings = [Naming(0, 1, 0)]
    comings = [Coming(1, 1, 10_000, 13, 50), Coming(10, 0, 9_000, None, 0), Coming(30, 0, 9_000, None, 0)]
    assert lived(namings, comings, a_programme(WHOLE))[0] == 4_950


def test_the_budget_is_there_to_be_spent():
    """The bound is not kept by giving nothing: half of a share of 10 % goes to who brought directly."""
    rule = Referrals(name="r", tiers=(Tier(1, Decimal(50)),), budget=Budget(Decimal(10), Decimal("0.5")))
    namings = [Naming(0, 1, 0)]
    comings = [Coming(1, 1, 10_000, None, 0), Coming(30, 0, 10_000, None, 0)]
    assert lived(namings, comings, a_programme(rule))[0] == 500
