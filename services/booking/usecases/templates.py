"""Making and changing templates of shifts. What was planned by one stays as it was planned."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from contracts.message import UNSET
from kernel.caller import Caller
from kernel.errors import Stale
from services.booking.domain.catalogue import name_of
from services.booking.domain.plans import Cycle, CycleShift, check_cycle
from services.booking.domain.shifts import minutes_of
from services.booking.queries.templates import show_template
from services.booking.tables import shift_templates


def create_template(session: Session, request: wire.CreateShiftTemplate) -> wire.ShiftTemplate:
    name = name_of("name", request.name)
    cycle = Cycle(request.cycle_days, _shifts(request.shifts))
    check_cycle(cycle)
    template_id = new_id()
    session.execute(insert(shift_templates).values(id=template_id, name=name, **_columns(cycle)))
    return wire.ShiftTemplate(template_id, name, request.cycle_days, request.shifts, version=1)


def change_template(session: Session, request: wire.ChangeShiftTemplate, caller: Caller) -> wire.ShiftTemplate:
    reach = caller.must("shifts.edit")
    template = show_template(session, request.id, reach)
    if template.version != request.version:
        raise _stale()
    changes: dict[str, Any] = {}
    if request.name is not UNSET:
        changes["name"] = name_of("name", request.name)
    days = template.cycle_days if request.cycle_days is UNSET else request.cycle_days
    cycle = Cycle(days, _shifts(template.shifts if request.shifts is UNSET else request.shifts))
    if request.cycle_days is not UNSET or request.shifts is not UNSET:
        check_cycle(cycle)
        changes |= _columns(cycle)
    if not changes:
        return template
    written = session.execute(
        update(shift_templates)
        .where(shift_templates.c.id == template.id, shift_templates.c.version == template.version)
        .values(version=template.version + 1, **changes)
    )
    if written.rowcount == 0:  # type: ignore[attr-defined]
        raise _stale()
    return show_template(session, template.id, reach)


def _shifts(shifts: Iterable[wire.TemplateShift]) -> tuple[CycleShift, ...]:
    return tuple(CycleShift(shift.day, minutes_of(shift.starts), minutes_of(shift.ends)) for shift in shifts)


def _columns(cycle: Cycle) -> dict[str, Any]:
    return {"cycle_days": cycle.days, "shifts": [asdict(shift) for shift in cycle.shifts]}


def _stale() -> Stale:
    return Stale("version_stale", "somebody has changed it since")
