"""Dashboards as they are saved, and those that come with the system."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts import analytics as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import NotFound
from services.analytics.domain.dashboards import GIVEN, REPORT, Given
from services.analytics.tables import dashboards, reports


def dashboard_row(session: Session, id: UUID, caller: Caller) -> Row[Any]:  # noqa: A002  what the field is called
    """The dashboard, if it is one that the caller may see."""
    row = session.execute(select(dashboards).where(dashboards.c.id == id, _seen_by(caller))).one_or_none()
    if row is None:
        raise NotFound("dashboard_not_found", "no such dashboard")
    return row


def dashboard(session: Session, id: UUID, caller: Caller) -> wire.Dashboard:  # noqa: A002
    given = next((each for each in GIVEN if each.id == id), None)
    return given_view(given) if given else dashboard_view(session, dashboard_row(session, id, caller), caller)


def saved_dashboards(session: Session, request: wire.ListDashboards, caller: Caller) -> Page[wire.Dashboard]:
    """Those of the system first, then the others in the order in which they were first saved."""
    after = decode_cursor(request.cursor, UUID)[0] if request.cursor else UUID(int=0)
    given = [each for each in GIVEN if each.id > after]
    wanted = select(dashboards).where(dashboards.c.id > after, _seen_by(caller)).order_by(dashboards.c.id)
    rows = session.execute(wanted.limit(request.limit + 1)).all()
    there = _there(session, rows)
    views = [*map(given_view, given), *(_view(row, there, caller) for row in rows)]
    more = encode_cursor(views[request.limit - 1].id) if len(views) > request.limit else None
    return Page(tuple(views[: request.limit]), more)


def dashboard_view(session: Session, row: Row[Any], caller: Caller) -> wire.Dashboard:
    return _view(row, _there(session, [row]), caller)


def given_view(given: Given) -> wire.Dashboard:
    widgets: list[dict[str, Any]] = [
        asdict(each) | {"parameters": dict(each.parameters), "missing": False} for each in given.widgets
    ]
    words: Any = {"period": given.period, "role": given.role}
    shown = tuple(wire.Widget(**each) for each in widgets)
    return wire.Dashboard(given.id, 1, given.name, widgets=shown, shared=True, own=False, **words)


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    return or_(dashboards.c.shared, dashboards.c.created_by == caller.id)


def _there(session: Session, rows: Iterable[Row[Any]]) -> set[UUID]:
    """The reports that there still are, of those that these dashboards show."""
    named = {UUID(each["report_id"]) for row in rows for each in row.document["widgets"] if each["report_id"]}
    return set(session.scalars(select(reports.c.id).where(reports.c.id.in_(named)))) if named else set()


def _view(row: Row[Any], there: Collection[UUID], caller: Caller) -> wire.Dashboard:
    def widget(said: dict[str, Any]) -> wire.Widget:
        report_id = UUID(said["report_id"]) if said["report_id"] else None
        missing = said["figure"] == REPORT and report_id not in there
        return wire.Widget(**(said | {"report_id": report_id, "missing": missing}))

    return wire.Dashboard(
        id=row.id,
        version=row.version,
        name=row.name,
        period=row.document["period"],
        widgets=tuple(map(widget, row.document["widgets"])),
        shared=row.shared,
        own=row.created_by == caller.id,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
