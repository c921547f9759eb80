"""Finding the parameters of a model under which what happened is most likely."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FURTHEST = 15.0  # logarithms of parameters; beyond that a model has degenerated


def most_likely(
    likelihood: Callable[[Floats], float], starts: tuple[tuple[float, ...], ...]
) -> tuple[tuple[float, ...], float]:
    """The highest end of a climb from each of `starts`, made exact, with the logarithm of its likelihood.

    Parameters are positive, so the climb is in their logarithms.
    """
    from scipy.optimize import minimize

    def below(logs: Floats) -> float:
        with np.errstate(all="ignore"):
            value = -likelihood(np.exp(np.clip(logs, -FURTHEST, FURTHEST)))
        return value if np.isfinite(value) else 1e300

    ends = [minimize(below, np.log(start), method="L-BFGS-B") for start in starts]
    near = min(ends, key=lambda each: float(each.fun)).x
    exact = {"xatol": 1e-6, "fatol": 1e-7, "maxiter": 500}
    best = minimize(below, near, method="Nelder-Mead", options=exact)
    parameters = np.exp(np.clip(best.x, -FURTHEST, FURTHEST))
    return tuple(float(value) for value in parameters), -float(best.fun)
