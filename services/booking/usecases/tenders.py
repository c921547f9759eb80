"""What pays for a visit and is not money: set aside in loyalty before the transaction, let go if that is refused."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from chassis.messaging import Refused
from chassis.wire import encode
from contracts import booking as wire
from contracts.loyalty import AskedLine, ReleaseTenders, ReserveTenders, Tender
from kernel.errors import Invalid, NotFound, Refusal, Unavailable
from services.booking.domain.appointment import Appointment
from services.booking.domain.bill import TENDERS, Bill, Line, Paying
from services.booking.tables import payments
from services.booking.usecases.asking import Call

DETAILS = {"certificate": ("code",), "membership": ("membership_id", "segment_id")}  # what is said by kind of payment


@dataclass(frozen=True, slots=True)
class Reservation:
    """What loyalty has set aside; `call` is for letting it go."""

    id: UUID
    appointment_id: UUID
    call: Call


def are_wanted(wanted: Sequence[wire.WantedPayment] | None) -> bool:
    """Whether anything of it is not money."""
    return any(payment.kind in TENDERS for payment in wanted or ())


def amounts_of(bill: Bill, wanted: Sequence[wire.WantedPayment]) -> list[Paying]:
    """What each payment comes to; a membership pays its service whole unless something else is said.

    One payment of money may leave the amount out: it pays the rest, which may be nothing.
    """
    lines = {line.segment_id: line for line in bill.services}
    amounts: list[Paying] = []
    rest = None
    for place, payment in enumerate(wanted):
        _refuse_strays(place, payment)
        line = None
        if payment.kind not in TENDERS and payment.amount is None and rest is None:
            rest = place
            amounts.append(Paying(payment.kind, 0))
            continue
        if payment.kind == "certificate" and payment.code is None:
            raise Invalid.field(f"payments.{place}.code", "code_missing", "say the code of the certificate")
        if payment.kind == "membership":
            if payment.membership_id is None:
                raise Invalid.field(f"payments.{place}.membership_id", "membership_missing", "say which membership")
            line = lines.pop(payment.segment_id, None)
            if line is None:
                field = f"payments.{place}.segment_id"
                raise Invalid.field(field, "segment_unknown", "a membership pays one service of the visit, once")
        most = line.due if line else None
        amounts.append(Paying(payment.kind, _amount(place, payment, most), line.id if line else None))
    if rest is not None:
        amounts[rest] = Paying(amounts[rest].kind, max(0, bill.due - sum(each.amount for each in amounts)))
    return amounts


def _refuse_strays(place: int, payment: wire.WantedPayment) -> None:
    """A certificate that was booked as cash would stay unused, and nobody would notice."""
    for field in ("code", "membership_id", "segment_id"):
        if getattr(payment, field) is not None and field not in DETAILS.get(payment.kind, ()):
            raise Invalid.field(
                f"payments.{place}.{field}", "detail_of_another_kind", f"this does not go with {payment.kind}"
            )


def _amount(place: int, payment: wire.WantedPayment, most: int | None) -> int:
    if payment.amount is None:
        if most is None:
            raise Invalid.field(f"payments.{place}.amount", "amount_missing", "say how much is paid")
        return most
    if most is not None and payment.amount.amount > most:
        raise Invalid.field(f"payments.{place}.amount", "over_line", "this is more than what is due on the service")
    return payment.amount.amount


def reserve(
    call: Call, appointment: Appointment, wanted: Sequence[wire.WantedPayment], priced: Sequence[AskedLine]
) -> Reservation:
    """Set aside what shall pay for the visit as it is billed; who tries again has the same reservation."""
    places = [place for place, payment in enumerate(wanted) if payment.kind in TENDERS]
    if appointment.client_id is None:
        field = f"payments.{places[0]}.kind"
        raise Invalid.field(field, "client_missing", "a visit without a card is paid with money")
    amounts = amounts_of(appointment.bill, wanted)
    lines = {line.segment_id: line for line in appointment.bill.services}
    categories = {line.line_id: line.category for line in priced}
    tenders = tuple(_tender(wanted[place], amounts[place].amount, lines, categories) for place in places)
    said = f"{appointment.version} {appointment.bill.due} {encode(tenders).decode()}"
    request = ReserveTenders(
        reservation_id=uuid5(appointment.id, said),
        appointment_id=appointment.id,
        client_id=appointment.client_id,
        branch_id=appointment.branch_id,
        currency=appointment.bill.currency,
        due=appointment.bill.due,
        tenders=tenders,
    )
    try:
        call(request)
    except Refusal as refusal:
        raise _named(refusal, places) from None
    return Reservation(request.reservation_id, appointment.id, call)


def _tender(
    payment: wire.WantedPayment,
    amount: int,
    lines: Mapping[UUID | None, Line],
    categories: Mapping[UUID, str | None],
) -> Tender:
    line = lines.get(payment.segment_id) if payment.kind == "membership" else None
    return Tender(
        payment.kind,  # type: ignore[arg-type]
        amount,
        code=payment.code if payment.kind == "certificate" else None,
        membership_id=payment.membership_id if line else None,
        line_id=line.id if line else None,
        service_id=line.service_id if line else None,
        category=categories.get(line.id) if line else None,
    )


def _named(refusal: Refusal, places: Sequence[int]) -> Refusal:
    """What loyalty said, by the places of the payments; while it is away only money is taken."""
    if isinstance(refusal, Unavailable):
        return Unavailable("loyalty_away", "points, certificates and memberships cannot be taken just now")
    if isinstance(refusal, NotFound) and refusal.code == "not_installed":
        field = f"payments.{places[0]}.kind"
        return Invalid.field(field, "not_installed", "points, certificates and memberships are not installed")
    errors = refusal.details.get("errors")
    if not errors:
        return refusal
    details: dict[str, Any] = refusal.details | {"errors": {_place(at, places): said for at, said in errors.items()}}
    return type(refusal)(refusal.code, refusal.message, **details)


def _place(field: str, places: Sequence[int]) -> str:
    """`tenders.0.amount` as a place of the request: `payments.2.amount`."""
    head, _, rest = field.partition(".")
    number, dot, name = rest.partition(".")
    if head != "tenders" or not number.isdecimal() or int(number) >= len(places):
        return "payments" if head == "tenders" else field
    return f"payments.{places[int(number)]}{dot}{name}"


@contextmanager
def letting_go(session: Session, reservation: Reservation | None) -> Iterator[None]:
    """Give back what was set aside if the visit is not closed after all.

    The transaction is over by then, so nobody waits for its locks. Somebody else may have just closed the visit with
    the same reservation: then it is used. If loyalty does not hear of it, it lets go by itself.
    """
    try:
        yield
    except Refused:  # and yet something is kept of it, so its transaction goes on
        if reservation is not None:
            _release(reservation)
        raise
    except Refusal:
        if reservation is not None:
            session.rollback()
            if not _is_used(session, reservation):
                session.rollback()
                _release(reservation)
        raise


def _is_used(session: Session, reservation: Reservation) -> bool:
    its = payments.c.appointment_id == reservation.appointment_id
    return bool(session.scalar(select(exists().where(its, payments.c.reservation_id == reservation.id))))


def _release(reservation: Reservation) -> None:
    with suppress(Refusal):
        reservation.call(ReleaseTenders(reservation.id))
