"""The events that tell others what became of an appointment, with all of its state that they may know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts import booking as wire
from services.booking.domain.appointment import Appointment
from services.booking.domain.bill import brought
from services.booking.domain.terms import Source
from services.booking.queries.catalogue import catalogue, remembered
from services.booking.tables import services

STATES: dict[str, type[wire.AppointmentState]] = {
    "booked": wire.AppointmentBooked,
    "changed": wire.AppointmentChanged,
    "confirmed": wire.AppointmentConfirmed,
    "arrived": wire.AppointmentArrived,
    "cancelled": wire.AppointmentCancelled,
    "no_show": wire.AppointmentMissed,
}
BILLS: dict[str, type[wire.Bill]] = {"completed": wire.VisitCompleted, "refunded": wire.VisitRefunded}


def tell(session: Session, changed: Sequence[Appointment], what: Sequence[str], at: datetime) -> None:
    """Announce what became of each appointment, with all of its state that others may know."""
    billed = {line.service_id for each, change in zip(changed, what, strict=True) if change in BILLS
              for line in each.bill.lines if line.service_id}  # fmt: skip
    categories = _categories(session, billed)
    zones = _zones(session, {each.branch_id for each in changed})
    for each, change in zip(changed, what, strict=True):
        if change in BILLS:
            announce(session, BILLS[change](**_state(each, zones[each.branch_id], at), **_bill(each, categories)))  # type: ignore[arg-type]
        else:
            announce(session, STATES[change](**_state(each, zones[each.branch_id], at)))  # type: ignore[arg-type]


def _categories(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = session.execute(select(services.c.id, services.c.category).where(services.c.id.in_(ids)))
    return {row.id: row.category for row in rows}


def _zones(session: Session, branch_ids: set[UUID]) -> dict[UUID, str]:
    """The zones of these branches, from what was read last if that knows them: whoever has just decided has read it."""
    known = remembered(session)
    if known is None or not branch_ids <= known.branches.keys():
        known = catalogue(session)
    return {each: known.branches[each].tz.key for each in branch_ids}


def _state(appointment: Appointment, time_zone: str, at: datetime) -> dict[str, Any]:
    terms = appointment.bill.terms
    return {
        "appointment_id": appointment.id,
        "version": appointment.version,
        "branch_id": appointment.branch_id,
        "client_id": appointment.client_id,
        "status": appointment.status.value,
        "starts": appointment.starts,
        "ends": appointment.ends,
        "local_date": appointment.local_date,
        "segments": tuple(
            wire.BookedSegment(part.service_id, part.master_id, part.starts, part.ends, part.unit_ids)
            for part in appointment.segments
        ),
        "channel": appointment.channel,
        "occurred_at": at,
        "series_id": appointment.series_id,
        "group_event_id": appointment.group_event_id,
        "late_minutes": appointment.late_minutes,
        "cancelled_by": appointment.cancelled_by,
        "overlap": appointment.overlap,
        "time_zone": time_zone,
        "promised_codes": terms.codes if terms.source is Source.LOYALTY else (),
    }


def _bill(appointment: Appointment, categories: dict[UUID, str]) -> dict[str, Any]:
    bill = appointment.bill
    return {
        "currency": bill.currency,
        "total": bill.total,
        "discount": bill.discount,
        "due": bill.due,
        "paid": bill.paid,
        "refunded": bill.refunded,
        "percent": bill.terms.percent,
        "completed_at": appointment.completed_at,
        "payments": tuple(wire.PaidPart(kind, amount, by) for (kind, by), amount in brought(bill.payments).items()),
        "applied": wire.AppliedDiscount(
            bill.terms.source.value, bill.terms.as_of, bill.terms.programme_version, bill.terms.codes
        ),
        "lines": tuple(
            wire.VisitLine(
                line_id=line.id,
                kind=line.kind.value,
                due=line.due,
                refunded=line.refunded,
                discount=line.discount,
                service_id=line.service_id,
                category=categories.get(line.service_id) if line.service_id else None,
                master_id=line.master_id,
                cost=line.cost,
            )
            for line in bill.lines
        ),
    }
