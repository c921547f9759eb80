"""Points of visits by programmes in which only those take part who had a certain service.

Whether somebody had it by then is known when all of their earlier bills have arrived: so these visits are settled a
moment after each fact about the client, all of them anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.loyalty.domain.facts import Bill
from services.loyalty.domain.judging import shut_out
from services.loyalty.domain.points import Receipt, earned, lapses_at, receipt_of
from services.loyalty.domain.programme import Points, Programme
from services.loyalty.domain.rules.offer import Case
from services.loyalty.domain.timeline import Timeline
from services.loyalty.queries.dossier import Dossier, look_up
from services.loyalty.tables import clients, point_entries
from services.loyalty.usecases.points import Posting, accounts_of


@dataclass(frozen=True)
class Earning:
    """What a visit is to have earned, by its newest bill."""

    bill: Bill
    rules: Points
    points: int


def enrols(programme: Programme) -> bool:
    return programme.points is not None and programme.enrolment is not None


def earn_enrolled(session: Session, people: Collection[UUID], programmes: Timeline, now: datetime) -> None:
    """Bring what visits of `people` have earned by such programmes to what is known of them now."""
    if not any(enrols(each) for each in programmes.all):
        return
    here = select(clients.c.client_id).where(clients.c.client_id.in_(people), ~clients.c.erased)
    known = session.scalars(here.order_by(clients.c.client_id)).all()
    dossier = look_up(session, known, programmes)
    found = [earning for client_id in known for earning in _earnings(dossier, client_id)]
    entered = _entered(session, [each.bill.appointment_id for each in found])
    changes = [(each, each.points - entered.get(each.bill.appointment_id, (0, 0))[0]) for each in found]
    changes = [(each, points) for each, points in changes if points]
    with accounts_of(session, [each.bill.client_id for each, _ in changes], now) as accounts:
        for each, points in changes:
            bill, turn = each.bill, entered.get(each.bill.appointment_id, (0, 0))[1] + 1
            accounts[bill.client_id].post(
                Posting(
                    "earn" if points > 0 else "reverse",
                    "visit",
                    points,
                    f"visit {bill.appointment_id} {bill.version} {turn}",
                    expires_at=lapses_at(each.rules, bill.completed_at) if points > 0 else None,
                    appointment_id=bill.appointment_id,
                )
            )


def _earnings(dossier: Dossier, client_id: UUID) -> list[Earning]:
    newest: dict[UUID, Bill] = {}
    for bill in dossier.bills(client_id):
        newest[bill.appointment_id] = max(newest.get(bill.appointment_id, bill), bill, key=lambda each: each.version)
    found = []
    for bill in newest.values():
        programme = dossier.programmes.at(bill.branch_id, bill.completed_at)
        if programme.points is not None and enrols(programme):
            takes_part = _takes_part(dossier, bill, programme)
            found.append(Earning(bill, programme.points, earned(programme.points, _receipt(bill)) if takes_part else 0))
    return found


def _takes_part(dossier: Dossier, bill: Bill, programme: Programme) -> bool:
    """By what was true when the visit was completed; it does not enrol for itself."""
    standing = dossier.history.standing(bill.client_id, bill.completed_at, programme)
    others = tuple(each for each in standing.bills if each.appointment_id != bill.appointment_id)
    return shut_out(Case(programme, standing, None, bill.branch_id, others, explain=False)) is None


def _receipt(bill: Bill) -> Receipt:
    return receipt_of(
        ((line.kind, line.net) for line in bill.lines),
        due=bill.due,
        paid=bill.paid,
        refunded=bill.refunded,
        money=bill.paid - bill.refunded - bill.tendered,
    )


def _entered(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """What visits have earned by the ledger, and in how many entries."""
    entries = point_entries.c
    sums = (
        select(entries.appointment_id, func.sum(entries.points).label("points"), func.count().label("entries"))
        .where(entries.appointment_id.in_(visit_ids), entries.about == "visit")
        .group_by(entries.appointment_id)
    )
    return {row.appointment_id: (int(row.points), row.entries) for row in session.execute(sums)}
