"""Birthdays and anniversaries on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import ListOccasions, Occasion
from contracts.message import Page
from kernel.caller import Caller
from services.clients.queries.occasions import occasions
from services.clients.service.base import Base


class Occasions(Base):
    @serves(ListOccasions)
    def list_occasions(self, session: Session, request: ListOccasions, caller: Caller) -> Page[Occasion]:
        return occasions(session, request, caller, self.vault)
