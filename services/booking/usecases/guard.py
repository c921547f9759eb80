"""The guard of health: what speaks against a visit, who passes over it, and what is kept of that."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from chassis.keyring import Keyring
from chassis.messaging import AskAgain
from contracts.booking import OVERRIDE_HEALTH
from contracts.message import HEALTH
from kernel.caller import Caller
from services.booking.domain.appointment import check_reason
from services.booking.domain.health import Health, Weighed, contraindicated, weigh
from services.booking.queries.appointments import Kept
from services.booking.queries.catalogue import Catalogue
from services.booking.queries.health import health_of
from services.booking.usecases.asking import Checked


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


def insist(weighed: Weighed, caller: Caller) -> Weighed:
    """Refuse what is blocked; of what, only those learn who may see health."""
    if weighed.refused and weighed.health:
        raise contraindicated(weighed.health.conditions if caller.sees(HEALTH) else ())
    return weighed


def must_be_decided(keyring: Keyring, kept: Kept, caller: Caller) -> None:
    """Nobody is expected, received or billed whose visit is blocked: booked online, until the desk passes over it."""
    insist(Weighed(health_of(keyring, kept.appointment, kept.health)), caller)
