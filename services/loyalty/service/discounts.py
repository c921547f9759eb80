"""Discounts, why they are what they are, referrals, and what visits get, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.loyalty import (
    Discount,
    ExplainDiscount,
    ExplainedVisit,
    ExplainVisit,
    Explanation,
    ExportFromLoyalty,
    HeldByLoyalty,
    ListDifferences,
    ListPastDiscounts,
    PastDiscount,
    QuoteVisit,
    Referrals,
    ShowDiscount,
    ShowReferrals,
    VisitDifference,
    VisitQuote,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty import usecases
from services.loyalty.queries import discounts as queries
from services.loyalty.queries.differences import differences
from services.loyalty.queries.export import export
from services.loyalty.queries.referrals import referrals
from services.loyalty.queries.why import explain, explain_visit
from services.loyalty.service.base import Base


class Discounts(Base):
    @serves(ShowDiscount)
    def show_discount(self, session: Session, request: ShowDiscount, caller: Caller) -> Discount:
        return queries.discount(session, request, caller, utc_now())

    @serves(ExplainDiscount)
    def explain_discount(self, session: Session, request: ExplainDiscount, caller: Caller) -> Explanation:
        return explain(session, request, caller, utc_now())

    @serves(ListPastDiscounts)
    def list_past_discounts(self, session: Session, request: ListPastDiscounts, caller: Caller) -> Page[PastDiscount]:
        return queries.past_discounts(session, request, caller, utc_now())

    @serves(ShowReferrals)
    def show_referrals(self, session: Session, request: ShowReferrals, caller: Caller) -> Referrals:
        return referrals(session, request.client_id, request.depth, caller)

    @serves(QuoteVisit)
    def quote_visit(self, session: Session, request: QuoteVisit, caller: Caller) -> VisitQuote:  # noqa: ARG002
        return queries.quote_visit(session, request, utc_now())

    @serves(ExplainVisit)
    def explain_visit(self, session: Session, request: ExplainVisit, caller: Caller) -> ExplainedVisit:
        return explain_visit(session, request, caller)

    @serves(ListDifferences)
    def list_differences(self, session: Session, request: ListDifferences, caller: Caller) -> Page[VisitDifference]:
        return differences(session, request, caller)

    @serves(ExportFromLoyalty)
    def export_from_loyalty(self, session: Session, request: ExportFromLoyalty, caller: Caller) -> HeldByLoyalty:  # noqa: ARG002
        return export(session, request.client_id, self.vault, utc_now())

    @every(60.0)
    def tell_of_bounds(self, session: Session) -> bool:
        return usecases.tell_of_bounds(session, utc_now())
