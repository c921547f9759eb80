"""The end of a visit: final prices, what pays for it in how many parts, and what is left, told before it is done."""

from typing import Any
from uuid import UUID

from flask import Response

from contracts.booking import (
    Appointment,
    CompleteAppointment,
    FinalPrice,
    ListServices,
    OpenAppointment,
    PreviewCompletion,
    Service,
    ShowAppointment,
    WantedPayment,
)
from contracts.clients import NameClients
from contracts.loyalty import ListMemberships, LookUpCertificate, Membership
from gateway.pages.clients import about
from gateway.pages.desk.day import named
from gateway.pages.desk.verdicts import given
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.languages import noted
from gateway.pages.sentences import sentence
from gateway.pages.site import Area, done, shown
from gateway.pages.visitor import Visitor
from kernel.errors import Refusal
from kernel.money import Money

MONEY = {  # kinds of payment that are money, in the order in which the desk takes them
    "card": noted("Card"),
    "cash": noted("Cash"),
    "transfer": noted("Transfer"),
    "online": noted("Online"),
    "other": noted("Other"),
}
TENDERS = {"membership": noted("Membership"), "points": noted("Points"), "certificate": noted("Gift certificate")}
OWED = "owed"  # the rest is not paid now

Paid = list[tuple[dict[str, str], WantedPayment]]  # a payment, and where the form says which of its details

area = Area("desk-paying")


