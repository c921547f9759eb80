"""How often somebody comes: the personal interval, who is overdue by it, and how likely they are to come again."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from kernel.errors import Invalid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
State = Literal["active", "due", "at_risk", "sleeping", "lost"]

STATES: tuple[State, ...] = ("active", "due", "at_risk", "sleeping", "lost")
SHRINKAGE = 3.0  # how many gaps of one's own weigh as much as what is usual
FURTHEST = 100  # intervals that a border may be away
FEWEST_GAPS = 20  # below so many, what is usual is not known


@dataclass(frozen=True)
class Borders:
    """Where a state begins, in personal intervals since the last visit; `lost_days` whatever the interval."""

    due: float = 1.0
    at_risk: float = 1.5
    sleeping: float = 3.0
    lost: float = 6.0
    lost_days: int = 365

    def check(self) -> None:
        """Refuse borders that do not follow each other, or that nobody would ever reach."""
        if not 0 < self.due < self.at_risk < self.sleeping < self.lost <= FURTHEST:
            raise Invalid.field(
                "due",
                "borders_not_ascending",
                f"due, at_risk, sleeping and lost must ascend, from 0 to {FURTHEST} at most",
            )


def personal(gaps: Ints, medians: Floats, usual: Floats | float) -> Floats:
    """The days between visits to expect of each client: (n·m + k·u)/(n + k), FIELD 3.2.

    `gaps` is how many gaps they had, `medians` the middle one of those (any number where there was none), `usual` the
    middle one of everybody at the branch.
    """
    own = np.where(gaps > 0, medians, 0.0)
    return np.maximum((gaps * own + SHRINKAGE * usual) / (gaps + SHRINKAGE), 1.0)


def states(ratios: Floats, days: Floats, borders: Borders) -> Ints:
    """The number in STATES by how many intervals, and how many days, have gone since the last visit."""
    cuts = np.array([borders.due, borders.at_risk, borders.sleeping, borders.lost])
    return np.where(days > borders.lost_days, 4, np.searchsorted(cuts, ratios, side="left")).astype(np.int64)


@dataclass(frozen=True)
class Curve:
    """The share of gaps that last longer than so many personal intervals; 1 before the first of `at`."""

    at: Floats
    share: Floats

    def survival(self, ratios: Floats) -> Floats:
        found = np.searchsorted(self.at, ratios, side="right")
        return np.concatenate(([1.0], self.share))[found]

    def returns_within(self, ratios: Floats, ahead: Floats) -> Floats:
        """How likely who stayed away for `ratios` intervals comes within the next `ahead`: 1 - S(ρ+h)/S(ρ).

        0 beyond the longest gap that anybody came back after: nothing speaks for them.
        """
        now, later = self.survival(ratios), self.survival(ratios + ahead)
        return np.where(now > 0, 1 - later / np.where(now > 0, now, 1.0), 0.0)


def kaplan_meier(ratios: Floats, ended: Bools) -> Curve:
    """The product-limit estimate (Kaplan and Meier, JASA 53, 1958): `ended` gaps by a visit, the others last still."""
    order = np.argsort(ratios, kind="stable")
    at, first = np.unique(ratios[order], return_index=True)
    events = np.add.reduceat(ended[order].astype(np.float64), first) if len(at) else np.zeros(0)
    at_risk = len(ratios) - first
    share = np.cumprod(1 - events / at_risk).astype(np.float64)
    return Curve(at[events > 0], share[events > 0])
