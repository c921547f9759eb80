"""Dashboards: which figures stand where and how they are shown. They hold none: each viewer asks for their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Cursor, Limit, Name, Page, Request, Version

# Each is what the endpoint of its name answers (`heat_map`: `/analytics/heat-map`); `report` is a saved one.
Figure = Literal[
    "visits",
    "channels",
    "sources",
    "retention",
    "occupancy",
    "idle_windows",
    "seasonality",
    "heat_map",
    "forecast",
    "work",
    "benefits",
    "funnel",
    "segments",
    "churn",
    "clients",
    "lifetime_value",
    "no_shows",
    "report",
]
ShownAs = Literal["bars", "lines", "heat_map", "tree", "table", "total"]
DashboardPeriod = Literal[
    "today",
    "last_7_days",
    "last_30_days",
    "last_90_days",
    "this_month",
    "last_month",
    "this_year",
    "last_12_months",
]
DashboardRole = Literal["owner", "manager", "marketer", "accountant", "auditor"]
Parameters = dict[str, Any]


@dataclass(frozen=True)
class WantedWidget:
    """A figure, how it is shown, and how many of twelve columns it takes.

    `parameters` are those of the figure's endpoint, save the dates and the branch, which the viewer chooses.
    """

    figure: Figure
    shown_as: ShownAs
    width: Annotated[int, Meta(ge=1, le=12)] = 6
    title: Name | None = None
    report_id: UUID | None = None
    parameters: Parameters | None = None


@dataclass(frozen=True)
class Widget:
    """`missing`: its report was removed since."""

    figure: Figure
    shown_as: ShownAs
    width: int
    title: str | None
    report_id: UUID | None
    parameters: Parameters
    missing: bool = False


@dataclass(frozen=True)
class Dashboard:
    """Widgets in their order. `role` stands on those that come with the system, one for each role that reads figures;
    nobody changes these, and anybody may save the same as their own. `own`: the caller's.
    """

    id: UUID
    version: int
    name: str
    period: DashboardPeriod
    widgets: tuple[Widget, ...]
    shared: bool
    own: bool
    role: DashboardRole | None = None
    created_at: datetime | None = None
    changed_at: datetime | None = None


WantedWidgets = Annotated[tuple[WantedWidget, ...], Meta(min_length=1, max_length=50)]


@dataclass(frozen=True)
class ListDashboards(Request[Page[Dashboard]], permission="analytics.read", effects=False):
    """Those of the system, the caller's own, and those that others share."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShowDashboard(Request[Dashboard], permission="analytics.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class SaveDashboard(Request[Dashboard], permission="dashboards.edit"):
    """The caller's own; with `shared` everybody who reads figures sees it, each with figures of their branches."""

    name: Name
    widgets: WantedWidgets
    period: DashboardPeriod = "last_30_days"
    shared: bool = False


@dataclass(frozen=True)
class ChangeDashboard(Request[Dashboard], permission="dashboards.edit"):
    """Whose it is changes it, and nobody else."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    widgets: WantedWidgets | UnsetType = UNSET
    period: DashboardPeriod | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedDashboard:
    id: UUID


@dataclass(frozen=True)
class RemoveDashboard(Request[RemovedDashboard], permission="dashboards.edit"):
    id: UUID
    version: Version
