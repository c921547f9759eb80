"""Appointments on the wire, from booking to refund."""

from uuid import UUID

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from chassis.outbox import taken_back
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


def ask_for_preview(call: Call, request: wire.PreviewBooking, caller: Caller) -> Asked:
    return ask_for_booking(call, _booking(request), caller)


def ask_for_previewed_change(call: Call, request: wire.PreviewChange, caller: Caller) -> Asked:
    return ask_for_change(call, _change(request), caller)


def _booking(request: wire.PreviewBooking) -> wire.BookAppointment:
    return wire.BookAppointment(
        request.branch_id, request.client_id, request.starts, request.segments, codes=request.codes
    )


def _change(request: wire.PreviewChange) -> wire.ChangeAppointment:
    return wire.ChangeAppointment(request.id, request.version, request.starts, request.segments)


def ask_for_completion(call: Call, request: wire.CompleteAppointment, caller: Caller) -> visits.Closing:
    return visits.ask_closing(patient(call), request, caller, utc_now())


def ask_for_previewed_completion(call: Call, request: wire.PreviewCompletion, caller: Caller) -> visits.Closing:
    return visits.ask_closing(patient(call), _completion(request), caller, utc_now(), for_real=False)


def _completion(request: wire.PreviewCompletion) -> wire.CompleteAppointment:
    return wire.CompleteAppointment(request.id, request.lines, request.payments, request.codes)


class Appointments:
    keyring: Keyring

    @serves(wire.BookAppointment, first=ask_for_booking)
    def book_appointment(
        self, session: Session, request: wire.BookAppointment, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        return desk.book(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.PreviewBooking, first=ask_for_preview)
    def preview_booking(
        self, session: Session, request: wire.PreviewBooking, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        with taken_back(session):
            return desk.book(session, self.keyring, _booking(request), caller, asked, utc_now())

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

    @serves(wire.PreviewChange, first=ask_for_previewed_change)
    def preview_change(
        self, session: Session, request: wire.PreviewChange, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        with taken_back(session):
            return desk.change(session, self.keyring, _change(request), caller, asked, utc_now())

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

    @serves(wire.PreviewCompletion, first=ask_for_previewed_completion)
    def preview_completion(
        self, session: Session, request: wire.PreviewCompletion, caller: Caller, asked: visits.Closing
    ) -> wire.Appointment:
        with taken_back(session):
            return visits.complete(session, self.keyring, _completion(request), caller, asked, utc_now())

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
