"""The history of cards on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import CardChange, ListClientChanges
from contracts.message import Page
from kernel.caller import Caller
from services.clients import queries
from services.clients.service.base import Base


class History(Base):
    @serves(ListClientChanges)
    def list_client_changes(self, session: Session, request: ListClientChanges, caller: Caller) -> Page[CardChange]:
        return queries.changes(session, request, caller, self.vault)
