"""Free times on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from kernel.caller import Caller
from kernel.errors import Invalid
from kernel.time import utc_now
from services.booking.queries import availability, salon
from services.booking.usecases.resolve import resolve


class Availability:
    keyring: Keyring

    @serves(wire.FindAvailability)
    def find_availability(self, session: Session, request: wire.FindAvailability, caller: Caller) -> wire.Availability:
        return availability.find_availability(session, request, caller, utc_now())

    @serves(wire.SearchAvailability)
    def search_availability(
        self, session: Session, request: wire.SearchAvailability, caller: Caller
    ) -> wire.Availability:
        if salon.time_zone(session, request.branch_id) is None:
            raise Invalid.field("branch_id", "branch_unknown", "there is no such branch")
        wishes = resolve(session, request.branch_id, request.segments, caller)
        return availability.search_availability(session, request, wishes, caller, utc_now())
