"""At what discount a visit is booked and closed: as loyalty says before the transaction, else by the own copy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts import booking as wire
from contracts.loyalty import AskedLine, QuoteVisit, VisitQuote
from kernel.errors import Refusal
from services.booking.domain.appointment import Appointment, Segment, kept_among
from services.booking.domain.diary import YEARS
from services.booking.domain.terms import Offer, Part, Priced, Source, Terms
from services.booking.queries.appointments import every_appointment, kept
from services.booking.queries.catalogue import Catalogue, catalogue, remembered
from services.booking.tables import appointments, discounts
from services.booking.usecases.asking import Asked, Call, ask_about, ask_health

WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Pricing:
    """A visit that is to be priced, its services in the order of the bill."""

    branch_id: UUID
    local_date: date
    currency: str
    lines: tuple[AskedLine, ...]
    appointment_id: UUID | None = None
    codes: tuple[str, ...] = ()


def ask_offer(call: Call, client_id: UUID | None, pricing: Pricing | None) -> Offer | None:
    """What loyalty gives for the visit; None where it is not installed or does not answer in time."""
    if client_id is None or pricing is None:
        return None
    try:
        quote = call(
            QuoteVisit(
                client_id=client_id,
                branch_id=pricing.branch_id,
                local_date=pricing.local_date,
                currency=pricing.currency,
                lines=pricing.lines,
                appointment_id=pricing.appointment_id,
                codes=pricing.codes,
            )
        )
    except Refusal:
        return None
    return _offer(quote, pricing)


def ask_about_visit(call: Call, client_id: UUID, service_ids: Iterable[UUID], pricing: Pricing | None) -> Asked:
    """Whether the client may book, at what discount, and what speaks against the services."""
    return replace(ask_about(call, client_id, service_ids), offer=ask_offer(call, client_id, pricing))


def ask_for_services(call: Call, request: wire.ChangeAppointment) -> Asked:
    """At what discount the client of an appointment gets other services, and what speaks against them."""
    wanted = request.segments or ()
    with call.reads() as session:
        found = kept(session, every_appointment().where(appointments.c.id == request.id))
        old = found[0].appointment if found else None
        if old is None or old.client_id is None:
            return Asked("unknown")
        pricing = of_wanted(
            session,
            old.branch_id,
            old.starts if request.starts is UNSET else request.starts,
            wanted,
            codes=old.bill.terms.codes,
            appointment_id=old.id,
            same=kept_among(old.segments, [(part.service_id, part.master_id) for part in wanted]),
        )
    health = ask_health(call, old.client_id, [part.service_id for part in wanted])
    return Asked(offer=ask_offer(call, old.client_id, pricing), checked=health)


def _offer(quote: VisitQuote, pricing: Pricing) -> Offer:
    """What was quoted, within what a bill can hold."""
    quoted = {line.line_id: line for line in quote.lines}
    priced = []
    for asked in pricing.lines:
        line = quoted.get(asked.line_id)
        discount = min(max(line.discount, 0), asked.price) if line else 0
        priced.append(Priced(asked.price, discount, _percent(line.percent) if line else Decimal(0)))
    refused = {code.casefold() for code in quote.refused_codes}
    terms = Terms(
        percent=_percent(quote.percent),
        as_of=quote.as_of,
        source=Source.LOYALTY,
        programme_version=quote.programme_version,
        parts=tuple(Part(part.rule, part.kind, part.text, part.amount) for part in quote.parts if part.amount > 0),
        gifts=quote.gifts,
        offers=quote.offers,
        codes=tuple(code for code in pricing.codes if code.casefold() not in refused),
    )
    return Offer(terms, tuple(priced), quote.refused_codes)


def _percent(percent: Decimal) -> Decimal:
    return min(max(percent, Decimal(0)), WHOLE)


def offer_of(
    session: Session, client_id: UUID | None, branch_id: UUID, said: Offer | None, codes: tuple[str, ...] = ()
) -> Offer:
    """What loyalty `said`, else the percentage of the own copy with its date, else nothing.

    Of the `codes` nobody has said anything then: they are kept, and asked about when the visit is over.
    """
    if said is not None:
        return said
    query = select(discounts.c.percent, discounts.c.as_of, discounts.c.by_branch)
    copy = session.execute(query.where(discounts.c.client_id == client_id)).one_or_none()
    if copy is None:
        return Offer(Terms(codes=codes))
    percent = Decimal(copy.by_branch.get(str(branch_id), copy.percent))
    return Offer(Terms(percent=percent, as_of=copy.as_of, source=Source.COPY, codes=codes))


# --- what is to be priced -------------------------------------------------------------------------------------------


def of_wanted(
    session: Session,
    branch_id: UUID,
    starts: datetime,
    wanted: Sequence[wire.WantedSegment],
    *,
    codes: tuple[str, ...] = (),
    appointment_id: UUID | None = None,
    same: Sequence[Segment | None] = (),
) -> Pricing | None:
    """The services at the prices that they will probably have: who renders them is settled later.

    Those that are the `same` as were booked keep theirs. None for a visit that cannot be, which is refused later. What
    is remembered of the catalogue will do unless it does not know what is asked for.
    """
    if starts.tzinfo is None or starts.year not in YEARS:
        return None
    wanted_in = (branch_id, starts, wanted, codes, appointment_id, same)
    known = remembered(session)
    return (known and _of_wanted(known, *wanted_in)) or _of_wanted(catalogue(session), *wanted_in)


def _of_wanted(
    known: Catalogue,
    branch_id: UUID,
    starts: datetime,
    wanted: Sequence[wire.WantedSegment],
    codes: tuple[str, ...],
    appointment_id: UUID | None,
    same: Sequence[Segment | None],
) -> Pricing | None:
    branch = known.branches.get(branch_id)
    if branch is None or known.currency is None:
        return None
    lines = []
    for place, part in enumerate(wanted):
        booked = same[place] if same else None
        price = booked.price if booked else _likely_price(known, part, branch_id)
        if price is None:
            return None
        lines.append(_asked(known, new_id(), part.service_id, price))
    day = starts.astimezone(branch.tz).date()
    return Pricing(branch_id, day, known.currency, tuple(lines), appointment_id, codes)


def _likely_price(known: Catalogue, part: wire.WantedSegment, branch_id: UUID) -> int | None:
    """By the master who is named, else by the first who renders it."""
    able = known.renderers.get(part.service_id, ())
    master_id = part.master_id or next(iter(able), None)
    return known.need(part.service_id, master_id, branch_id).price if master_id in able else None


def of_bill(session: Session, appointment: Appointment, codes: Iterable[str] = ()) -> Pricing:
    """The visit as it is on its bill, at its prices of now."""
    known = remembered(session) or catalogue(session)
    services = appointment.bill.services
    return Pricing(
        appointment.branch_id,
        appointment.local_date,
        appointment.bill.currency,
        tuple(_asked(known, line.id, line.service_id, line.price) for line in services),
        appointment.id,
        tuple(codes),
    )


def _asked(known: Catalogue, line_id: UUID, service_id: UUID | None, price: int) -> AskedLine:
    service = known.services.get(service_id) if service_id else None
    return AskedLine(line_id, service_id, price, service.category if service else None)
