"""How a phone number is read: any spelling in, E.164 out."""

from functools import lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumberFormat, ValidationResult

MOST_DIGITS = 15  # of E.164, the code of the country included
LONGEST = 60  # characters; nothing longer is a number, and the parser need not try


def read_phone(text: str, region: str) -> str | None:
    """`text` as E.164, national numbers read as those of `region`; None if no such number can exist.

    Where long-distance calls begin with a digit of their own, a reading takes off one of several such: read until
    nothing changes, so that one number has one spelling.
    """
    before: str | None = text
    phone = _read(text, region)
    while phone is not None and phone != before:
        phone, before = _read(phone, region), phone
    return phone


@lru_cache(maxsize=1_000)  # on its way from a table to a card one number is read again and again
def _read(text: str, region: str) -> str | None:
    if len(text) > LONGEST:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not number.national_number:  # nothing but zeros
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return phone if len(phone) <= MOST_DIGITS + 1 else None


def hidden_phone(phone: str) -> str:
    """`+7 ••• •••-45-67`: the country, and the last four digits, by which a client can be found."""
    digits = "".join(letter for letter in phone if letter.isdecimal())
    # No code begins as another one does, so the first that fits is it.
    starts = (digits[:size] for size in (1, 2, 3))
    code = next((each for each in starts if each and int(each) in COUNTRY_CODE_TO_REGION_CODE), "")
    return f"+{code} ••• •••-{digits[-4:-2]}-{digits[-2:]}"
