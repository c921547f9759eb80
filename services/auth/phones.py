"""How a phone number is read: any spelling in, E.164 out."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

LONGEST = 60  # characters; nothing longer is a number, and the parser need not try


def read_phone(text: str, region: str) -> str | None:
    """`text` as E.164, national numbers read as those of `region`; None if no such number can exist."""
    if len(text) > LONGEST:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not number.national_number:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
