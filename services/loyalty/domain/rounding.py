"""Whole minor units out of exact amounts: rounded once, shared out by the largest remainder."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def half_up(amount: Fraction) -> int:
    """`amount`, not negative, to the next whole, halves up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def _scaled(exact: Sequence[Fraction]) -> tuple[list[int], int]:
    """`exact` as numerators over one denominator: whole numbers are ten times as fast as fractions."""
    over = lcm(*(each.denominator for each in exact))
    return [each.numerator * (over // each.denominator) for each in exact], over


def apportioned(whole: int, exact: Sequence[Fraction], most: Sequence[int]) -> list[int]:
    """Split `whole` in proportion to `exact`, no part above `most`, which together leave room for it.

    Largest-remainder method (Hamilton), earlier parts first; what has no room left in one goes on to the next.
    """
    weights, _ = _scaled(exact)
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    quotas = [whole * weight for weight in weights]  # over `total`
    parts = [min(quota // total, room) for quota, room in zip(quotas, most, strict=True)]
    left = whole - sum(parts)
    if not left:
        return parts
    order = sorted(range(len(parts)), key=lambda place: (parts[place] * total - quotas[place], place))
    while left > 0:
        room = [place for place in order if parts[place] < most[place] and weights[place]]
        if not room:
            raise ValueError("the parts leave no room for the whole")
        for place in room[:left]:
            parts[place] += 1
        left = whole - sum(parts)
    return parts


def split(whole: int, exact: Sequence[Fraction]) -> list[int]:
    """Split `whole`, which is `exact` taken together and rounded or less: no part above its own exact rounded up."""
    weights, over = _scaled(exact)
    total = sum(weights)
    if whole * over < total:
        quotas, over = [whole * weight for weight in weights], total
    else:
        quotas = weights
    parts = [quota // over for quota in quotas]
    left = whole - sum(parts)
    for place in sorted(range(len(parts)), key=lambda place: (-(quotas[place] % over), place))[:left]:
        if quotas[place] % over:
            parts[place] += 1
    return parts
