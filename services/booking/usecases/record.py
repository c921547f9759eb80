"""Keeping an appointment: its rows, the history of its changes, and the events that tell others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from chassis.outbox import announce, announced_rows
from chassis.rows import Rows, insert_rows
from contracts import booking as wire
from kernel.caller import Caller
from services.booking.domain.appointment import Appointment
from services.booking.domain.wish import Phase
from services.booking.tables import appointments, busy, history, lines, payments, segments, services

STATES: dict[str, type[wire.AppointmentState]] = {
    "booked": wire.AppointmentBooked,
    "changed": wire.AppointmentChanged,
    "confirmed": wire.AppointmentConfirmed,
    "arrived": wire.AppointmentArrived,
    "cancelled": wire.AppointmentCancelled,
    "no_show": wire.AppointmentMissed,
}
BILLS: dict[str, type[wire.Bill]] = {"completed": wire.VisitCompleted, "refunded": wire.VisitRefunded}
NOBODY_BUSY = Rows(busy, ())


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to an appointment, by whom, when, and why (sealed)."""

    what: str
    caller: Caller
    at: datetime
    reason: bytes | None = None


def insert_all(
    session: Session,
    made: Sequence[Appointment],
    what: Sequence[str],
    caller: Caller,
    at: datetime,
    why: bytes | None = None,
    taking: Rows = NOBODY_BUSY,
    **besides: Any,
) -> bool:
    """Write new appointments with all their parts and announce them; whether all of the time that they take was free.

    `taking` are the rows of it, `besides` columns that the rules do not know.
    """
    tell(session, made, what, at)
    note = [_history_row(each, Change(change, caller, at, why)) for each, change in zip(made, what, strict=True)]
    return insert_rows(
        session,
        Rows(appointments, [_row(each) | besides for each in made]),
        Rows(segments, [row for each in made for row in _segment_rows(each)]),
        Rows(lines, [row for each in made for row in _line_rows(each)]),
        Rows(payments, [row for each in made for row in _payment_rows(each)]),
        Rows(history, note),
        taking,
        announced_rows(session),
    )


def rewrite(session: Session, old: Appointment, new: Appointment, change: Change, **texts: bytes | None) -> None:
    """Write `new` over `old`: only the parts that differ, and a line of history."""
    row = _row(new) | texts
    session.execute(update(appointments).where(appointments.c.id == row.pop("id")).values(row))
    _drop(session, lines, old.bill.lines, new.bill.lines)
    _drop(session, segments, old.segments, new.segments)
    _put(session, segments, _segment_rows(new), _segment_rows(old))
    _put(session, lines, _line_rows(new), _line_rows(old))
    _put(session, payments, _payment_rows(new), _payment_rows(old))
    session.execute(insert(history).values(_history_row(new, change) | {"details": differences(old, new)}))


def _drop(session: Session, table: Any, old: Sequence[Any], new: Sequence[Any]) -> None:
    gone = {part.id for part in old} - {part.id for part in new}
    if gone:
        session.execute(delete(table).where(table.c.id.in_(gone)))


def _put(session: Session, table: Any, new: Iterable[dict[str, Any]], old: Iterable[dict[str, Any]]) -> None:
    before = list(old)
    rows = [row for row in new if row not in before]
    if rows:
        put = postgresql.insert(table)
        over = {column.name: put.excluded[column.name] for column in table.c if column.name != "id"}
        session.execute(put.on_conflict_do_update(index_elements=["id"], set_=over), rows)


def _row(appointment: Appointment) -> dict[str, Any]:
    return {
        "id": appointment.id,
        "branch_id": appointment.branch_id,
        "client_id": appointment.client_id,
        "status": appointment.status.value,
        "starts": appointment.starts,
        "ends": appointment.ends,
        "local_date": appointment.local_date,
        "channel": appointment.channel,
        "currency": appointment.bill.currency,
        "percent": appointment.bill.percent,
        "discount_as_of": appointment.bill.as_of,
        "reference": appointment.reference,
        "series_id": appointment.series_id,
        "occurrence": appointment.occurrence,
        "group_event_id": appointment.group_event_id,
        "overlap": appointment.overlap,
        "arrived_at": appointment.arrived_at,
        "expected_at": appointment.expected_at,
        "cancelled_by": appointment.cancelled_by,
        "version": appointment.version,
    }


