"""What days somebody came on, of many at once: the first and the last, the gaps between, how much within a window."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Days:
    """What came on a day: `who` numbers people from 0, `day` counts days; `margin` is the revenue but for its cost."""

    who: Ints
    day: Ints
    visits: Ints
    revenue: Ints
    margin: Ints

    def until(self, last: int) -> "Days":
        """Those up to the day `last`."""
        early = self.day <= last
        return self.part(early)

    def part(self, chosen: Any) -> "Days":
        return Days(*(column[chosen] for column in vars(self).values()))


@dataclass(frozen=True)
class Histories:
    """Everybody of `who`, in ascending order, who came at least once: what a new day may change, in a row of each.

    `days` is on how many days, `medians` the middle one of the `days` - 1 gaps and `logs` the sum of their logarithms
    (0 where there is none); `visits` and `revenue` are those of the window, `spent` and `earned` (margin) of all time.
    """

    who: Ints
    first: Ints
    last: Ints
    days: Ints
    medians: Floats
    logs: Floats
    visits: Ints
    revenue: Ints
    spent: Ints
    earned: Ints

    @property
    def gaps(self) -> Ints:
        return self.days - 1


@dataclass(frozen=True)
class Detailed(Histories):
    """With every `gap` in days and the place of whose: `gap_of`, in ascending order."""

    gap_of: Ints
    gap: Ints

    def between(self, start: int, end: int) -> "Detailed":
        """Those from the place `start` on, before `end`."""
        low, high = np.searchsorted(self.gap_of, (start, end))
        columns = {name: values[start:end] for name, values in vars(self).items() if not name.startswith("gap")}
        return Detailed(**columns, gap_of=self.gap_of[low:high] - start, gap=self.gap[low:high])


def histories(of: Days, since: int) -> Detailed:
    """`since` is the first day of the window."""
    order = np.lexsort((of.day, of.who))
    sorted_ = of.part(order)
    who, day = sorted_.who, sorted_.day
    same_person, same_day = who[1:] == who[:-1], day[1:] == day[:-1]
    starts = np.flatnonzero(np.r_[True, ~same_person]) if len(who) else np.zeros(0, np.int64)
    ends = np.r_[starts[1:], len(who)] - 1 if len(starts) else starts
    place = np.cumsum(np.r_[False, ~same_person]) if len(who) else np.zeros(0, np.int64)
    new_day = np.r_[True, ~same_person | ~same_day] if len(who) else np.zeros(0, bool)
    within = day >= since
    again = same_person & ~same_day
    gap_of, gap = place[1:][again].astype(np.int64), (day[1:] - day[:-1])[again]
    return Detailed(
        who[starts],
        day[starts],
        day[ends],
        _sums(new_day, starts),
        _medians(gap_of, gap, len(starts)),
        np.bincount(gap_of, weights=np.log(gap), minlength=len(starts)).astype(np.float64),
        _sums(sorted_.visits * within, starts),
        _sums(sorted_.revenue * within, starts),
        _sums(sorted_.revenue, starts),
        _sums(sorted_.margin, starts),
        gap_of,
        gap,
    )


def median(values: Ints) -> float | None:
    """The middle one; None of nothing."""
    return float(np.median(values)) if len(values) else None


def _sums(values: Any, starts: Ints) -> Ints:
    if not len(starts):
        return np.zeros(0, np.int64)
    return np.asarray(np.add.reduceat(values.astype(np.int64), starts), dtype=np.int64)


def _medians(places: Ints, gaps: Ints, count: int) -> Floats:
    """The middle gap of each of `count` people; 0 of who has none."""
    order = np.lexsort((gaps, places))
    counts = np.bincount(places, minlength=count)
    starts = np.cumsum(counts) - counts
    found, some = np.zeros(count), counts > 0
    ordered = gaps[order]
    low, high = starts + (counts - 1) // 2, starts + counts // 2
    found[some] = (ordered[low[some]] + ordered[high[some]]) / 2
    return found
