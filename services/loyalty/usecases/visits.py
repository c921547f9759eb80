"""Bills as they were stated, what visits were worth, and where clients were seen."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import AppointmentState, VisitCompleted, VisitRefunded
from services.loyalty.domain.facts import LATE
from services.loyalty.domain.referrals import qualifies
from services.loyalty.usecases.discounts import recalculate_above
from services.loyalty.usecases.turns import take_turn

TENDERS = ("points", "certificate", "membership")  # what pays and is not money

KEEP_BILLS = text(
    """
    INSERT INTO bills (appointment_id, version, client_id, branch_id, at, completed_at, starts, local_date, currency,
        lines, paid, tendered, applied)
    SELECT * FROM unnest(CAST(:appointments AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:clients AS UUID[]),
        CAST(:branches AS UUID[]), CAST(:counted AS TIMESTAMPTZ[]), CAST(:completed AS TIMESTAMPTZ[]),
        CAST(:starts AS TIMESTAMPTZ[]), CAST(:days AS DATE[]), CAST(:currencies AS TEXT[]), CAST(:lines AS JSONB[]),
        CAST(:paid AS BIGINT[]), CAST(:tendered AS BIGINT[]), CAST(:applied AS JSONB[]))
    ON CONFLICT DO NOTHING
    """
)

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

Stated = VisitCompleted | VisitRefunded


def copy_bills(session: Session, bills: Sequence[Stated], now: datetime) -> None:
    """Take over whole bills, and judge anew those whose visits they are and those who brought them."""
    bills = [bill for bill in bills if bill.client_id is not None]
    if not bills:
        return
    take_turn(session)
    _remember(session, bills)
    into = kept_ids(session, [bill.client_id for bill in bills])
    clients = [into.get(bill.client_id, bill.client_id) for bill in bills if bill.client_id is not None]
    session.execute(KEEP_BILLS, _facts(bills, clients))
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
    since: dict[UUID, datetime] = {}
    for bill, client_id in zip(bills, clients, strict=True):
        at = min(counted_from(bill), completed_at(bill) or bill.occurred_at)
        since[client_id] = min(since.get(client_id, at), at)
    recalculate_above(session, since, now)


def completed_at(bill: Stated) -> datetime | None:
    """When the visit came to count: when it was completed, or, entered in bulk long afterwards, when it was over."""
    said = bill.completed_at or (bill.occurred_at if isinstance(bill, VisitCompleted) else None)
    return bill.ends if said is not None and said - bill.ends > LATE else said


def counted_from(bill: Stated) -> datetime:
    """From when on the bill stands as it is."""
    completed = completed_at(bill)
    return completed if isinstance(bill, VisitCompleted) and completed is not None else bill.occurred_at


def _facts(bills: Sequence[Stated], clients: Sequence[UUID]) -> dict[str, object]:
    return {
        "appointments": [bill.appointment_id for bill in bills],
        "versions": [bill.version for bill in bills],
        "clients": clients,
        "branches": [bill.branch_id for bill in bills],
        "counted": [counted_from(bill) for bill in bills],
        "completed": [completed_at(bill) for bill in bills],
        "starts": [bill.starts for bill in bills],
        "days": [bill.local_date for bill in bills],
        "currencies": [bill.currency for bill in bills],
        "lines": [_lines(bill) for bill in bills],
        "paid": [bill.paid for bill in bills],
        "tendered": [sum(part.amount for part in bill.payments if part.kind in TENDERS) for bill in bills],
        "applied": [_applied(bill) for bill in bills],
    }


def _lines(bill: Stated) -> str:
    rows = [
        (
            line.line_id,
            line.kind,
            line.due + line.discount,
            line.discount,
            line.refunded,
            line.service_id,
            line.category,
            line.cost,
        )
        for line in bill.lines
    ]
    return msgspec.json.encode(rows).decode()


def _applied(bill: Stated) -> str | None:
    by = bill.applied
    if by is None:
        return None
    return msgspec.json.encode((by.source, by.as_of, by.programme_version, by.codes)).decode()


def _qualifies(bill: Stated) -> bool:
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
