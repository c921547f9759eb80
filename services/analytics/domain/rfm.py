"""Recency, frequency and money: five scores each by quintile, and the segments that the scores are called by.

Scores follow the standard of FIELD 3.1 (quintiles of the percentile rank, code 555 the best). Segments look at recency
and at the mean of the two others, as the usual grid of RFM has it.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cuts = tuple[float, float, float, float]
Segment = Literal[
    "new",
    "champions",
    "loyal",
    "potential",
    "promising",
    "needs_attention",
    "about_to_sleep",
    "at_risk",
    "cooling",
    "hibernating",
]

NOBODY = 1e300  # where a score begins that nobody has
FEWEST = 50  # below so many, a fifth of them says nothing: fixed thresholds
SEGMENTS: tuple[Segment, ...] = (
    "new",
    "champions",
    "loyal",
    "potential",
    "promising",
    "needs_attention",
    "about_to_sleep",
    "at_risk",
    "cooling",
    "hibernating",
)
MEANING: dict[Segment, str] = {
    "new": "one visit, and that lately",
    "champions": "R 5 and the mean of F and M 5: here lately, often, and for much",
    "loyal": "R 3 or more and the mean of F and M 4 or more",
    "potential": "R 4 or more and the mean of F and M 3",
    "promising": "R 4 or more and the mean of F and M at most 2",
    "needs_attention": "R 3 and the mean of F and M 3",
    "about_to_sleep": "R 3 and the mean of F and M at most 2",
    "at_risk": "R at most 2 and the mean of F and M 4 or more: good clients who stay away",
    "cooling": "R at most 2 and the mean of F and M 3",
    "hibernating": "R at most 2 and the mean of F and M at most 2",
}

DAYS_FIXED: Cuts = (-180.0, -90.0, -60.0, -30.0)
RATIO_FIXED: Cuts = (-6.0, -3.0, -1.5, -1.0)
VISITS_FIXED: Cuts = (2.0, 3.0, 5.0, 9.0)
CHECKS_FIXED: Cuts = (2.0, 3.0, 5.0, 9.0)  # times the middle check of all


@dataclass(frozen=True)
class Thresholds:
    """From which value on a score is 2, 3, 4, 5; recency counts downwards, so its values are negative.

    Kept with a report, so that who is judged later that day is judged alike. `fixed` says that there were too few
    clients for quintiles.
    """

    recency: Cuts
    frequency: Cuts
    money: Cuts
    fixed: bool


def quintile_cuts(values: Floats) -> Cuts:
    """From which values on the scores 2, 3, 4 and 5 begin, a fifth of all in each.

    The percentile of a value is that of the middle of all who share it (mid-rank), so equals score the same, whatever
    their order; a score that nobody has begins where the next one does.
    """
    distinct, counts = np.unique(values, return_counts=True)
    middles = (np.cumsum(counts) - counts / 2) / len(values)
    scores = np.minimum(np.floor(middles * 5).astype(np.int64) + 1, 5)
    starts = np.append(distinct, NOBODY)
    two, three, four, five = (float(starts[np.searchsorted(scores, score)]) for score in (2, 3, 4, 5))
    return two, three, four, five


def thresholds(recency: Floats, frequency: Floats, money: Floats, *, relative: bool) -> Thresholds:
    """Those of a report: `recency` in days or, if `relative`, in personal intervals."""
    if len(recency) >= FEWEST:
        return Thresholds(quintile_cuts(-recency), quintile_cuts(frequency), quintile_cuts(money), fixed=False)
    check = float(np.median(money / np.maximum(frequency, 1))) if len(money) else 0.0
    two, three, four, five = (max(check, 1.0) * times for times in CHECKS_FIXED)
    days = RATIO_FIXED if relative else DAYS_FIXED
    return Thresholds(days, VISITS_FIXED, (two, three, four, five), fixed=True)


def score(values: Floats, cuts: Cuts) -> Ints:
    """1 to 5 for each value."""
    return np.searchsorted(np.array(cuts), values, side="right").astype(np.int64) + 1


@dataclass(frozen=True)
class Scores:
    """The three scores of each client and the number of their segment in SEGMENTS."""

    recency: Ints
    frequency: Ints
    money: Ints
    segment: Ints


def judge(recency: Floats, frequency: Floats, money: Floats, is_new: npt.NDArray[np.bool_], at: Thresholds) -> Scores:
    """Where each client stands by `at`."""
    r, f, m = score(-recency, at.recency), score(frequency, at.frequency), score(money, at.money)
    return Scores(r, f, m, np.where(is_new, 0, segment_of(r, (f + m + 1) // 2)))


def segment_of(recency: Ints, worth: Ints) -> Ints:
    """The number in SEGMENTS by the score of recency and the mean of the others, halves upwards."""
    lately, lost = recency >= 4, recency <= 2
    choices: list[tuple[Any, Segment]] = [
        ((recency == 5) & (worth == 5), "champions"),
        (~lost & (worth >= 4), "loyal"),
        (lately & (worth == 3), "potential"),
        (lately, "promising"),
        (~lost & (worth == 3), "needs_attention"),
        (~lost, "about_to_sleep"),
        (worth >= 4, "at_risk"),
        (worth == 3, "cooling"),
    ]
    numbers = [SEGMENTS.index(name) for _, name in choices]
    return np.select([where for where, _ in choices], numbers, SEGMENTS.index("hibernating")).astype(np.int64)
