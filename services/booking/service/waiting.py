"""The waiting list on the wire, and the clock that offers freed times."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import every, serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import waiting as seen
from services.booking.service.patience import patient
from services.booking.usecases import offers, waiting
from services.booking.usecases.asking import Asked, Call, ask_about


def ask_for_entry(call: Call, request: wire.AddToWaitingList, _caller: Caller) -> Asked:
    return ask_about(call, request.client_id)


def ask_for_acceptance(call: Call, request: wire.AcceptOffer, caller: Caller) -> Asked:
    return waiting.ask_for_acceptance(patient(call), request, caller)


class Waiting:
    keyring: Keyring

    @serves(wire.AddToWaitingList, first=ask_for_entry)
    def add_to_waiting_list(
        self, session: Session, request: wire.AddToWaitingList, caller: Caller, asked: Asked
    ) -> wire.WaitingEntry:
        return waiting.add(session, request, caller, asked, utc_now())

    @serves(wire.ShowWaitingEntry)
    def show_waiting_entry(self, session: Session, request: wire.ShowWaitingEntry, caller: Caller) -> wire.WaitingEntry:
        return seen.show_entry(session, request.id, caller, caller.must("waiting_list.read"), utc_now())

    @serves(wire.ListWaitingList)
    def list_waiting_list(
        self, session: Session, request: wire.ListWaitingList, caller: Caller
    ) -> Page[wire.WaitingEntry]:
        return seen.list_entries(session, request, caller, caller.must("waiting_list.read"), utc_now())

    @serves(wire.ChangeWaitingEntry)
    def change_waiting_entry(
        self, session: Session, request: wire.ChangeWaitingEntry, caller: Caller
    ) -> wire.WaitingEntry:
        return waiting.change(session, request, caller, utc_now())

    @serves(wire.AcceptOffer, first=ask_for_acceptance)
    def accept_offer(
        self, session: Session, request: wire.AcceptOffer, caller: Caller, asked: Asked
    ) -> wire.Appointment:
        return waiting.accept(session, self.keyring, request, caller, asked, utc_now())

    @serves(wire.DeclineOffer)
    def decline_offer(self, session: Session, request: wire.DeclineOffer, caller: Caller) -> wire.WaitingEntry:
        return waiting.decline(session, request, caller, utc_now())

    @serves(wire.LeaveWaitingList)
    def leave_waiting_list(self, session: Session, request: wire.LeaveWaitingList, caller: Caller) -> wire.WaitingEntry:
        return waiting.leave_list(session, request, caller, utc_now())

    @every(1.0)
    def offer_freed_times(self, session: Session) -> bool:
        return offers.work_off(session, utc_now())

    @every(60.0)
    def tidy_waiting_list(self, session: Session) -> bool:
        waiting.expire(session, utc_now())
        offers.forget_openings(session, utc_now())
        return False
