"""Client cards on the wire: one line per message."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.config import Settings
from chassis.crypto import MasterKeys
from chassis.keyring import Keyring
from chassis.messaging import handles, serves
from contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentState,
    VisitCompleted,
)
from contracts.clients import (
    ActiveClients,
    ChangeClient,
    CheckClient,
    CheckClients,
    CheckContact,
    CheckedContact,
    Client,
    ClientNames,
    ClientStanding,
    EraseClient,
    Erased,
    ImportClients,
    ImportedClients,
    ListClients,
    NameClients,
    RegisterClient,
    SearchClients,
    ShowClient,
    TakeContact,
    TakenContact,
)
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients import queries, usecases
from services.clients.phones import read_phone
from services.clients.vault import Vault


class Clients:
    name = "clients"
    needs_keyring = True
    needs_master = True
    keyring: ClassVar[Keyring]
    master: ClassVar[MasterKeys]
    settings: ClassVar[Settings]

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.keyring, self.master)

    def desk(self, caller: Caller, unknown_branches: frozenset[UUID] = frozenset()) -> usecases.Desk:
        return usecases.Desk(caller, self.vault, utc_now(), self.settings.phone_region, unknown_branches)

    @serves(RegisterClient, first=usecases.ask_of_card)
    def register_client(
        self, session: Session, request: RegisterClient, caller: Caller, unknown_branches: frozenset[UUID]
    ) -> Client:
        return usecases.register(session, request, self.desk(caller, unknown_branches))

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
        self, session: Session, request: ChangeClient, caller: Caller, unknown_branches: frozenset[UUID]
    ) -> Client:
        return usecases.change(session, request, self.desk(caller, unknown_branches))

    @serves(EraseClient)
    def erase_client(self, session: Session, request: EraseClient, caller: Caller) -> Erased:
        return usecases.erase(session, request, self.desk(caller))

    @serves(ImportClients, first=usecases.ask_of_cards)
    def import_clients(
        self, session: Session, request: ImportClients, caller: Caller, unknown_branches: frozenset[UUID]
    ) -> ImportedClients:
        return usecases.take_over(session, request, self.desk(caller, unknown_branches))

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

    @serves(TakeContact)
    def take_contact(self, session: Session, request: TakeContact, caller: Caller) -> TakenContact:
        return usecases.take_contact(session, request, self.desk(caller))

    @handles(AppointmentBooked, batch=True)
    @handles(AppointmentCancelled, batch=True)
    @handles(AppointmentMissed, batch=True)
    @handles(VisitCompleted, batch=True)
    def remember_branches(self, session: Session, events: Sequence[AppointmentState]) -> None:
        usecases.remember_branches(session, events)
