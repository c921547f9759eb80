"""When a client is erased: what was booked is cancelled, what was said is gone, what was earned stays."""

import pytest
from sqlalchemy import func, select

from chassis.outbox import replies
from contracts.booking import (
    AddToWaitingList,
    AppointmentCancelled,
    BookAppointment,
    BookSeries,
    CancelAppointment,
    Rule,
    ShowAppointment,
    ShowHistory,
    WantedSegment,
)
from contracts.clients import CheckClient, ClientErased, ClientRegistered
from kernel.errors import Invalid
from services.booking.tables import appointments, busy, history
from tests.builders import CLARA
from tests.component.booking.page import DORA
from tests.component.booking.salon import Salon


def erased(salon: Salon) -> ClientErased:
    return ClientErased(CLARA, 5, salon.at("10:00", 0))


def test_upcoming_appointments_are_cancelled_and_others_told(salon: Salon) -> None:
    done = salon.a_visit()
    coming = salon.book(comment="likes tea")
    salon.booking.deliver(erased(salon))
    gone = salon.show(coming)
    assert (gone.status, gone.comment, gone.reason) == ("cancelled", None, None)
    (told,) = salon.booking.announced(AppointmentCancelled)
    assert (told.appointment_id, told.cancelled_by, gone.cancelled_by) == (coming.id, "erasure", "erasure")
    assert salon.show(done) == done
    with salon.booking.session() as session:
        kept = set(session.scalars(select(busy.c.appointment_id)))
    assert kept == {done.id}


def test_what_was_said_cannot_be_read_any_more_even_from_an_older_copy(salon: Salon) -> None:
    made = salon.book(comment="likes tea")
    salon.ask(CancelAppointment(made.id, "is ill"))
    with salon.booking.session() as session:
        older = session.execute(select(appointments.c.comment, appointments.c.reason)).one()
        assert all(older)
    salon.booking.deliver(erased(salon))
    with salon.booking.session() as session:
        assert session.execute(select(appointments.c.comment, appointments.c.reason)).one() == (None, None)
        assert set(session.scalars(select(history.c.reason))) == {None}
        session.execute(appointments.update().values(comment=older.comment, reason=older.reason))
        session.commit()
    shown = salon.ask(ShowAppointment(made.id))
    assert (shown.comment, shown.reason) == (None, None)
    entries = salon.ask(ShowHistory(made.id)).items
    assert [(entry.change, entry.reason) for entry in entries] == [("booked", None), ("cancelled", None)]


def test_erasure_twice_is_erasure_once_and_an_older_card_does_not_come_back(salon: Salon) -> None:
    salon.book()
    salon.booking.deliver(erased(salon), erased(salon))
    now = salon.at("10:00", 0)
    salon.booking.deliver(ClientRegistered(CLARA, 1, None, None, None, now, now))
    assert len(salon.booking.announced(AppointmentCancelled)) == 1
    del salon.booking.others.answers[CheckClient]
    with pytest.raises(Invalid, match="client_unknown"):
        salon.book()


def test_replies_that_are_kept_for_a_retry_go_too(salon: Salon) -> None:
    """They are sealed under another key than the person's, and hold what was said and what speaks against the visit."""
    wanted = (WantedSegment(salon.haircut.id),)
    for client, clock in ((CLARA, "12:00"), (DORA, "15:00")):
        request = BookAppointment(salon.branch.id, client, salon.at(clock), wanted, comment="likes tea")
        salon.booking.ask(request, key=clock)
        series = BookSeries(salon.branch.id, client, salon.at(clock, 2), wanted, Rule("WEEKLY", count=1))
        salon.booking.ask(series, key=clock)
        day = salon.at(clock, 1).date()
        salon.booking.ask(AddToWaitingList(salon.branch.id, client, wanted, day, day), key=clock)
    salon.booking.deliver(erased(salon))
    assert salon.booking.answer(request, key="15:00").replay
    with salon.booking.session() as session:
        assert session.scalar(select(func.count()).select_from(replies)) == 3
