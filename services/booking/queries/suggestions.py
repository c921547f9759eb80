"""What is known of a client's past visits, and which masters are here to come to again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from services.booking.domain.suggestions import Past
from services.booking.queries.catalogue import Catalogue
from services.booking.tables import appointments, segments, shifts

VISITS = 200  # the last ones; what was before says little about habits


def past_visits(session: Session, known: Catalogue, client_id: UUID, branch_ids: Collection[UUID] | None) -> list[Past]:
    """The client's completed visits to these branches (to all if None), last first, on the clocks of the branch."""
    there = true() if branch_ids is None else appointments.c.branch_id.in_(branch_ids)
    last = (
        select(appointments.c.id, appointments.c.branch_id, appointments.c.starts)
        .where(appointments.c.client_id == client_id, appointments.c.status == "completed", there)
        .order_by(appointments.c.starts.desc(), appointments.c.id.desc())
        .limit(VISITS)
        .subquery()
    )
    query = (
        select(last, segments.c.service_id, segments.c.master_id)
        .join(segments, segments.c.appointment_id == last.c.id)
        .order_by(last.c.starts.desc(), last.c.id.desc(), segments.c.position)
    )
    visits: dict[UUID, tuple[datetime, list[tuple[UUID, UUID]]]] = {}
    for row in session.execute(query):
        local = row.starts.astimezone(known.branches[row.branch_id].tz)
        visits.setdefault(row.id, (local, []))[1].append((row.service_id, row.master_id))
    return [Past(id_, starts, tuple(rendered)) for id_, (starts, rendered) in visits.items()]


def at_work(session: Session, branch_id: UUID, master_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Those of the masters who have a shift in the branch that is not over."""
    query = (
        select(shifts.c.master_id)
        .distinct()
        .where(shifts.c.branch_id == branch_id, shifts.c.master_id.in_(master_ids), shifts.c.ends_at > now)
    )
    return set(session.scalars(query)) if master_ids else set()
