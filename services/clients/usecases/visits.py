"""Copy what booking tells of visits, and ask it what time it is where they are."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.booking import AppointmentState, ListZones, VisitCompleted, VisitRefunded
from contracts.clients import ShowHabits, ShowTimeline, ShowVisitHistory
from kernel.caller import Caller
from kernel.errors import NotFound, Unavailable
from kernel.time import zone
from services.clients.tables import visits

_put = insert(visits)
KEEP_NEWER = _put.on_conflict_do_update(
    index_elements=["appointment_id"],
    set_={column.name: _put.excluded[column.name] for column in visits.c if not column.primary_key},
    where=visits.c.version < _put.excluded.version,
)


def copy_visits(session: Session, events: Iterable[AppointmentState]) -> None:
    """Keep the newest state of each appointment: events may come in any order and any number."""
    newest: dict[UUID, AppointmentState] = {}
    for event in events:
        known = newest.get(event.appointment_id)
        if known is None or known.version < event.version:
            newest[event.appointment_id] = event
    # In order of their keys: two who write the same rows wait for each other, once.
    session.execute(KEEP_NEWER, [_row(newest[appointment_id]) for appointment_id in sorted(newest)])


def _row(event: AppointmentState) -> dict[str, Any]:
    bill = event if isinstance(event, VisitCompleted | VisitRefunded) else None
    lines = [_line(line.service_id, line.master_id, line.due, line.refunded) for line in bill.lines] if bill else [
        _line(part.service_id, part.master_id) for part in event.segments
    ]  # fmt: skip
    return {
        "appointment_id": event.appointment_id,
        "version": event.version,
        "client_id": event.client_id,
        "branch_id": event.branch_id,
        "status": event.status,
        "starts": event.starts,
        "local_date": event.local_date,
        "due": bill.due if bill else 0,
        "refunded": bill.refunded if bill else 0,
        "currency": bill.currency if bill else None,
        "lines": lines,
    }


def _line(service_id: UUID | None, master_id: UUID | None, due: int = 0, refunded: int = 0) -> dict[str, Any]:
    return {
        "service_id": str(service_id) if service_id else None,
        "master_id": str(master_id) if master_id else None,
        "due": due,
        "refunded": refunded,
    }


def ask_zones(
    call: Callable[[Any], Any], _request: ShowVisitHistory | ShowHabits | ShowTimeline, _caller: Caller
) -> Mapping[UUID, ZoneInfo]:
    """The zones of all branches; none while booking does not answer: then no time of day is told."""
    try:
        return {each.branch_id: zone(each.time_zone) for each in call(ListZones()).items}
    except (Unavailable, NotFound):  # not installed is not found
        return {}
