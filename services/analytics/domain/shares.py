"""Parts of a whole, as they are shown: in whole numbers as far as possible, since there may be thousands of them."""

from decimal import Decimal


def percent(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` in per cent with two decimals, halves away from zero; None of nothing."""
    hundredths = average(10_000 * part, whole)
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


def average(total: int, count: int) -> int | None:
    """`total` by `count` as a whole number, halves away from zero; None of nothing."""
    if not count:
        return None
    size = (2 * abs(total) + abs(count)) // (2 * abs(count))
    return size if (total < 0) == (count < 0) else -size
