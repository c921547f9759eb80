"""Who came again: of those whose first visit was in a month, or who came in a month at all."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.analytics.words import FigureFormat
from contracts.message import Request

CohortKey = Literal["branch", "master"]
CohortDays = Annotated[int, Meta(ge=1, le=1_096)]


@dataclass(frozen=True)
class CohortRow:
    """The clients of a month. `retained` and `lost` are those of `settled`, whose time to come again is over.

    `active` are how many of `clients` came in the first, second, … calendar month after, as far as months are over.
    """

    month: str
    clients: int
    settled: int
    retained: int
    lost: int
    retained_percent: Decimal | None
    active: tuple[int, ...]
    branch_id: UUID | UnsetType = UNSET
    master_id: UUID | UnsetType = UNSET


@dataclass(frozen=True)
class Cohorts:
    """`definition` says in words what is counted; `reason` says why there is no figure, where there is none:
    `no_visits` in the period, or `too_early`: nobody's time to come again is over.
    """

    rows: tuple[CohortRow, ...]
    days: int
    as_of: date
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowCohorts(Request[Cohorts], permission="analytics.read", effects=False, timeout=10.0):
    """`new` are those whose first completed visit was on the dates from `from_` to `to`, `all` all who came then."""

    from_: date
    to: date
    clients: Literal["new", "all"] = "new"
    days: CohortDays = 120
    group_by: tuple[CohortKey, ...] = ()
    branch_id: UUID | None = None
    format: FigureFormat = "json"
