"""Promotions on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import loyalty as wire
from contracts.message import UNSET, Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries import promotions as queries
from services.loyalty.usecases import promotions
from services.loyalty.usecases.asking import Asked, Call, unknown_branches, unknown_services


def ask_for_places(call: Call, request: wire.CreatePromotion | wire.ChangePromotion, _caller: Caller) -> Asked:
    """Whether the branches and services are there that it is to hold for."""
    branches = () if request.branch_ids is UNSET else request.branch_ids
    services = () if request.service_ids is UNSET else request.service_ids
    return Asked(None, unknown_branches(call, branches), unknown_services(call, services))


class Promotions:
    @serves(wire.CreatePromotion, first=ask_for_places)
    def create_promotion(
        self, session: Session, request: wire.CreatePromotion, caller: Caller, asked: Asked
    ) -> wire.Promotion:
        return promotions.create(session, request, asked, caller, utc_now())

    @serves(wire.ChangePromotion, first=ask_for_places)
    def change_promotion(
        self, session: Session, request: wire.ChangePromotion, caller: Caller, asked: Asked
    ) -> wire.Promotion:
        return promotions.change(session, request, asked, caller, utc_now())

    @serves(wire.EndPromotion)
    def end_promotion(self, session: Session, request: wire.EndPromotion, caller: Caller) -> wire.Promotion:
        return promotions.end(session, request, caller, utc_now())

    @serves(wire.ShowPromotion)
    def show_promotion(self, session: Session, request: wire.ShowPromotion, caller: Caller) -> wire.Promotion:
        return queries.show(session, request.id, caller, utc_now())

    @serves(wire.ListPromotions)
    def list_promotions(self, session: Session, request: wire.ListPromotions, caller: Caller) -> Page[wire.Promotion]:
        return queries.promotions_seen(session, request, caller, utc_now())
