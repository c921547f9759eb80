"""Whatever is typed as a phone: it is a number that can be, in one spelling, or it is none."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from services.clients.phones import read_phone

TYPED = st.one_of(st.text(max_size=40), st.text("+0123456789 ()-.", min_size=3, max_size=24))


@given(TYPED, st.sampled_from(["RU", "DE", "US", "KZ"]))
@example("8 (916) 123-45-67", "RU")
@example("+7 916 123 45 67", "DE")
@example("\u0668\u0669\u0661\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "RU")
def test_a_phone_is_e164_or_none_and_reading_it_again_changes_nothing(text: str, region: str) -> None:
    phone = read_phone(text, region)
    if phone is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{4,14}", phone)
        assert read_phone(phone, "RU") == phone
        assert read_phone(phone, "US") == phone
