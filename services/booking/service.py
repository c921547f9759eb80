"""Booking on the wire: one line per message."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import handles, serves
from contracts import booking as wire
from contracts.clients import ClientErased, ClientRegistered
from contracts.loyalty import DiscountChanged, DiscountQuote
from contracts.message import UNSET, Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import appointments as seen
from services.booking.queries import availability, salon
from services.booking.queries import shifts as times
from services.booking.usecases import appointments, copies, past, shifts, visits
from services.booking.usecases import salon as making
from services.booking.usecases.asking import Asked, Call, ask_about, ask_discount_of, user_is_unknown


def ask_for_booking(call: Call, request: wire.BookAppointment, _caller: Caller) -> Asked:
    return ask_about(call, request.client_id)


def ask_for_change(call: Call, request: wire.ChangeAppointment, _caller: Caller) -> DiscountQuote | None:
    """A move keeps its prices; only other segments are priced anew."""
    return None if request.segments is UNSET else ask_discount_of(call, request.id)


def ask_for_completion(call: Call, request: wire.CompleteAppointment, _caller: Caller) -> DiscountQuote | None:
    return ask_discount_of(call, request.id)


def ask_for_master(call: Call, request: wire.CreateMaster | wire.ChangeMaster, _caller: Caller) -> bool:
    return user_is_unknown(call, None if request.user_id is UNSET else request.user_id)


class Booking:
    name = "booking"
    needs_keyring = True
    keyring: Keyring

    # --- the salon --------------------------------------------------------------------------------------------------

    @serves(wire.ShowSettings)
    def show_settings(self, session: Session, _request: wire.ShowSettings, _caller: Caller) -> wire.Settings:
        return salon.show_settings(session)

    @serves(wire.ChangeSettings)
    def change_settings(self, session: Session, request: wire.ChangeSettings, _caller: Caller) -> wire.Settings:
        return making.change_settings(session, request)

    @serves(wire.CreateBranch)
    def create_branch(self, session: Session, request: wire.CreateBranch, _caller: Caller) -> wire.Branch:
        return making.create_branch(session, request)

    @serves(wire.ShowBranch)
    def show_branch(self, session: Session, request: wire.ShowBranch, caller: Caller) -> wire.Branch:
        return salon.show_branch(session, request.id, caller)

    @serves(wire.ListBranches)
    def list_branches(self, session: Session, request: wire.ListBranches, caller: Caller) -> Page[wire.Branch]:
        return salon.list_branches(session, request, caller)

    @serves(wire.ChangeBranch)
    def change_branch(self, session: Session, request: wire.ChangeBranch, caller: Caller) -> wire.Branch:
        return making.change_branch(session, request, caller)

    @serves(wire.CheckBranches)
    def check_branches(self, session: Session, request: wire.CheckBranches, _caller: Caller) -> wire.UnknownBranches:
        return salon.unknown_branches(session, request.ids)

    @serves(wire.CreateRoom)
    def create_room(self, session: Session, request: wire.CreateRoom, caller: Caller) -> wire.Room:
        return making.create_room(session, request, caller)

    @serves(wire.ShowRoom)
    def show_room(self, session: Session, request: wire.ShowRoom, caller: Caller) -> wire.Room:
        return salon.show_room(session, request.id, caller)

    @serves(wire.ListRooms)
    def list_rooms(self, session: Session, request: wire.ListRooms, caller: Caller) -> Page[wire.Room]:
        return salon.list_rooms(session, request, caller)

    @serves(wire.ChangeRoom)
    def change_room(self, session: Session, request: wire.ChangeRoom, caller: Caller) -> wire.Room:
        return making.change_room(session, request, caller)

    @serves(wire.CreateService)
    def create_service(self, session: Session, request: wire.CreateService, _caller: Caller) -> wire.Service:
        return making.create_service(session, request)

    @serves(wire.ShowService)
    def show_service(self, session: Session, request: wire.ShowService, _caller: Caller) -> wire.Service:
        return salon.show_service(session, request.id)

    @serves(wire.ListServices)
    def list_services(self, session: Session, request: wire.ListServices, _caller: Caller) -> Page[wire.Service]:
        return salon.list_services(session, request)

    @serves(wire.ChangeService)
    def change_service(self, session: Session, request: wire.ChangeService, _caller: Caller) -> wire.Service:
        return making.change_service(session, request)

    @serves(wire.CreateMaster, first=ask_for_master)
    def create_master(
        self, session: Session, request: wire.CreateMaster, _caller: Caller, user_unknown: bool
    ) -> wire.Master:
        return making.create_master(session, request, user_unknown=user_unknown)

    @serves(wire.ShowMaster)
    def show_master(self, session: Session, request: wire.ShowMaster, caller: Caller) -> wire.Master:
        return salon.show_master(session, request.id, caller, caller.must("masters.read"))

    @serves(wire.ListMasters)
    def list_masters(self, session: Session, request: wire.ListMasters, caller: Caller) -> Page[wire.Master]:
        return salon.list_masters(session, request, caller, caller.must("masters.read"))

    @serves(wire.ChangeMaster, first=ask_for_master)
    def change_master(
        self, session: Session, request: wire.ChangeMaster, caller: Caller, user_unknown: bool
    ) -> wire.Master:
        return making.change_master(session, request, caller, user_unknown=user_unknown)

    @serves(wire.ReplaceShifts)
    def replace_shifts(self, session: Session, request: wire.ReplaceShifts, caller: Caller) -> wire.MasterShifts:
        return shifts.replace_shifts(session, request, caller)

    @serves(wire.ListShifts)
    def list_shifts(self, session: Session, request: wire.ListShifts, caller: Caller) -> wire.MasterShifts:
        return times.list_shifts(session, request, caller, caller.must("shifts.read"))

    # --- appointments -----------------------------------------------------------------------------------------------

    @serves(wire.FindAvailability)
    def find_availability(self, session: Session, request: wire.FindAvailability, caller: Caller) -> wire.Availability:
        return availability.find_availability(session, request, caller, utc_now())

    @serves(wire.BookAppointment, first=ask_for_booking)
    def book_appointment(
        self, session: Session, request: wire.BookAppointment, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        return appointments.book(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.ShowAppointment)
    def show_appointment(self, session: Session, request: wire.ShowAppointment, caller: Caller) -> wire.Appointment:
        return seen.show_appointment(session, self.keyring, request.id, caller, caller.must("appointments.read"))

    @serves(wire.ListAppointments)
    def list_appointments(
        self, session: Session, request: wire.ListAppointments, caller: Caller
    ) -> Page[wire.Appointment]:
        return seen.list_appointments(session, self.keyring, request, caller, caller.must("appointments.read"))

    @serves(wire.ChangeAppointment, first=ask_for_change)
    def change_appointment(
        self, session: Session, request: wire.ChangeAppointment, caller: Caller, quote: DiscountQuote | None
    ) -> wire.Appointment:
        return appointments.change(session, self.keyring, request, caller, quote, utc_now())

    @serves(wire.ConfirmAppointment)
    def confirm_appointment(
        self, session: Session, request: wire.ConfirmAppointment, caller: Caller
    ) -> wire.Appointment:
        return appointments.confirm(session, self.keyring, request, caller, utc_now())

    @serves(wire.ArriveAppointment)
    def arrive_appointment(self, session: Session, request: wire.ArriveAppointment, caller: Caller) -> wire.Appointment:
        return appointments.arrive(session, self.keyring, request, caller, utc_now())

    @serves(wire.CompleteAppointment, first=ask_for_completion)
    def complete_appointment(
        self, session: Session, request: wire.CompleteAppointment, caller: Caller, quote: DiscountQuote | None
    ) -> wire.Appointment:
        return visits.complete(session, self.keyring, request, caller, quote, utc_now())

    @serves(wire.CancelAppointment)
    def cancel_appointment(self, session: Session, request: wire.CancelAppointment, caller: Caller) -> wire.Appointment:
        return appointments.cancel(session, self.keyring, request, caller, utc_now())

    @serves(wire.MarkNoShow)
    def mark_no_show(self, session: Session, request: wire.MarkNoShow, caller: Caller) -> wire.Appointment:
        return appointments.mark_no_show(session, self.keyring, request, caller, utc_now())

    @serves(wire.RefundAppointment)
    def refund_appointment(self, session: Session, request: wire.RefundAppointment, caller: Caller) -> wire.Appointment:
        return visits.refund(session, self.keyring, request, caller, utc_now())

    @serves(wire.RecordVisits, first=past.ask)
    def record_visits(
        self, session: Session, request: wire.RecordVisits, caller: Caller, active: frozenset[UUID] | None
    ) -> wire.RecordedVisits:
        return past.record(session, request, caller, active, utc_now())

    # --- what others announce ---------------------------------------------------------------------------------------

    @handles(ClientRegistered, batch=True)
    def know_clients(self, session: Session, events: Sequence[ClientRegistered]) -> None:
        copies.know_clients(session, events)

    @handles(ClientErased)
    def forget_client(self, session: Session, event: ClientErased) -> None:
        copies.forget_client(session, self.keyring, event, utc_now())

    @handles(DiscountChanged, batch=True)
    def keep_discounts(self, session: Session, events: Sequence[DiscountChanged]) -> None:
        copies.keep_discounts(session, events)
