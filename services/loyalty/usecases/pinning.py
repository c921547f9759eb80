"""A programme that is published as simulated is what was simulated."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.errors import Conflict, Invalid
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.writing import document_of
from services.loyalty.tables import simulations


def refuse_another(session: Session, id: UUID, programme: Programme) -> None:  # noqa: A002
    """Refuse to publish as simulated what was not."""
    row = session.execute(select(simulations).where(simulations.c.id == id)).one_or_none()
    if row is None:
        raise Invalid.field("simulation_id", "simulation_unknown", "there is no such simulation")
    if row.state != "finished":
        raise Conflict("simulation_unfinished", "the simulation is not finished")
    if row.document != document_of(programme) or row.branch_id != programme.branch_id:
        raise Conflict("simulation_of_another", "what was simulated is not what is to be published")
