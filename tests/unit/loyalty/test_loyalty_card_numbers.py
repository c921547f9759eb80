"""Numbers of loyalty cards: made so that a scanner reads them, kept however they were typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Conflict, Invalid
from services.loyalty.domain.loyalty_cards import check_digit, given_number, new_number, refuse_block

RANDOM = st.integers(0, 10**10 - 1)


def test_the_check_digit_is_that_of_ean_13() -> None:
    assert check_digit("400638133393") == "1"  # the example that everybody gives
    assert check_digit("978014300723") == "4"


@given(RANDOM)
def test_a_new_number_is_read_back(random: int) -> None:
    number = new_number(random)
    assert len(number) == 13
    assert given_number(f" {number[:1]} {number[1:7]}-{number[7:]} ") == number


@given(RANDOM, st.integers(2, 12), st.integers(1, 9))
def test_a_wrong_digit_of_ours_is_noticed(random: int, place: int, more: int) -> None:
    number = new_number(random)
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    with pytest.raises(Invalid, match="card_number_mistyped"):
        given_number(wrong)


def test_a_number_that_somebody_else_printed_is_taken_as_it_is() -> None:
    assert given_number("gold 00-17") == "GOLD0017"
    assert given_number("4006381333930") == "4006381333930"


@pytest.mark.parametrize("said", ["", "123", "1" * 33, "12/34", "карта1", "---- "])
def test_what_is_no_number(said: str) -> None:
    with pytest.raises(Invalid, match="card_number_malformed"):
        given_number(said)


def test_a_blocked_card_is_not_blocked_again() -> None:
    refuse_block("active")
    with pytest.raises(Conflict, match="card_blocked"):
        refuse_block("blocked")
