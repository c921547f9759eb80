"""Exclusions on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import loyalty as wire
from kernel.caller import Caller
from kernel.time import utc_now
from services.loyalty.queries import exclusions as queries
from services.loyalty.service.base import Base
from services.loyalty.usecases import exclusions


class Exclusions(Base):
    @serves(wire.ShowExclusions)
    def show_exclusions(self, session: Session, request: wire.ShowExclusions, caller: Caller) -> wire.Exclusions:
        return queries.show(session, request.client_id, caller, self.vault)

    @serves(wire.ExcludeClient)
    def exclude_client(self, session: Session, request: wire.ExcludeClient, caller: Caller) -> wire.Exclusions:
        return exclusions.exclude(session, request, caller, self.vault, utc_now())

    @serves(wire.TakeClientIn)
    def take_client_in(self, session: Session, request: wire.TakeClientIn, caller: Caller) -> wire.Exclusions:
        return exclusions.take_in(session, request, caller, self.vault, utc_now())
