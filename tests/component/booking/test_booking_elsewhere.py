"""What another replica changes holds here at once: nothing is booked by a catalogue that is only remembered."""

from typing import Any

import pytest
from sqlalchemy import insert, update

from contracts.booking import CreateGroupEvent, OnlineAppointment, ShowGroupEvent
from kernel.errors import Invalid
from services.booking.tables import branches, master_services, services
from tests.builders import CLARA
from tests.component.booking.page import DORA, Page, somebody
from tests.component.booking.salon import Salon, roubles


@pytest.fixture
def page(salon: Salon) -> Page:
    """The catalogue is remembered already."""
    salon.book(salon.at("10:00"), client=DORA)
    return Page(salon)


def elsewhere(salon: Salon, statement: Any) -> None:
    """As another replica writes it: the process that is tested has no part in it."""
    with salon.booking.session() as session:
        session.execute(statement)
        session.commit()


def dearer(salon: Salon) -> Any:
    return update(services).where(services.c.id == salon.haircut.id).values(price=300_000)


def test_the_price_is_that_of_now(page: Page) -> None:
    salon = page.salon
    elsewhere(salon, dearer(salon))
    assert salon.book(salon.at("12:00")).due == roubles(300_000)


def test_the_price_is_that_of_now_online(page: Page) -> None:
    elsewhere(page.salon, dearer(page.salon))
    made: OnlineAppointment = page.book(contact=somebody(1))
    assert (made.total, made.segments[0].price) == (roubles(300_000), roubles(300_000))


@pytest.mark.parametrize("online", [False, True])
def test_what_is_new_can_be_booked(page: Page, *, online: bool) -> None:
    """The refusal by what was remembered is not given."""
    salon = page.salon
    colour = salon.a_service("Colour")
    salon.book(salon.at("14:00"), client=DORA)
    elsewhere(salon, insert(master_services).values(master_id=salon.anna.id, service_id=colour.id, position=9))
    if online:
        assert page.book(service=colour).segments[0].master == "Anna"
    else:
        assert salon.book(salon.at("12:00"), colour).segments[0].master_id == salon.anna.id


@pytest.mark.parametrize("online", [False, True])
def test_what_is_closed_cannot_be_booked(page: Page, *, online: bool) -> None:
    salon = page.salon
    elsewhere(salon, update(services).where(services.c.id == salon.haircut.id).values(active=False))
    with pytest.raises(Invalid, match="service_inactive"):
        page.book() if online else salon.book(salon.at("12:00"))


def test_a_group_event_is_joined_once(page: Page) -> None:
    """The place is taken after it is sure that the catalogue holds, not before and after."""
    salon = page.salon
    yoga = salon.a_service("Yoga", capacity=5)
    elsewhere(salon, insert(master_services).values(master_id=salon.anna.id, service_id=yoga.id, position=9))
    event = salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, salon.anna.id, salon.at("12:00")))
    elsewhere(salon, update(branches).values(address="1 Another Street"))
    salon.book(salon.at("12:00"), yoga, client=CLARA)
    elsewhere(salon, update(branches).values(address="2 Another Street"))
    page.book(service=yoga, contact=somebody(2))
    assert salon.ask(ShowGroupEvent(event.id)).places_left == 3


def test_a_phone_is_confirmed_where_that_is_wanted_by_now(page: Page) -> None:
    elsewhere(page.salon, update(branches).values(policy={"confirm_phone": True}))
    with pytest.raises(Invalid, match="confirmation_missing"):
        page.book()
    elsewhere(page.salon, update(branches).values(policy={}))
    assert page.book().status == "booked"
