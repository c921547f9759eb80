"""Group events on the wire."""

from sqlalchemy.orm import Session

from chassis.keyring import Keyring
from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import groups as seen
from services.booking.usecases import groups


class Groups:
    keyring: Keyring

    @serves(wire.CreateGroupEvent)
    def create_group_event(self, session: Session, request: wire.CreateGroupEvent, caller: Caller) -> wire.GroupEvent:
        return groups.create(session, request, caller, utc_now())

    @serves(wire.ShowGroupEvent)
    def show_group_event(self, session: Session, request: wire.ShowGroupEvent, caller: Caller) -> wire.GroupEvent:
        return seen.show_group_event(session, request.id, caller, caller.must("group_events.read"))

    @serves(wire.ListGroupEvents)
    def list_group_events(
        self, session: Session, request: wire.ListGroupEvents, caller: Caller
    ) -> Page[wire.GroupEvent]:
        return seen.list_group_events(session, request, caller, caller.must("group_events.read"))

    @serves(wire.ChangeGroupEvent)
    def change_group_event(self, session: Session, request: wire.ChangeGroupEvent, caller: Caller) -> wire.GroupEvent:
        return groups.change(session, self.keyring, request, caller, utc_now())

    @serves(wire.CancelGroupEvent)
    def cancel_group_event(self, session: Session, request: wire.CancelGroupEvent, caller: Caller) -> wire.GroupEvent:
        return groups.cancel(session, self.keyring, request, caller, utc_now())
