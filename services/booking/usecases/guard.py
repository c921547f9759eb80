"""The guard of health: what speaks against a visit, who passes over it, and what is kept of that."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import AskAgain, Refused
from contracts.booking import OVERRIDE_HEALTH, Appointment, OpenAppointment
from contracts.message import HEALTH
from kernel.caller import Caller
from services.booking.domain.appointment import check_reason
from services.booking.domain.health import Health, Weighed, contraindicated, weigh
from services.booking.queries.appointments import Kept, find, views
from services.booking.queries.catalogue import Catalogue
from services.booking.queries.health import health_of
from services.booking.usecases.asking import Checked
from services.booking.usecases.showing import accounted, tell_shown


class Overriding(Protocol):
    """A request that may say why a block is passed over."""

    @property
    def health_reason(self) -> str | None: ...


def check_override(request: Overriding, caller: Caller) -> None:
    """A block passes over who may, and says why."""
    if request.health_reason is not None:
        caller.must(OVERRIDE_HEALTH)
        check_reason(request.health_reason, "health_reason")


def weighed(
    known: Catalogue,
    service_ids: Iterable[UUID],
    checked: Checked,
    reason: str | None,
    before: Health | None = None,
) -> Weighed:
    """What was said before the transaction, if it was asked about the marks that the services have now."""
    if known.marks_of(service_ids) != checked.marks:
        raise AskAgain
    return weigh(checked.health, reason, before)


def insist(session: Session, weighed: Weighed, client_id: UUID | None, caller: Caller, now: datetime) -> Weighed:
    """Refuse what is blocked; of what, only those learn who may see health, and the journal keeps that they did."""
    if weighed.refused and weighed.health:
        if not caller.sees(HEALTH):
            raise contraindicated()
        session.rollback()  # of the refused visit nothing stays
        tell_shown(session, client_id, caller, now)
        raise Refused(contraindicated(weighed.health.conditions))
    return weighed


def must_be_decided(session: Session, keyring: Keyring, kept: Kept, caller: Caller, now: datetime) -> None:
    """Nobody is expected, received or billed whose visit is blocked: booked online, until the desk passes over it."""
    said = Weighed(health_of(keyring, kept.appointment, kept.health))
    insist(session, said, kept.appointment.client_id, caller, now)


def open_appointment(
    session: Session, keyring: Keyring, request: OpenAppointment, caller: Caller, now: datetime
) -> Appointment:
    """The appointment with what speaks against it; who reads that is told to the journal."""
    found = find(session, request.id, caller, caller.must("appointments.read"), since=caller.history_from(now.date()))
    return accounted(session, views(keyring, [found])[0], caller, now)
