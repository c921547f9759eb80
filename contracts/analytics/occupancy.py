"""How much of the time in which masters work, and rooms are open, is booked; and when they are idle."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.analytics.words import FigureFormat
from contracts.message import Request

Bucket = Literal["day", "week", "month", "period"]


@dataclass(frozen=True)
class OccupancyRow:
    """Minutes of one period, branch, master or unit. `outside_minutes` are booked beyond open time: not in the share.

    `period` is a day, the Monday of a week, or a month.
    """

    open_minutes: int
    busy_minutes: int
    idle_minutes: int
    outside_minutes: int
    occupancy_percent: Decimal | None
    period: str | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    master_id: UUID | UnsetType = UNSET
    unit_id: UUID | UnsetType = UNSET


@dataclass(frozen=True)
class Occupancy:
    """`reason` says why there is no figure: `nothing_open`, nobody is planned to work on any of the dates."""

    rows: tuple[OccupancyRow, ...]
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowOccupancy(Request[Occupancy], permission="analytics.read", effects=False, timeout=10.0):
    """Of masters, or of `units`: rooms and equipment. `each` gives a row to each branch, or to each of them in it."""

    from_: date
    to: date
    of: Literal["masters", "units"] = "masters"
    bucket: Bucket = "month"
    each: Literal["chain", "branch", "one"] = "branch"
    branch_id: UUID | None = None
    format: FigureFormat = "json"


@dataclass(frozen=True)
class IdleWindow:
    """A time in which a master works and nothing is booked."""

    branch_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    minutes: int


@dataclass(frozen=True)
class IdleWindows:
    """The earliest first; `more`: there are others after `limit`. `reason` is `nothing_open` or `none_so_long`."""

    rows: tuple[IdleWindow, ...]
    more: bool
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowIdleWindows(Request[IdleWindows], permission="analytics.read", effects=False):
    """Those of at least `minutes` on the dates from `from_` to `to`, 31 at most."""

    from_: date
    to: date
    minutes: Annotated[int, Meta(ge=5, le=24 * 60)] = 30
    limit: Annotated[int, Meta(ge=1, le=1_000)] = 200
    master_id: UUID | None = None
    branch_id: UUID | None = None
    format: FigureFormat = "json"
