"""What the visits add up to, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.analytics import ShowVisits, VisitRows
from kernel.caller import Caller
from services.analytics import queries


class Visits:
    @serves(ShowVisits)
    def show_visits(self, session: Session, request: ShowVisits, caller: Caller) -> VisitRows:
        return queries.visit_rows(session, request.from_, request.to, request.group_by, request.branch_id, caller)
