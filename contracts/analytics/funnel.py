"""From an enquiry to a client who comes again and again."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.analytics.words import FigureFormat
from contracts.message import Request

FunnelKey = Literal["channel", "branch"]


@dataclass(frozen=True)
class FunnelRow:
    """`people` sent the `enquiries`; `leads` are those of them who were no clients yet, of whom some `booked`, some
    became `clients` and some of these `regulars`. Each stage in per cent of the one before, `clients` of the leads.
    """

    enquiries: int
    answered: int
    median_minutes_to_answer: int | None
    people: int
    leads: int
    booked: int
    booked_percent: Decimal | None
    clients: int
    clients_percent: Decimal | None
    median_days_to_visit: int | None
    regulars: int
    regulars_percent: Decimal | None
    channel: str | UnsetType = UNSET
    branch_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class Funnel:
    """`reason` says why there are no rows: `no_enquiries` on any of the dates."""

    rows: tuple[FunnelRow, ...]
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowFunnel(Request[Funnel], permission="analytics.read", effects=False, timeout=10.0):
    """Of the enquiries received on the dates from `from_` to `to`."""

    from_: date
    to: date
    group_by: tuple[FunnelKey, ...] = ()
    branch_id: UUID | None = None
    format: FigureFormat = "json"
