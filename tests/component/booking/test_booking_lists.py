"""Lists of appointments: filters, order, pages, and whose they are."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from chassis.wire import encode_cursor
from contracts.booking import (
    CancelAppointment,
    ChangeAppointment,
    CreateMaster,
    ListAppointments,
    ShowAppointment,
)
from kernel.errors import Invalid, NotFound
from tests.builders import CLARA, a_user
from tests.component.booking.salon import Salon

DORA = UUID("0190a000-0000-7000-8000-00000000000d")


def test_appointments_are_listed_by_time_page_by_page(salon: Salon) -> None:
    made = [salon.book(salon.at(clock, day)) for day, clock in ((2, "10:00"), (1, "15:00"), (1, "10:00"), (3, "09:00"))]
    ordered = [made[2].id, made[1].id, made[0].id, made[3].id]
    first = salon.ask(ListAppointments(limit=3))
    rest = salon.ask(ListAppointments(limit=3, cursor=first.next))
    assert [each.id for each in (*first.items, *rest.items)] == ordered
    assert rest.next is None
    assert first.items[0] == made[2]
    with pytest.raises(Invalid, match="cursor_invalid"):
        salon.ask(ListAppointments(cursor="nonsense"))


def test_filters_narrow_the_list(salon: Salon) -> None:
    hers = salon.book(salon.at("10:00", 1), master=salon.anna)
    dora = salon.book(salon.at("10:00", 2), master=salon.olga, client=DORA)
    gone = salon.book(salon.at("20:00", 2), master=salon.anna)
    salon.ask(CancelAppointment(gone.id, "no time"))
    tomorrow = salon.today + timedelta(days=1)
    later = tomorrow + timedelta(days=1)
    for request, found in (
        (ListAppointments(from_=tomorrow, to=tomorrow), [hers]),
        (ListAppointments(from_=later), [dora, gone]),
        (ListAppointments(to=tomorrow), [hers]),
        (ListAppointments(master_id=salon.anna.id), [hers, gone]),
        (ListAppointments(client_id=DORA), [dora]),
        (ListAppointments(status="cancelled"), [gone]),
        (ListAppointments(branch_id=salon.branch.id, status="booked"), [hers, dora]),
    ):
        assert [each.id for each in salon.ask(request).items] == [each.id for each in found]
    with pytest.raises(Invalid, match="period_invalid"):
        salon.ask(ListAppointments(from_=later, to=tomorrow))
    ever = ListAppointments(from_=date.min, to=date.max)
    assert [each.id for each in salon.ask(ever).items] == [hers.id, dora.id, gone.id]
    naive = encode_cursor(datetime(2026, 1, 1), CLARA)  # noqa: DTZ001  that is what is wrong with it
    with pytest.raises(Invalid, match="cursor_invalid"):
        salon.ask(ListAppointments(cursor=naive))
    with pytest.raises(NotFound, match="branch_not_found"):
        salon.ask(ListAppointments(branch_id=CLARA))


def test_a_master_and_a_client_see_their_own(salon: Salon) -> None:
    master = a_user("appointments.read.own", branch_ids=frozenset({salon.branch.id}))
    nina = salon.ask(CreateMaster("Nina", master.id, (salon.haircut.id,)))
    salon.works(nina)
    with_nina = salon.book(master=nina, client=DORA)
    with_anna = salon.book(salon.at("15:00"), master=salon.anna)
    assert [each.id for each in salon.ask(ListAppointments(branch_id=salon.branch.id), master).items] == [with_nina.id]
    clara = a_user("appointments.read.own", id=UUID(int=8), client_id=CLARA)
    assert [each.id for each in salon.ask(ListAppointments(), clara).items] == [with_anna.id]
    nobody = a_user("appointments.read.own", id=UUID(int=9))
    with pytest.raises(NotFound):
        salon.ask(ShowAppointment(with_anna.id), nobody)
    assert salon.ask(ListAppointments(client_id=CLARA), nobody).items == ()


def test_those_who_work_here_see_all_of_their_branch(salon: Salon) -> None:
    made = salon.book()
    anna = salon.works_here("appointments.read", "appointments.edit")
    assert [each.id for each in salon.ask(ListAppointments(), anna).items] == [made.id]
    assert salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("16:00")), anna).starts == salon.at("16:00")
