"""Codes of certificates, what one is good for, how much of it a bill uses, and how long a guesser waits."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from kernel.money import Money
from services.loyalty.domain.certificates import (
    ALPHABET,
    FREE,
    GROUP,
    RANDOM_BYTES,
    WINDOW,
    Standing,
    canonical,
    new_code,
    refuse_block,
    refuse_sale,
    spoken,
    wait_after,
)
from services.loyalty.domain.passes import Hold, kept

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RANDOM = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def rub(amount: int) -> Money:
    return Money(amount, "RUB")


@given(RANDOM)
def test_a_code_is_read_back_however_it_is_said(random: bytes) -> None:
    code = new_code(random)
    assert len(code) == 17
    assert set(code) <= set(ALPHABET)
    assert (
        canonical(spoken(code)) == canonical(code.lower()) == canonical(f" {spoken(code).replace('-', ' ')} ") == code
    )
    assert canonical(code.replace("0", "O").replace("1", "l")) == code
    assert all(len(group) <= GROUP for group in spoken(code).split("-"))


@given(RANDOM, RANDOM)
def test_two_codes_are_the_same_only_if_they_were_made_of_the_same(one: bytes, other: bytes) -> None:
    assert (new_code(one) == new_code(other)) == (one == other)


@given(RANDOM, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_noticed(random: bytes, place: int, wrong: str) -> None:
    code = new_code(random)
    mistyped = code[:place] + wrong + code[place + 1 :]
    if mistyped == code:
        return
    with pytest.raises(Invalid, match="certificate_code_mistyped"):
        canonical(mistyped)


@given(RANDOM, st.integers(0, 15))
def test_two_swapped_characters_are_noticed_but_for_the_first_and_the_last_of_the_alphabet(
    random: bytes, place: int
) -> None:
    code = new_code(random)
    pair = code[place : place + 2]
    if len(set(pair)) == 1 or set(pair) == {ALPHABET[0], ALPHABET[-1]}:
        return
    with pytest.raises(Invalid, match="certificate_code_mistyped"):
        canonical(code[:place] + pair[::-1] + code[place + 2 :])


@pytest.mark.parametrize("said", ["", "-", "ABC", "U" * 17, "ß" * 17, "١" * 17, "0" * 18])
def test_what_is_no_code_is_mistyped(said: str) -> None:
    with pytest.raises(Invalid, match="certificate_code_mistyped"):
        canonical(said)


@pytest.mark.parametrize(
    ("standing", "wanted", "code", "field"),
    [
        (Standing("RUB", 0, 0, None, blocked=False), rub(1), "certificate_used_up", "code"),
        (Standing("RUB", 100, 100, None, blocked=False), rub(1), "certificate_used_up", "code"),
        (Standing("RUB", 100, 40, None, blocked=False), rub(61), "certificate_balance_too_small", "amount"),
        (Standing("RUB", 100, 0, NOW, blocked=False), rub(1), "certificate_expired", "code"),
        (Standing("RUB", 100, 0, None, blocked=True), rub(1), "certificate_blocked", "code"),
        (Standing("EUR", 100, 0, None, blocked=False), rub(1), "certificate_other_currency", "code"),
    ],
)
def test_what_cannot_pay_says_why_and_where(standing: Standing, wanted: Money, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        standing.refuse_payment(wanted, NOW, "tenders.1")
    assert refused.value.code == code
    assert set(refused.value.details["errors"]) == {f"tenders.1.{field}"}


def test_what_is_left_pays_to_the_last_unit_and_until_the_last_moment() -> None:
    Standing("RUB", 100, 40, NOW + timedelta(seconds=1), blocked=False).refuse_payment(rub(60), NOW, "tenders.0")


def test_states() -> None:
    assert Standing("RUB", 1, 0, None, blocked=False).state(NOW) == "active"
    assert Standing("RUB", 0, 0, None, blocked=False).state(NOW) == "used_up"
    assert Standing("RUB", 0, 0, NOW, blocked=False).state(NOW) == "expired"
    assert Standing("RUB", 1, 0, NOW, blocked=True).state(NOW) == "blocked"


def test_a_sale_is_of_something_in_the_currency_of_prices_and_not_over_yet() -> None:
    refuse_sale(rub(1), None, None, NOW)
    refuse_sale(rub(1), NOW + timedelta(days=1), "RUB", NOW)
    for amount, expires_at, code in (
        (rub(0), None, "amount_not_positive"),
        (rub(-5), None, "amount_not_positive"),
        (rub(10**11 + 1), None, "amount_too_large"),
        (Money(5, "EUR"), None, "currency_differs"),
        (rub(5), NOW, "expiry_in_past"),
    ):
        with pytest.raises(Invalid, match=code):
            refuse_sale(amount, expires_at, "RUB", NOW)


def test_blocking_and_lifting_change_something() -> None:
    refuse_block(blocked=False, wanted=True)
    refuse_block(blocked=True, wanted=False)
    with pytest.raises(Conflict, match="certificate_blocked"):
        refuse_block(blocked=True, wanted=True)
    with pytest.raises(Conflict, match="certificate_not_blocked"):
        refuse_block(blocked=False, wanted=False)


@given(st.integers(0, 100), st.integers(0, 2_000))
def test_a_guesser_waits_ever_longer_up_to_the_window_and_then_is_forgiven(failures: int, seconds: int) -> None:
    wait = wait_after(failures, NOW, NOW + timedelta(seconds=seconds))
    assert timedelta(0) <= wait <= WINDOW
    if failures < FREE or seconds > WINDOW.total_seconds():
        assert wait == timedelta(0)
    assert wait <= wait_after(failures + 1, NOW, NOW + timedelta(seconds=seconds))


HOLDS = st.lists(
    st.builds(Hold, st.integers(1, 1_000), st.none() | st.integers(1, 3).map(lambda n: UUID(int=n))), max_size=5
)
REFUNDED = st.dictionaries(st.integers(1, 4).map(lambda n: UUID(int=n)), st.integers(0, 1_500))


@given(HOLDS, st.integers(0, 6_000), REFUNDED)
def test_what_holds_pay_and_what_nothing_covers_is_what_the_bill_says_was_paid(
    holds: list[Hold], paid: int, refunded: dict[UUID, int]
) -> None:
    parts, missing = kept(holds, paid, refunded)
    assert sum(parts) + missing == paid
    assert all(0 <= part <= hold.amount for part, hold in zip(parts, holds, strict=True))
    assert missing == max(0, paid - sum(hold.amount for hold in holds))


@given(HOLDS, REFUNDED, st.integers(0, 3_000), st.integers(0, 3_000))
def test_the_more_goes_back_the_less_each_pays(
    holds: list[Hold], refunded: dict[UUID, int], one: int, two: int
) -> None:
    less, _ = kept(holds, min(one, two), refunded)
    more, _ = kept(holds, max(one, two), refunded)
    assert all(small <= large for small, large in zip(less, more, strict=True))


def test_a_refund_finds_its_own_line() -> None:
    first, second = UUID(int=1), UUID(int=2)
    holds = [Hold(100, first), Hold(100, second)]
    assert kept(holds, 100, {first: 100}) == ([0, 100], 0)
    assert kept(holds, 100, {second: 100}) == ([100, 0], 0)
    assert kept(holds, 150, {}) == ([100, 50], 0)
