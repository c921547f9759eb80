"""What the people are worth whom somebody brought, and those whom these brought."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DEPTH = 5  # levels below somebody


def above(referrer: Ints) -> list[Ints]:
    """By level, the place of whom each person stands below, or -1; `referrer` is the place of theirs, or -1.

    Nobody stands below themselves, or twice below another, even where referrers form a loop.
    """
    levels: list[Ints] = []
    seen = [np.arange(len(referrer))]
    at = referrer
    for _ in range(DEPTH):
        there = at >= 0
        for earlier in seen:
            there = there & (at != earlier)
        at = np.where(there, at, -1)
        if not there.any():
            break
        levels.append(at)
        seen.append(at)
        at = np.where(there, referrer[at], -1)
    return levels


def brought(values: Floats, places: Ints, levels: list[Ints]) -> Floats:
    """For each of the people at `places`, who have `values`, the sum of those of everybody of them who stands below."""
    found = np.zeros(len(levels[0]) if levels else 0)
    for level in levels:
        there = level[places] >= 0
        np.add.at(found, level[places][there], values[there])
    return found[places] if levels else np.zeros(len(places))
