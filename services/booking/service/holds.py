"""Holding time on the wire."""

from sqlalchemy.orm import Session

from chassis.messaging import every, serves
from contracts import booking as wire
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import holds as seen
from services.booking.usecases import holds


class Holds:
    @serves(wire.HoldTime)
    def hold_time(self, session: Session, request: wire.HoldTime, caller: Caller) -> wire.Hold:
        return holds.hold_time(session, request, caller, utc_now())

    @serves(wire.ShowHold)
    def show_hold(self, session: Session, request: wire.ShowHold, caller: Caller) -> wire.Hold:  # noqa: ARG002
        return seen.show_hold(session, request.id, utc_now())

    @serves(wire.ReleaseHold)
    def release_hold(self, session: Session, request: wire.ReleaseHold, caller: Caller) -> wire.Released:  # noqa: ARG002
        return holds.release(session, request, utc_now())

    @every(5.0)
    def expire_holds(self, session: Session) -> bool:
        return holds.expire(session, utc_now())
