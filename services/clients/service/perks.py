"""Perks of clients on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import ChangePerk, GivePerk, ListPerks, Perk, RedeemPerk, RemovedPerk, RemovePerk, ShowPerk
from contracts.message import Page
from kernel.caller import Caller
from services.clients.queries.perks import list_perks, show_perk
from services.clients.service.base import Base
from services.clients.usecases.perks import change_perk, give_perk, redeem_perk, remove_perk


class Perks(Base):
    @serves(GivePerk)
    def give_perk(self, session: Session, request: GivePerk, caller: Caller) -> Perk:
        return give_perk(session, request, self.desk(caller))

    @serves(ShowPerk)
    def show_perk(self, session: Session, request: ShowPerk, caller: Caller) -> Perk:
        return show_perk(session, request.client_id, request.id, caller, self.vault)

    @serves(ListPerks)
    def list_perks(self, session: Session, request: ListPerks, caller: Caller) -> Page[Perk]:
        return list_perks(session, request, caller, self.vault)

    @serves(ChangePerk)
    def change_perk(self, session: Session, request: ChangePerk, caller: Caller) -> Perk:
        return change_perk(session, request, self.desk(caller))

    @serves(RedeemPerk)
    def redeem_perk(self, session: Session, request: RedeemPerk, caller: Caller) -> Perk:
        return redeem_perk(session, request, self.desk(caller))

    @serves(RemovePerk)
    def remove_perk(self, session: Session, request: RemovePerk, caller: Caller) -> RemovedPerk:
        return remove_perk(session, request, self.desk(caller))
