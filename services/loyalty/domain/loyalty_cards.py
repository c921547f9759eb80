"""Numbers of loyalty cards."""

from kernel.errors import Conflict, Invalid

OURS = "29"  # EAN-13 leaves 20 to 29 to whoever prints them for their own use
RANDOM_DIGITS = 10
SHORTEST, LONGEST = 4, 32


def new_number(random: int) -> str:
    """The EAN-13 that `random`, below 10 ** RANDOM_DIGITS, makes: printed as a bar code, any scanner reads it."""
    digits = f"{OURS}{random:0{RANDOM_DIGITS}d}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """The last digit of an EAN-13 (GS1 General Specifications, 7.9): weights 1 and 3 in turn, to a multiple of ten."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-weighted % 10)


def given_number(said: str) -> str:
    """The number as it is kept, however it was typed; `Invalid` for what is none, or is one of ours mistyped."""
    number = "".join(character for character in said.upper() if character not in " -")
    if not SHORTEST <= len(number) <= LONGEST or not (number.isascii() and number.isalnum()):
        raise Invalid.field(
            "number", "card_number_malformed", f"a number has {SHORTEST} to {LONGEST} letters and digits"
        )
    if len(number) == 13 and number.isdigit() and number.startswith(OURS) and check_digit(number[:-1]) != number[-1]:
        raise Invalid.field("number", "card_number_mistyped", "the last digit does not fit the others")
    return number


def refuse_block(state: str) -> None:
    if state != "active":
        raise Conflict("card_blocked", "this card is not in use any more")
