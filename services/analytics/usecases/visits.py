"""Facts of visits and the rollups that they touch; a later bill replaces an earlier one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, text
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import VisitCompleted, VisitRefunded
from services.analytics.domain.clock import minute_of, whole_minutes
from services.analytics.domain.rollups import Day, Visit, Work, Worth, moves, parts_of
from services.analytics.tables import first_visits, visit_parts, visits
from services.analytics.usecases.arrays import array
from services.analytics.usecases.figures import Touched, following
from services.analytics.usecases.hours import move_hours
from services.analytics.usecases.segments import note_changed
from services.analytics.usecases.turns import take_turn

Bill = VisitCompleted | VisitRefunded

KEEP_VISITS = text(
    """
    INSERT INTO visits (appointment_id, version, client_id, branch_id, local_date, revenue, currency, starts, minute,
        minutes, discount, cost, paid, late_minutes, channel)
    SELECT * FROM unnest(CAST(:appointments AS UUID[]), CAST(:versions AS BIGINT[]), CAST(:clients AS UUID[]),
        CAST(:branches AS UUID[]), CAST(:dates AS DATE[]), CAST(:revenues AS BIGINT[]), CAST(:currencies AS TEXT[]),
        CAST(:starts AS TIMESTAMPTZ[]), CAST(:minute AS SMALLINT[]), CAST(:minutes AS INTEGER[]),
        CAST(:discounts AS BIGINT[]), CAST(:costs AS BIGINT[]), CAST(:paid AS BIGINT[]), CAST(:late AS INTEGER[]),
        CAST(:channels AS TEXT[]))
    ON CONFLICT (appointment_id) DO UPDATE SET version = excluded.version, client_id = excluded.client_id,
        branch_id = excluded.branch_id, local_date = excluded.local_date, revenue = excluded.revenue,
        currency = excluded.currency, starts = excluded.starts, minute = excluded.minute, minutes = excluded.minutes,
        discount = excluded.discount, cost = excluded.cost, paid = excluded.paid, late_minutes = excluded.late_minutes,
        channel = excluded.channel
    """
)

KEEP_PARTS = text(
    """
    INSERT INTO visit_parts (appointment_id, service_id, category, master_id, local_date, branch_id, client_id,
        revenue, discount, cost)
    SELECT appointment_id, part.service_id, part.category, part.master_id, local_date, branch_id, client_id,
        part.revenue, part.discount, part.cost
    FROM unnest(CAST(:appointments AS UUID[]), CAST(:services AS UUID[]), CAST(:categories AS TEXT[]),
        CAST(:masters AS UUID[]), CAST(:revenues AS BIGINT[]), CAST(:discounts AS BIGINT[]), CAST(:costs AS BIGINT[]))
        AS part (appointment_id, service_id, category, master_id, revenue, discount, cost)
    JOIN visits USING (appointment_id)
    """
)

ADD_TO_DAYS = text(
    """
    INSERT INTO client_days AS kept (local_date, branch_id, client_id, visits, revenue)
    SELECT * FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[]), CAST(:clients AS UUID[]),
                         CAST(:visits AS INTEGER[]), CAST(:revenues AS BIGINT[]))
    ON CONFLICT (local_date, branch_id, client_id) DO UPDATE
    SET visits = kept.visits + excluded.visits, revenue = kept.revenue + excluded.revenue
    """
)

DROP_EMPTY_DAYS = text("DELETE FROM client_days WHERE visits = 0 AND local_date = ANY(:dates)")

KEEP_FIRST_VISITS = text(
    """
    INSERT INTO first_visits (client_id, appointment_id, local_date, branch_id)
    SELECT who.client_id, first.appointment_id, first.local_date, first.branch_id
    FROM unnest(CAST(:clients AS UUID[])) AS who (client_id) CROSS JOIN LATERAL (
        SELECT appointment_id, local_date, branch_id FROM visits WHERE visits.client_id = who.client_id
        ORDER BY local_date, appointment_id LIMIT 1
    ) AS first
    ON CONFLICT (client_id) DO UPDATE SET appointment_id = excluded.appointment_id, local_date = excluded.local_date,
        branch_id = excluded.branch_id
    WHERE (first_visits.appointment_id, first_visits.local_date, first_visits.branch_id)
        <> (excluded.appointment_id, excluded.local_date, excluded.branch_id)
    """
)


def copy_bills(session: Session, bills: Sequence[Bill]) -> None:
    """Take over whole bills, and move the rollups by the difference from what was known of the same visits."""
    take_turn(session)
    into = kept_ids(session, [bill.client_id for bill in bills])
    newest: dict[UUID, Bill] = {}
    for bill in sorted(bills, key=lambda each: each.version):
        kept = into.get(bill.client_id) if bill.client_id else None
        newest[bill.appointment_id] = replace(bill, client_id=kept) if kept else bill
    known = _known(session, newest)
    fresh = [bill for at, bill in newest.items() if at not in known or known[at].version < bill.version]
    if not fresh:
        return
    corrected = [known[bill.appointment_id] for bill in fresh if bill.appointment_id in known]
    note_changed(session, [each.client_id for each in (*fresh, *corrected)])
    with following(session, _touched(fresh, known)):
        _keep_visits(session, fresh)
        move_hours(session, [bill.appointment_id for bill in fresh], corrected)
        _keep_parts(session, fresh, corrected)
        _move_days(session, fresh, known)
        _move_first_visits(session, fresh, corrected)


def _touched(bills: Sequence[Bill], known: dict[UUID, Row[Any]]) -> Touched:
    days = {(bill.client_id, bill.local_date) for bill in bills}
    moved: set[UUID] = set()
    for bill in bills:
        row = known.get(bill.appointment_id)
        if row is not None and row.client_id is not None:
            days.add((row.client_id, row.local_date))
            was = row.client_id, row.local_date, row.branch_id
            if was != (bill.client_id, bill.local_date, bill.branch_id):
                moved.add(row.client_id)
    return Touched([bill.appointment_id for bill in bills], days, moved)


def _known(session: Session, appointments: Iterable[UUID]) -> dict[UUID, Row[Any]]:
    rows = session.execute(select(visits).where(visits.c.appointment_id.in_(list(appointments))))
    return {row.appointment_id: row for row in rows}


def _revenue(bill: Bill) -> int:
    return sum(line.due - line.refunded for line in bill.lines)


def _keep_visits(session: Session, bills: Sequence[Bill]) -> None:
    session.execute(
        KEEP_VISITS,
        {
            "appointments": array(bill.appointment_id for bill in bills),
            "versions": array(bill.version for bill in bills),
            "clients": array(bill.client_id for bill in bills),
            "branches": array(bill.branch_id for bill in bills),
            "dates": array(bill.local_date for bill in bills),
            "revenues": array(_revenue(bill) for bill in bills),
            "currencies": array(bill.currency for bill in bills),
            "starts": array(bill.starts for bill in bills),
            "minute": array(minute_of(bill.starts, bill.time_zone) for bill in bills),
            "minutes": array(whole_minutes(bill.starts, bill.ends) for bill in bills),
            "discounts": array(sum(line.discount for line in bill.lines) for bill in bills),
            "costs": array(sum(line.cost or 0 for line in bill.lines) for bill in bills),
            "paid": array(bill.paid for bill in bills),
            "late": array(bill.late_minutes for bill in bills),
            "channels": array(bill.channel for bill in bills),
        },
    )


def _keep_parts(session: Session, bills: Sequence[Bill], corrected: Sequence[Row[Any]]) -> None:
    if corrected:
        gone = [row.appointment_id for row in corrected]
        session.execute(delete(visit_parts).where(visit_parts.c.appointment_id.in_(gone)))
    rows = [(bill.appointment_id, work, worth) for bill in bills for work, worth in _parts(bill).items()]
    session.execute(
        KEEP_PARTS,
        {
            "appointments": array(appointment_id for appointment_id, _, _ in rows),
            "services": array(work.service_id for _, work, _ in rows),
            "categories": array(work.category for _, work, _ in rows),
            "masters": array(work.master_id for _, work, _ in rows),
            "revenues": array(worth.revenue for _, _, worth in rows),
            "discounts": array(worth.discount for _, _, worth in rows),
            "costs": array(worth.cost for _, _, worth in rows),
        },
    )


def _parts(bill: Bill) -> dict[Work, Worth]:
    return parts_of(
        (
            Work(line.service_id, line.category, line.master_id),
            Worth(line.due - line.refunded, line.discount, line.cost or 0),
        )
        for line in bill.lines
    )


def _move_days(session: Session, bills: Sequence[Bill], known: dict[UUID, Row[Any]]) -> None:
    def before(bill: Bill) -> Visit | None:
        row = known.get(bill.appointment_id)
        return row and Visit(Day(row.local_date, row.branch_id, row.client_id), row.revenue)

    moved = moves(
        (before(bill), Visit(Day(bill.local_date, bill.branch_id, bill.client_id), _revenue(bill))) for bill in bills
    )
    session.execute(
        ADD_TO_DAYS,
        {
            "dates": array(day.local_date for day in moved),
            "branches": array(day.branch_id for day in moved),
            "clients": array(day.client_id for day in moved),
            "visits": array(grown for grown, _ in moved.values()),
            "revenues": array(grown for _, grown in moved.values()),
        },
    )
    if left := [day.local_date for day, (grown, _) in moved.items() if grown < 0]:
        session.execute(DROP_EMPTY_DAYS, {"dates": left})


def _move_first_visits(session: Session, bills: Sequence[Bill], corrected: Sequence[Row[Any]]) -> None:
    if corrected:  # a bill that now names another day or client may take somebody's first visit away
        session.execute(delete(first_visits).where(first_visits.c.client_id.in_([row.client_id for row in corrected])))
    clients = {each.client_id for each in (*bills, *corrected)} - {None}
    session.execute(KEEP_FIRST_VISITS, {"clients": list(clients)})
