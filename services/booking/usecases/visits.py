"""The visit's bill at its end: final prices, payments, refunds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from chassis.messaging import AskAgain
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Invalid
from services.booking.domain.appointment import (
    OPEN,
    Appointment,
    Status,
    become,
    check_reason,
    must_be_completed,
    must_be_open,
)
from services.booking.domain.bill import Bill, Paying, better, check_refunds, paid_with, promise_of, refunded, repriced
from services.booking.domain.terms import Offer, check_codes, codes_of
from services.booking.queries.appointments import Kept, find
from services.booking.queries.texts import sealed
from services.booking.tables import refunds
from services.booking.usecases.appointments import history_field, seen, step
from services.booking.usecases.asking import Call
from services.booking.usecases.guard import must_be_decided
from services.booking.usecases.quoting import ask_offer, of_bill, offer_of
from services.booking.usecases.record import Change, rewrite
from services.booking.usecases.salon import check_price, use_currency
from services.booking.usecases.telling import tell
from services.booking.usecases.tenders import Reservation, amounts_of, are_wanted, reserve


@dataclass(frozen=True, slots=True)
class Closing:
    """What was found out about closing a visit as it was at `version`; no `offer`: it cannot be closed any more."""

    version: int
    offer: Offer | None = None
    reservation: Reservation | None = None


def ask_closing(
    call: Call, request: wire.CompleteAppointment, caller: Caller, now: datetime, *, for_real: bool = True
) -> Closing:
    """At what discount the visit is closed, and what pays for it set aside; what is refused anyway sets nothing aside.

    Unless it is `for_real` nothing is set aside, and the reservation is one that nobody knows.
    The percentage is settled here, also by the own copy: what is set aside has to fit the bill to the last kopeck.
    """
    with call.reads() as session:
        old = find(session, request.id, caller, caller.must("appointments.complete")).appointment
        if old.status not in OPEN:
            return Closing(old.version)
        final = replace(old, bill=repriced(old.bill, _final_prices(session, old, request.lines or ())))
        pricing = of_bill(session, final, codes_of(old.bill.terms.codes, request.codes))
    said = ask_offer(call, old.client_id, pricing)
    with call.reads() as session:
        offer = offer_of(session, old.client_id, old.branch_id, said, pricing.codes)
        closing = Closing(old.version, offer)
        if request.payments is None or not are_wanted(request.payments):
            return closing
        kept = find(session, request.id, caller, caller.must("appointments.complete"))
        if kept.appointment.version != old.version:
            raise AskAgain
        closed = _closed(session, kept, request, closing, now)
    if not for_real:
        return replace(closing, reservation=Reservation(new_id(), request.id, call))
    reservation = reserve(call, replace(closed, version=old.version), request.payments, pricing.lines)
    return replace(closing, reservation=reservation)


def complete(
    session: Session,
    keyring: Keyring,
    request: wire.CompleteAppointment,
    caller: Caller,
    asked: Closing,
    now: datetime,
) -> wire.Appointment:
    """Close the visit at its final prices, with the better of the promised and the current discount."""
    kept = find(session, request.id, caller, caller.must("appointments.complete"), to_change=True)
    if kept.appointment.version != asked.version:
        raise AskAgain
    new = _closed(session, kept, request, asked, now)
    must_be_decided(session, keyring, kept, caller, now)
    step(session, kept.appointment, new, Change("completed", caller, now))
    return seen(session, keyring, new.id, caller, now)


def _closed(
    session: Session, kept: Kept, request: wire.CompleteAppointment, asked: Closing, now: datetime
) -> Appointment:
    """The visit as it will be; refused where it cannot be."""
    old, offer = kept.appointment, asked.offer
    if offer is None:
        must_be_open(old)
        raise AskAgain
    prices = _final_prices(session, old, request.lines or ())
    check_codes(request.codes, offer)
    bill = better(repriced(old.bill, prices), promise_of(old.bill), offer)
    payments = None if request.payments is None else _payments(session, bill, request.payments)
    bill = paid_with(bill, payments, now, new_id, asked.reservation.id if asked.reservation else None)
    segments = tuple(replace(part, price=prices.get(part.id, part.price)) for part in old.segments)
    done = become(old, Status.COMPLETED, now, kept.tz)
    return replace(done, segments=segments, bill=bill, completed_at=now)


def _final_prices(session: Session, appointment: Appointment, wanted: Sequence[wire.FinalPrice]) -> dict[UUID, int]:
    known = {part.id for part in appointment.segments}
    prices: dict[UUID, int] = {}
    for place, line in enumerate(wanted):
        if line.segment_id not in known or line.segment_id in prices:
            raise Invalid.field(f"lines.{place}.segment_id", "segment_unknown", "name each segment of the visit once")
        check_price(f"lines.{place}.price", line.price)
        prices[line.segment_id] = line.price.amount
    use_currency(session, [(f"lines.{place}.price", line.price) for place, line in enumerate(wanted)])
    return prices


def _payments(session: Session, bill: Bill, wanted: Sequence[wire.WantedPayment]) -> list[Paying]:
    use_currency(session, [(f"payments.{place}.amount", payment.amount) for place, payment in enumerate(wanted)])
    amounts = zip(wanted, amounts_of(bill, wanted), strict=True)
    return [paid for payment, paid in amounts if paid.amount or payment.amount is not None]


def refund(
    session: Session, keyring: Keyring, request: wire.RefundAppointment, caller: Caller, now: datetime
) -> wire.Appointment:
    """Give back something of what was paid, line by line."""
    kept = find(session, request.id, caller, caller.must("appointments.refund"), to_change=True)
    check_reason(request.reason)
    old = kept.appointment
    wanted = [(line.line_id, line.amount.amount) for line in request.lines]
    use_currency(session, [(f"lines.{place}.amount", line.amount) for place, line in enumerate(request.lines)])
    check_refunds(old.bill, wanted)
    must_be_completed(old)
    bill, back = refunded(old.bill, wanted, now, new_id)
    new = replace(old, bill=bill, version=old.version + 1)
    text = sealed(keyring, new, "reason", request.reason)
    why = sealed(keyring, new, history_field(new), request.reason)
    rewrite(session, old, new, Change("refunded", caller, now, why), reason=text)
    session.execute(
        insert(refunds),
        [{"id": each.id, "line_id": each.line_id, "amount": each.amount, "refunded_at": now} for each in back],
    )
    tell(session, [new], ["refunded"], now)
    return seen(session, keyring, new.id, caller, now)
