"""Discounts, referrals and the events that they follow from, on the wire."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.messaging import every, handles, serves
from contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentState,
    VisitCompleted,
    VisitRefunded,
)
from contracts.clients import ClientChanged, ClientErased, ClientRegistered, ClientsMerged, PersonalDiscountChanged
from contracts.loyalty import (
    Discount,
    DiscountQuote,
    ExportFromLoyalty,
    HeldByLoyalty,
    Programme,
    QuoteDiscount,
    Referrals,
    ShowDiscount,
    ShowProgramme,
    ShowReferrals,
)
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty import usecases
from services.loyalty.queries import discounts as queries


class Discounts:
    @serves(ShowDiscount)
    def show_discount(self, session: Session, request: ShowDiscount, caller: Caller) -> Discount:
        return queries.discount(session, request.client_id, caller, utc_now())

    @serves(ShowReferrals)
    def show_referrals(self, session: Session, request: ShowReferrals, caller: Caller) -> Referrals:
        return queries.referrals(session, request.client_id, request.depth, caller)

    @serves(ShowProgramme)
    def show_programme(self, session: Session, request: ShowProgramme, caller: Caller) -> Programme:  # noqa: ARG002
        return queries.programme(session)

    @serves(QuoteDiscount)
    def quote_discount(self, session: Session, request: QuoteDiscount, caller: Caller) -> DiscountQuote:  # noqa: ARG002
        return queries.quote(session, request.client_id, now=utc_now())

    @serves(ExportFromLoyalty)
    def export_from_loyalty(self, session: Session, request: ExportFromLoyalty, caller: Caller) -> HeldByLoyalty:  # noqa: ARG002
        return queries.export(session, request.client_id, utc_now())

    @handles(ClientRegistered, batch=True)
    @handles(ClientChanged, batch=True)
    def card_stated(self, session: Session, events: Sequence[ClientRegistered | ClientChanged]) -> None:
        usecases.copy_cards(session, events, now=utc_now())

    @handles(ClientsMerged)
    def clients_merged(self, session: Session, event: ClientsMerged) -> None:
        usecases.keep_merge(session, event, now=utc_now())

    @handles(ClientErased, batch=True)
    def client_erased(self, session: Session, events: Sequence[ClientErased]) -> None:
        usecases.keep_erasures(session, events)
        usecases.forget_personal(session, events)

    @handles(PersonalDiscountChanged, batch=True)
    def personal_discount_stated(self, session: Session, events: Sequence[PersonalDiscountChanged]) -> None:
        usecases.keep_personal(session, events, now=utc_now())

    @every(60.0)
    def tell_of_bounds(self, session: Session) -> None:
        usecases.tell_of_bounds(session, utc_now())

    @handles(AppointmentBooked, batch=True)
    @handles(AppointmentCancelled, batch=True)
    @handles(AppointmentMissed, batch=True)
    def appointment_made(self, session: Session, events: Sequence[AppointmentState]) -> None:
        usecases.remember_presence(session, events)

    @handles(VisitCompleted, batch=True)
    @handles(VisitRefunded, batch=True)
    def bill_stated(self, session: Session, events: Sequence[VisitCompleted | VisitRefunded]) -> None:
        usecases.copy_bills(session, events, now=utc_now())
