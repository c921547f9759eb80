"""Phones as people read them."""

import pytest

from gateway.pages.formats import phone


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("+79161234567", "+7 916 123-45-67"),
        ("+442079460018", "+44 20 7946 0018"),
        ("+7 ••• •••-45-67", "+7 ••• •••-45-67"),
        ("ask Olga", "ask Olga"),
        ("", ""),
    ],
)
def test_a_phone_is_written_as_in_its_country(kept: str, shown: str) -> None:
    assert phone(kept) == shown
