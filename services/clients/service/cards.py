"""Cards on the wire: one line per message."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    ChangeClient,
    Client,
    EraseClient,
    Erased,
    ImportClients,
    ImportedClients,
    ListClients,
    RegisterClient,
    SearchClients,
    ShowClient,
)
from contracts.message import Page
from kernel.caller import Caller
from services.clients import queries, usecases
from services.clients.phones import read_phone
from services.clients.service.base import Base


class Cards(Base):
    def _desk_of_card(self, caller: Caller, unknown: usecases.Unknown) -> usecases.Desk:
        return replace(self.desk(caller, unknown.branches), unknown_favourites=unknown.favourites)

    @serves(RegisterClient, first=usecases.ask_of_card)
    def register_client(
        self, session: Session, request: RegisterClient, caller: Caller, unknown: usecases.Unknown
    ) -> Client:
        return usecases.register(session, request, self._desk_of_card(caller, unknown))

    @serves(ShowClient)
    def show_client(self, session: Session, request: ShowClient, caller: Caller) -> Client:
        return queries.show(session, request.id, caller, self.vault)

    @serves(ListClients)
    def list_clients(self, session: Session, request: ListClients, caller: Caller) -> Page[Client]:
        phone = read_phone(request.q, self.settings.phone_region) if request.q else None
        return queries.page(session, request, caller, self.vault, phone)

    @serves(SearchClients)
    def search_clients(self, session: Session, request: SearchClients, caller: Caller) -> Page[Client]:
        phone = read_phone(request.q, self.settings.phone_region)
        return queries.page(session, request, caller, self.vault, phone)

    @serves(ChangeClient, first=usecases.ask_of_card)
    def change_client(
        self, session: Session, request: ChangeClient, caller: Caller, unknown: usecases.Unknown
    ) -> Client:
        return usecases.change(session, request, self._desk_of_card(caller, unknown))

    @serves(EraseClient)
    def erase_client(self, session: Session, request: EraseClient, caller: Caller) -> Erased:
        return usecases.erase(session, request, self.desk(caller))

    @serves(ImportClients, first=usecases.ask_of_cards)
    def import_clients(
        self, session: Session, request: ImportClients, caller: Caller, unknown_branches: frozenset[UUID]
    ) -> ImportedClients:
        return usecases.take_over(session, request, self.desk(caller, unknown_branches))
