"""Gift certificates: their codes, what they are good for at an instant, and how often one may guess."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from kernel.errors import Conflict, Invalid
from kernel.money import Money

# Crockford's base 32: no letter that is heard or read as another one or as a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
RANDOM_BYTES = 10  # 80 bits are 16 characters
GROUP = 4
LAST = 4
DEAREST = 10**11  # minor units; as the dearest service, so that all that is owed still adds up to an amount

GRACE = timedelta(days=30)  # what comes back to something that has expired can be used so long

State = Literal["active", "used_up", "expired", "blocked"]


def new_code(random: bytes) -> str:
    """The code that `RANDOM_BYTES` random bytes make: sixteen characters and one that checks them."""
    number = int.from_bytes(random, "big")
    places = range(len(random) * 8 // 5 - 1, -1, -1)
    characters = "".join(ALPHABET[number >> 5 * place & 31] for place in places)
    return characters + check_character(characters)


def check_character(characters: str) -> str:
    """The check by Luhn's algorithm modulo 32: it finds every wrong character and nearly every two swapped.

    Source: ISO/IEC 7812-1, annex B, carried over from ten digits to any even number of characters.
    """
    total = 0
    for place, character in enumerate(reversed(characters)):
        value = ALPHABET.index(character)
        if place % 2 == 0:
            value *= 2
            value = value // len(ALPHABET) + value % len(ALPHABET)
        total += value
    return ALPHABET[-total % len(ALPHABET)]


def spoken(code: str) -> str:
    """The code in groups, as it is printed and read out."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def canonical(said: str, place: str = "code") -> str:
    """The code that somebody means by `said`, however they wrote it; `Invalid` if they mistyped it."""
    code = "".join(character for character in said.upper() if character.isalnum()).translate(LOOK_ALIKE)
    length = RANDOM_BYTES * 8 // 5 + 1
    if len(code) != length or set(code) - set(ALPHABET) or check_character(code[:-1]) != code[-1]:
        raise Invalid.field(place, "certificate_code_mistyped", "this is not how the code of a certificate is written")
    return code


@dataclass(frozen=True)
class Standing:
    """What a certificate is at an instant, in minor units of its currency."""

    currency: str
    balance: int
    reserved: int
    expires_at: datetime | None
    blocked: bool

    def state(self, now: datetime) -> State:
        if self.blocked:
            return "blocked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "active" if self.balance else "used_up"

    def refuse_payment(self, wanted: Money, now: datetime, place: str) -> None:
        """Refuse to set `wanted` aside; `place` is where the tender stands in the request."""
        state = self.state(now)
        if state == "blocked":
            raise Invalid.field(f"{place}.code", "certificate_blocked", "this certificate is blocked")
        if state == "expired":
            raise Invalid.field(f"{place}.code", "certificate_expired", "this certificate has expired")
        if self.currency != wanted.currency:
            raise Invalid.field(
                f"{place}.code", "certificate_other_currency", f"this certificate is in {self.currency}"
            )
        if self.balance == self.reserved:
            raise Invalid.field(f"{place}.code", "certificate_used_up", "nothing is left on this certificate")
        if wanted.amount > self.balance - self.reserved:
            raise Invalid.field(
                f"{place}.amount", "certificate_balance_too_small", "there is less than that on this certificate"
            )


def refuse_sale(amount: Money, expires_at: datetime | None, currency: str | None, now: datetime) -> None:
    """Refuse to sell what is worth nothing, not in the installation's `currency`, or over before it begins."""
    if amount.amount <= 0:
        raise Invalid.field("amount", "amount_not_positive", "an amount is more than nothing")
    if amount.amount > DEAREST:
        raise Invalid.field("amount", "amount_too_large", f"a certificate is for at most {DEAREST} minor units")
    if currency is not None and amount.currency != currency:
        raise Invalid.field("amount", "currency_differs", f"prices here are in {currency}")
    if expires_at is not None and expires_at <= now:
        raise Invalid.field("expires_at", "expiry_in_past", "a certificate expires after it was sold")


def refuse_block(*, blocked: bool, wanted: bool) -> None:
    """Refuse what is so already."""
    if blocked and wanted:
        raise Conflict("certificate_blocked", "this certificate is blocked already")
    if not blocked and not wanted:
        raise Conflict("certificate_not_blocked", "this certificate is not blocked")


# --- guessing --------------------------------------------------------------------------------------------------------

WINDOW = timedelta(minutes=15)  # failures are forgotten so long after the last one
FIRST_WAIT = timedelta(seconds=30)
FREE = 10  # failures before the first wait


def wait_after(failures: int, last_at: datetime, now: datetime) -> timedelta:
    """How long from `now` until the next look-up of somebody who named so many codes that there are not."""
    if failures < FREE or last_at < now - WINDOW:
        return timedelta(0)
    wait = min(FIRST_WAIT * (1 << min(failures - FREE, 10)), WINDOW)
    return max(last_at + wait - now, timedelta(0))
