"""What bills of visits do to points, certificates and memberships: what was earned, what paid, what went back.

Everything is brought to what the newest bill of a visit says, whatever was heard before it and in whatever order: so
what comes twice changes nothing, and a refund takes back and gives back once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import VisitCompleted, VisitRefunded
from services.loyalty.domain.points import Receipt, Spent, earned, given_back, lapses_at, left_after_refund, receipt_of
from services.loyalty.domain.programme import Points, Programme
from services.loyalty.queries.points import left_out, lots_of
from services.loyalty.queries.programmes import timeline
from services.loyalty.tables import point_entries, reservations, settled_bills, unsettled_payments
from services.loyalty.usecases import passes
from services.loyalty.usecases.enrolling import enrols
from services.loyalty.usecases.points import Account, Posting, accounts_of
from services.loyalty.usecases.visits import TENDERS, completed_at

VisitBill = VisitCompleted | VisitRefunded


@dataclass
class Visit:
    """The newest bill of a visit, the rules at its completion, and what the ledger says of it so far."""

    bill: VisitBill
    client_id: UUID
    completed_at: datetime
    programme: Programme
    left_out: bool = False  # of the programme; or erased: then what they have stays as it is
    held: Sequence[Any] = ()  # reservations
    earned: int = 0
    redeemed: int = 0
    returned: int = 0

    @property
    def id(self) -> UUID:
        return self.bill.appointment_id

    @property
    def rules(self) -> Points | None:
        return self.programme.points

    @property
    def tendered(self) -> Mapping[str, int]:
        """What was paid by each kind that is not money, less what went back, in minor units."""
        parts = [part for part in self.bill.payments if part.kind in TENDERS and part.reservation_id is not None]
        return {kind: sum(part.amount for part in parts if part.kind == kind) for kind in TENDERS}

    @property
    def named(self) -> set[UUID]:
        return {part.reservation_id for part in self.bill.payments if part.reservation_id is not None}

    @property
    def matters(self) -> bool:
        return self.rules is not None or bool(self.held) or any(self.tendered.values())

    @property
    def paying(self) -> int:
        """How many points are yet to be redeemed, or (below zero) to come back."""
        if self.value is None:
            return 0
        return left_after_refund(self.tendered["points"], self.value) - (self.redeemed - self.returned)

    @property
    def earning(self) -> int:
        """How many points are yet to be earned, or (below zero) to be taken back."""
        if self.left_out or self.value is None or enrols(self.programme):  # these are settled by `enrolling`
            return 0
        return (earned(self.rules, _receipt(self.bill)) if self.rules else 0) - self.earned

    @property
    def value(self) -> int | None:
        """What a point pays: as when it was set aside, else by the rules."""
        of_points = (
            row.value for row in self.held if row.points and (row.id in self.named or row.state == "confirmed")
        )
        return next(of_points, self.rules.value if self.rules else None)


def settle_bills(session: Session, bills: Collection[VisitBill], now: datetime) -> None:
    visits = [visit for visit in _visits(session, bills) if visit.matters]
    newer = _keep_versions(session, visits)
    visits = [visit for visit in visits if visit.id in newer]
    if not visits:
        return
    _look_up(session, visits)
    visits.sort(key=lambda each: (each.client_id, each.id))
    with accounts_of(session, [visit.client_id for visit in visits if visit.paying or visit.earning], now) as accounts:
        uncovered = [_settle_points(session, visit, accounts, now) for visit in visits]
    paid_so = [visit for visit in visits if visit.held or any(visit.tendered.values())]
    _close(session, paid_so)
    missing = {visit.id: {"points": amount} for visit, amount in zip(visits, uncovered, strict=True)}
    for visit in paid_so:
        for each in passes.settle(session, visit.bill, now):
            missing[visit.id][each.kind] = missing[visit.id].get(each.kind, 0) + each.amount
    _note_uncovered(session, visits, missing)


def _visits(session: Session, bills: Collection[VisitBill]) -> list[Visit]:
    """The newest bill of each visit of somebody with a card."""
    newest: dict[UUID, VisitBill] = {}
    for bill in bills:
        known = newest.get(bill.appointment_id)
        if bill.client_id is not None and (known is None or known.version < bill.version):
            newest[bill.appointment_id] = bill
    if not newest:
        return []
    into = kept_ids(session, [bill.client_id for bill in newest.values()])
    rules = timeline(session)
    since = _completions(session, newest.values())
    held: dict[UUID, list[Any]] = {}
    for row in session.execute(select(reservations).where(reservations.c.appointment_id.in_(list(newest)))):
        held.setdefault(row.appointment_id, []).append(row)
    return [
        Visit(
            bill,
            into.get(bill.client_id, bill.client_id),
            since[bill.appointment_id],
            rules.at(bill.branch_id, since[bill.appointment_id]),
            held=held.get(bill.appointment_id, ()),
        )
        for bill in newest.values()
        if bill.client_id is not None
    ]


def _completions(session: Session, bills: Collection[VisitBill]) -> dict[UUID, datetime]:
    """When visits came to count; refunds of older releases do not say so, and then it is known from before."""
    found = {bill.appointment_id: at for bill in bills if (at := completed_at(bill)) is not None}
    missing = [bill for bill in bills if bill.appointment_id not in found]
    if missing:
        table = settled_bills
        ids = [bill.appointment_id for bill in missing]
        kept = select(table.c.appointment_id, table.c.completed_at).where(table.c.appointment_id.in_(ids))
        known = {row.appointment_id: row.completed_at for row in session.execute(kept)}
        found |= {bill.appointment_id: known.get(bill.appointment_id, bill.ends) for bill in missing}
    return found


def _keep_versions(session: Session, visits: Sequence[Visit]) -> set[UUID]:
    """Those of `visits` whose bill is newer than what was settled. Who settles the same at the same time waits."""
    if not visits:
        return set()
    rows = [
        {"appointment_id": visit.id, "version": visit.bill.version, "completed_at": visit.completed_at}
        for visit in sorted(visits, key=lambda each: each.id)
    ]
    new = upsert(settled_bills).values(rows)
    new = new.on_conflict_do_update(
        index_elements=["appointment_id"],
        set_={"version": new.excluded.version},
        where=settled_bills.c.version < new.excluded.version,
    )
    return set(session.scalars(new.returning(settled_bills.c.appointment_id)))


def _look_up(session: Session, visits: Sequence[Visit]) -> None:
    """What the ledger says of each visit, on whatever card it was entered; who takes no part."""
    entries = point_entries.c
    paid = entries.about == "payment"
    sums = (
        select(
            entries.appointment_id,
            func.coalesce(func.sum(entries.points).filter(entries.about == "visit"), 0).label("earned"),
            func.coalesce(func.sum(-entries.points).filter(paid, entries.points < 0), 0).label("redeemed"),
            func.coalesce(func.sum(entries.points).filter(paid, entries.points > 0), 0).label("returned"),
        )
        .where(entries.appointment_id.in_([visit.id for visit in visits]))
        .group_by(entries.appointment_id)
    )
    known = {row.appointment_id: row for row in session.execute(sums)}
    out = left_out(session, [(visit.client_id, visit.completed_at) for visit in visits if visit.rules])
    for visit in visits:
        visit.left_out = (visit.client_id, visit.completed_at) in out
        if row := known.get(visit.id):
            visit.earned, visit.redeemed, visit.returned = int(row.earned), int(row.redeemed), int(row.returned)


def _settle_points(session: Session, visit: Visit, accounts: Mapping[UUID, Account], now: datetime) -> int:
    """Redeem or give back, earn or take back; what of the payment in points nothing covers, in minor units."""
    net, value = visit.tendered["points"], visit.value
    if value is None:
        return max(net, 0)
    if not visit.paying and not visit.earning:
        return 0
    account = accounts[visit.client_id]
    missing = _redeem(account, visit, visit.paying) if visit.paying > 0 else 0
    if visit.paying < 0:
        _give_back(session, account, visit, -visit.paying, now)
    if visit.earning:
        _earn(account, visit, visit.earning)
    account.let_go({row.id for row in visit.held})
    return min(missing * value, net)


def _redeem(account: Account, visit: Visit, points: int) -> int:
    """As far as there are points that nobody else has set aside; how many are missing."""
    ids = {row.id for row in visit.held}
    there = min(points, account.available(besides=ids))
    if there:
        account.post(
            Posting(
                "redeem",
                "payment",
                -there,
                f"payment {visit.id} {visit.bill.version}",
                appointment_id=visit.id,
                reservation_id=min(visit.named & ids or visit.named, default=None),
            )
        )
    return points - there


def _give_back(session: Session, account: Account, visit: Visit, points: int, now: datetime) -> None:
    spent = _spent_on(session, account, visit)
    for place, part in enumerate(given_back(spent, points, visit.returned, now), 1):
        account.post(
            Posting(
                "reverse",
                "payment",
                part.points,
                f"payment {visit.id} {visit.bill.version} {place}",
                expires_at=part.expires_at,
                appointment_id=visit.id,
            )
        )


def _spent_on(session: Session, account: Account, visit: Visit) -> list[Spent]:
    """What paid for the visit; perhaps on a card that has become part of this one since."""
    paid = select(point_entries.c.client_id).distinct()
    paid = paid.where(point_entries.c.appointment_id == visit.id, point_entries.c.kind == "redeem")
    others = [client_id for client_id in session.scalars(paid) if client_id != account.client_id]
    books = [*(lots_of(session, client_id) for client_id in sorted(others)), account.lots]
    return [spent for lots in books for spent in lots.spent_on(visit.id)]


def _earn(account: Account, visit: Visit, points: int) -> None:
    account.post(
        Posting(
            "earn" if points > 0 else "reverse",
            "visit",
            points,
            f"visit {visit.id} {visit.bill.version}",
            expires_at=lapses_at(visit.rules, visit.completed_at) if visit.rules and points > 0 else None,
            appointment_id=visit.id,
        )
    )


def _receipt(bill: VisitBill) -> Receipt:
    money = sum(part.amount for part in bill.payments if part.kind not in TENDERS)
    return receipt_of(
        ((line.kind, line.due - line.refunded) for line in bill.lines),
        due=bill.due,
        paid=bill.paid,
        refunded=bill.refunded,
        money=money if bill.payments else bill.paid - bill.refunded,
    )


def _close(session: Session, visits: Sequence[Visit]) -> None:
    """What the bills name is confirmed; what else was set aside for the visits is free."""
    named = {reservation_id for visit in visits for reservation_id in visit.named}
    theirs = reservations.c.appointment_id.in_([visit.id for visit in visits])
    for which, state in ((reservations.c.id.in_(named), "confirmed"), (reservations.c.state == "reserved", "released")):
        session.execute(update(reservations).where(theirs, which).values(state=state))


def _note_uncovered(session: Session, visits: Sequence[Visit], missing: Mapping[UUID, Mapping[str, int]]) -> None:
    """Instead of what was noted by older bills."""
    session.execute(
        delete(unsettled_payments).where(unsettled_payments.c.appointment_id.in_([visit.id for visit in visits]))
    )
    rows = [
        {
            "appointment_id": visit.id,
            "kind": kind,
            "client_id": visit.client_id,
            "branch_id": visit.bill.branch_id,
            "amount": amount,
            "currency": visit.bill.currency,
            "at": visit.bill.occurred_at,
        }
        for visit in visits
        for kind, amount in missing[visit.id].items()
        if amount > 0
    ]
    if rows:
        session.execute(insert(unsettled_payments), rows)
