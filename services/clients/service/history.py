"""The history of cards on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import CardChange, ListClientChanges
from contracts.message import PastPage
from kernel.caller import Caller
from services.clients.service.base import Base
from services.clients.usecases.history import list_changes


class History(Base):
    @serves(ListClientChanges)
    def list_client_changes(self, session: Session, request: ListClientChanges, caller: Caller) -> PastPage[CardChange]:
        return list_changes(session, request, self.desk(caller), self.history_from(caller, request.id))
