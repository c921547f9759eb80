"""Appointments on the wire, from booking to refund."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import UNSET, PastPage
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.domain.terms import codes_of
from services.booking.queries import appointments as seen
from services.booking.queries import history
from services.booking.service.patience import patient
from services.booking.usecases import coming, desk, guard, past, visits
from services.booking.usecases.asking import Asked, Call
from services.booking.usecases.quoting import ask_about_visit, ask_for_services, of_wanted
from services.booking.usecases.tenders import letting_go


def ask_for_booking(call: Call, request: wire.BookAppointment, _caller: Caller) -> Asked:
    with call.reads() as session:
        codes = codes_of(request.codes)
        pricing = of_wanted(session, request.branch_id, request.starts, request.segments, codes=codes)
    services = [part.service_id for part in request.segments]
    return ask_about_visit(patient(call), request.client_id, services, pricing)


def ask_for_change(call: Call, request: wire.ChangeAppointment, _caller: Caller) -> Asked:
    """A move keeps its prices; only other segments are priced anew, and guarded."""
    return Asked() if request.segments is UNSET else ask_for_services(patient(call), request)


def ask_for_completion(call: Call, request: wire.CompleteAppointment, caller: Caller) -> visits.Closing:
    return visits.ask_closing(patient(call), request, caller, utc_now())


class Appointments:
    keyring: Keyring

    @serves(wire.BookAppointment, first=ask_for_booking)
    def book_appointment(
        self, session: Session, request: wire.BookAppointment, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        return desk.book(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.ShowAppointment)
    def show_appointment(self, session: Session, request: wire.ShowAppointment, caller: Caller) -> wire.Appointment:
        since = caller.history_from(utc_now().date())
        return seen.show_appointment(session, self.keyring, request.id, caller, caller.must("appointments.read"), since)

    @serves(wire.OpenAppointment)
    def open_appointment(self, session: Session, request: wire.OpenAppointment, caller: Caller) -> wire.Appointment:
        return guard.open_appointment(session, self.keyring, request, caller, utc_now())

    @serves(wire.ShowHistory)
    def show_history(self, session: Session, request: wire.ShowHistory, caller: Caller) -> wire.AppointmentHistory:
        since = caller.history_from(utc_now().date())
        return history.show_history(session, self.keyring, request.id, caller, caller.must("appointments.read"), since)

    @serves(wire.ListAppointments)
    def list_appointments(
        self, session: Session, request: wire.ListAppointments, caller: Caller
    ) -> PastPage[wire.Appointment]:
        since = caller.history_from(utc_now().date())
        return seen.list_appointments(session, self.keyring, request, caller, caller.must("appointments.read"), since)

    @serves(wire.ChangeAppointment, first=ask_for_change)
    def change_appointment(
        self, session: Session, request: wire.ChangeAppointment, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        return desk.change(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.ConfirmAppointment)
    def confirm_appointment(
        self, session: Session, request: wire.ConfirmAppointment, caller: Caller
    ) -> wire.Appointment:
        return coming.confirm(session, self.keyring, request, caller, utc_now())

    @serves(wire.ArriveAppointment)
    def arrive_appointment(self, session: Session, request: wire.ArriveAppointment, caller: Caller) -> wire.Appointment:
        return coming.arrive(session, self.keyring, request, caller, utc_now())

    @serves(wire.CompleteAppointment, first=ask_for_completion)
    def complete_appointment(
        self, session: Session, request: wire.CompleteAppointment, caller: Caller, asked: visits.Closing
    ) -> wire.Appointment:
        with letting_go(session, asked.reservation):
            return visits.complete(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.CancelAppointment)
    def cancel_appointment(self, session: Session, request: wire.CancelAppointment, caller: Caller) -> wire.Appointment:
        return coming.cancel(session, self.keyring, request, caller, utc_now())

    @serves(wire.MarkNoShow)
    def mark_no_show(self, session: Session, request: wire.MarkNoShow, caller: Caller) -> wire.Appointment:
        return coming.mark_no_show(session, self.keyring, request, caller, utc_now())

    @serves(wire.RefundAppointment)
    def refund_appointment(self, session: Session, request: wire.RefundAppointment, caller: Caller) -> wire.Appointment:
        return visits.refund(session, self.keyring, request, caller, utc_now())

    @serves(wire.RecordVisits, first=past.ask)
    def record_visits(
        self, session: Session, request: wire.RecordVisits, caller: Caller, active: frozenset[UUID] | None
    ) -> wire.RecordedVisits:
        return past.record(session, request, caller, active, utc_now())
