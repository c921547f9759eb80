"""When masters work, on the wire: shifts, templates, plans, absences, blocks, the schedule."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from kernel.caller import Caller
from services.booking.queries import shifts as times
from services.booking.usecases import shifts


class Schedule:
    keyring: Keyring

    @serves(wire.ReplaceShifts)
    def replace_shifts(self, session: Session, request: wire.ReplaceShifts, caller: Caller) -> wire.MasterShifts:
        return shifts.replace_shifts(session, request, caller)

    @serves(wire.ListShifts)
    def list_shifts(self, session: Session, request: wire.ListShifts, caller: Caller) -> wire.MasterShifts:
        return times.list_shifts(session, request, caller, caller.must("shifts.read"))
