"""Whether a prediction was worth something: it is made as of a day that is past, and what came then is known.

AUC by ranks (Mann and Whitney), Brier score (1950), and calibration in groups of equal size.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FEWEST = 50  # people of each kind, who came and who did not; with fewer a comparison is chance
GROUPS = 5


@dataclass(frozen=True)
class Group:
    """Those with about the same probability: what was said of them and how many came."""

    people: int
    said: float
    came: float


@dataclass(frozen=True)
class Score:
    """`auc`: how often who came was ranked before who did not; `brier`: the mean squared error, 0 is perfect."""

    auc: float
    brier: float
    groups: tuple[Group, ...]

    @property
    def worst(self) -> float:
        """The widest distance in any group between what was said and what came."""
        return max((abs(group.said - group.came) for group in self.groups), default=0.0)


def is_enough(came: Bools) -> bool:
    """Whether both kinds are there often enough."""
    return bool(came.sum() >= FEWEST and (~came).sum() >= FEWEST)


def score(said: Floats, came: Bools) -> Score:
    """`said` probabilities against what came; both kinds must be there."""
    return Score(auc(said, came), float(np.mean((said - came) ** 2)), groups(said, came))


def auc(said: Floats, came: Bools) -> float:
    """The area under the ROC curve; equals count half."""
    _, place, counts = np.unique(said, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ones, zeros = int(came.sum()), int((~came).sum())
    return float((ranks[came].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def groups(said: Floats, came: Bools) -> tuple[Group, ...]:
    """Everybody in order of what was said, cut into groups of the same size."""
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, GROUPS) if len(part)]
    return tuple(Group(len(part), float(said[part].mean()), float(came[part].mean())) for part in parts)


def beats(model: Score, rule: Score) -> bool:
    """Whether a model may be shown: it ranks better, errs less, and is nowhere further off than the rule is."""
    allowed = max(rule.worst, 0.1)
    return model.auc > rule.auc and model.brier < rule.brier and model.worst <= allowed


def rates(kinds: Ints, came: Bools, count: int) -> Floats:
    """The share of each of `count` kinds that came; kinds that nobody was of have that of all."""
    people = np.bincount(kinds, minlength=count)
    some = np.bincount(kinds, weights=came, minlength=count)
    everybody = float(came.mean()) if len(came) else 0.0
    return np.where(people > 0, some / np.maximum(people, 1), everybody)
