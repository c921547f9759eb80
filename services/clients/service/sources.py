"""The tree of channels on the wire: one line per message."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import (
    ChangeSource,
    Channel,
    CreateSource,
    ListSources,
    RemovedSource,
    RemoveSource,
    ShowSource,
)
from contracts.message import Page
from kernel.caller import Caller
from services.clients.queries.paging import by_id
from services.clients.queries.sources import channel, source
from services.clients.service.base import Base
from services.clients.tables import sources
from services.clients.usecases.sources import ask_currency_of_costs, change_source, create_source, remove_source


class Sources(Base):
    @serves(CreateSource, first=ask_currency_of_costs)
    def create_source(self, session: Session, request: CreateSource, caller: Caller, currency: str | None) -> Channel:
        return create_source(session, request, self.desk(caller), currency)

    @serves(ShowSource)
    def show_source(self, session: Session, request: ShowSource, caller: Caller) -> Channel:  # noqa: ARG002
        return channel(source(session, request.id))

    @serves(ListSources)
    def list_sources(self, session: Session, request: ListSources, caller: Caller) -> Page[Channel]:  # noqa: ARG002
        return by_id(session, sources, channel, request.limit, request.cursor)

    @serves(ChangeSource, first=ask_currency_of_costs)
    def change_source(self, session: Session, request: ChangeSource, caller: Caller, currency: str | None) -> Channel:
        return change_source(session, request, self.desk(caller), currency)

    @serves(RemoveSource)
    def remove_source(self, session: Session, request: RemoveSource, caller: Caller) -> RemovedSource:
        return remove_source(session, request, self.desk(caller))
