"""The copy of what visits were worth, and where clients were seen."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import AppointmentState, VisitCompleted, VisitRefunded
from services.loyalty.domain.referrals import qualifies
from services.loyalty.usecases.discounts import regrant
from services.loyalty.usecases.turns import take_turn

KEEP_VISITS = text(
    """
    INSERT INTO visits (appointment_id, version, client_id, branch_id, revenue, currency, qualifies, changed_at)
    SELECT DISTINCT ON (appointment_id) *
    FROM unnest(CAST(:appointments AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:clients AS UUID[]),
                CAST(:branches AS UUID[]), CAST(:revenues AS BIGINT[]), CAST(:currencies AS TEXT[]),
                CAST(:verdicts AS BOOLEAN[]), CAST(:instants AS TIMESTAMPTZ[]))
         AS bill (appointment_id, version, client_id, branch_id, revenue, currency, qualifies, changed_at)
    ORDER BY appointment_id, version DESC
    ON CONFLICT (appointment_id) DO UPDATE SET version = excluded.version, client_id = excluded.client_id,
        branch_id = excluded.branch_id, revenue = excluded.revenue, currency = excluded.currency,
        qualifies = excluded.qualifies, changed_at = excluded.changed_at
    WHERE visits.version < excluded.version
    """
)

KEEP_PRESENCE = text(
    """
    INSERT INTO presences (client_id, branch_id)
    SELECT DISTINCT client_id, branch_id
    FROM unnest(CAST(:clients AS UUID[]), CAST(:branches AS UUID[])) AS seen (client_id, branch_id)
    ON CONFLICT DO NOTHING
    """
)

REFERRERS = text("SELECT referrer_id FROM clients WHERE client_id = ANY(:clients) AND referrer_id IS NOT NULL")


def copy_bills(session: Session, bills: Sequence[VisitCompleted | VisitRefunded], now: datetime) -> None:
    """Take over whole bills, newer ones instead of older ones, and grant anew to those who brought the clients."""
    bills = [bill for bill in bills if bill.client_id is not None]
    if not bills:
        return
    take_turn(session)
    _remember(session, bills)
    into = kept_ids(session, [bill.client_id for bill in bills])
    clients = [into.get(bill.client_id, bill.client_id) for bill in bills if bill.client_id is not None]
    session.execute(
        KEEP_VISITS,
        {
            "appointments": [bill.appointment_id for bill in bills],
            "versions": [bill.version for bill in bills],
            "clients": clients,
            "branches": [bill.branch_id for bill in bills],
            "revenues": [sum(line.due - line.refunded for line in bill.lines) for bill in bills],
            "currencies": [bill.currency for bill in bills],
            "verdicts": [_qualifies(bill) for bill in bills],
            "instants": [bill.occurred_at for bill in bills],
        },
    )
    regrant(session, set(session.scalars(REFERRERS, {"clients": clients})), now)


def _qualifies(bill: VisitCompleted | VisitRefunded) -> bool:
    return qualifies(
        services=sum(line.kind == "service" for line in bill.lines),
        due=sum(line.due for line in bill.lines),
        paid=bill.paid,
        refunded=sum(line.refunded for line in bill.lines),
    )


def remember_presence(session: Session, appointments: Sequence[AppointmentState]) -> None:
    """Who has an appointment at a branch may be seen there."""
    appointments = [each for each in appointments if each.client_id is not None]
    if appointments:
        take_turn(session)
        _remember(session, appointments)


def _remember(session: Session, appointments: Sequence[AppointmentState]) -> None:
    seen = {(each.client_id, each.branch_id) for each in appointments if each.client_id is not None}
    into = kept_ids(session, [client_id for client_id, _ in seen])
    session.execute(
        KEEP_PRESENCE,
        {
            "clients": [into.get(client_id, client_id) for client_id, _ in seen],
            "branches": [branch_id for _, branch_id in seen],
        },
    )
