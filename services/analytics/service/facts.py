"""What other services told, taken over."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.messaging import handles
from contracts.booking import (
    AppointmentArrived,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentChanged,
    AppointmentConfirmed,
    AppointmentMissed,
    AppointmentState,
    OpenHoursChanged,
    VisitCompleted,
    VisitRefunded,
)
from contracts.clients import (
    ClientChanged,
    ClientErased,
    ClientRegistered,
    ClientsMerged,
    EnquiryAnswered,
    EnquiryReceived,
    SourceChanged,
    SourceRemoved,
)
from services.analytics import usecases
from services.analytics.usecases.standings import mark_due


class Facts:
    @handles(ClientRegistered, batch=True)
    @handles(ClientChanged, batch=True)
    def card_stated(self, session: Session, events: Sequence[ClientRegistered | ClientChanged]) -> None:
        usecases.copy_cards(session, events)

    @handles(ClientErased, batch=True)
    def client_erased(self, session: Session, events: Sequence[ClientErased]) -> None:
        usecases.forget_traits(session, events)

    @handles(ClientsMerged)
    def clients_merged(self, session: Session, event: ClientsMerged) -> None:
        usecases.mark_visits_of_merged(session, event)
        usecases.keep_merge(session, event)
        usecases.mark_merged(session, event)
        usecases.follow_merge(session, event)
        mark_due(session, [event.merged_id, event.client_id])

    @handles(SourceChanged, batch=True)
    def source_stated(self, session: Session, events: Sequence[SourceChanged]) -> None:
        usecases.copy_sources(session, events)

    @handles(SourceRemoved, batch=True)
    def source_removed(self, session: Session, events: Sequence[SourceRemoved]) -> None:
        usecases.forget_sources(session, events)

    @handles(VisitCompleted, batch=True)
    @handles(VisitRefunded, batch=True)
    def bill_stated(self, session: Session, events: Sequence[VisitCompleted | VisitRefunded]) -> None:
        with usecases.counting_appointments(session, events), usecases.following_appointments(session, events):
            usecases.mark_visits(session, events)
            usecases.copy_bills(session, events)
            usecases.copy_bookings(session, events)
        mark_due(session, (event.client_id for event in events))

    @handles(AppointmentBooked, batch=True)
    @handles(AppointmentChanged, batch=True)
    @handles(AppointmentConfirmed, batch=True)
    @handles(AppointmentArrived, batch=True)
    @handles(AppointmentCancelled, batch=True)
    @handles(AppointmentMissed, batch=True)
    def appointment_stated(self, session: Session, events: Sequence[AppointmentState]) -> None:
        with usecases.counting_appointments(session, events), usecases.following_appointments(session, events):
            usecases.copy_bookings(session, events)

    @handles(OpenHoursChanged, batch=True)
    def open_hours_stated(self, session: Session, events: Sequence[OpenHoursChanged]) -> None:
        with usecases.counting_open_hours(session, events):
            usecases.copy_open_hours(session, events)

    @handles(EnquiryReceived, batch=True)
    @handles(EnquiryAnswered, batch=True)
    def enquiry_stated(self, session: Session, events: Sequence[EnquiryReceived | EnquiryAnswered]) -> None:
        with usecases.following_enquiries(session, events):
            usecases.copy_enquiries(session, events)
