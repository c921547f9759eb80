"""What of a card is shown with an appointment, and that the journal is told of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.outbox import announce
from contracts.booking import Appointment, HealthShown
from contracts.message import HEALTH
from kernel.caller import Caller


def accounted(session: Session, shown: Appointment, caller: Caller, now: datetime) -> Appointment:
    """`shown`; if the caller reads there what speaks against it, the journal is told."""
    if shown.health and shown.health.conditions and caller.sees(HEALTH):
        tell_shown(session, shown.client_id, caller, now)
    return shown


def tell_shown(session: Session, client_id: UUID | None, caller: Caller, now: datetime) -> None:
    """Clients read of themselves what they like."""
    if caller.client_id is None or caller.client_id != client_id:
        announce(session, HealthShown("client.health_read", "client", now, client_id, caller.id))
