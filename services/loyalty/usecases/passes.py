"""What pays for a visit and was sold before: gift certificates and memberships, set aside, used and given back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from chassis.merged import kept_ids
from contracts.booking import VisitCompleted, VisitRefunded
from contracts.loyalty import ReserveTenders, Tender
from kernel.errors import Invalid
from kernel.money import Money
from services.loyalty.domain.certificates import canonical
from services.loyalty.domain.memberships import Counter, counter_for, state_of
from services.loyalty.domain.passes import Hold, kept
from services.loyalty.queries.certificates import standing_of
from services.loyalty.queries.memberships import counters_of, pauses_of
from services.loyalty.tables.certificates import certificates, pass_holds
from services.loyalty.tables.memberships import membership_counters, memberships
from services.loyalty.usecases import certificates as of_certificates
from services.loyalty.usecases import memberships as of_memberships

CERTIFICATE, MEMBERSHIP = "certificate", "membership"
KINDS = (CERTIFICATE, MEMBERSHIP)
AT_ONCE = 500  # holds that end in one transaction


@dataclass(frozen=True)
class Uncovered:
    """What a bill says was paid by `kind`, and nothing covers, in minor units."""

    kind: str
    amount: int


# --- setting aside ---------------------------------------------------------------------------------------------------


def reserve(session: Session, request: ReserveTenders, codes_key: bytes, expires_at: datetime, now: datetime) -> None:
    """Set aside the certificates and memberships among the tenders; tenders of points are passed over.

    `codes_key` is that of the vault. Asked again for a reservation that stands it does nothing; one that was freed
    begins anew.
    Refusals name the place (`tenders.1.code`).
    """
    wanted = [(place, tender) for place, tender in enumerate(request.tenders) if tender.kind in KINDS]
    of_it = pass_holds.c.reservation_id == request.reservation_id
    session.execute(delete(pass_holds).where(of_it, ~pass_holds.c.held, pass_holds.c.used == 0))
    if not wanted or session.scalar(select(pass_holds.c.place).where(of_it).limit(1)) is not None:
        return
    found = [_found(session, tender, codes_key, f"tenders.{place}") for place, tender in wanted]
    _lock(session, found)
    for (place, tender), pass_id in zip(wanted, found, strict=True):
        where = f"tenders.{place}"
        if tender.amount <= 0:
            raise Invalid.field(f"{where}.amount", "amount_not_positive", "an amount is more than nothing")
        counter = None
        if tender.kind == CERTIFICATE:
            _check_certificate(session, pass_id, Money(tender.amount, request.currency), now, where)
            units = tender.amount
        else:
            chosen = _check_membership(session, pass_id, request, tender, now, where)
            counter, units = chosen.place, chosen.units_for(tender.amount)
        _set_reserved(session, pass_id, counter, units)
        session.execute(
            insert(pass_holds).values(
                reservation_id=request.reservation_id,
                place=place,
                appointment_id=request.appointment_id,
                kind=tender.kind,
                pass_id=pass_id,
                counter=counter,
                line_id=tender.line_id,
                amount=tender.amount,
                units=units,
                used=0,
                held=True,
                expires_at=expires_at,
            )
        )


def _found(session: Session, tender: Tender, codes_key: bytes, where: str) -> UUID:
    """The certificate of the code, or the membership; whether it is good for this is seen under its lock."""
    if tender.kind == MEMBERSHIP:
        if tender.membership_id is None:
            raise Invalid.field(f"{where}.membership_id", "membership_missing", "this says which membership")
        return tender.membership_id
    if tender.code is None:
        raise Invalid.field(f"{where}.code", "certificate_code_missing", "this says the code of the certificate")
    code = of_certificates.code_index(codes_key, canonical(tender.code, f"{where}.code"))
    found: UUID | None = session.scalar(select(certificates.c.id).where(certificates.c.code == code))
    if found is None:
        raise Invalid.field(f"{where}.code", "certificate_unknown", "there is no certificate with this code")
    return found


def _lock(session: Session, ids: Sequence[UUID]) -> None:
    """All that is written to, always in one order: of two at once the second one sees what the first has left."""
    for table in (certificates, memberships):
        of_them = table.c.id.in_(sorted(set(ids)))
        session.execute(select(table.c.id).where(of_them).order_by(table.c.id).with_for_update())


def _check_certificate(session: Session, certificate_id: UUID, wanted: Money, now: datetime, where: str) -> None:
    row = session.execute(select(certificates).where(certificates.c.id == certificate_id)).one()
    standing_of(row).refuse_payment(wanted, now, where)


def _check_membership(
    session: Session, membership_id: UUID, request: ReserveTenders, tender: Tender, now: datetime, where: str
) -> Counter:
    """The counter that pays the line; refused if it is another's membership, or not for this branch or service."""
    place = f"{where}.membership_id"
    row = session.execute(select(memberships).where(memberships.c.id == membership_id)).one_or_none()
    client_id = kept_ids(session, [request.client_id]).get(request.client_id, request.client_id)
    if row is None or row.client_id != client_id:
        raise Invalid.field(place, "membership_unknown", "this client has no such membership")
    counters = counters_of(session, membership_id)
    state = state_of(counters, row.expires_at, pauses_of(session, membership_id), now)
    if state == "expired":
        raise Invalid.field(place, "membership_expired", "this membership has expired")
    if state == "frozen":
        raise Invalid.field(place, "membership_frozen", "this membership is frozen")
    if row.branch_ids and request.branch_id not in row.branch_ids:
        raise Invalid.field(place, "membership_other_branch", "this membership is for other branches")
    if row.currency != request.currency:
        raise Invalid.field(place, "membership_other_currency", f"this membership is in {row.currency}")
    try:
        return counter_for(counters, tender.service_id, tender.category, tender.amount)
    except Invalid as refused:
        raise Invalid.field(place, refused.code, refused.message) from None


