"""What became of an appointment: who did what when, and why."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from services.booking.queries.appointments import find
from services.booking.queries.texts import opened
from services.booking.tables import history


def show_history(
    session: Session, keyring: Keyring, appointment_id: UUID, caller: Caller, reach: Reach
) -> wire.AppointmentHistory:
    """Every change of an appointment that the caller may read; reasons whose key was destroyed are gone."""
    kept = find(session, appointment_id, caller, reach)
    query = select(history).where(history.c.appointment_id == appointment_id).order_by(history.c.version)
    rows = session.execute(query).all()
    reasons = opened(keyring, [(kept.appointment, f"history.{row.version}", row.reason) for row in rows])
    return wire.AppointmentHistory(
        appointment_id,
        tuple(
            wire.HistoryEntry(
                version=row.version,
                at=row.at.astimezone(kept.tz),
                caller=row.caller,
                change=row.change,
                reason=reasons.get((appointment_id, f"history.{row.version}")),
                details=row.details,
            )
            for row in rows
        ),
    )
