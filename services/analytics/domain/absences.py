"""How likely somebody does not come to what they booked, by what they and others did before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 20  # people with two appointments; with fewer the spread between people is not known
WEAKEST, STRONGEST = 1.0, 1_000.0  # of what everybody does, in appointments


@dataclass(frozen=True)
class Prior:
    """Beta(α, β): what is expected of somebody of whom nothing is known."""

    alpha: float
    beta: float

    def probability(self, missed: Floats, booked: Floats) -> Floats:
        """(α + missed)/(α + β + booked), FIELD 3.5."""
        return np.asarray((self.alpha + missed) / (self.alpha + self.beta + booked), dtype=np.float64)

    def between(self, missed: Floats, booked: Floats) -> tuple[Floats, Floats]:
        """The middle nine tenths of what the probability may be."""
        from scipy.stats import beta

        after = self.alpha + missed, self.beta + booked - missed
        return beta.ppf(0.05, *after), beta.ppf(0.95, *after)


def prior(missed: Ints, booked: Ints) -> Prior | None:
    """By the moments of the shares of those with two appointments or more; None if these are too few.

    The mean and variance of the shares, with the binomial part taken off the variance (Kleinman, JASA 68, 1973).
    """
    known = booked >= 2
    if int(known.sum()) < FEWEST:
        return None
    counts, shares = booked[known].astype(np.float64), missed[known] / booked[known]
    mean = float(np.clip(missed[known].sum() / counts.sum(), 1e-4, 1 - 1e-4))
    binomial = mean * (1 - mean) * float(np.mean(1 / counts))
    spread = float(np.mean((shares - mean) ** 2)) - binomial
    inner = 1 - float(np.mean(1 / counts))
    strength = mean * (1 - mean) * inner / spread - 1 if spread > 0 else STRONGEST
    strength = float(np.clip(strength, WEAKEST, STRONGEST))
    return Prior(mean * strength, (1 - mean) * strength)


def is_better(before: Prior, missed: Ints, booked: Ints, missed_after: Ints, booked_after: Ints) -> bool | None:
    """Whether `before` errs less than one share for all, over what was `booked_after`; None if too little came.

    A row per kind of people, who had `booked` before and `missed` of it. The error is the Brier score.
    """
    if int(missed_after.sum()) < FEWEST or int((booked_after - missed_after).sum()) < FEWEST:
        return None
    said = before.probability(missed.astype(np.float64), booked.astype(np.float64))
    everybody = np.full(len(missed), before.alpha / (before.alpha + before.beta))
    return _error(said, missed_after, booked_after) < _error(everybody, missed_after, booked_after)


def _error(said: Floats, missed: Ints, booked: Ints) -> float:
    return float(np.sum(missed * (1 - said) ** 2 + (booked - missed) * said**2) / booked.sum())
