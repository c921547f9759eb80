"""Who came again, on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts.analytics import Cohorts, ShowCohorts
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics import queries


class Retentions:
    @serves(ShowCohorts)
    def show_retention(self, session: Session, request: ShowCohorts, caller: Caller) -> Cohorts:
        return queries.retention(session, request, utc_now().date(), caller)
