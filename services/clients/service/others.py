"""What other services and the gateway ask."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    ActiveClients,
    CardsOfPhone,
    CheckClient,
    CheckClients,
    CheckContact,
    CheckedContact,
    ClientNames,
    ClientStanding,
    ListCardsOfPhone,
    NameClients,
    TakeContact,
    TakenContact,
)
from kernel.caller import Caller
from services.clients import queries, usecases
from services.clients.queries.unreadable import unreadable
from services.clients.service.base import Base


class Others(Base):
    def unreadable(self, session: Session) -> Iterator[tuple[str, UUID]]:
        """What is damaged, by its ids, for `keys check`."""
        return unreadable(session, self.vault)

    @serves(NameClients)
    def name_clients(self, session: Session, request: NameClients, caller: Caller) -> ClientNames:
        return ClientNames(queries.names(session, request.ids, caller, self.vault))

    @serves(CheckClient)
    def check_client(self, session: Session, request: CheckClient, caller: Caller) -> ClientStanding:  # noqa: ARG002
        return queries.standing(session, request.id)

    @serves(CheckClients)
    def check_clients(self, session: Session, request: CheckClients, caller: Caller) -> ActiveClients:  # noqa: ARG002
        return ActiveClients(tuple(sorted(queries.living(session, request.ids))))

    @serves(CheckContact)
    def check_contact(self, session: Session, request: CheckContact, caller: Caller) -> CheckedContact:
        return usecases.check_contact(session, request, self.desk(caller))

    @serves(ListCardsOfPhone)
    def list_cards_of_phone(self, session: Session, request: ListCardsOfPhone, caller: Caller) -> CardsOfPhone:
        return usecases.cards_of_phone(session, request, self.desk(caller))

    @serves(TakeContact)
    def take_contact(self, session: Session, request: TakeContact, caller: Caller) -> TakenContact:
        return usecases.take_contact(session, request, self.desk(caller))
