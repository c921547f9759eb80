"""Whole minor units out of exact amounts: rounded once, shared out by the largest remainder."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor


def half_up(amount: Fraction) -> int:
    """`amount`, not negative, to the next whole, halves up."""
    return floor(amount + Fraction(1, 2))


def apportioned(whole: int, exact: Sequence[Fraction], most: Sequence[int]) -> list[int]:
    """Split `whole` in proportion to `exact`, no part above `most`, which together leave room for it.

    Largest-remainder method (Hamilton), earlier parts first; what has no room left in one goes on to the next.
    """
    total = sum(exact, Fraction(0))
    if not total:
        return [0] * len(exact)
    quotas = [whole * each / total for each in exact]
    parts = [min(floor(quota), room) for quota, room in zip(quotas, most, strict=True)]
    left = whole - sum(parts)
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - quotas[place], place))
    while left > 0:
        room = [place for place in order if parts[place] < most[place] and exact[place]]
        if not room:
            raise ValueError("the parts leave no room for the whole")
        for place in room[:left]:
            parts[place] += 1
        left = whole - sum(parts)
    return parts


def split(whole: int, exact: Sequence[Fraction]) -> list[int]:
    """Split `whole`, which is `exact` taken together and rounded or less: no part above its own exact rounded up."""
    total = sum(exact, Fraction(0))
    scale = min(Fraction(1), whole / total) if total else Fraction(1)
    quotas = [each * scale for each in exact]
    parts = [floor(quota) for quota in quotas]
    left = whole - sum(parts)
    most = [ceil(quota) for quota in quotas]
    for place in sorted(range(len(parts)), key=lambda place: (parts[place] - quotas[place], place)):
        if left > 0 and parts[place] < most[place]:
            parts[place] += 1
            left -= 1
    return parts
