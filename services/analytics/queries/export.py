"""Everything that analytics holds about one person: facts beside an id."""

from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts.analytics import AppointmentFact, EnquiryFact, FactPart, HeldByAnalytics, VisitFact
from kernel.money import Money
from services.analytics.queries.scope import channels
from services.analytics.tables import bookings, clients, enquiries, first_visits, visit_parts, visits


def export(session: Session, client_id: UUID) -> HeldByAnalytics:
    """All of it, whoever asks: clients has decided that they may."""
    card = session.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    first = select(first_visits.c.appointment_id).where(first_visits.c.client_id == client_id)
    root = card.root_key if card else None
    return HeldByAnalytics(
        channel=card.channel if card else None,
        root=channels(session).name(root),
        referrer_id=card.referrer_id if card else None,
        registered_at=card.registered_at if card else None,
        first_visit_id=session.scalar(first),
        visits=_facts(session, client_id),
        appointments=_appointments(session, client_id),
        enquiries=_enquiries(session, client_id),
    )


def _appointments(session: Session, client_id: UUID) -> tuple[AppointmentFact, ...]:
    told = [bookings.c[field.name] for field in fields(AppointmentFact)]
    theirs = select(*told).where(bookings.c.client_id == client_id)
    rows = session.execute(theirs.order_by(bookings.c.starts, bookings.c.appointment_id))
    return tuple(AppointmentFact(**row._asdict()) for row in rows)


def _enquiries(session: Session, client_id: UUID) -> tuple[EnquiryFact, ...]:
    told = [enquiries.c[field.name] for field in fields(EnquiryFact)]
    theirs = select(*told).where(enquiries.c.client_id == client_id)
    rows = session.execute(theirs.order_by(enquiries.c.received_at, enquiries.c.enquiry_id))
    return tuple(EnquiryFact(**row._asdict()) for row in rows)


def _facts(session: Session, client_id: UUID) -> tuple[VisitFact, ...]:
    theirs = select(visits).where(visits.c.client_id == client_id)
    rows = session.execute(theirs.order_by(visits.c.local_date, visits.c.appointment_id)).all()
    of_them = visit_parts.c.appointment_id.in_([row.appointment_id for row in rows])
    parts: dict[UUID, list[Row[Any]]] = {}
    for part in session.execute(select(visit_parts).where(of_them)):
        parts.setdefault(part.appointment_id, []).append(part)
    return tuple(
        VisitFact(
            appointment_id=row.appointment_id,
            branch_id=row.branch_id,
            local_date=row.local_date,
            parts=tuple(
                FactPart(part.service_id, part.category, part.master_id, Money(part.revenue, row.currency))
                for part in parts.get(row.appointment_id, ())
            ),
            revenue=Money(row.revenue, row.currency),
        )
        for row in rows
    )
