"""Free times on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import availability


class Availability:
    keyring: Keyring

    @serves(wire.FindAvailability)
    def find_availability(self, session: Session, request: wire.FindAvailability, caller: Caller) -> wire.Availability:
        return availability.find_availability(session, request, caller, utc_now())
