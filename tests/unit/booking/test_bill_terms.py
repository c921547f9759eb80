"""What comes off a bill: as it was said for each service, else by percentage; rounded once; the better of two."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count
from math import floor
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from services.booking.domain.bill import (
    Bill,
    Line,
    LineKind,
    Paying,
    better,
    brought,
    discounted,
    paid_on,
    paid_with,
    promise_of,
    refunded,
    repriced,
)
from services.booking.domain.terms import (
    Offer,
    Part,
    Priced,
    Source,
    Terms,
    check_codes,
    codes_of,
    for_any_visit,
    off,
    rounded_once,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)
numbers = count(1_000)

amounts = st.integers(0, 10**9)
percents = st.decimals(0, 100, places=4)
priced = amounts.flatmap(lambda price: st.builds(Priced, st.just(price), st.integers(0, price), percents))
offers = st.builds(
    lambda percent, lines: Offer(Terms(percent, source=Source.LOYALTY), tuple(lines)),
    percents,
    st.lists(st.none() | priced, max_size=8),
)


def new() -> UUID:
    return UUID(int=next(numbers))


def a_bill(*prices: int) -> Bill:
    lines = (Line(new(), LineKind.SERVICE, price, segment_id=UUID(int=place)) for place, price in enumerate(prices))
    return Bill("RUB", tuple(lines))


def an_offer(discount: int, price: int, source: Source = Source.LOYALTY, **more: object) -> Offer:
    percent = Decimal(100) * discount / price
    terms = Terms(percent, NOW, source, parts=(Part("a rule", "visits", "why", discount),) if discount else ())
    return Offer(terms, (Priced(price, discount, percent),), **more)  # type: ignore[arg-type]


# --- how much comes off ---------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.fractions(0, 10**9), max_size=10))
def test_shares_add_up_to_the_sum_that_was_rounded_once(exact: list[Fraction]) -> None:
    parts = rounded_once(exact)
    assert sum(parts) == floor(sum(exact) + Fraction(1, 2))
    assert all(floor(whole) <= part < whole + 1 for part, whole in zip(parts, exact, strict=True))


@settings(deadline=None)
@given(offers, st.lists(amounts, min_size=1, max_size=8))
def test_nothing_costs_less_than_nothing_and_lines_add_up(offer: Offer, prices: list[int]) -> None:
    bill = discounted(a_bill(*prices), offer)
    assert all(0 <= line.discount <= line.price for line in bill.lines)
    assert bill.due == sum(line.due for line in bill.lines) == bill.total - bill.discount


@settings(deadline=None)
@given(offers, st.lists(amounts, min_size=1, max_size=8))
def test_what_costs_what_was_quoted_gets_what_was_quoted(offer: Offer, others: list[int]) -> None:
    prices = [
        each.price if each else price
        for each, price in zip([*offer.priced, *(None for _ in others)], others, strict=False)
    ]
    for each, amount in zip(offer.priced, off(offer, prices), strict=False):
        assert each is None or amount == each.discount


@settings(deadline=None)
@given(offers, st.lists(amounts, min_size=1, max_size=8), st.lists(amounts, min_size=8, max_size=8))
def test_another_price_keeps_its_percentage(offer: Offer, prices: list[int], finals: list[int]) -> None:
    """The sum of those lines is their exact sum, rounded once."""
    bill = discounted(a_bill(*prices), offer)
    final = repriced(bill, {UUID(int=place): price for place, price in enumerate(finals[: len(prices)])})
    kept = discounted(final, promise_of(bill))
    moved = [
        (line, was) for line, was in zip(kept.lines, bill.lines, strict=True) if line.price != was.price
    ]  # fmt: skip
    exact = sum((Fraction(was.percent) * line.price / 100 for line, was in moved), Fraction(0))
    assert sum(line.discount for line, _ in moved) == floor(exact + Fraction(1, 2))
    same = [line for line, was in zip(kept.lines, bill.lines, strict=True) if line.price == was.price]
    assert [line.discount for line in same] == [
        was.discount for line, was in zip(kept.lines, bill.lines, strict=True) if line.price == was.price
    ]


# --- the better of two ----------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(amounts, min_size=1, max_size=6), offers, offers, st.lists(amounts, min_size=6, max_size=6))
def test_the_client_gets_the_better_of_promised_and_current(
    prices: list[int], promised: Offer, current: Offer, finals: list[int]
) -> None:
    booked = discounted(a_bill(*prices), promised)
    final = repriced(booked, {UUID(int=place): price for place, price in enumerate(finals[: len(prices)])})
    then, now = discounted(final, promise_of(booked)), discounted(final, current)
    best = better(final, promise_of(booked), current)
    assert best.discount == max(then.discount, now.discount)
    assert (best.terms.source is Source.PROMISE) == (then.discount > now.discount)


def test_as_good_as_what_was_promised_is_what_holds_now() -> None:
    bill = a_bill(1_000)
    assert better(bill, an_offer(50, 1_000), an_offer(50, 1_000)).terms.source is Source.LOYALTY


def test_a_promise_with_reasons_is_better_than_as_much_by_the_copy() -> None:
    bill = better(a_bill(1_000), an_offer(50, 1_000), Offer(Terms(Decimal(5), NOW, Source.COPY)))
    assert (bill.terms.source, [part.text for part in bill.terms.parts]) == (Source.PROMISE, ["why"])


def test_a_gift_that_was_promised_is_not_taken_back() -> None:
    promised = Offer(Terms(as_of=MAY, source=Source.LOYALTY, gifts=("a mask",)))
    nothing = Offer(Terms(as_of=NOW, source=Source.LOYALTY))
    kept = better(a_bill(1_000), promised, nothing).terms
    assert (kept.source, kept.gifts, kept.as_of) == (Source.PROMISE, ("a mask",), MAY)
    assert better(a_bill(1_000), promised, an_offer(10, 1_000)).terms.source is Source.LOYALTY


def test_a_new_service_gets_the_percentage_that_was_promised_for_any() -> None:
    bill = discounted(a_bill(1_000), an_offer(50, 1_000))
    more = Line(new(), LineKind.SERVICE, 2_000)
    promise = promise_of(bill, [more.id, bill.lines[0].id])
    assert off(promise, [2_000, 1_000]) == [100, 50]


def test_the_parts_add_up_to_the_discount_at_another_price() -> None:
    parts = (Part("a", "visits", "one", 30), Part("b", "referrals", "two", 20))
    offer = Offer(Terms(Decimal(5), NOW, Source.LOYALTY, parts=parts), (Priced(1_000, 50, Decimal(5)),))
    bill = discounted(a_bill(1_000), offer)
    dearer = discounted(repriced(bill, {UUID(int=0): 1_990}), promise_of(bill))
    assert dearer.discount == 100
    assert [part.amount for part in dearer.terms.parts] == [60, 40]


# --- what is said of it ---------------------------------------------------------------------------------------------


def test_the_verdict_says_one_thing_first() -> None:
    terms = Terms(Decimal(5), gifts=("a mask",), offers=("a second one at half the price",))
    assert [terms.decision(10), terms.decision(0)] == ["discount", "gift"]
    assert [terms.text(10), terms.text(0)] == ["5 %", "a mask"]
    assert Terms(offers=("a walk",)).text(0) == "a walk"
    assert (Terms().decision(0), Terms().text(0)) == ("nothing", None)


def test_a_promise_for_any_visit_has_no_parts_of_one_visit() -> None:
    plain = for_any_visit(an_offer(50, 1_000))
    assert (plain.terms.percent, plain.terms.parts, plain.priced) == (Decimal(5), (), ())


def test_codes_are_compared_without_case_and_kept_once() -> None:
    assert codes_of((" Spring ", "SPRING"), ("winter",)) == ("Spring", "winter")
    with pytest.raises(Invalid, match="code_refused") as refusal:
        check_codes(("spring", "Winter"), Offer(refused_codes=("WINTER",)))
    assert list(refusal.value.details["errors"]) == ["codes.1"]
    check_codes(("spring",), None)


def test_a_code_that_was_refused_is_not_among_those_that_count() -> None:
    promised = Offer(Terms(codes=("spring",)))
    current = an_offer(50, 1_000, refused_codes=("SPRING",))
    assert better(a_bill(1_000), promised, current).terms.codes == ()


# --- what pays ------------------------------------------------------------------------------------------------------


def test_what_is_not_money_says_where_it_was_set_aside() -> None:
    by = new()
    bill = paid_with(a_bill(1_000), [Paying("points", 300), Paying("cash", 700)], NOW, new, by)
    assert [(part.kind, part.reservation_id) for part in bill.payments] == [("points", by), ("cash", None)]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["points", "certificate", "cash"]), st.integers(1, 10**6)), max_size=6),
    st.data(),
)
def test_each_kind_gives_back_what_it_brought_and_no_more(paid: list[tuple[str, int]], data: st.DataObject) -> None:
    """The kinds that paid first come back first, and what was set aside is named by its reservation to the end."""
    by = new()
    bill = paid_with(a_bill(sum(amount for _, amount in paid) + 1), [Paying(*each) for each in paid], NOW, new, by)
    line = bill.lines[0]
    for _ in range(3):
        left = bill.paid - bill.refunded
        if left:
            bill, _ = refunded(bill, [(line.id, data.draw(st.integers(1, left)))], NOW, new)
    net = brought(bill.payments)
    assert sum(net.values()) == bill.paid - bill.refunded
    assert all(amount >= 0 for amount in net.values())
    assert all((kind == "cash") == (where is None) for kind, where in net)
    there = [amount for amount in net.values() if amount]  # all but the first of them are whole
    whole = {kind: sum(amount for each, amount in paid if each == kind) for kind, _ in paid}
    kinds = [kind for (kind, _), amount in net.items() if amount]
    assert all(amount == whole[kind] for kind, amount in zip(kinds[1:], there[1:], strict=True))


def test_what_a_membership_paid_goes_back_to_it_for_its_line_alone() -> None:
    """A cut paid by a membership and a colour paid in cash: each goes back the way it was paid."""
    bill = a_bill(1_000, 2_000)
    cut, colour = (line.id for line in bill.lines)
    paid = [Paying("membership", 1_000, cut), Paying("cash", 1_500)]
    bill = paid_with(bill, paid, NOW, new, new())
    assert paid_on(bill) == {cut: 1_000, colour: 1_500}
    bill, _ = refunded(bill, [(colour, 1_500)], NOW, new)
    assert kinds_left(bill) == {"membership": 1_000, "cash": 0}
    bill, _ = refunded(bill, [(cut, 400)], NOW, new)
    assert kinds_left(bill) == {"membership": 600, "cash": 0}


def kinds_left(bill: Bill) -> dict[str, int]:
    return {kind: amount for (kind, _), amount in brought(bill.payments).items()}
