"""Time that is held: what of it can be seen by whoever knows its id."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from contracts import booking as wire
from kernel.errors import Gone, NotFound
from kernel.money import Money
from services.booking.queries.catalogue import catalogue
from services.booking.tables import appointments, holds


def show_hold(session: Session, hold_id: UUID, now: datetime) -> wire.Hold:
    row = session.execute(select(holds).where(holds.c.id == hold_id)).one_or_none()
    if row is None:
        if session.scalar(select(exists().where(appointments.c.hold_id == hold_id))):
            raise Gone("hold_booked", "the hold was booked")
        raise NotFound("hold_not_found", "there is no such hold")
    if row.expires_at <= now:
        raise Gone("hold_expired", "the hold has run out")
    known = catalogue(session)
    tz = known.branches[row.branch_id].tz
    return wire.Hold(
        id=row.id,
        branch_id=row.branch_id,
        starts=row.starts.astimezone(tz),
        ends=row.ends.astimezone(tz),
        segments=tuple(
            wire.HeldSegment(
                service_id=UUID(each["service_id"]),
                master_id=UUID(each["master_id"]),
                starts=datetime.fromisoformat(each["starts"]).astimezone(tz),
                ends=datetime.fromisoformat(each["ends"]).astimezone(tz),
                price=Money(each["price"], known.currency or ""),
                room_id=UUID(each["unit_ids"][0]) if each["unit_ids"] else None,
            )
            for each in row.plan
        ),
        expires_at=row.expires_at.astimezone(tz),
    )
