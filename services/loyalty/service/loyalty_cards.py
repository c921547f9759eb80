"""Loyalty cards on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.loyalty import (
    BlockLoyaltyCard,
    ChangeLoyaltyCardType,
    CreateLoyaltyCardType,
    IssueLoyaltyCard,
    ListLoyaltyCardEntries,
    ListLoyaltyCards,
    ListLoyaltyCardTypes,
    LookUpLoyaltyCard,
    LoyaltyCard,
    LoyaltyCardEntry,
    LoyaltyCardType,
    ShowLoyaltyCard,
    ShowLoyaltyCardType,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries.loyalty_cards import (
    list_cards,
    list_entries,
    list_types,
    row_of_type,
    show_card,
    type_view,
)
from services.loyalty.usecases.asking import Asked, ask_of_sale
from services.loyalty.usecases.loyalty_cards import block_card, change_type, create_type, issue_card, look_up_card


class LoyaltyCards:
    @serves(CreateLoyaltyCardType)
    def create_loyalty_card_type(
        self,
        session: Session,
        request: CreateLoyaltyCardType,
        caller: Caller,  # noqa: ARG002
    ) -> LoyaltyCardType:
        return create_type(session, request)

    @serves(ShowLoyaltyCardType)
    def show_loyalty_card_type(
        self,
        session: Session,
        request: ShowLoyaltyCardType,
        caller: Caller,  # noqa: ARG002
    ) -> LoyaltyCardType:
        return type_view(row_of_type(session, request.id))

    @serves(ListLoyaltyCardTypes)
    def list_loyalty_card_types(
        self,
        session: Session,
        request: ListLoyaltyCardTypes,
        caller: Caller,  # noqa: ARG002
    ) -> Page[LoyaltyCardType]:
        return list_types(session, request)

    @serves(ChangeLoyaltyCardType)
    def change_loyalty_card_type(
        self,
        session: Session,
        request: ChangeLoyaltyCardType,
        caller: Caller,  # noqa: ARG002
    ) -> LoyaltyCardType:
        return change_type(session, request)

    @serves(IssueLoyaltyCard, first=ask_of_sale)
    def issue_loyalty_card(
        self, session: Session, request: IssueLoyaltyCard, caller: Caller, asked: Asked
    ) -> LoyaltyCard:
        return issue_card(session, request, caller, asked, utc_now())

    @serves(ShowLoyaltyCard)
    def show_loyalty_card(self, session: Session, request: ShowLoyaltyCard, caller: Caller) -> LoyaltyCard:
        return show_card(session, request.client_id, request.id, caller)

    @serves(ListLoyaltyCards)
    def list_loyalty_cards(self, session: Session, request: ListLoyaltyCards, caller: Caller) -> Page[LoyaltyCard]:
        return list_cards(session, request, caller)

    @serves(ListLoyaltyCardEntries)
    def list_loyalty_card_entries(
        self, session: Session, request: ListLoyaltyCardEntries, caller: Caller
    ) -> Page[LoyaltyCardEntry]:
        return list_entries(session, request, caller)

    @serves(BlockLoyaltyCard)
    def block_loyalty_card(self, session: Session, request: BlockLoyaltyCard, caller: Caller) -> LoyaltyCard:
        return block_card(session, request, caller, utc_now())

    @serves(LookUpLoyaltyCard)
    def look_up_loyalty_card(self, session: Session, request: LookUpLoyaltyCard, caller: Caller) -> LoyaltyCard:
        return look_up_card(session, request, caller, utc_now())
