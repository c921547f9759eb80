"""What became of an appointment: who did what when, and why."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from contracts import booking as wire
from kernel.caller import Caller, Reach
from services.booking.queries.appointments import Kept, find
from services.booking.queries.health import health_of
from services.booking.queries.texts import opened
from services.booking.tables import history

STAFF = "staff"  # whom a client is told of instead of a user


def show_history(
    session: Session, keyring: Keyring, appointment_id: UUID, caller: Caller, reach: Reach, since: date | None = None
) -> wire.AppointmentHistory:
    """Every change of an appointment that the caller may read; reasons whose key was destroyed are gone.

    What staff say to each other is not for the client: of changes by others they learn neither by whom nor why.
    """
    kept = find(session, appointment_id, caller, reach, since=since)
    query = select(history).where(history.c.appointment_id == appointment_id).order_by(history.c.version)
    rows = session.execute(query).all()
    comes = reach is Reach.OWN and caller.client_id is not None and caller.client_id == kept.appointment.client_id
    theirs = [row for row in rows if not comes or row.caller == str(caller.id)]
    return wire.AppointmentHistory(appointment_id, _entries(keyring, kept, rows, theirs))


def histories(session: Session, keyring: Keyring, found: Sequence[Kept]) -> dict[UUID, tuple[wire.HistoryEntry, ...]]:
    """Every change of each appointment of `found`, told whole, read with one statement."""
    of_them = history.c.appointment_id.in_([each.appointment.id for each in found])
    query = select(history).where(of_them).order_by(history.c.appointment_id, history.c.version)
    changes: dict[UUID, list[Row[Any]]] = {}
    for row in session.execute(query) if found else ():
        changes.setdefault(row.appointment_id, []).append(row)
    those = ((each, changes.get(each.appointment.id, [])) for each in found)
    return {each.appointment.id: _entries(keyring, each, rows, rows) for each, rows in those}


def _entries(
    keyring: Keyring, kept: Kept, rows: Sequence[Row[Any]], told: Sequence[Row[Any]]
) -> tuple[wire.HistoryEntry, ...]:
    """`rows` as the contract says; by whom and why of those that are `told`."""
    versions = {row.version for row in told}
    guarded = health_of(keyring, kept.appointment, kept.health)
    overrides = {each.version: each.reason for each in guarded.overrides} if guarded else {}
    reasons = opened(keyring, [(kept.appointment, f"history.{row.version}", row.reason) for row in told])
    return tuple(
        wire.HistoryEntry(
            version=row.version,
            at=row.at.astimezone(kept.tz),
            caller=row.caller if row.version in versions else STAFF,
            change=row.change,
            reason=reasons.get((kept.appointment.id, f"history.{row.version}")),
            details=_with_offset(row.details, kept.tz),
            health_reason=overrides.get(row.version) if row.version in versions else None,
        )
        for row in rows
    )


INSTANTS = ("starts", "ends")


def _with_offset(details: Any, tz: ZoneInfo) -> Any:
    """What is not as it was, its instants as the clocks of the branch show them: kept are those of UTC."""
    if details is None:
        return None
    shown = dict(details)
    for fact in shown.keys() & {*INSTANTS, "segments"}:
        shown[fact] = {when: _local(fact, value, tz) for when, value in shown[fact].items()}
    return shown


def _local(fact: str, value: Any, tz: ZoneInfo) -> Any:
    if fact in INSTANTS:
        return datetime.fromisoformat(value).astimezone(tz).isoformat()
    return [part | {name: _local(name, part[name], tz) for name in INSTANTS} for part in value]
