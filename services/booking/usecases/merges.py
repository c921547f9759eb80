"""Two cards became one: appointments, series, places on the waiting list and held times are the person's.

They change hands by themselves and are told of as changed; what others counted of visits that are over they move on
their own, for they hear of the merge, too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.crypto import Damaged, seal, unseal
from chassis.keyring import Keyring
from chassis.observability import log
from contracts.clients import ClientsMerged
from kernel.time import Interval
from services.booking.queries.appointments import open_of_client
from services.booking.queries.merges import merged_into
from services.booking.queries.texts import place_of_text
from services.booking.tables import (
    appointments,
    busy,
    discounts,
    history,
    holds,
    known_clients,
    series,
    waiting_entries,
)
from services.booking.usecases.diary import lock
from services.booking.usecases.telling import tell

TEXTS = ("comment", "reason", "health")  # of an appointment, sealed
AT_ONCE = 50


def keep_merge(session: Session, keyring: Keyring, event: ClientsMerged, now: datetime) -> None:
    """Whichever came first of two merges: who was merged into somebody who was merged is theirs."""
    into = merged_into(session, event.client_id) or event.client_id
    put = upsert(known_clients).values(
        client_id=event.merged_id, version=event.merged_version, erased=True, merged_into=into
    )
    over = {"version": put.excluded.version, "erased": True, "merged_into": into}
    newer = known_clients.c.version < put.excluded.version
    session.execute(put.on_conflict_do_update(index_elements=["client_id"], set_=over, where=newer))
    further = known_clients.c.merged_into == event.merged_id
    session.execute(update(known_clients).where(further).values(merged_into=into))
    session.execute(delete(discounts).where(discounts.c.client_id == event.merged_id))
    _move(session, keyring, event.merged_id, into, now)


def move_late(session: Session, keyring: Keyring, now: datetime) -> bool:
    """What was being booked for a card while it was merged; whether there may be more."""
    booked = or_(
        *(
            select(table.c.id).where(table.c.client_id == known_clients.c.client_id).exists()
            for table in (appointments, series, waiting_entries)
        )
    )
    wanted = select(known_clients).where(known_clients.c.merged_into.is_not(None), booked)
    rows = session.execute(wanted.order_by(known_clients.c.client_id).limit(AT_ONCE)).all()
    for row in rows:
        _move(session, keyring, row.client_id, row.merged_into, now)
    return len(rows) == AT_ONCE


def _move(session: Session, keyring: Keyring, merged_id: UUID, into: UUID, now: datetime) -> None:
    theirs = select(appointments).where(appointments.c.client_id == merged_id).order_by(appointments.c.id)
    rows = session.execute(theirs.with_for_update()).all()
    _seal_anew(session, keyring, rows, merged_id, into)
    over = _move_time(session, merged_id, into)
    changed = [row.id for row in rows]
    if changed:
        session.execute(
            update(appointments)
            .where(appointments.c.id.in_(changed))
            .values(
                client_id=into,
                version=appointments.c.version + 1,
                overlap=or_(appointments.c.overlap, appointments.c.id.in_(over)),
            )
        )
        session.execute(insert(history), [_noted(row, merged_id, into, now) for row in rows])
    for table in (series, waiting_entries):
        its = table.c.client_id == merged_id
        session.execute(update(table).where(its).values(client_id=into, version=table.c.version + 1))
    session.execute(update(holds).where(holds.c.client_id == merged_id).values(client_id=into))
    to_come = [kept.appointment for kept in open_of_client(session, into, now) if kept.appointment.id in changed]
    tell(session, to_come, ["changed"] * len(to_come), now)


def _noted(row: Row[Any], merged_id: UUID, into: UUID, now: datetime) -> dict[str, Any]:
    return {
        "appointment_id": row.id,
        "version": row.version + 1,
        "at": now,
        "caller": "clients",
        "change": "merged",
        "details": {"client_id": {"old": str(merged_id), "new": str(into)}},
    }


# --- time -----------------------------------------------------------------------------------------------------------


def _move_time(session: Session, merged_id: UUID, into: UUID) -> list[UUID]:
    """The person is busy when either was; appointments that lie over another by that, which nobody could refuse any
    more, are put into a lane of their own, as if by right.
    """
    theirs = select(busy.c.id, busy.c.appointment_id, busy.c.lane, *_bounds()).where(busy.c.resource_id == merged_id)
    times = [Interval(row.starts, row.ends) for row in session.execute(theirs)]
    if not times:
        return []
    lock(session, [(client_id, during) for client_id in (merged_id, into) for during in times])
    over: list[UUID] = []
    for row in session.execute(theirs.order_by(busy.c.id)).all():
        lane = _free_lane(session, into, Interval(row.starts, row.ends), row.lane)
        if lane != row.lane and row.appointment_id is not None:
            over.append(row.appointment_id)
        session.execute(update(busy).where(busy.c.id == row.id).values(resource_id=into, lane=lane))
    return over


def _free_lane(session: Session, into: UUID, during: Interval, lane: int) -> int:
    meeting = (busy.c.resource_id == into) & busy.c.during.overlaps(Range(during.starts, during.ends))
    used = set(session.scalars(select(busy.c.lane).where(meeting)))
    return lane if lane not in used else next(free for free in range(1, len(used) + 2) if free not in used)


def _bounds() -> tuple[Any, Any]:
    return func.lower(busy.c.during).label("starts"), func.upper(busy.c.during).label("ends")


# --- texts ----------------------------------------------------------------------------------------------------------


def _seal_anew(session: Session, keyring: Keyring, rows: Sequence[Row[Any]], merged_id: UUID, into: UUID) -> None:
    """Put the texts under the key of whom they are about now. Of somebody who was erased meanwhile none are left."""
    reasons = select(history.c.appointment_id, history.c.version, history.c.reason).where(
        history.c.appointment_id.in_([row.id for row in rows]), history.c.reason.is_not(None)
    )
    noted = session.execute(reasons).all()
    texts = {(row.id, field): text for row in rows for field in TEXTS if (text := getattr(row, field)) is not None} | {
        (row.appointment_id, f"history.{row.version}"): row.reason for row in noted
    }
    anew = _sealed_anew(session, keyring, texts, merged_id, into)
    for row in rows:
        if values := {field: anew[row.id, field] for field in TEXTS if (row.id, field) in anew}:
            session.execute(update(appointments).where(appointments.c.id == row.id).values(values))
    for note in noted:
        this = (history.c.appointment_id == note.appointment_id) & (history.c.version == note.version)
        reason = anew[note.appointment_id, f"history.{note.version}"]
        session.execute(update(history).where(this).values(reason=reason))


def _sealed_anew(
    session: Session, keyring: Keyring, texts: Mapping[tuple[UUID, str], bytes], merged_id: UUID, into: UUID
) -> dict[tuple[UUID, str], bytes | None]:
    """Each of `texts`, by appointment and field; what is damaged stays so, and is reported where it stands."""
    old = keyring.keys([merged_id]).get(merged_id) if texts else None
    erased = session.scalar(select(known_clients.c.erased).where(known_clients.c.client_id == into))
    if old is None or erased:
        return dict.fromkeys(texts)
    new = keyring.make([into])[into]
    anew: dict[tuple[UUID, str], bytes | None] = {}
    for (appointment_id, field), text in texts.items():
        place = place_of_text(appointment_id, field)
        try:
            anew[appointment_id, field] = seal(new, unseal(old, text, place), place)
        except Damaged:
            log("booking").error("text_damaged", appointment=str(appointment_id), field=field)
            anew[appointment_id, field] = text
    return anew
