"""What booking asks about health, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.clients import CheckConditions, MatchedConditions
from kernel.caller import Caller
from services.clients import queries
from services.clients.service.base import Base


class Health(Base):
    @serves(CheckConditions)
    def check_conditions(self, session: Session, request: CheckConditions, caller: Caller) -> MatchedConditions:  # noqa: ARG002
        return MatchedConditions(queries.matched_conditions(session, request.client_id, request.conditions, self.vault))
