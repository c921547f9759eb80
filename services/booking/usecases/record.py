"""Keeping an appointment: its rows, and the history of its changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from chassis.outbox import announced_rows
from chassis.rows import Rows, insert_rows
from kernel.caller import Caller
from services.booking.domain.appointment import Appointment
from services.booking.domain.terms import Terms
from services.booking.domain.wish import Phase
from services.booking.tables import appointments, busy, history, lines, payments, segments
from services.booking.usecases.telling import tell

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
    terms = appointment.bill.terms
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
        "percent": terms.percent,
        "discount_as_of": terms.as_of,
        "discount_source": terms.source.value,
        "programme_version": terms.programme_version,
        "codes": list(terms.codes),
        "verdict": verdict_kept(terms),
        "reference": appointment.reference,
        "series_id": appointment.series_id,
        "occurrence": appointment.occurrence,
        "group_event_id": appointment.group_event_id,
        "overlap": appointment.overlap,
        "arrived_at": appointment.arrived_at,
        "expected_at": appointment.expected_at,
        "cancelled_by": appointment.cancelled_by,
        "completed_at": appointment.completed_at,
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
            "percent": line.percent,
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
            "reservation_id": payment.reservation_id,
            "line_id": payment.line_id,
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


def verdict_kept(terms: Terms) -> dict[str, Any]:
    """What a verdict says in words; `queries.appointments` reads it."""
    parts = [{"rule": part.rule, "kind": part.kind, "text": part.text, "amount": part.amount} for part in terms.parts]
    said = {"parts": parts, "gifts": list(terms.gifts), "offers": list(terms.offers)}
    return {name: what for name, what in said.items() if what}


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
