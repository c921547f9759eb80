"""Whether the appointments of two clients can be one person's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from chassis.database import Instant
from services.booking.domain.appointment import OPEN
from services.booking.tables import appointments, busy, known_clients


def overlapping(session: Session, client_id: UUID, duplicate_id: UUID, now: datetime) -> tuple[UUID, ...]:
    """Appointments of either, still open and not over, that lie over one of the other's.

    Holds run out by themselves, and of visits that have taken place nothing can be moved.
    """
    ours, theirs = busy.alias(), busy.alias()
    still_open = select(appointments.c.id).where(
        appointments.c.client_id.in_((client_id, duplicate_id)),
        appointments.c.status.in_([each.value for each in OPEN]),
    )
    meet = (
        (ours.c.resource_id == client_id)
        & (theirs.c.resource_id == duplicate_id)
        & ours.c.during.overlaps(theirs.c.during)
        & ours.c.appointment_id.in_(still_open)
        & theirs.c.appointment_id.in_(still_open)
        & (func.upper(ours.c.during, type_=Instant) > now)
    )
    both = union(select(ours.c.appointment_id).where(meet), select(theirs.c.appointment_id).where(meet)).subquery()
    return tuple(session.scalars(select(both).order_by(both.c[0])))


def merged_into(session: Session, client_id: UUID) -> UUID | None:
    """The client whose appointments those of `client_id` have become."""
    row = session.execute(select(known_clients.c.merged_into).where(known_clients.c.client_id == client_id))
    into: UUID | None = row.scalar_one_or_none()
    return into
