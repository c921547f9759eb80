"""Birthdays and anniversaries on the wire, and the clock that tells of them."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.clients import ListOccasions, Occasion
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.occasions import occasions
from services.clients.service.base import Base
from services.clients.usecases.occasions import close_occasions, open_occasions, seek_birthdays


class Occasions(Base):
    @serves(ListOccasions)
    def list_occasions(self, session: Session, request: ListOccasions, caller: Caller) -> Page[Occasion]:
        return occasions(session, request, caller, self.vault)

    @every(3600.0)
    def seek_birthdays(self, session: Session) -> bool:
        return seek_birthdays(session, self.vault)

    @every(900.0)
    def open_occasions(self, session: Session) -> bool:
        return open_occasions(session, self.vault, utc_now())

    @every(900.0)
    def close_occasions(self, session: Session) -> bool:
        return close_occasions(session, utc_now())
