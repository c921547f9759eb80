"""Put on the accounts of clients what completed visits left unpaid."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.booking import AppointmentState, VisitCompleted, VisitRefunded
from services.clients.queries.sight import among
from services.clients.tables import visit_debts, visits
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
    # In the order of the accounts, which are locked one after another.
    for bill in sorted(told, key=lambda bill: (bill.client_id, bill.appointment_id)):
        assert bill.client_id is not None
        row = {"appointment_id": bill.appointment_id, "client_id": bill.client_id, "currency": bill.currency}
        session.execute(KEEP, row | {"unpaid": _unpaid(bill)})
        settle_visit(session, bill.client_id, bill.appointment_id, bill.occurred_at)


def _unpaid(bill: VisitCompleted | VisitRefunded) -> int:
    return max(0, bill.due - bill.paid)
