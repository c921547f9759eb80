"""Visits on the wire: what booking tells of them, and what they show."""

from collections.abc import Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from chassis.messaging import handles, serves
from contracts.booking import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentState,
    VisitCompleted,
    VisitRefunded,
)
from contracts.clients import ClientRevenue, Habits, ShowClientRevenue, ShowHabits, ShowVisitHistory, VisitHistory
from kernel.caller import Caller
from services.clients import queries, usecases
from services.clients.service.base import Base
from services.clients.usecases.debts import keep_debts


class Visits(Base):
    @serves(ShowVisitHistory, first=usecases.ask_zones)
    def show_visit_history(
        self, session: Session, request: ShowVisitHistory, caller: Caller, zones: Mapping[UUID, ZoneInfo]
    ) -> VisitHistory:
        return queries.visit_history(session, request, caller, zones, self.history_from(caller, request.client_id))

    @serves(ShowClientRevenue)
    def show_client_revenue(self, session: Session, request: ShowClientRevenue, caller: Caller) -> ClientRevenue:
        return queries.client_revenue(session, request, caller, self.history_from(caller, request.client_id))

    @serves(ShowHabits, first=usecases.ask_zones)
    def show_habits(
        self, session: Session, request: ShowHabits, caller: Caller, zones: Mapping[UUID, ZoneInfo]
    ) -> Habits:
        return queries.client_habits(
            session, request.client_id, caller, zones, self.history_from(caller, request.client_id)
        )

    @handles(AppointmentBooked, batch=True)
    @handles(AppointmentChanged, batch=True)
    @handles(AppointmentConfirmed, batch=True)
    @handles(AppointmentArrived, batch=True)
    @handles(AppointmentCancelled, batch=True)
    @handles(AppointmentMissed, batch=True)
    @handles(VisitCompleted, batch=True)
    @handles(VisitRefunded, batch=True)
    def appointment_stated(self, session: Session, events: Sequence[AppointmentState]) -> None:
        usecases.remember_branches(session, events)
        usecases.copy_visits(session, events)
        keep_debts(session, events)
