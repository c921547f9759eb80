"""Reports as they are saved: definitions, no figures."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.wire import decode_cursor, encode_cursor
from contracts.analytics import ListReports, Report
from contracts.message import Page
from kernel.errors import NotFound
from services.analytics.tables import reports


def report_row(session: Session, id: UUID) -> Row[Any]:  # noqa: A002  what the field is called
    row = session.execute(select(reports).where(reports.c.id == id)).one_or_none()
    if row is None:
        raise NotFound("report_not_found", "no such report")
    return row


def report_view(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        version=row.version,
        name=row.name,
        document=row.document,
        created_at=row.created_at,
        changed_at=row.changed_at,
        created_by=row.created_by,
    )


def saved_reports(session: Session, request: ListReports) -> Page[Report]:
    """In the order in which they were first saved."""
    wanted = select(reports).order_by(reports.c.id).limit(request.limit + 1)
    if request.cursor:
        wanted = wanted.where(reports.c.id > decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(wanted).all()
    more = encode_cursor(rows[request.limit - 1].id) if len(rows) > request.limit else None
    return Page(tuple(report_view(row) for row in rows[: request.limit]), more)