@area.page("/desk/appointments/<uuid:id>/completing", CompleteAppointment)
def completing(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    """What is due and why, and how it is paid: all of it by card unless something else is said."""
    visit = visitor.ask(OpenAppointment(id))
    beside = about(visitor, visit.client_id) if visit.client_id else {"discount": None}
    services = {service.id: service for service in visitor.all(ListServices)}
    return shown(
        "desk/completing.html",
        visit=visit,
        kinds=MONEY,
        owed=OWED,
        services=services,
        passes=_passes(visitor, visit, services),
        name=name_of(visitor, visit),
        may_look_up=visitor.may(LookUpCertificate),
        **_preview(visitor, visit, None, (WantedPayment("card"),), ()),
        **beside,
    )


@area.page("/desk/appointments/<uuid:id>/bill", CompleteAppointment)
def bill(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """What it would come to, while the dialog is being filled in."""
    visit = visitor.ask(ShowAppointment(id))
    try:
        paid = _payments(form, visit)
        found = _preview(visitor, visit, _changed_prices(form, visit), tuple(one for _where, one in paid), _codes(form))
    except Refusal as refused:  # of what was typed
        found = {"after": None, "text": sentence(refused)}
    return shown("desk/bill.html", visit=visit, **found)


@area.page("/desk/certificate", LookUpCertificate)
def certificate(visitor: Visitor, form: Form) -> Response:
    """What is on the gift certificate whose code was typed."""
    code = form.maybe("certificate")
    if code is None:
        return shown("desk/certificate.html", found=None, text="")
    try:
        return shown("desk/certificate.html", found=visitor.ask(LookUpCertificate(code[:64])), text="")
    except Refusal as refused:
        return shown("desk/certificate.html", found=None, text=sentence(refused))


@area.form("/desk/appointments/<uuid:id>/complete", CompleteAppointment)
def complete(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visit = visitor.ask(ShowAppointment(id))
    prices, paid = _changed_prices(form, visit), _payments(form, visit)
    asked = CompleteAppointment(id, prices, tuple(one for _where, one in paid), _codes(form))
    try:
        made = visitor.ask(asked, form.key)
    except Refusal as refused:
        raise _in_form(refused, prices or (), paid) from None
    return done(_("Completed"), refresh="days", visit=str(made.id))


def name_of(visitor: Visitor, visit: Appointment) -> str | None:
    """Whose it is, said in every dialog: nobody's visit is to be ended for somebody else's."""
    told = visitor.ask_if(NameClients((visit.client_id,))) if visit.client_id else None
    return named(told.items[0]) if told and told.items else None


def _preview(
    visitor: Visitor,
    visit: Appointment,
    prices: tuple[FinalPrice, ...] | None,
    payments: tuple[WantedPayment, ...],
    codes: tuple[str, ...],
) -> dict[str, Any]:
    """The bill with its payments, or a sentence that says what stands against it."""
    words = {"words": MONEY | TENDERS, "money_kinds": frozenset(MONEY)}
    try:
        after = visitor.ask(PreviewCompletion(visit.id, prices, payments, codes))
    except Refusal as refused:
        return words | {"after": None, "text": sentence(refused)}
    taken = sum(one.amount.amount for one in after.payments if one.kind in MONEY)
    currency = after.due.currency
    return words | {
        "after": after,
        "gives": given(after),
        "taken": Money(taken, currency),
        "left": Money(after.due.amount - after.paid.amount, currency),
    }


def _passes(visitor: Visitor, visit: Appointment, services: dict[UUID, Service]) -> dict[UUID, list[Membership]]:
    """By segment: the memberships of the client that are good for its service, as far as their counters say."""
    if visit.client_id is None:
        return {}
    usable = visitor.all_if(ListMemberships, client_id=visit.client_id, usable=True)
    return {
        part.id: [one for one in usable if _fits(one, part.service_id, services.get(part.service_id))]
        for part in visit.segments
    }


def _fits(membership: Membership, service_id: UUID, service: Service | None) -> bool:
    category = service.category if service else None
    return any(
        counter.left > counter.reserved
        and (
            not (counter.service_ids or counter.categories)
            or service_id in counter.service_ids
            or category in counter.categories
        )
        for counter in membership.remaining
    )


def _changed_prices(form: Form, visit: Appointment) -> tuple[FinalPrice, ...] | None:
    """Prices that were typed over; the others stay as booked."""
    changed = []
    for part in visit.segments:
        price = form.maybe_money(f"price-{part.id}", visit.total.currency)
        if price is not None and price != part.price:
            changed.append(FinalPrice(part.id, price))
    return tuple(changed) or None


def _codes(form: Form) -> tuple[str, ...]:
    code = form.maybe("code")
    return (code,) if code else ()


def _payments(form: Form, visit: Appointment) -> Paid:
    """Memberships, points and a certificate first, then money in the parts that are said, and the rest in one kind."""
    kind = form.one_of("kind", {*MONEY, OWED})
    currency = visit.total.currency
    paid: Paid = []
    for part in visit.segments:
        if pass_id := form.maybe_id(field := f"membership-{part.id}"):
            paid.append(({"": field}, WantedPayment("membership", membership_id=pass_id, segment_id=part.id)))
    if points := form.maybe_money("points", currency):
        paid.append(({"": "points"}, WantedPayment("points", points)))
    if code := form.maybe("certificate"):
        amount = form.maybe_money("from_certificate", currency)
        where = {"": "certificate", "amount": "from_certificate"}
        paid.append((where, WantedPayment("certificate", amount, code)))
    for one in MONEY:
        amount = form.maybe_money(field := f"part-{one}", currency)
        if amount is not None and amount.amount:
            paid.append(({"": field}, WantedPayment(one, amount)))  # type: ignore[arg-type]
    if kind != OWED:
        paid.append(({"": "kind"}, WantedPayment(kind)))  # type: ignore[arg-type]
    return paid


def _in_form(refused: Refusal, prices: tuple[FinalPrice, ...], paid: Paid) -> Refusal:
    """The refusal by the fields of the form: `payments.1.amount` is the field that said that payment."""
    errors = refused.details.get("errors")
    if not errors:
        return refused
    named = {_field(place, prices, paid): said for place, said in errors.items()}
    return type(refused)(refused.code, refused.message, **(refused.details | {"errors": named}))


def _field(place: str, prices: tuple[FinalPrice, ...], paid: Paid) -> str:
    head, _dot, rest = place.partition(".")
    number, _dot, detail = rest.partition(".")
    if head == "codes":
        return "code"
    if not number.isdecimal():
        return place
    if head == "lines" and int(number) < len(prices):
        return f"price-{prices[int(number)].segment_id}"
    if head == "payments" and int(number) < len(paid):
        where = paid[int(number)][0]
        return where.get(detail, where[""])
    return place
