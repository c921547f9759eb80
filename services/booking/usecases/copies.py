"""What others announced, as far as booking needs it: which clients there are, and their discounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import idempotency
from contracts.clients import ClientErased, ClientRegistered
from contracts.loyalty import DiscountChanged
from kernel.caller import Caller
from services.booking.queries.appointments import open_of_client
from services.booking.tables import appointments, discounts, history, known_clients
from services.booking.usecases import series, waiting
from services.booking.usecases.appointments import cancel_visit

Versioned = TypeVar("Versioned", ClientRegistered, DiscountChanged)
# Requests whose replies hold texts about a person, and what speaks against a visit.
HOLD_A_PERSON = (
    "BookAppointment", "ChangeAppointment", "ConfirmAppointment", "ArriveAppointment", "CompleteAppointment",
    "CancelAppointment", "MarkNoShow", "RefundAppointment", "AcceptOffer", "DeclineOffer",
    "AddToWaitingList", "ChangeWaitingEntry", "LeaveWaitingList", "BookSeries", "ChangeSeries", "CancelSeries",
)  # fmt: skip
CLIENTS = Caller(kind="service", service="clients")


def know_clients(session: Session, events: Sequence[ClientRegistered]) -> None:
    rows = [{"client_id": event.client_id, "version": event.version, "erased": False} for event in _newest(events)]
    _copy(session, known_clients, rows)


def keep_discounts(session: Session, events: Sequence[DiscountChanged]) -> None:
    rows = [
        {
            "client_id": event.client_id,
            "version": event.version,
            "percent": event.percent,
            "as_of": event.occurred_at,
            "by_branch": {str(each.branch_id): str(each.percent) for each in event.by_branch},
        }
        for event in _newest(events)
    ]
    _copy(session, discounts, rows)


def _newest(events: Sequence[Versioned]) -> list[Versioned]:
    """The latest event of each client, in order of clients: two who write the same rows wait for each other, once."""
    latest: dict[UUID, Versioned] = {}
    for event in events:
        if event.client_id not in latest or latest[event.client_id].version < event.version:
            latest[event.client_id] = event
    return [latest[client_id] for client_id in sorted(latest)]


def _copy(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    """Write the copies that are newer than what is there."""
    put = insert(table)
    over = {column.name: put.excluded[column.name] for column in table.c if not column.primary_key}
    newer = table.c.version < put.excluded.version
    session.execute(put.on_conflict_do_update(index_elements=["client_id"], set_=over, where=newer), rows)


def forget_client(session: Session, keyring: Keyring, replies_key: bytes, event: ClientErased, now: datetime) -> None:
    """Cancel what the client had booked, and make every text about them unreadable; the visits and their sums stay."""
    _copy(session, known_clients, [{"client_id": event.client_id, "version": event.version, "erased": True}])
    series.forget_client(session, event.client_id, now)
    waiting.forget_client(session, event.client_id, now)
    for kept in open_of_client(session, event.client_id, now):
        cancel_visit(session, keyring, kept, caller=CLIENTS, now=now, reason=None, by="erasure")
    theirs = appointments.c.client_id == event.client_id
    session.execute(update(appointments).where(theirs).values(comment=None, reason=None, health=None, verdict={}))
    of_theirs = (history.c.appointment_id == appointments.c.id) & theirs
    session.execute(update(history).where(of_theirs, history.c.reason.is_not(None)).values(reason=None))
    idempotency.forget(session, replies_key, HOLD_A_PERSON, event.client_id)
    # The key goes last and cannot come back: if the transaction fails after it, the event is handled again.
    keyring.destroy(event.client_id)
