"""Opening cards and revealing contacts, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.clients import Client, OpenClient, RevealClient, RevealedContacts
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.service.base import Base
from services.clients.usecases.reveals import forget_old_openings, open_card, reveal


class Reveals(Base):
    @serves(OpenClient)
    def open_client(self, session: Session, request: OpenClient, caller: Caller) -> Client:
        return open_card(session, request, self.desk(caller))

    @serves(RevealClient)
    def reveal_client(self, session: Session, request: RevealClient, caller: Caller) -> RevealedContacts:
        return reveal(session, request, self.desk(caller))

    @every(3600.0)
    def forget_old_openings(self, session: Session) -> None:
        forget_old_openings(session, utc_now())
