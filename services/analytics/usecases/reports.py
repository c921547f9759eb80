"""Save, change and remove the definitions of reports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts.analytics import ChangeReport, RemovedReport, RemoveReport, Report, SaveReport
from contracts.message import UNSET
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, Invalid, Stale
from services.analytics.domain.reports import report_of, written
from services.analytics.queries.saved_reports import report_row, report_view
from services.analytics.tables import reports


def save(session: Session, request: SaveReport, caller: Caller, now: datetime) -> Report:
    values = {"id": new_id(), "version": 1, "name": request.name, "document": _checked(request.document, caller)}
    statement = insert(reports).values(values | {"created_at": now, "created_by": caller.id, "changed_at": now})
    return report_view(session.execute(statement.returning(reports)).one())


def change(session: Session, request: ChangeReport, caller: Caller, now: datetime) -> Report:
    row = _row_of(session, request.id, request.version)
    values: dict[str, Any] = {"version": row.version + 1, "changed_at": now}
    if request.name is not UNSET:
        values["name"] = request.name
    if request.document is not UNSET:
        values["document"] = _checked(request.document, caller)
    statement = update(reports).where(reports.c.id == request.id).values(values)
    return report_view(session.execute(statement.returning(reports)).one())


def remove(session: Session, request: RemoveReport, caller: Caller) -> RemovedReport:
    """Others' reports go with somebody whose right reaches over the chain."""
    row = _row_of(session, request.id, request.version)
    if caller.must("reports.edit") is not Reach.CHAIN and row.created_by != caller.id:
        raise Forbidden("report_not_own", "only who made a report removes it, or who edits reports of the chain")
    session.execute(delete(reports).where(reports.c.id == request.id))
    return RemovedReport(request.id)


def _row_of(session: Session, id: UUID, version: int) -> Row[Any]:  # noqa: A002  what the field is called
    session.execute(select(reports.c.id).where(reports.c.id == id).with_for_update())
    row = report_row(session, id)
    if row.version != version:
        raise Stale("version_stale", "somebody has changed it since; read it again")
    return row


def _checked(document: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """The document in its normal form; nobody saves a report about branches that they may not see."""
    report = report_of(document)
    reach = caller.reach("analytics.read")
    if reach is None or reach is Reach.OWN:
        raise Forbidden("permission_missing", "who saves a report must be able to look at it")
    if reach is Reach.BRANCHES and report.branches_named - caller.branch_ids:
        raise Invalid.field("document.filter", "branch_unknown", "it names a branch that there is not")
    return written(report)
