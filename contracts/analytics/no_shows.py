"""Who of those who are expected is likely not to come."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from contracts.message import Limit, Request


@dataclass(frozen=True)
class MissedGroup:
    """Of so many appointments: how many were said to be missed, and how many were."""

    appointments: int
    said_percent: Decimal
    missed_percent: Decimal


@dataclass(frozen=True)
class NoShowScore:
    """`auc`: how often a missed appointment was ranked before a kept one; `brier`: the mean squared error."""

    name: str
    auc: Decimal
    brier: Decimal
    shown: bool
    calibration: tuple[MissedGroup, ...]


@dataclass(frozen=True)
class NoShowTrial:
    """What the rule and the model, learnt from earlier appointments, said of so many later ones; the rule first."""

    appointments: int
    scores: tuple[NoShowScore, ...]


@dataclass(frozen=True)
class AwaitedAppointment:
    """Booked and not over; `missed` of `appointments` are the client's own of the last year."""

    appointment_id: UUID
    client_id: UUID
    branch_id: UUID
    starts: datetime
    status: str
    appointments: int
    missed: int
    no_show_percent: Decimal | None
    name: str | None = None


@dataclass(frozen=True)
class LikelyNoShows:
    """Who should be reminded, the least likely to come first. `model` is `logistic` or `rule`.

    `reason`: why nothing better is told, or nothing at all: `rule_not_beaten`, `too_few_to_try`, `too_few_clients`,
    `no_appointments`.
    """

    model: str | None
    back_test: NoShowTrial | None
    items: tuple[AwaitedAppointment, ...]
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ListLikelyNoShows(Request[LikelyNoShows], permission="analytics.read", effects=False, timeout=15.0):
    """Appointments of these days, at most a month, that are booked and not over."""

    from_: date
    to: date
    branch_id: UUID | None = None
    limit: Limit = 50
