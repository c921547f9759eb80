"""Promotions on the wire."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import loyalty as wire
from contracts.message import UNSET, Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries import promotions as queries
from services.loyalty.usecases import promotions
from services.loyalty.usecases.asking import Call, unknown_branches


def ask_for_branches(
    call: Call, request: wire.CreatePromotion | wire.ChangePromotion, _caller: Caller
) -> frozenset[UUID]:
    return unknown_branches(call, () if request.branch_ids is UNSET else request.branch_ids)


class Promotions:
    @serves(wire.CreatePromotion, first=ask_for_branches)
    def create_promotion(
        self, session: Session, request: wire.CreatePromotion, caller: Caller, unknown: frozenset[UUID]
    ) -> wire.Promotion:
        return promotions.create(session, request, unknown, caller, utc_now())

    @serves(wire.ChangePromotion, first=ask_for_branches)
    def change_promotion(
        self, session: Session, request: wire.ChangePromotion, caller: Caller, unknown: frozenset[UUID]
    ) -> wire.Promotion:
        return promotions.change(session, request, unknown, caller, utc_now())

    @serves(wire.EndPromotion)
    def end_promotion(self, session: Session, request: wire.EndPromotion, caller: Caller) -> wire.Promotion:
        return promotions.end(session, request, caller, utc_now())

    @serves(wire.ShowPromotion)
    def show_promotion(self, session: Session, request: wire.ShowPromotion, caller: Caller) -> wire.Promotion:
        return queries.show(session, request.id, caller, utc_now())

    @serves(wire.ListPromotions)
    def list_promotions(self, session: Session, request: wire.ListPromotions, caller: Caller) -> Page[wire.Promotion]:
        return queries.promotions_seen(session, request, caller, utc_now())
