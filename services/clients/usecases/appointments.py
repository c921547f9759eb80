"""What is said to belong to an appointment belongs to one of that person."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from kernel.errors import Invalid
from services.clients.queries.sight import of_person
from services.clients.tables import visits


def refuse_unknown_appointment(session: Session, client_id: UUID, appointment_id: UUID | None) -> None:
    """By the copy of what booking tells: an appointment of a moment ago may not have been told of yet."""
    if appointment_id is None:
        return
    theirs = exists().where(visits.c.appointment_id == appointment_id, of_person(visits.c.client_id, client_id))
    if not session.scalar(select(theirs)):
        raise Invalid.field("appointment_id", "appointment_unknown", "this client has no such appointment")
