"""What the salon gains from having all this: only what is measured, month by month, each with what it counts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from contracts.analytics.words import FigureFormat
from contracts.message import Request
from kernel.money import Money


@dataclass(frozen=True)
class ChannelBookings:
    """`channel` is None where nobody said through what."""

    channel: str | None
    appointments: int


@dataclass(frozen=True)
class BenefitRow:
    """A month, or the part of it that was asked for. What cannot be told of it is None."""

    month: str
    appointments: int
    channels: tuple[ChannelBookings, ...]
    enquiries: int
    answered: int
    median_minutes_to_answer: int | None
    visits: int
    revenue: Money
    masters: int
    revenue_per_master: Money | None
    open_hours: Decimal
    revenue_per_open_hour: Money | None
    occupancy_percent: Decimal | None
    settled: int
    retained: int
    retained_percent: Decimal | None


@dataclass(frozen=True)
class Measure:
    """What a figure counts; `measured` is false for what is often promised and cannot be known from what is kept."""

    name: str
    definition: str
    measured: bool = True


@dataclass(frozen=True)
class Benefits:
    """`reason` says why there are no rows: `nothing_happened` on any of the dates."""

    rows: tuple[BenefitRow, ...]
    measures: tuple[Measure, ...]
    reason: str | None = None


@dataclass(frozen=True)
class ShowBenefits(Request[Benefits], permission="analytics.read", effects=False, timeout=10.0):
    """By month, of the dates from `from_` to `to`, two years at most."""

    from_: date
    to: date
    branch_id: UUID | None = None
    format: FigureFormat = "json"