def _set_reserved(session: Session, pass_id: UUID, counter: int | None, units: int) -> None:
    """More set aside, or (below zero) less, of a certificate or of the counter of a membership."""
    if counter is None:
        table = certificates
        session.execute(update(table).where(table.c.id == pass_id).values(reserved=table.c.reserved + units))
    else:
        of_it = and_(membership_counters.c.membership_id == pass_id, membership_counters.c.place == counter)
        more = membership_counters.c.reserved + units
        session.execute(update(membership_counters).where(of_it).values(reserved=more))


# --- freeing ---------------------------------------------------------------------------------------------------------


def free(session: Session, reservation_id: UUID) -> None:
    """What is set aside and not used is free again; nothing if there is nothing of it."""
    _free(session, session.execute(select(pass_holds).filter_by(reservation_id=reservation_id)).all())


def free_visit(session: Session, appointment_id: UUID) -> None:
    """The same for all that is set aside for a visit which does not take place."""
    _free(session, session.execute(select(pass_holds).filter_by(appointment_id=appointment_id)).all())


def free_expired(session: Session, now: datetime) -> bool:
    """The same for all that was set aside until before `now`; whether there is more."""
    over = select(pass_holds).where(pass_holds.c.held, pass_holds.c.expires_at <= now)
    rows = session.execute(over.order_by(pass_holds.c.expires_at).limit(AT_ONCE)).all()
    _free(session, rows)
    return len(rows) == AT_ONCE


def _free(session: Session, rows: Sequence[Row[Any]]) -> None:
    _lock(session, [row.pass_id for row in rows])
    for row in rows:
        of_it = and_(pass_holds.c.reservation_id == row.reservation_id, pass_holds.c.place == row.place)
        still = update(pass_holds).where(of_it, pass_holds.c.held).values(held=False)
        if session.execute(still.returning(pass_holds.c.place)).one_or_none():
            _set_reserved(session, row.pass_id, row.counter, -row.units)


# --- using and giving back -------------------------------------------------------------------------------------------


