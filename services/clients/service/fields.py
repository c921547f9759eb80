"""Fields of a salon's own on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    ChangeClientField,
    ClientField,
    CreateClientField,
    ListClientFields,
    RemoveClientField,
    RemovedClientField,
    ShowClientField,
)
from contracts.message import Page
from kernel.caller import Caller
from services.clients.queries.fields import field_view, show_field
from services.clients.queries.paging import by_id
from services.clients.tables import client_fields
from services.clients.usecases.fields import change_field, create_field, remove_field


class Fields:
    @serves(CreateClientField)
    def create_client_field(self, session: Session, request: CreateClientField, _caller: Caller) -> ClientField:
        return create_field(session, request)

    @serves(ShowClientField)
    def show_client_field(self, session: Session, request: ShowClientField, _caller: Caller) -> ClientField:
        return show_field(session, request.id)

    @serves(ListClientFields)
    def list_client_fields(self, session: Session, request: ListClientFields, _caller: Caller) -> Page[ClientField]:
        return by_id(session, client_fields, field_view, request.limit, request.cursor)

    @serves(ChangeClientField)
    def change_client_field(self, session: Session, request: ChangeClientField, _caller: Caller) -> ClientField:
        return change_field(session, request)

    @serves(RemoveClientField)
    def remove_client_field(self, session: Session, request: RemoveClientField, _caller: Caller) -> RemovedClientField:
        return remove_field(session, request)
