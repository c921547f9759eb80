"""The limits of booking as they hold for a visit: how far ahead, how soon, and until when it may be changed."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts import booking as wire
from services.booking.domain.diary import Limits, strictest
from services.booking.queries.catalogue import Catalogue, catalogue


def limits_of(session: Session, branch_id: UUID, service_ids: Iterable[UUID]) -> Limits:
    """The strictest limits of the services in the branch."""
    return limits_in(catalogue(session), branch_id, service_ids)


def limits_in(known: Catalogue, branch_id: UUID, service_ids: Iterable[UUID]) -> Limits:
    """As `limits_of`, by a catalogue that was read already; each as it says itself, else as the branch says."""
    branch = known.branches[branch_id].policy
    found = []
    for own in [known.services[service_id].policy for service_id in service_ids] or [wire.ServicePolicy()]:
        horizon = branch.horizon_days if own.horizon_days is None else own.horizon_days
        lead = branch.lead_minutes if own.lead_minutes is None else own.lead_minutes
        cut_off = branch.cancel_minutes if own.cancel_minutes is None else own.cancel_minutes
        found.append(Limits(timedelta(days=horizon), timedelta(minutes=lead), timedelta(minutes=cut_off)))
    return strictest(found)
