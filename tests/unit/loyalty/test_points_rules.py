"""Points: what they are earned by, in which order they are spent, when they lapse; nothing is lost or made up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.loyalty.domain.points import (
    GRACE,
    Entry,
    Lots,
    Receipt,
    Spent,
    check_payment,
    earned,
    given_back,
    lapses_at,
    left_after_refund,
    payable,
)
from services.loyalty.domain.programme import Points

START = datetime(2026, 3, 1, tzinfo=UTC)
VISIT = UUID(int=7)
RULES = Points(value=100, per_visit=5, percent=Decimal(3), expire_after_days=365)
PAID = Receipt(due=100_000, net=100_000, services=100_000, money=100_000, kept=100_000, served=True)


def came(number, points, days=None, visit=None):
    until = None if days is None else START + timedelta(days=days)
    return Entry(UUID(int=number), points, until, appointment_id=visit)


def went(number, points, **words):
    return Entry(UUID(int=number), -points, **words)


def left(lots):
    return [(lot.entry_id.int, lot.left) for lot in lots.by_expiry()]


# --- earning ---------------------------------------------------------------------------------------------------------


def test_a_visit_earns_so_many_and_a_share_of_the_money_paid_for_services():
    assert earned(RULES, PAID) == 5 + 30


def test_what_is_not_paid_in_money_earns_nothing_but_for_the_visit():
    assert earned(RULES, replace(PAID, money=0)) == 5
    assert earned(RULES, replace(PAID, money=40_000)) == 5 + 12


def test_retail_earns_nothing_and_takes_its_part_of_the_money():
    assert earned(RULES, replace(PAID, net=200_000, due=200_000, kept=200_000, money=100_000)) == 5 + 15
    assert earned(RULES, replace(PAID, services=0, served=False)) == 0


def test_a_refund_takes_back_its_part_and_a_full_one_all():
    half = replace(PAID, net=50_000, services=50_000, money=50_000, kept=50_000)
    assert earned(RULES, half) == 5 + 15
    assert earned(RULES, replace(PAID, net=0, services=0, money=0, kept=0)) == 0


def test_a_visit_that_was_free_earns_by_its_number_only_and_one_that_nobody_paid_nothing():
    assert earned(RULES, Receipt(0, 0, 0, 0, 0, served=True)) == 5
    assert earned(RULES, Receipt(100_000, 100_000, 100_000, 0, 0, served=True)) == 0


@given(
    services=st.integers(0, 10**8), retail=st.integers(0, 10**8), money=st.integers(0, 2 * 10**8),
    back=st.integers(0, 10**8),
)  # fmt: skip
def test_who_pays_less_in_money_never_earns_more(services, retail, money, back):
    net = services + retail
    whole = Receipt(net, net, services, min(money, net), net, served=True)
    less = replace(whole, money=max(0, whole.money - back))
    assert 0 <= earned(RULES, less) <= earned(RULES, whole)
    assert whole.money_for_services <= services


# --- spending --------------------------------------------------------------------------------------------------------


def test_what_lapses_first_is_spent_first_and_what_never_lapses_last():
    lots = Lots.of([came(1, 10), came(2, 10, days=30), came(3, 10, days=10), went(4, 15)])
    assert left(lots) == [(2, 5), (1, 10)]
    assert (lots.balance, lots.next_expiry) == (15, START + timedelta(days=30))


def test_what_is_taken_back_of_a_visit_goes_from_what_it_earned():
    lots = Lots.of([came(1, 10, days=10), came(2, 10, days=30, visit=VISIT)])
    lots.apply(went(3, 4, appointment_id=VISIT, takes_back=True))
    assert left(lots) == [(1, 10), (2, 6)]


def test_what_is_taken_back_after_it_was_spent_is_a_debt_that_is_worked_off_first():
    lots = Lots.of([came(1, 10, visit=VISIT), went(2, 8), went(3, 10, appointment_id=VISIT, takes_back=True)])
    assert (lots.balance, lots.debt, left(lots)) == (-8, 8, [])
    lots.apply(came(4, 5, days=10))
    assert (lots.balance, left(lots)) == (-3, [])
    lots.apply(came(5, 5, days=20))
    assert (lots.balance, lots.debt, left(lots)) == (2, 0, [(5, 2)])


def test_what_has_lapsed_is_named_by_lot_and_what_is_set_aside_waits_for_its_visit():
    lots = Lots.of([came(1, 30, days=10), came(2, 50, days=90)])
    gone = START + timedelta(days=10)
    assert lots.lapsed(gone - timedelta(seconds=1)) == []
    assert [(lot.entry_id.int, points) for lot, points in lots.lapsed(gone)] == [(1, 30)]
    assert [(lot.entry_id.int, points) for lot, points in lots.lapsed(gone, set_aside=20)] == [(1, 10)]


def test_what_comes_back_lapses_as_before_but_not_at_once():
    near, far = START + timedelta(days=1), START + timedelta(days=400)
    spent = [Spent(10, near), Spent(5, far), Spent(3, None)]
    assert list(given_back(spent, 9, 0, START)) == [Spent(3, None), Spent(5, far), Spent(1, START + GRACE)]
    assert list(given_back(spent, 9, 9, START)) == [Spent(9, START + GRACE)]


# --- paying ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "code"),
    [(0, "amount_not_positive"), (-100, "amount_not_positive"), (150, "points_not_whole"), (50_100, "points_over_cap")],
)
def test_points_pay_whole_and_at_most_their_share(amount, code):
    with pytest.raises(Invalid) as refused:
        check_payment(replace(RULES, max_percent_of_visit=Decimal(50)), amount, 100_000, "tenders.0.amount")
    assert refused.value.code == code
    assert list(refused.value.details["errors"]) == ["tenders.0.amount"]


def test_points_pay_up_to_their_share():
    half = replace(RULES, max_percent_of_visit=Decimal(50))
    assert check_payment(half, 50_000, 100_000, "amount") == 500
    assert (payable(half, 100_000), payable(half, 199), payable(half, 200)) == (500, 0, 1)


@given(value=st.integers(1, 1_000), points=st.integers(0, 10**6), back=st.integers(0, 10**9))
def test_only_whole_points_come_back_and_after_a_full_refund_all(value, points, back):
    paid = points * value
    stays = left_after_refund(paid - min(back, paid), value)
    assert 0 <= points - stays <= back // value
    assert left_after_refund(0, value) == 0


def test_points_lapse_by_the_rules_or_never():
    assert lapses_at(RULES, START) == START + timedelta(days=365)
    assert lapses_at(replace(RULES, expire_after_days=None), START) is None


# --- conservation ----------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["earn", "redeem", "take back", "give back", "lapse"]),
        st.integers(1, 50),
        st.integers(0, 60),
    ),
    max_size=40,
)


@given(steps=STEPS)
def test_what_came_less_what_went_is_what_there_is_after_every_step(steps):
    lots, total, redeemed, returned = Lots(), 0, 0, 0
    for number, (what, points, day) in enumerate(steps, 1):
        now = START + timedelta(days=day)
        entries = []
        if what == "earn":
            entries = [came(number, points, days=day + points)]
        elif what == "redeem" and (taken := min(points, max(lots.balance, 0))):
            entries = [went(number, taken, appointment_id=VISIT, redeems=True)]
            redeemed += taken
        elif what == "take back":
            entries = [went(number, points, appointment_id=VISIT, takes_back=True)]
        elif what == "give back" and (back := min(points, redeemed - returned)):
            parts = list(given_back(lots.spent_on(VISIT), back, returned, now))
            assert sum(part.points for part in parts) == back
            entries = [Entry(UUID(int=number), part.points, part.expires_at) for part in parts]
            returned += back
        elif what == "lapse":
            entries = [went(number, gone, lot_id=lot.entry_id) for lot, gone in lots.lapsed(now)]
        for entry in entries:
            lots.apply(entry)
            total += entry.points
        assert lots.balance == total
        assert lots.debt == 0 or not lots.by_expiry()
    assert lots.debt >= 0
