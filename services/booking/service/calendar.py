"""Calendars on the wire: secret feeds, and appointments to add to one's own."""

from sqlalchemy.orm import Session

from chassis.messaging import serves
from contracts import booking as wire
from contracts.message import Page
from kernel.caller import Caller
from kernel.time import utc_now
from services.booking.queries import feeds as seen
from services.booking.usecases import feeds


class Calendars:
    @serves(wire.CreateFeed)
    def create_feed(self, session: Session, request: wire.CreateFeed, caller: Caller) -> wire.CalendarFeed:
        return feeds.create_feed(session, request, caller, caller.must("feeds.create"), utc_now())

    @serves(wire.ShowFeed)
    def show_feed(self, session: Session, request: wire.ShowFeed, caller: Caller) -> wire.CalendarFeed:
        return seen.show_feed(session, request.id, caller, caller.must("feeds.read"))

    @serves(wire.ListFeeds)
    def list_feeds(self, session: Session, request: wire.ListFeeds, caller: Caller) -> Page[wire.CalendarFeed]:
        return seen.list_feeds(session, request, caller, caller.must("feeds.read"))

    @serves(wire.RevokeFeed)
    def revoke_feed(self, session: Session, request: wire.RevokeFeed, caller: Caller) -> wire.CalendarFeed:
        return feeds.revoke_feed(session, request, caller, caller.must("feeds.edit"), utc_now())

    @serves(wire.ReadFeed)
    def read_feed(self, session: Session, request: wire.ReadFeed, _caller: Caller) -> wire.CalendarFile:
        return seen.read_feed(session, request.key, utc_now())

    @serves(wire.ReadAppointmentCalendar)
    def read_appointment_calendar(
        self, session: Session, request: wire.ReadAppointmentCalendar, caller: Caller
    ) -> wire.CalendarFile:
        since = caller.history_from(utc_now().date())
        return seen.appointment_calendar(session, request.id, caller, caller.must("appointments.read"), since)

    @serves(wire.ReadOnlineCalendar)
    def read_online_calendar(
        self, session: Session, request: wire.ReadOnlineCalendar, _caller: Caller
    ) -> wire.CalendarFile:
        return seen.online_calendar(session, request.key, utc_now())
