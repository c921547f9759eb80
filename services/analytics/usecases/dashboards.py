"""Save, change and remove dashboards; what a widget asks for must be something that its endpoint answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import analytics as wire
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Forbidden, Stale
from services.analytics.domain.conditions import Mistakes
from services.analytics.domain.dashboards import GIVEN, OF_LISTS, REPORT, SHOWN_AS
from services.analytics.queries.dashboards import dashboard_row, dashboard_view
from services.analytics.tables import dashboards, reports

ASKED: Mapping[str, Any] = {  # the Request of each figure
    "visits": wire.ShowVisits,
    "channels": wire.ShowChannels,
    "sources": wire.ShowSources,
    "retention": wire.ShowCohorts,
    "occupancy": wire.ShowOccupancy,
    "idle_windows": wire.ShowIdleWindows,
    "seasonality": wire.ShowSeasonality,
    "heat_map": wire.ShowHeatMap,
    "forecast": wire.ShowForecast,
    "work": wire.ShowWork,
    "benefits": wire.ShowBenefits,
    "funnel": wire.ShowFunnel,
    "segments": wire.ShowSegments,
    "churn": wire.ShowChurn,
    "clients": wire.ShowPeople,
    "lifetime_value": wire.ShowLifetimeValue,
    "no_shows": wire.ShowNoShows,
    REPORT: wire.RunReport,
}
THE_VIEWERS = {"from_", "to", "branch_id", "format", "cursor", "id"}  # what nobody can say beforehand
PERIOD = {"from_": "2026-01-01", "to": "2026-01-31", "id": str(UUID(int=0))}  # any


def save(session: Session, request: wire.SaveDashboard, caller: Caller, now: datetime) -> wire.Dashboard:
    if caller.id is None:
        raise Forbidden("permission_missing", "a dashboard is somebody's")
    values = {
        "id": new_id(),
        "version": 1,
        "name": request.name,
        "document": {"period": request.period, "widgets": _checked(session, request.widgets)},
        "shared": request.shared,
        "created_at": now,
        "created_by": caller.id,
        "changed_at": now,
    }
    row = session.execute(insert(dashboards).values(values).returning(dashboards)).one()
    return dashboard_view(session, row, caller)


def change(session: Session, request: wire.ChangeDashboard, caller: Caller, now: datetime) -> wire.Dashboard:
    row = _row_of(session, request.id, request.version, caller)
    values: dict[str, Any] = {"version": row.version + 1, "changed_at": now}
    if request.name is not UNSET:
        values["name"] = request.name
    if request.shared is not UNSET:
        values["shared"] = request.shared
    document = dict(row.document)
    if request.period is not UNSET:
        document["period"] = request.period
    if not isinstance(request.widgets, msgspec.UnsetType):
        document["widgets"] = _checked(session, request.widgets)
    statement = update(dashboards).where(dashboards.c.id == request.id).values(values | {"document": document})
    return dashboard_view(session, session.execute(statement.returning(dashboards)).one(), caller)


def remove(session: Session, request: wire.RemoveDashboard, caller: Caller) -> wire.RemovedDashboard:
    _row_of(session, request.id, request.version, caller)
    session.execute(delete(dashboards).where(dashboards.c.id == request.id))
    return wire.RemovedDashboard(request.id)


def _row_of(session: Session, id: UUID, version: int, caller: Caller) -> Row[Any]:  # noqa: A002  what the field is called
    if any(each.id == id for each in GIVEN):
        raise Forbidden("dashboard_given", "this one comes with the system; save the same as your own")
    session.execute(select(dashboards.c.id).where(dashboards.c.id == id).with_for_update())
    row = dashboard_row(session, id, caller)
    if row.created_by != caller.id:
        raise Forbidden("dashboard_not_own", "this one is somebody else's; save the same as your own")
    if row.version != version:
        raise Stale("version_stale", "somebody has changed it since; read it again")
    return row


# --- what widgets may be --------------------------------------------------------------------------------------------


def _checked(session: Session, widgets: Iterable[wire.WantedWidget]) -> list[dict[str, Any]]:
    """The widgets as they are kept; everything that is wrong with them is refused at once, each with its place."""
    mistakes = Mistakes()
    widgets = tuple(widgets)
    kinds = _kinds(session, [each.report_id for each in widgets if each.report_id])
    for number, widget in enumerate(widgets):
        place = f"widgets.{number}"
        _check_report(widget, kinds, place, mistakes)
        options = SHOWN_AS[widget.figure]
        if widget.report_id and kinds.get(widget.report_id) == "list":
            options = OF_LISTS
        if widget.shown_as not in options:
            mistakes.note(f"{place}.shown_as", "shown_as_unfit", f"this can be shown as: {', '.join(options)}")
        _check_parameters(widget, f"{place}.parameters", mistakes)
    mistakes.refuse()
    return [_kept(each) for each in widgets]


def _kinds(session: Session, ids: list[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(reports.c.id, reports.c.document["kind"].astext).where(reports.c.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _check_report(widget: wire.WantedWidget, kinds: Mapping[UUID, str], place: str, mistakes: Mistakes) -> None:
    if widget.figure != REPORT:
        if widget.report_id is not None:
            mistakes.note(f"{place}.report_id", "report_unfit", "only the figure `report` has one")
    elif widget.report_id is None:
        mistakes.note(f"{place}.report_id", "report_missing", "say which report")
    elif widget.report_id not in kinds:
        mistakes.note(f"{place}.report_id", "report_unknown", "there is no such report")


def _check_parameters(widget: wire.WantedWidget, place: str, mistakes: Mistakes) -> None:
    """As the endpoint would read them."""
    asked = ASKED[widget.figure]
    given = widget.parameters or {}
    options = sorted({each.name for each in fields(asked)} - THE_VIEWERS)
    for name in given.keys() - options:
        said = f"there are: {', '.join(options)}" if options else "there are none"
        mistakes.note(f"{place}.{name}", "parameter_unknown", f"there is no such parameter here; {said}")
    known = {name: value for name, value in given.items() if name in options}
    try:
        msgspec.convert(PERIOD | known, asked)
    except msgspec.ValidationError as refused:
        sentence, _, where = str(refused).partition(" - at `$")
        inside = ".".join(re.findall(r"\w+", where))
        mistakes.note(f"{place}.{inside}" if inside else place, "parameter_invalid", sentence)


def _kept(widget: wire.WantedWidget) -> dict[str, Any]:
    return {
        "figure": widget.figure,
        "shown_as": widget.shown_as,
        "width": widget.width,
        "title": widget.title,
        "report_id": str(widget.report_id) if widget.report_id else None,
        "parameters": widget.parameters or {},
    }
