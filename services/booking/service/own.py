"""A client's own visits on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import own as seen
from services.booking.queries.catalogue import catalogue
from services.booking.usecases.online import moved_by_client


class Own:
    keyring: Keyring

    @serves(wire.ListOwnAppointments)
    def list_own_appointments(
        self, session: Session, request: wire.ListOwnAppointments, caller: Caller
    ) -> Page[wire.OwnAppointment]:
        return seen.list_own(session, request, caller, utc_now())

    @serves(wire.ShowOwnAppointment)
    def show_own_appointment(
        self, session: Session, request: wire.ShowOwnAppointment, caller: Caller
    ) -> wire.OwnAppointment:
        return seen.show_own(session, request.id, caller, utc_now())

    @serves(wire.MoveOwnAppointment)
    def move_own_appointment(
        self, session: Session, request: wire.MoveOwnAppointment, caller: Caller
    ) -> wire.OwnAppointment:
        now = utc_now()
        held = seen.find_own(session, request.id, caller, to_change=True)
        moved = moved_by_client(session, self.keyring, held, request.starts, caller, now)
        return seen.own_view(catalogue(session), moved, now)
