"""The categories of clients on the wire, those that rules give, and the clock that tells others of cards."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.messaging import every, handles, serves
from contracts.clients import (
    ChangeClientCategory,
    ClientCategory,
    CreateClientCategory,
    ListClientCategories,
    RemoveClientCategory,
    RemovedClientCategory,
    ShowClientCategory,
)
from contracts.loyalty import ClientSorted
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.clients.queries.categories import category, show_category
from services.clients.queries.paging import by_id
from services.clients.service.base import Base
from services.clients.tables import client_categories
from services.clients.usecases.categories import change_category, create_category, remove_category
from services.clients.usecases.measuring import measure
from services.clients.usecases.sorting import keep_sorted
from services.clients.usecases.telling import tell_untold


class Categories(Base):
    @serves(CreateClientCategory)
    def create_client_category(
        self,
        session: Session,
        request: CreateClientCategory,
        caller: Caller,  # noqa: ARG002
    ) -> ClientCategory:
        return create_category(session, request)

    @serves(ShowClientCategory)
    def show_client_category(
        self,
        session: Session,
        request: ShowClientCategory,
        caller: Caller,  # noqa: ARG002
    ) -> ClientCategory:
        return show_category(session, request.id)

    @serves(ListClientCategories)
    def list_client_categories(
        self,
        session: Session,
        request: ListClientCategories,
        caller: Caller,  # noqa: ARG002
    ) -> Page[ClientCategory]:
        return by_id(session, client_categories, category, request.limit, request.cursor)

    @serves(ChangeClientCategory)
    def change_client_category(
        self,
        session: Session,
        request: ChangeClientCategory,
        caller: Caller,  # noqa: ARG002
    ) -> ClientCategory:
        return change_category(session, request)

    @serves(RemoveClientCategory)
    def remove_client_category(
        self,
        session: Session,
        request: RemoveClientCategory,
        caller: Caller,  # noqa: ARG002
    ) -> RemovedClientCategory:
        return remove_category(session, request)

    @handles(ClientSorted, batch=True)
    def client_sorted(self, session: Session, events: Sequence[ClientSorted]) -> None:
        keep_sorted(session, events, utc_now())

    @every(5.0)
    def tell_untold(self, session: Session) -> bool:
        return tell_untold(session, utc_now())

    @every(60.0)
    def measure_older_cards(self, session: Session) -> bool:
        return measure(session, self.vault, utc_now())