def _segment_rows(appointment: Appointment) -> list[dict[str, Any]]:
    return [
        {
            "id": part.id,
            "appointment_id": appointment.id,
            "position": position,
            "service_id": part.service_id,
            "master_id": part.master_id,
            "starts": part.starts,
            "ends": part.ends,
            "price": part.price,
            "before": part.before,
            "after": part.after,
            "phases": phases_kept(part.phases),
            "service_version": part.service_version,
            "parallel": part.parallel,
            "cost": part.cost,
            "unit_ids": list(part.unit_ids),
            "room_id": part.room_id,
        }
        for position, part in enumerate(appointment.segments)
    ]


def _line_rows(appointment: Appointment) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "appointment_id": appointment.id,
            "position": position,
            "kind": line.kind.value,
            "price": line.price,
            "discount": line.discount,
            "refunded": line.refunded,
            "segment_id": line.segment_id,
            "service_id": line.service_id,
            "master_id": line.master_id,
            "text": line.text,
            "cost": line.cost,
        }
        for position, line in enumerate(appointment.bill.lines)
    ]


def _payment_rows(appointment: Appointment) -> list[dict[str, Any]]:
    return [
        {
            "id": payment.id,
            "appointment_id": appointment.id,
            "position": position,
            "kind": payment.kind,
            "amount": payment.amount,
            "received_at": payment.received_at,
            "refund": payment.refund,
        }
        for position, payment in enumerate(appointment.bill.payments)
    ]


def _history_row(appointment: Appointment, change: Change) -> dict[str, Any]:
    who = change.caller.id or change.caller.service or "nobody"
    return {
        "appointment_id": appointment.id,
        "version": appointment.version,
        "at": change.at,
        "caller": str(who),
        "change": change.what,
        "reason": change.reason,
        "details": None,
    }


def phases_kept(phases: Sequence[Phase]) -> list[dict[str, Any]]:
    return [{"minutes": phase.minutes, "busy": phase.busy} for phase in phases]


def differences(old: Appointment, new: Appointment) -> dict[str, Any] | None:
    """What is not as it was: ids, instants and amounts only, for the history is not sealed."""
    before, after = _facts(old), _facts(new)
    changed = {fact: {"old": before[fact], "new": after[fact]} for fact in after if before[fact] != after[fact]}
    return changed or None


def _facts(appointment: Appointment) -> dict[str, Any]:
    return {
        "status": appointment.status.value,
        "starts": appointment.starts.isoformat(),
        "ends": appointment.ends.isoformat(),
        "segments": [
            {
                "service_id": str(part.service_id),
                "master_id": str(part.master_id),
                "starts": part.starts.isoformat(),
                "ends": part.ends.isoformat(),
                "unit_ids": [str(unit) for unit in part.unit_ids],
            }
            for part in appointment.segments
        ],
        "due": appointment.bill.due,
        "paid": appointment.bill.paid,
        "refunded": appointment.bill.refunded,
        "series_id": str(appointment.series_id) if appointment.series_id else None,
        "group_event_id": str(appointment.group_event_id) if appointment.group_event_id else None,
        "overlap": appointment.overlap,
    }


# --- events ---------------------------------------------------------------------------------------------------------


def tell(session: Session, changed: Sequence[Appointment], what: Sequence[str], at: datetime) -> None:
    """Announce what became of each appointment, with all of its state that others may know."""
    billed = {line.service_id for each, change in zip(changed, what, strict=True) if change in BILLS
              for line in each.bill.lines if line.service_id}  # fmt: skip
    categories = _categories(session, billed)
    for each, change in zip(changed, what, strict=True):
        if change in BILLS:
            announce(session, BILLS[change](**_state(each, at), **_bill(each, categories)))  # type: ignore[arg-type]
        else:
            announce(session, STATES[change](**_state(each, at)))  # type: ignore[arg-type]


def _categories(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = session.execute(select(services.c.id, services.c.category).where(services.c.id.in_(ids)))
    return {row.id: row.category for row in rows}


def _state(appointment: Appointment, at: datetime) -> dict[str, Any]:
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
            wire.BookedSegment(part.service_id, part.master_id, part.starts, part.ends) for part in appointment.segments
        ),
        "channel": appointment.channel,
        "occurred_at": at,
        "series_id": appointment.series_id,
        "group_event_id": appointment.group_event_id,
        "late_minutes": appointment.late_minutes,
        "cancelled_by": appointment.cancelled_by,
        "overlap": appointment.overlap,
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
        "percent": bill.percent,
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
