"""Reports that people put together: listed or grouped, filtered, saved, and evaluated for whoever looks."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.analytics.people import SegmentName, StateName
from contracts.message import Cursor, Limit, Name, Page, Request, Version
from kernel.money import Money

ReportDocument = dict[str, Any]
AppointmentStatus = Literal["booked", "confirmed", "arrived", "completed", "cancelled", "no_show"]


@dataclass(frozen=True)
class ReportRow:
    """The keys, columns and figures that the report asks for; others are left out.

    `week` is its Monday, `quarter` written as `2026-Q1`, `weekday` 0 on Monday. `name` is the client's, for those who
    may know it.
    """

    day: date | UnsetType = UNSET
    week: date | UnsetType = UNSET
    month: str | UnsetType = UNSET
    quarter: str | UnsetType = UNSET
    year: int | UnsetType = UNSET
    appointment_id: UUID | UnsetType = UNSET
    branch_id: UUID | UnsetType = UNSET
    client_id: UUID | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    source: str | None | UnsetType = UNSET
    booked_through: str | None | UnsetType = UNSET
    sex: Literal["female", "male"] | None | UnsetType = UNSET
    birth_band: int | None | UnsetType = UNSET
    state: StateName | None | UnsetType = UNSET
    rfm: SegmentName | None | UnsetType = UNSET
    referred: bool | UnsetType = UNSET
    weekday: int | UnsetType = UNSET
    status: AppointmentStatus | UnsetType = UNSET
    cancelled_by: Literal["client", "staff", "erasure"] | None | UnsetType = UNSET
    lead_days: int | None | UnsetType = UNSET
    first_day: date | UnsetType = UNSET
    last_day: date | UnsetType = UNSET
    service_id: UUID | None | UnsetType = UNSET
    category: str | None | UnsetType = UNSET
    master_id: UUID | None | UnsetType = UNSET
    new: bool | UnsetType = UNSET
    visits: int | UnsetType = UNSET
    clients: int | UnsetType = UNSET
    new_clients: int | UnsetType = UNSET
    revenue: Money | UnsetType = UNSET
    average_check: Money | None | UnsetType = UNSET
    discount: Money | UnsetType = UNSET
    margin: Money | UnsetType = UNSET
    bookings: int | UnsetType = UNSET
    kept: int | UnsetType = UNSET
    cancelled: int | UnsetType = UNSET
    no_shows: int | UnsetType = UNSET
    cancelled_percent: Decimal | None | UnsetType = UNSET
    no_show_percent: Decimal | None | UnsetType = UNSET
    lead_hours: Decimal | None | UnsetType = UNSET
    cost: Money | None | UnsetType = UNSET
    cost_per_new_client: Money | None | UnsetType = UNSET


@dataclass(frozen=True)
class ReportRows:
    """What a report shows its viewer. `total` is over all that fits, of a grouped report; `more`: rows were cut off.

    Without rows `reason` says why: nothing of the period fits, or the filter names only branches that the viewer does
    not see. `definition` says what the figures mean.
    """

    columns: tuple[str, ...]
    rows: tuple[ReportRow, ...]
    definition: str
    total: ReportRow | None = None
    more: bool = False
    reason: Literal["no_visits", "no_bookings", "no_clients", "branches_hidden"] | None = None


@dataclass(frozen=True)
class Report:
    """A saved report: a definition and no figures. Everybody who reads figures may evaluate it, over what they see."""

    id: UUID
    version: int
    name: str
    document: ReportDocument
    created_at: datetime
    changed_at: datetime
    created_by: UUID | None = None


@dataclass(frozen=True)
class TryReport(Request[ReportRows], permission="analytics.read", effects=False, timeout=20.0):
    """Evaluate a definition that is not saved."""

    from_: date
    to: date
    document: ReportDocument
    branch_id: UUID | None = None


@dataclass(frozen=True)
class RunReport(Request[ReportRows], permission="analytics.read", effects=False, timeout=20.0):
    """Evaluate a saved report over the branches that the caller sees, or one of them."""

    id: UUID
    from_: date
    to: date
    branch_id: UUID | None = None


@dataclass(frozen=True)
class ListReports(Request[Page[Report]], permission="analytics.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShowReport(Request[Report], permission="analytics.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class SaveReport(Request[Report], permission="reports.edit"):
    """Keep a definition under a name; every mistake in it is named with its place."""

    name: Name
    document: ReportDocument


@dataclass(frozen=True)
class ChangeReport(Request[Report], permission="reports.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    document: ReportDocument | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedReport:
    id: UUID


@dataclass(frozen=True)
class RemoveReport(Request[RemovedReport], permission="reports.edit"):
    """Only who made it removes it, or who edits reports of the whole chain."""

    id: UUID
    version: Version
