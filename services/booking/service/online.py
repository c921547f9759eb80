"""Booking without an account, on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import online as seen
from services.booking.service.patience import patient
from services.booking.usecases import online
from services.booking.usecases.asking import Call


def ask_for_stranger(call: Call, request: wire.BookOnline, caller: Caller) -> online.Stranger | None:
    return online.ask_who_comes(patient(call), request, caller, utc_now())


class Online:
    keyring: Keyring

    @serves(wire.ShowOnlineSalon)
    def show_online_salon(self, session: Session, request: wire.ShowOnlineSalon, _caller: Caller) -> wire.OnlineSalon:
        return seen.show_online_salon(session, request, utc_now())

    @serves(wire.BookOnline, first=ask_for_stranger)
    def book_online(
        self, session: Session, request: wire.BookOnline, caller: Caller, stranger: online.Stranger | None
    ) -> wire.OnlineAppointment:
        return online.book(session, self.keyring, request, caller, stranger, utc_now())

    @serves(wire.ShowOnlineAppointment)
    def show_online_appointment(
        self, session: Session, request: wire.ShowOnlineAppointment, _caller: Caller
    ) -> wire.OnlineAppointment:
        return seen.show_online_appointment(session, request.key, utc_now())

    @serves(wire.MoveOnlineAppointment)
    def move_online_appointment(
        self, session: Session, request: wire.MoveOnlineAppointment, caller: Caller
    ) -> wire.OnlineAppointment:
        return online.move(session, self.keyring, request, caller, utc_now())

    @serves(wire.CancelOnlineAppointment)
    def cancel_online_appointment(
        self, session: Session, request: wire.CancelOnlineAppointment, caller: Caller
    ) -> wire.OnlineAppointment:
        return online.cancel(session, self.keyring, request, caller, utc_now())
