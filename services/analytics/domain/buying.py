"""How long clients stay and how much they will spend, from how often and how lately they came.

`x` repeat visits, `t` when the last one was, `age` for how long somebody is known: both since the first visit, in one
unit of time (weeks here). Models: BG/NBD (Fader, Hardie and Lee, Marketing Science 24:2, 2005); MBG/NBD (Batislam,
Denizel and Filiztekin, IJRM 24, 2007), in which somebody may leave after the very first visit; MBG/CNBD-k (Reutterer,
Platzer and Schröder, IJRM 2020), in which visits are regular: every k-th beat of a clock. With k = 1 it is MBG/NBD.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from services.analytics.domain.climbing import most_likely

Floats = npt.NDArray[np.float64]
Kind = Literal["bg_nbd", "mbg_nbd", "mbg_cnbd_k"]

FEWEST = 200  # clients; with fewer a fit is chance
MOST_REGULAR = 6
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 5.0, 0.5, 2.0), (2.0, 10.0, 0.2, 3.0))


@dataclass(frozen=True)
class Habits:
    """What is known of each client; `logs` is the sum of the logarithms of their gaps, which tells regular ones."""

    x: Floats
    t: Floats
    age: Floats
    logs: Floats | None = None

    def part(self, chosen: Any) -> "Habits":
        return Habits(
            self.x[chosen], self.t[chosen], self.age[chosen], None if self.logs is None else self.logs[chosen]
        )


@dataclass(frozen=True)
class Buying:
    """A fitted model: beats come by Gamma(r, α), a visit every `k` beats, and people leave by Beta(a, b)."""

    kind: Kind
    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    k: int = 1

    def alive(self, of: Habits) -> Floats:
        """The probability that somebody has not left."""
        from scipy.special import expit

        here, gone = _fates(of, self.kind, self.k, np.array([self.r, self.alpha, self.a, self.b]))
        return np.asarray(expit(here - gone), dtype=np.float64)

    def comes_within(self, of: Habits, ahead: float) -> Floats:
        """The probability of a visit within the time `ahead`: not left, and the next one is not later.

        Of who has not left and heard j beats since the last visit, the rate is Gamma(r + kx + j, α + age); then k - j
        beats are wanted, and how many come is negative binomial.
        """
        from scipy.special import gammaln

        log_stay = np.log((self.alpha + of.age) / (self.alpha + of.age + ahead))
        log_beat = np.log(ahead / (self.alpha + of.age + ahead))
        beats = _beats(of, self.k, self.r, self.alpha)
        weights = np.exp(beats - np.logaddexp.reduce(beats, axis=0))
        too_late = np.zeros(len(of.x))
        for j in range(self.k):
            shape = self.r + self.k * of.x + j
            for i in range(self.k - j):
                term = gammaln(shape + i) - gammaln(shape) - gammaln(i + 1) + shape * log_stay + i * log_beat
                too_late += weights[j] * np.exp(term)
        return np.asarray(self.alive(of) * np.clip(1 - too_late, 0.0, 1.0), dtype=np.float64)

    def expected(self, of: Habits, ahead: float) -> Floats:
        """How many visits to expect within the time `ahead`."""
        return self.expected_each(of, ahead)[0]

    def expected_each(self, of: Habits, *ahead: float) -> list[Floats]:
        """How many within each of these times (equation 10 of 2005, its like of 2007).

        Of regular visits it is an approximation: their long-run rate, a visit per k beats, as if they came at random.
        """
        from scipy.special import hyp2f1

        shift = 0.0 if self.kind == "bg_nbd" else 1.0
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        shape, b = self.r + self.k * of.x, self.b + of.x + shift
        c = a + b - 1
        reach = self.k * (self.alpha + of.age)
        at_most = c / (a - 1) * self.alive(of)

        def visits(time: float) -> Floats:
            stays = hyp2f1(shape, b, c, time / (reach + time)) * (reach / (reach + time)) ** shape
            return np.asarray(np.maximum(at_most * (1 - stays), 0.0), dtype=np.float64)

        return [visits(time) for time in ahead]


def fit(of: Habits, kind: Kind) -> Buying:
    """The parameters under which what is known is most likely; needs some who came again.

    How regular visits are is tried upwards until it is no more likely.
    """
    if kind != "mbg_cnbd_k":
        return _fitted(of, kind, 1, STARTS)
    best = _fitted(of, kind, 1, STARTS)
    for k in range(2, MOST_REGULAR + 1):
        start = (best.r, best.alpha * best.k / k, best.a, best.b)
        more = _fitted(of, kind, k, (start,))
        if more.log_likelihood <= best.log_likelihood:
            break
        best = more
    return best


def _fitted(of: Habits, kind: Kind, k: int, starts: tuple[tuple[float, ...], ...]) -> Buying:
    (r, alpha, a, b), best = most_likely(lambda at: _log_likelihood(of, kind, k, at), starts)
    return Buying(kind, r, alpha, a, b, best, k)


def _log_likelihood(of: Habits, kind: Kind, k: int, at: Floats) -> float:
    """Of all clients, in logarithms throughout: equation 6 of 2005, and its like of 2007 and 2020."""
    from scipy.special import betaln, gammaln

    r, alpha, a, b = at
    here, gone = _fates(of, kind, k, at)
    visits = gammaln(r + k * of.x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    regular = 0.0 if k == 1 or of.logs is None else (k - 1) * of.logs - of.x * gammaln(k)
    return float(np.sum(visits + regular + np.logaddexp(here, gone)))


def _fates(of: Habits, kind: Kind, k: int, at: Floats) -> tuple[Floats, Floats]:
    """How likely it is, in logarithms and but for what both share, to be here still and to have left."""
    from scipy.special import betaln

    r, alpha, a, b = at
    x = of.x
    here = np.logaddexp.reduce(_beats(of, k, r, alpha), axis=0)
    gone = -(r + k * x) * np.log(alpha + of.t)
    if kind == "bg_nbd":
        left = np.where(x > 0, betaln(a + 1, b + np.maximum(x, 1) - 1), -np.inf)
        return here + betaln(a, b + x), gone + left
    return here + betaln(a, b + x + 1), gone + betaln(a + 1, b + x)


def _beats(of: Habits, k: int, r: float, alpha: float) -> Floats:
    """For each j below `k`: how likely, in logarithms, j beats since the last visit are and no more."""
    from scipy.special import gammaln

    shape, since = r + k * of.x, of.age - of.t
    rows = [-shape * np.log(alpha + of.age)]
    with np.errstate(divide="ignore"):
        log_since = np.log(since)
    for j in range(1, k):
        more = gammaln(shape + j) - gammaln(shape) - gammaln(j + 1)
        rows.append(more + j * log_since - (shape + j) * np.log(alpha + of.age))
    return np.stack(rows)
