"""What one line comes to: groups choose among what is offered for it and are put together, up to the cap of a line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from services.loyalty.domain.programme import Combination

NOTHING = Fraction(0)
WHOLE = Fraction(100)


@dataclass(frozen=True, slots=True)
class Stack:
    """What each offer was `chosen` for and all together (`before` the cap), in per cent.

    `rates` and their sum `rate` are what is left of that within the cap, as parts of 1.
    """

    chosen: tuple[Fraction, ...]
    before: Fraction
    rates: tuple[Fraction, ...]
    rate: Fraction


# Percentages are few: a simulation of a million visits works out some dozens of these.
@lru_cache(maxsize=4096)
def stacked(combination: Combination, offered: tuple[tuple[str, Decimal | Fraction], ...]) -> Stack:
    """What `offered`, (rule, per cent) each, comes to together."""
    percents = [min(Fraction(percent), WHOLE) for _, percent in offered]
    chosen = _chosen(combination, [rule for rule, _ in offered], percents)
    before = sum(chosen, NOTHING)
    cap = min(Fraction(combination.max_percent_per_line), WHOLE)
    scale = Fraction(1, 100) if before <= cap else cap / before / 100
    return Stack(tuple(chosen), before, tuple(share * scale for share in chosen), before * scale)


def _chosen(combination: Combination, rules: Sequence[str], percents: Sequence[Fraction]) -> list[Fraction]:
    shares = [NOTHING] * len(rules)
    left = Fraction(1)
    best: tuple[Fraction, list[int]] = (NOTHING, [])
    for by, group in _groups(combination, rules):
        there = [max(group, key=lambda place: percents[place])] if by == "best" else group
        together = sum((percents[place] for place in there), NOTHING)
        total = min(together, WHOLE)
        if combination.by == "best":
            best = max(best, (total, there), key=lambda each: each[0])
            continue
        if combination.by == "cascade":
            for place in there:
                shares[place] = percents[place] * left * total / together
            left *= 1 - total / 100
        else:
            for place in there:
                shares[place] = percents[place]
    for place in best[1]:
        shares[place] = percents[place]
    return shares


def _groups(combination: Combination, rules: Sequence[str]) -> list[tuple[str, list[int]]]:
    """How each group chooses, and its offers by place: first the groups that are named, then whatever is left."""
    groups: list[tuple[str, list[int]]] = []
    rest = set(range(len(rules)))
    for group in combination.groups:
        places = [place for name in group.of for place in range(len(rules)) if rules[place] == name]
        rest.difference_update(places)
        groups.append((group.by, places))
    return [*(each for each in groups if each[1]), *([("best", sorted(rest))] if rest else [])]
