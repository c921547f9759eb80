"""What stays to be seen of a phone and of an e-mail."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.wire import MASK, refuse_masks
from contracts.clients import ChangeClient
from kernel.errors import Invalid
from services.clients.domain.reveals import hidden_email
from services.clients.phones import hidden_phone
from tests.builders import CLARA

codes = st.sampled_from(["1", "7", "20", "44", "49", "372", "995"])
numbers = st.from_regex(r"\A[0-9]{7,11}\Z")
emails = st.from_regex(r"\A[a-z0-9.]{1,20}@[a-z]{2,10}\.(org|example)\Z")


@given(codes, numbers)
def test_of_a_phone_the_country_and_the_last_four_digits_stay(code: str, number: str) -> None:
    """By those it is found; nothing else of it is told."""
    shown = hidden_phone(f"+{code}{number}")
    assert re.sub(r"\D", "", shown) == code + number[-4:]
    assert shown.startswith(f"+{code} ")


@given(emails)
def test_of_an_email_the_first_letter_and_the_domain_stay(email: str) -> None:
    """Of one letter before the @ nothing would be hidden, so it goes, too."""
    name, _, domain = email.partition("@")
    assert hidden_email(email) == f"{name[0] if len(name) > 1 else ''}{MASK}@{domain}"


@given(codes, numbers, emails)
def test_what_is_shortened_is_never_taken_back(code: str, number: str, email: str) -> None:
    """As any mask."""
    for said in ({"phones": (hidden_phone(f"+{code}{number}"),)}, {"email": hidden_email(email)}):
        with pytest.raises(Invalid) as caught:
            refuse_masks(ChangeClient(CLARA, 1, **said))
        assert caught.value.code == "masked_value"


@pytest.mark.parametrize("text", ["", "+", "12", "не телефон"])
def test_what_is_no_phone_does_not_stop_a_list(text: str) -> None:
    """Nothing of that kind is kept; should it be all the same, it is hidden."""
    assert MASK in hidden_phone(text)
