"""What somebody spends on a visit: Gamma-Gamma (Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", 2013)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.analytics.domain.climbing import most_likely

Floats = npt.NDArray[np.float64]

STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 1.0))


@dataclass(frozen=True)
class Spending:
    """Fitted: the check of a visit is Gamma(p, ν), and ν differs between people by Gamma(q, v)."""

    p: float
    q: float
    v: float
    log_likelihood: float

    def expected(self, x: Floats, mean: Floats) -> Floats:
        """The check to expect of somebody whose `x` visits came to `mean` on average (equation 5)."""
        return np.asarray(self.p * (self.v + x * mean) / np.maximum(self.p * x + self.q - 1, 1e-9), dtype=np.float64)


def fit_spending(x: Floats, mean: Floats) -> Spending:
    """Most likely for those with `x` visits at `mean` each; both above 0."""
    from scipy.special import gammaln

    scale = float(np.median(mean))
    m = mean / scale

    def likelihood(at: Floats) -> float:
        p, q, v = at
        known = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        return float(np.sum(known + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(v + x * m)))

    (p, q, v), best = most_likely(likelihood, STARTS)
    return Spending(p, q, v * scale, best - len(x) * float(np.log(scale)))
