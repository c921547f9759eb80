"""The edges of the referral graph on the wire, and what people who looked at them say."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.loyalty import (
    ClientEdges,
    DoubtfulEdge,
    ListDoubtfulEdges,
    ReferralReview,
    ReviewReferral,
    ShowEdges,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries.edges import list_doubtful, show_edges
from services.loyalty.service.base import Base
from services.loyalty.usecases.reviews import review_referral


class Edges(Base):
    @serves(ShowEdges)
    def show_edges(self, session: Session, request: ShowEdges, caller: Caller) -> ClientEdges:
        return show_edges(session, request.client_id, caller, self.vault, utc_now())

    @serves(ReviewReferral)
    def review_referral(self, session: Session, request: ReviewReferral, caller: Caller) -> ReferralReview:
        return review_referral(session, request, caller, self.vault, utc_now())

    @serves(ListDoubtfulEdges)
    def list_doubtful_edges(self, session: Session, request: ListDoubtfulEdges, caller: Caller) -> Page[DoubtfulEdge]:
        return list_doubtful(session, request, caller)