def settle(session: Session, bill: VisitCompleted | VisitRefunded, now: datetime) -> tuple[Uncovered, ...]:
    """Bring what is used for the visit to what its bill says was paid so, net of what went back: confirm and give back.

    `bill` is newer than what was settled of the visit before. What it does not name of the visit's reservations becomes
    free.
    """
    rows = session.execute(select(pass_holds).filter_by(appointment_id=bill.appointment_id)).all()
    paid = {kind: [part for part in bill.payments if part.kind == kind] for kind in KINDS}
    _free(session, rows)
    uncovered = []
    for kind in KINDS:
        named = {part.reservation_id for part in paid[kind] if part.reservation_id is not None}
        # A bill that names none of them may mean any. What an older one used and this one does not name comes last,
        # and so is the first that goes back.
        mine = [row for row in rows if row.kind == kind and (row.reservation_id in named or not named or row.used)]
        mine.sort(key=lambda row: (row.reservation_id not in named, row.expires_at, row.place))
        missing = _use(session, mine, sum(part.amount for part in paid[kind]), bill, now)
        if missing:
            uncovered.append(Uncovered(kind, missing))
    return tuple(uncovered)


def _use(
    session: Session, rows: Sequence[Row[Any]], paid: int, bill: VisitCompleted | VisitRefunded, now: datetime
) -> int:
    """Use of each hold what it pays of `paid`; how much nothing covers."""
    refunded: dict[UUID, int] = defaultdict(int)
    for line in bill.lines:
        refunded[line.line_id] += line.refunded
    parts, missing = kept([Hold(row.amount, row.line_id) for row in rows], paid, refunded)
    for row, amount in zip(rows, parts, strict=True):
        units = amount if row.units == row.amount else row.units * bool(amount)  # a visit is used whole
        lacking = _bring_to(session, row, units, bill, now)
        if lacking:
            missing += lacking if row.units == row.amount else amount
    return missing


def _bring_to(session: Session, row: Row[Any], units: int, bill: VisitCompleted | VisitRefunded, now: datetime) -> int:
    """Use more of what a hold was of, or give some back, until `units` are used; how many are not there."""
    before: int = row.used
    wanted = min(units - before, _available(session, row))
    if wanted:
        _enter(session, row, wanted, bill, now)
        of_it = and_(pass_holds.c.reservation_id == row.reservation_id, pass_holds.c.place == row.place)
        session.execute(update(pass_holds).where(of_it).values(used=before + wanted))
    return units - before - wanted


def _available(session: Session, row: Row[Any]) -> int:
    """What nobody else has set aside; also of something that has expired or was blocked since: the visit took place."""
    if row.kind == CERTIFICATE:
        left = certificates.c.balance - certificates.c.reserved
        return int(session.scalar(select(left).where(certificates.c.id == row.pass_id)) or 0)
    table = membership_counters
    of_it = and_(table.c.membership_id == row.pass_id, table.c.place == row.counter)
    return int(session.scalar(select(table.c.remaining - table.c.reserved).where(of_it)) or 0)


def _enter(session: Session, row: Row[Any], units: int, bill: VisitCompleted | VisitRefunded, now: datetime) -> None:
    """Enter that `units` more are used or (below zero) given back, by that version of the bill."""
    cause = f"bill {bill.appointment_id} {bill.version} {row.reservation_id} {row.place}"
    if row.kind == CERTIFICATE:
        kind = "redeemed" if units > 0 else "reversed"
        of_certificates.enter(session, row.pass_id, kind, -units, now, cause=cause, appointment_id=bill.appointment_id)
        if units < 0:
            of_certificates.give_grace(session, row.pass_id, now)
        return
    kind = "used" if units > 0 else "given_back"
    of_memberships.enter(
        session,
        row.pass_id,
        kind,
        -units,
        now,
        cause=cause,
        counter=row.counter,
        appointment_id=bill.appointment_id,
    )
    if units < 0:
        of_memberships.give_grace(session, row.pass_id, now)
