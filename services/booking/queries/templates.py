"""Templates of shifts. They belong to the chain, so who may look at their own only sees none."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts.booking import ListShiftTemplates, ShiftTemplate, TemplateShift
from contracts.message import Page
from kernel.caller import Reach
from kernel.errors import NotFound
from services.booking.domain.plans import Cycle, CycleShift
from services.booking.domain.shifts import clock_of
from services.booking.queries.paging import page
from services.booking.tables import shift_templates


def show_template(session: Session, template_id: UUID, reach: Reach) -> ShiftTemplate:
    row = session.execute(select(shift_templates).where(shift_templates.c.id == template_id)).one_or_none()
    if row is None or reach is Reach.OWN:
        raise NotFound("template_not_found", "there is no such template")
    return _template(row)


def list_templates(session: Session, request: ListShiftTemplates, reach: Reach) -> Page[ShiftTemplate]:
    if reach is Reach.OWN:
        return Page(())
    return page(session, select(shift_templates), shift_templates, _template, request.limit, request.cursor)


def cycles_of(session: Session, ids: Collection[UUID]) -> dict[UUID, Cycle]:
    """The cycles of those of `ids` that exist."""
    rows = session.execute(select(shift_templates).where(shift_templates.c.id.in_(set(ids))))
    return {row.id: Cycle(row.cycle_days, tuple(CycleShift(**shift) for shift in row.shifts)) for row in rows}


def _template(row: Row[Any]) -> ShiftTemplate:
    shifts = tuple(
        TemplateShift(shift["day"], clock_of(shift["starts"]), clock_of(shift["ends"])) for shift in row.shifts
    )
    return ShiftTemplate(row.id, row.name, row.cycle_days, shifts, row.version)
