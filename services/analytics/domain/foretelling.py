"""Whether somebody will come to what they booked, foretold from the appointment and from their own past.

Logistic regression (the commonest method of the field, FIELD 3.5), told only where over the last quarter it beat the
share that each client missed before, drawn towards that of everybody (`absences`).
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.analytics.domain import absences, backtests

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FEWEST = 50  # appointments of a channel, to tell it from others
TRIED = 4  # the last part, one in so many, tries what the earlier ones say
LONGEST = 60 * 24.0  # hours ahead beyond which nothing more is expected of having booked early
UNIMAGINABLE = 20.0  # a logarithm of odds


@dataclass(frozen=True)
class Appointments:
    """In order of their starts. `lead` is hours from booking to start, `missed` of `decided` those of the same client
    that were over before it; `channel` a name or "".
    """

    lead: Floats
    minute: Ints
    weekday: Ints
    channel: npt.NDArray[np.str_]
    missed: Ints
    decided: Ints
    client: Ints

    def part(self, chosen: Any) -> "Appointments":
        return Appointments(*(column[chosen] for column in vars(self).values()))


@dataclass(frozen=True)
class Logistic:
    """Fitted: what each feature weighs, and which channels and columns it knows."""

    prior: absences.Prior
    channels: tuple[str, ...]
    kept: tuple[int, ...]
    weights: Floats

    def probability(self, of: Appointments) -> Floats:
        sums = _features(of, self.prior, self.channels)[:, self.kept] @ self.weights
        return np.asarray(1 / (1 + np.exp(-np.clip(sums, -UNIMAGINABLE, UNIMAGINABLE))), dtype=np.float64)


@dataclass(frozen=True)
class Trial:
    """How the simple rule and the model did over the last part of what is known."""

    appointments: int
    rule: backtests.Score
    logistic: backtests.Score | None

    @property
    def model_shown(self) -> bool:
        return self.logistic is not None and backtests.beats(self.logistic, self.rule)


@dataclass(frozen=True)
class Foretold:
    """By what probabilities are told: the model, else the prior, else nothing; `reason` says why not the better one."""

    logistic: Logistic | None
    prior: absences.Prior | None
    trial: Trial | None
    reason: str | None

    def probability(self, of: Appointments) -> Floats | None:
        if self.logistic is not None:
            return self.logistic.probability(of)
        return None if self.prior is None else self.prior.probability(of.missed.astype(float), of.decided.astype(float))


def learn(known: Appointments, missed: Bools) -> Foretold:
    """What can be foretold, tried on the last part of `known`; which of it missed is `missed`."""
    if not len(missed):
        return Foretold(None, None, None, "no_appointments")
    split = len(missed) - len(missed) // TRIED
    early, late = known.part(slice(split)), known.part(slice(split, None))
    prior, before = _prior(known, missed), _prior(early, missed[:split])
    if prior is None or before is None:
        return Foretold(None, None, None, "too_few_clients")
    if not backtests.is_enough(missed[split:]) or not backtests.is_enough(missed[:split]):
        return Foretold(None, None, None, "too_few_to_try")
    rule = backtests.score(before.probability(late.missed.astype(float), late.decided.astype(float)), missed[split:])
    model = fit(early, missed[:split], before)
    tried = None if model is None else backtests.score(model.probability(late), missed[split:])
    trial = Trial(len(late.lead), rule, tried)
    final = fit(known, missed, prior) if trial.model_shown else None
    if final is not None:
        return Foretold(final, prior, trial, None)
    share = float(missed[:split].mean())
    everybody = float(np.mean((share - missed[split:]) ** 2))
    return Foretold(None, prior if rule.brier < everybody else None, trial, "rule_not_beaten")


def fit(of: Appointments, missed: Bools, prior: absences.Prior) -> Logistic | None:
    """The most likely weights; None where there are none, as where a feature alone tells who misses."""
    from statsmodels.api import Logit

    names, counts = np.unique(of.channel, return_counts=True)
    usual = names[np.argmax(counts)]
    channels = tuple(str(name) for name, count in zip(names, counts, strict=True) if count >= FEWEST and name != usual)
    features = _features(of, prior, channels)
    kept = tuple(int(place) for place in range(features.shape[1]) if place == 0 or np.ptp(features[:, place]) > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it did not converge is seen below
        try:
            found = Logit(missed.astype(np.float64), features[:, kept]).fit(disp=False, maxiter=60)
        except np.linalg.LinAlgError:
            return None
    weights = np.asarray(found.params, dtype=np.float64)
    if not found.mle_retvals["converged"] or not np.isfinite(weights).all() or np.abs(weights).max() > UNIMAGINABLE:
        return None
    return Logistic(prior, channels, kept, weights)


def _prior(of: Appointments, missed: Bools) -> absences.Prior | None:
    return absences.prior(np.bincount(of.client, weights=missed).astype(np.int64), np.bincount(of.client))


def _features(of: Appointments, prior: absences.Prior, channels: tuple[str, ...]) -> Floats:
    """A constant, lead time, time of day, weekday, channel, whether somebody is new, and their own past in log-odds."""
    past = prior.probability(of.missed.astype(np.float64), of.decided.astype(np.float64))
    columns = [
        np.ones(len(of.lead)),
        np.log1p(np.clip(of.lead, 0.0, LONGEST)),
        of.minute < 12 * 60,
        of.minute >= 17 * 60,
        *(of.weekday == day for day in range(1, 7)),
        *(of.channel == channel for channel in channels),
        of.decided == 0,
        np.log(past / (1 - past)),
    ]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)
