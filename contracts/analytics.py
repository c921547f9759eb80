"""What the visits add up to: by period, branch, service, category, master and source; the source hierarchy."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.message import FINANCE, INTERNAL, Request, sensitive
from kernel.money import Money

Dimension = Literal["month", "branch", "service", "category", "master", "source"]


@dataclass(frozen=True)
class VisitRow:
    """Figures of the visits that share the keys asked for; keys that were not asked for are left out.

    `visits` are completed visits, `clients` distinct people, `new_clients` those of them whose first completed visit
    in the chain is among these; `revenue` is due after discounts, retail included, refunds taken off, before tax.
    """

    visits: int
    clients: int
    new_clients: int
    revenue: Money
    month: str | UnsetType = UNSET
    branch_id: UUID | None | UnsetType = UNSET
    service_id: UUID | None | UnsetType = UNSET
    category: str | None | UnsetType = UNSET
    master_id: UUID | None | UnsetType = UNSET
    source: str | None | UnsetType = UNSET


@dataclass(frozen=True)
class VisitRows:
    rows: tuple[VisitRow, ...]


@dataclass(frozen=True)
class ShowVisits(Request[VisitRows], permission="analytics.read", effects=False):
    """Without `branch_id`, of all the caller's branches. `source` is the channel at the root of the referral chain."""

    from_: date
    to: date
    group_by: tuple[Dimension, ...] = ("month",)
    branch_id: UUID | None = None


@dataclass(frozen=True)
class OwnFigures:
    clients: int
    visits: int
    revenue: Money


@dataclass(frozen=True)
class SourceNode:
    """A channel or a client from whom clients came; figures include the subtree, `own` holds the node's alone."""

    name: str | None
    kind: Literal["root", "channel", "client"]
    clients: int
    visits: int
    revenue: Money
    own: OwnFigures
    children: tuple["SourceNode", ...] = ()
    client_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class ShowSources(Request[SourceNode], permission="analytics.read", effects=False, timeout=10.0):
    """People who completed a visit on the dates from `from_` to `to`, below those who brought them."""

    from_: date
    to: date
    branch_id: UUID | None = None


# --- for the export of a person -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FactPart:
    """What a visit was for."""

    service_id: UUID | None
    category: str | None
    master_id: UUID | None
    revenue: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class VisitFact:
    """A completed visit by its newest bill."""

    appointment_id: UUID
    branch_id: UUID
    local_date: date
    parts: tuple[FactPart, ...]
    revenue: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class HeldByAnalytics:
    """Facts beside an id and nothing else: no name and no contact is known here.

    `root` is the channel at the top of the chain of those who brought the client.
    """

    channel: str | None
    root: str | None
    referrer_id: UUID | None
    registered_at: datetime | None
    first_visit_id: UUID | None
    visits: tuple[VisitFact, ...]


@dataclass(frozen=True)
class ExportFromAnalytics(Request[HeldByAnalytics], permission=INTERNAL, timeout=8.0, effects=False):
    """What clients puts into the export of a person; whether somebody may have it was decided there."""

    client_id: UUID
