"""Put on the accounts of clients what completed visits left unpaid."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.booking import AppointmentState, VisitCompleted, VisitRefunded
from services.clients.queries.sight import among
from services.clients.tables import clients, visit_debts, visits
from services.clients.usecases.ledger import settle_visit

_put = insert(visit_debts)
KEEP = _put.on_conflict_do_update(
    index_elements=["appointment_id"],
    set_={name: _put.excluded[name] for name in ("client_id", "unpaid", "currency")},
)


def keep_debts(session: Session, events: Iterable[AppointmentState]) -> None:
    """Take over what the newest bills say is unpaid, once the visits have been copied: an older bill changes nothing.

    Only what was paid can be refunded, so a refund leaves the debt as it was.
    """
    bills = {
        (event.appointment_id, event.version): event
        for event in events
        if isinstance(event, VisitCompleted | VisitRefunded) and event.client_id is not None
    }
    if not bills:
        return
    appointments = sorted({appointment_id for appointment_id, _ in bills})
    versions = select(visits.c.appointment_id, visits.c.version).where(among(visits.c.appointment_id, appointments))
    newest = [bills[key] for row in session.execute(versions) if (key := (row.appointment_id, row.version)) in bills]
    known = select(visit_debts.c.appointment_id)
    owing = set(session.scalars(known.where(among(visit_debts.c.appointment_id, appointments))))
    told = [bill for bill in newest if _unpaid(bill) or bill.appointment_id in owing]
    into = _persons(session, {bill.client_id for bill in told if bill.client_id is not None})
    owed = [(into.get(bill.client_id, bill.client_id), bill) for bill in told if bill.client_id is not None]
    # In the order of the accounts, which are locked one after another.
    for client_id, bill in sorted(owed, key=lambda each: (each[0], each[1].appointment_id)):
        row = {"appointment_id": bill.appointment_id, "client_id": client_id, "currency": bill.currency}
        session.execute(KEEP, row | {"unpaid": _unpaid(bill)})
        settle_visit(session, client_id, bill.appointment_id, bill.occurred_at)


def _persons(session: Session, ids: set[UUID]) -> dict[UUID, UUID]:
    """By the ids of cards those of the persons whose they are. No card is merged until the transaction ends: a merge
    moves the balance, and would miss what is entered meanwhile.
    """
    cards = select(clients.c.id, func.coalesce(clients.c.merged_into, clients.c.id).label("person_id"))
    held = cards.where(among(clients.c.id, sorted(ids))).order_by(clients.c.id)
    return {row.id: row.person_id for row in session.execute(held.with_for_update(read=True, key_share=True))}


def _unpaid(bill: VisitCompleted | VisitRefunded) -> int:
    return max(0, bill.due - bill.paid)
