"""The visit's bill at its end: final prices, payments, refunds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from chassis.database import new_id
from chassis.keyring import Keyring
from contracts import booking as wire
from contracts.loyalty import DiscountQuote
from kernel.caller import Caller
from kernel.errors import Invalid
from services.booking.domain.appointment import Appointment, Status, become, check_reason, must_be_completed
from services.booking.domain.bill import better, check_refunds, discounted, paid_with, refunded, repriced
from services.booking.queries.appointments import find
from services.booking.queries.texts import sealed
from services.booking.tables import refunds
from services.booking.usecases.appointments import history_field, seen, step
from services.booking.usecases.asking import discount_of
from services.booking.usecases.guard import must_be_decided
from services.booking.usecases.record import Change, rewrite, tell
from services.booking.usecases.salon import check_price, use_currency


def complete(
    session: Session,
    keyring: Keyring,
    request: wire.CompleteAppointment,
    caller: Caller,
    quote: DiscountQuote | None,
    now: datetime,
) -> wire.Appointment:
    """Close the visit at its final prices, with the better of the promised and the current discount."""
    kept = find(session, request.id, caller, caller.must("appointments.complete"), to_change=True)
    old = kept.appointment
    prices = _final_prices(session, old, request.lines or ())
    payments = None if request.payments is None else _payments(session, request.payments)
    promised, current = (old.bill.percent, old.bill.as_of), discount_of(session, old.client_id, quote)
    bill = discounted(repriced(old.bill, prices), *better(promised, current))
    bill = paid_with(bill, payments, now, new_id)
    segments = tuple(replace(part, price=prices.get(part.id, part.price)) for part in old.segments)
    new = replace(become(old, Status.COMPLETED, now, kept.tz), segments=segments, bill=bill)
    must_be_decided(keyring, kept, caller)
    step(session, old, new, Change("completed", caller, now))
    return seen(session, keyring, new.id)


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


def _payments(session: Session, wanted: Sequence[wire.WantedPayment]) -> list[tuple[str, int]]:
    use_currency(session, [(f"payments.{place}.amount", payment.amount) for place, payment in enumerate(wanted)])
    return [(payment.kind, payment.amount.amount) for payment in wanted]


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
    return seen(session, keyring, new.id)
