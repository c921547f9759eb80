"""Work, on the wire: how much of open time is booked, what it brought, and what enquiries became."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts.analytics import (
    Benefits,
    Funnel,
    IdleWindows,
    Occupancy,
    ShowBenefits,
    ShowFunnel,
    ShowIdleWindows,
    ShowOccupancy,
    ShowWork,
    WorkFigures,
)
from kernel.caller import Caller
from kernel.time import utc_now
from services.analytics import queries, usecases


class Work:
    @serves(ShowOccupancy)
    def show_occupancy(self, session: Session, request: ShowOccupancy, caller: Caller) -> Occupancy:
        return queries.occupancy(session, request, caller)

    @serves(ShowIdleWindows)
    def show_idle_windows(self, session: Session, request: ShowIdleWindows, caller: Caller) -> IdleWindows:
        return queries.idle_windows(session, request, caller)

    @serves(ShowWork)
    def show_work(self, session: Session, request: ShowWork, caller: Caller) -> WorkFigures:
        return queries.work(session, request, utc_now(), caller)

    @serves(ShowFunnel)
    def show_funnel(self, session: Session, request: ShowFunnel, caller: Caller) -> Funnel:
        return queries.funnel(session, request, caller)

    @serves(ShowBenefits)
    def show_benefits(self, session: Session, request: ShowBenefits, caller: Caller) -> Benefits:
        return queries.benefits(session, request, utc_now().date(), caller)

    @every(5.0)
    def count_days(self, session: Session) -> bool:
        return usecases.count_days(session)

    @every(5.0)
    def count_cohorts(self, session: Session) -> bool:
        return usecases.count_cohorts(session)
