"""Bills as they were stated, what visits were worth, and where clients were seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from chassis.rows import Rows, insert_rows
from contracts.booking import AppliedDiscount, AppointmentState, VisitCompleted, VisitLine, VisitRefunded
from services.loyalty.domain.facts import LATE
from services.loyalty.domain.referrals import qualifies
from services.loyalty.tables import bills as bills_table
from services.loyalty.usecases.discounts import recalculate_above
from services.loyalty.usecases.promises import had
from services.loyalty.usecases.turns import take_turn

TENDERS = ("points", "certificate", "membership")  # what pays and is not money

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
    had(session, bills)
    into = kept_ids(session, [bill.client_id for bill in bills])
    clients = [into.get(bill.client_id, bill.client_id) for bill in bills if bill.client_id is not None]
    rows = [_fact(bill, client_id) for bill, client_id in zip(bills, clients, strict=True)]
    insert_rows(session, Rows(bills_table, rows, unless="pk_bills"))
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


def _fact(bill: Stated, client_id: UUID) -> dict[str, Any]:
    return {
        "appointment_id": bill.appointment_id,
        "version": bill.version,
        "client_id": client_id,
        "branch_id": bill.branch_id,
        "at": counted_from(bill),
        "completed_at": completed_at(bill),
        "starts": bill.starts,
        "local_date": bill.local_date,
        "currency": bill.currency,
        "lines": [_line(line) for line in bill.lines],
        "paid": bill.paid,
        "tendered": sum(part.amount for part in bill.payments if part.kind in TENDERS),
        "applied": _applied(bill.applied),
    }


def _line(line: VisitLine) -> tuple[Any, ...]:
    """As `queries.facts` reads it."""
    price = line.due + line.discount
    sold = (line.service_id, line.category, line.cost)
    return (line.line_id, line.kind, price, line.discount, line.refunded, *sold)


def _applied(by: AppliedDiscount | None) -> tuple[Any, ...] | None:
    return None if by is None else (by.source, by.as_of, by.programme_version, by.codes)


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
