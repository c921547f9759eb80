"""What booking tells clients for the export of a person: everything, and of nobody else."""

import pytest
from sqlalchemy import update

from contracts.booking import (
    AddToWaitingList,
    BookSeries,
    CancelAppointment,
    ExportFromBooking,
    HeldByBooking,
    ListSeries,
    ListWaitingList,
    Rule,
    ShowHistory,
    WantedSegment,
)
from contracts.clients import ClientErased
from contracts.loyalty import DiscountChanged
from kernel.errors import Forbidden
from services.booking.tables import appointments, holds
from tests.builders import CLARA, OWNER, a_service
from tests.component.booking.page import DORA
from tests.component.booking.salon import Salon

CLIENTS = a_service("clients")


def held(salon: Salon) -> HeldByBooking:
    answer: HeldByBooking = salon.ask(ExportFromBooking(CLARA), CLIENTS)
    return answer


def test_all_that_is_held_of_a_person_is_told_with_its_texts(salon: Salon) -> None:
    done = salon.a_visit()
    coming = salon.book(comment="likes tea")
    salon.book(salon.at("15:00"), client=DORA, comment="likes milk")
    salon.ask(CancelAppointment(coming.id, "is ill"))
    wanted = (WantedSegment(salon.haircut.id),)
    rule = Rule("WEEKLY", count=2)
    salon.ask(BookSeries(salon.branch.id, CLARA, salon.at("18:00", 2), wanted, rule, "skip"))
    day = salon.today
    salon.ask(AddToWaitingList(salon.branch.id, CLARA, wanted, day, day))
    salon.ask(AddToWaitingList(salon.branch.id, DORA, wanted, day, day))
    salon.booking.deliver(DiscountChanged(CLARA, 1, 5, salon.at("10:00", 0)))
    told = held(salon)
    assert [each.appointment for each in told.appointments[:2]] == [salon.show(done), salon.show(coming)]
    assert {each.appointment.client_id for each in told.appointments} == {CLARA}
    assert told.appointments[1].history == salon.ask(ShowHistory(coming.id)).items
    assert told.appointments[1].history[-1].reason == "is ill"
    assert told.series == salon.ask(ListSeries(client_id=CLARA)).items
    assert told.waiting_list == salon.ask(ListWaitingList(client_id=CLARA)).items
    assert told.discount is not None
    assert told.discount.percent == 5
    names = {each.id: each.name for each in told.names}
    assert names[salon.branch.id] == "Arbat"
    assert names[salon.haircut.id] == "Haircut"
    assert "milk" not in str(told)


def test_a_time_that_is_held_for_the_client_is_told_while_it_is(salon: Salon) -> None:
    hold = salon.hold()
    with salon.booking.session() as session:  # as an offer from the waiting list is
        session.execute(update(holds).values(client_id=CLARA))
        session.commit()
    assert [(each.id, each.starts) for each in held(salon).holds] == [(hold.id, hold.starts)]
    salon.run_out(hold)
    assert held(salon).holds == ()


def test_what_does_not_open_is_named_not_left_out_in_silence(salon: Salon) -> None:
    made = salon.book(comment="likes tea")
    with salon.booking.session() as session:
        session.execute(update(appointments).values(comment=b"\x01" + bytes(60)))
        session.commit()
    assert [(each.what, each.id) for each in held(salon).unreadable] == [("appointment", made.id)]


def test_of_somebody_who_was_erased_nothing_is_said_but_that_they_came(salon: Salon) -> None:
    salon.book(comment="likes tea")
    salon.booking.deliver(ClientErased(CLARA, 5, salon.at("10:00", 0)))
    told = held(salon)
    assert [(each.appointment.status, each.appointment.comment) for each in told.appointments] == [("cancelled", None)]
    assert told.unreadable == ()


def test_only_services_ask_for_it(salon: Salon) -> None:
    with pytest.raises(Forbidden):
        salon.ask(ExportFromBooking(CLARA), OWNER)
