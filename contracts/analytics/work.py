"""What work brought and how it went: revenue, rebooking, lateness, cancellations and missed appointments."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.analytics.occupancy import Bucket
from contracts.analytics.words import FigureFormat
from contracts.message import Request
from kernel.money import Money

WorkKey = Literal["branch", "master"]


@dataclass(frozen=True)
class WorkRow:
    """Figures of one period, branch or master; a visit of two masters is one of each, with the revenue of each.

    `appointments` are those that were booked; `kept` of them the client came to. `rebooked` are of `settled` visits,
    after which a day has passed. `late` came five minutes or more after the start, of `arrivals` that were noted.
    """

    visits: int
    revenue: Money
    average_check: Money | None
    settled: int
    rebooked: int
    rebooked_percent: Decimal | None
    appointments: int
    kept: int
    cancelled: int
    cancelled_by_client: int
    cancelled_percent: Decimal | None
    missed: int
    missed_percent: Decimal | None
    arrivals: int
    late: int
    late_percent: Decimal | None
    average_late_minutes: int | None
    period: str | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    master_id: UUID | UnsetType = UNSET


@dataclass(frozen=True)
class WorkFigures:
    """`reason` says why there are no rows: `nothing_booked` on any of the dates."""

    rows: tuple[WorkRow, ...]
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowWork(Request[WorkFigures], permission="analytics.read", effects=False, timeout=10.0):
    """Of the dates from `from_` to `to`, two years at most."""

    from_: date
    to: date
    bucket: Bucket = "month"
    group_by: tuple[WorkKey, ...] = ()
    branch_id: UUID | None = None
    format: FigureFormat = "json"
