"""Money: whole minor units and an ISO 4217 currency; never a float."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LARGEST = 2**53 - 1  # minor units; the largest whole number that every reader of JSON keeps exact


NO_CURRENCY = "XXX"  # ISO 4217 for "no currency": until the first bill nobody knows another


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (kopecks, cents) of one currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        code = self.currency
        if len(code) != 3 or not (code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError("a currency is three capital letters of ISO 4217")
        if not -LARGEST <= self.amount <= LARGEST:
            raise ValueError("the amount is out of range")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other).amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other).amount, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError("amounts of two currencies do not add up")
        return other


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, zero in `currency` if there are none."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result


def percent_of(amount: int, percent: Decimal) -> int:
    """`percent` per cent of `amount` minor units, rounded once, halves away from zero."""
    return int((Decimal(amount) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def share_out(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` minor units in proportion to `weights` (not negative), so that the parts add up to it.

    Largest-remainder method (Hamilton): every part is the floor of its quota, and the units left over go to the
    largest remainders, earlier ones first. All weights zero: everything goes to the first. No weights: no parts.
    """
    if not weights:
        return []
    whole = sum(weights)
    if whole == 0:
        return [amount] + [0] * (len(weights) - 1)
    sign = -1 if amount < 0 else 1
    quotas = [abs(amount) * weight for weight in weights]
    parts = [quota // whole for quota in quotas]
    left = abs(amount) - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(quotas[place] % whole), place))
    for place in by_remainder[:left]:
        parts[place] += 1
    return [sign * part for part in parts]
