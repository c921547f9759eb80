"""What the visits add up to: by period, branch, service, category, master and source."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.analytics.words import Dimension
from contracts.message import Request
from kernel.money import Money


@dataclass(frozen=True)
class VisitRow:
    """Figures of the visits that share the keys asked for; keys that were not asked for are left out.

    `visits` are completed visits, `clients` distinct people, `new_clients` those of them whose first completed visit
    in the chain is among these; `revenue` is due after discounts, retail included, refunds taken off, before tax;
    `discount` is what was given away, `margin` revenue less the salon's own cost of what was done and sold.
    """

    visits: int
    clients: int
    new_clients: int
    revenue: Money
    month: str | UnsetType = UNSET
    day: date | UnsetType = UNSET
    branch_id: UUID | None | UnsetType = UNSET
    service_id: UUID | None | UnsetType = UNSET
    category: str | None | UnsetType = UNSET
    master_id: UUID | None | UnsetType = UNSET
    source: str | None | UnsetType = UNSET
    discount: Money | None = None
    margin: Money | None = None


@dataclass(frozen=True)
class VisitRows:
    rows: tuple[VisitRow, ...]
    reason: Literal["no_visits"] | None = None


@dataclass(frozen=True)
class ShowVisits(Request[VisitRows], permission="analytics.read", effects=False):
    """Without `branch_id`, of all the caller's branches. `source` is the channel at the root of the referral chain.

    Without a group there is one row of everything.
    """

    from_: date
    to: date
    group_by: tuple[Dimension, ...] = ("month",)
    branch_id: UUID | None = None
