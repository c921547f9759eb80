"""The bill's laws: lines add up, nobody overpays, nothing goes back that did not come in."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.money import percent_of
from services.booking.domain.bill import (
    Bill,
    Line,
    LineKind,
    Paying,
    discounted,
    paid_on,
    paid_with,
    refunded,
    repriced,
)
from services.booking.domain.terms import Offer, Terms

NOW = datetime(2026, 6, 1, tzinfo=UTC)
numbers = count(1_000)


def new() -> UUID:
    return UUID(int=next(numbers))


prices = st.lists(st.integers(0, 10**9), min_size=1, max_size=8)
percents = st.decimals(0, 100, places=2)


def a_bill(*amounts: int, percent: Decimal = Decimal(0)) -> Bill:
    lines = tuple(
        Line(new(), LineKind.SERVICE, amount, segment_id=UUID(int=place)) for place, amount in enumerate(amounts)
    )
    return discounted(Bill("RUB", lines), Offer(Terms(percent)))


@settings(deadline=None)
@given(prices, percents)
def test_lines_add_up_to_a_discount_that_was_rounded_once(amounts: list[int], percent: Decimal) -> None:
    bill = a_bill(*amounts, percent=percent)
    assert bill.discount == percent_of(sum(amounts), percent)
    assert sum(line.due for line in bill.lines) == bill.due == bill.total - bill.discount
    assert all(0 <= line.discount <= line.price for line in bill.lines)


def test_only_services_are_discounted() -> None:
    lines = (
        Line(new(), LineKind.SERVICE, 1_000),
        Line(new(), LineKind.RETAIL, 1_000),
        Line(new(), LineKind.ADJUSTMENT, -100),
    )
    bill = discounted(Bill("RUB", lines), Offer(Terms(Decimal(10), NOW)))
    assert [line.discount for line in bill.lines] == [100, 0, 0]
    assert (bill.total, bill.due, bill.terms.as_of) == (1_900, 1_800, NOW)


def test_final_prices_are_discounted_again() -> None:
    bill = a_bill(1_000, 2_000, percent=Decimal(10))
    final = discounted(repriced(bill, {UUID(int=1): 500}), Offer(bill.terms))
    assert [(line.price, line.discount) for line in final.lines] == [(1_000, 100), (500, 50)]


@settings(deadline=None)
@given(prices, percents)
def test_without_payments_the_bill_is_paid_in_full(amounts: list[int], percent: Decimal) -> None:
    bill = paid_with(a_bill(*amounts, percent=percent), None, NOW, new)
    assert bill.paid == bill.due
    assert paid_on(bill) == {line.id: line.due for line in bill.lines}


def test_payments_are_more_than_nothing_and_no_more_than_what_is_due() -> None:
    bill = a_bill(1_000)
    for payments, code in (
        ([Paying("cash", 0)], "amount_not_positive"),
        ([Paying("cash", 600), Paying("card", 401)], "overpaid"),
    ):
        with pytest.raises(Invalid, match=code):
            paid_with(bill, payments, NOW, new)
    assert paid_with(bill, [], NOW, new).paid == 0


@settings(deadline=None)
@given(prices, percents, st.data())
def test_what_goes_back_never_exceeds_what_came_in(amounts: list[int], percent: Decimal, data: st.DataObject) -> None:
    bill = a_bill(*amounts, percent=percent)
    first = data.draw(st.integers(0, bill.due))
    second = data.draw(st.integers(0, bill.due - first))
    payments = [Paying(kind, amount) for kind, amount in (("cash", first), ("card", second)) if amount]
    bill = paid_with(bill, payments, NOW, new)
    came = bill.paid
    for _ in range(3):
        line = data.draw(st.sampled_from(bill.lines))
        left = paid_on(bill)[line.id] - next(each.refunded for each in bill.lines if each.id == line.id)
        amount = data.draw(st.integers(1, left + 1))
        if amount > left:
            with pytest.raises(Invalid, match="refund_too_large"):
                refunded(bill, [(line.id, amount)], NOW, new)
            continue
        bill, refunds = refunded(bill, [(line.id, amount)], NOW, new)
        assert [(refund.line_id, refund.amount) for refund in refunds] == [(line.id, amount)]
    back = -sum(payment.amount for payment in bill.payments if payment.refund)
    assert bill.paid == came
    assert back == bill.refunded <= came
    for kind in ("cash", "card"):
        assert sum(payment.amount for payment in bill.payments if payment.kind == kind) >= 0


def test_a_line_named_twice_counts_twice() -> None:
    bill = paid_with(a_bill(1_000), None, NOW, new)
    line = bill.lines[0].id
    with pytest.raises(Invalid, match="refund_too_large"):
        refunded(bill, [(line, 600), (line, 401)], NOW, new)
    assert refunded(bill, [(line, 600), (line, 400)], NOW, new)[0].refunded == 1_000
