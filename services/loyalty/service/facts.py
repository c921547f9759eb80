"""Facts of other services: each event is taken in once, here, for all that loyalty makes of it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from chassis.messaging import every, handles
from contracts.analytics import SegmentMembersChanged, SegmentRemoved
from contracts.auth import StaffCardChanged
from contracts.booking import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMissed,
    AppointmentState,
    VisitCompleted,
    VisitRefunded,
)
from contracts.clients import (
    ClientChanged,
    ClientErased,
    ClientRegistered,
    ClientsMerged,
    OccasionClosed,
    OccasionOpened,
    PersonalDiscountChanged,
)
from kernel.time import utc_now
from services.loyalty import usecases
from services.loyalty.service.base import Base
from services.loyalty.usecases.reviews import move_reviews


class Facts(Base):
    @handles(ClientRegistered, batch=True)
    @handles(ClientChanged, batch=True)
    def card_stated(self, session: Session, events: Sequence[ClientRegistered | ClientChanged]) -> None:
        usecases.copy_cards(session, events, now=utc_now())

    @handles(ClientsMerged)
    def clients_merged(self, session: Session, event: ClientsMerged) -> None:
        move_reviews(session, event, self.vault)
        usecases.keep_merge(session, self.vault, event, now=utc_now())

    @handles(ClientErased, batch=True)
    def client_erased(self, session: Session, events: Sequence[ClientErased]) -> None:
        usecases.keep_erasures(session, self.vault, events, now=utc_now())

    @handles(PersonalDiscountChanged, batch=True)
    def personal_discount_stated(self, session: Session, events: Sequence[PersonalDiscountChanged]) -> None:
        usecases.keep_personal(session, events, now=utc_now())

    @handles(OccasionOpened, batch=True)
    @handles(OccasionClosed, batch=True)
    def occasion_stated(self, session: Session, events: Sequence[OccasionOpened | OccasionClosed]) -> None:
        usecases.keep_occasions(session, events, now=utc_now())

    @handles(StaffCardChanged, batch=True)
    def staff_stated(self, session: Session, events: Sequence[StaffCardChanged]) -> None:
        usecases.keep_staff(session, events, now=utc_now())

    @handles(AppointmentBooked, batch=True)
    def appointment_made(self, session: Session, events: Sequence[AppointmentBooked]) -> None:
        usecases.remember_presence(session, events)
        usecases.keep_promises(session, events)

    @handles(AppointmentCancelled, batch=True)
    @handles(AppointmentMissed, batch=True)
    def appointment_off(self, session: Session, events: Sequence[AppointmentState]) -> None:
        usecases.remember_presence(session, events)
        usecases.free_visits(session, events)
        usecases.let_go(session, events)

    @handles(VisitCompleted, batch=True)
    @handles(VisitRefunded, batch=True)
    def bill_stated(self, session: Session, events: Sequence[VisitCompleted | VisitRefunded]) -> None:
        now = utc_now()
        usecases.copy_bills(session, events, now)
        usecases.settle_bills(session, events, now)

    @handles(SegmentMembersChanged, batch=True)
    def segment_changed(self, session: Session, events: Sequence[SegmentMembersChanged]) -> None:
        usecases.keep_members(session, events)

    @handles(SegmentRemoved, batch=True)
    def segment_removed(self, session: Session, events: Sequence[SegmentRemoved]) -> None:
        usecases.keep_removals(session, events)

    @every(2.0)
    def judge_due(self, session: Session) -> bool:
        return usecases.judge_due(session, utc_now())
