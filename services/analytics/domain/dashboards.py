"""Dashboards: how each figure can be shown, and which dashboards come with the system."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

REPORT = "report"

# The first is what a figure is usually shown as; everything can be read as a table.
SHOWN_AS: Mapping[str, tuple[str, ...]] = {
    "visits": ("lines", "bars", "total", "table"),
    "channels": ("bars", "total", "table"),
    "sources": ("tree", "total", "table"),
    "retention": ("heat_map", "lines", "table"),
    "occupancy": ("bars", "lines", "table"),
    "idle_windows": ("table", "bars"),
    "seasonality": ("lines", "bars", "table"),
    "heat_map": ("heat_map", "table"),
    "forecast": ("lines", "table"),
    "work": ("bars", "lines", "table"),
    "benefits": ("table", "total"),
    "funnel": ("bars", "table"),
    "segments": ("bars", "table"),
    "churn": ("bars", "table"),
    "clients": ("bars", "total", "table"),
    "lifetime_value": ("bars", "table"),
    "no_shows": ("total", "table"),
    REPORT: ("bars", "lines", "total", "table"),
}
OF_LISTS = ("table",)  # a report that lists has nothing to draw or to add up


@dataclass(frozen=True, slots=True)
class Placed:
    """A widget: what is shown, as what, and how many of twelve columns wide."""

    figure: str
    shown_as: str
    width: int = 6
    title: str | None = None
    report_id: UUID | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """A dashboard of the system, for everybody of a role."""

    id: UUID
    role: str
    name: str
    period: str
    widgets: tuple[Placed, ...]


def _by(*keys: str) -> dict[str, Any]:
    return {"group_by": list(keys)}


_REVENUE = Placed("visits", "lines", 12, parameters=_by("month"))
_TODAY = Placed("visits", "total", 3, parameters=_by())
_BRANCHES = Placed("visits", "bars", 6, parameters=_by("branch"))

GIVEN = (
    Given(
        UUID("00000000-0000-7000-8000-000000000001"),
        "owner",
        "Owner",
        "last_12_months",
        (
            _REVENUE,
            _BRANCHES,
            Placed("occupancy", "bars", parameters={"each": "branch"}),
            Placed("sources", "tree"),
            Placed("churn", "bars"),
            Placed("seasonality", "lines"),
            Placed("forecast", "lines"),
        ),
    ),
    Given(
        UUID("00000000-0000-7000-8000-000000000002"),
        "manager",
        "Manager",
        "last_30_days",
        (
            _TODAY,
            Placed("no_shows", "total", 3),
            Placed("clients", "bars", 6),
            Placed("visits", "bars", 6, parameters=_by("master")),
            Placed("occupancy", "bars", 6, parameters={"each": "one"}),
            Placed("heat_map", "heat_map", 12),
            Placed("work", "table", 12, parameters=_by("master")),
        ),
    ),
    Given(
        UUID("00000000-0000-7000-8000-000000000003"),
        "marketer",
        "Marketer",
        "last_90_days",
        (
            Placed("channels", "bars", 12),
            Placed("sources", "tree"),
            Placed("funnel", "bars"),
            Placed("segments", "bars"),
            Placed("churn", "bars"),
            Placed("retention", "heat_map", 12),
            Placed("lifetime_value", "table", 12),
        ),
    ),
    Given(
        UUID("00000000-0000-7000-8000-000000000004"),
        "accountant",
        "Accountant",
        "this_month",
        (
            _TODAY,
            Placed("visits", "lines", 9, parameters=_by("day")),
            _BRANCHES,
            Placed("visits", "table", 6, parameters=_by("category")),
            Placed("visits", "table", 12, parameters=_by("branch", "service")),
        ),
    ),
    Given(
        UUID("00000000-0000-7000-8000-000000000005"),
        "auditor",
        "Auditor",
        "last_30_days",
        (
            Placed("visits", "table", 12, parameters=_by("day", "branch")),
            Placed("work", "table", 12, parameters=_by("branch")),
            Placed("no_shows", "table", 12),
        ),
    ),
)
