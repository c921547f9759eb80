"""Booking without an account: who gets a card, and what is told."""

from dataclasses import asdict, fields, replace
from operator import attrgetter
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    AppointmentBooked,
    BookOnline,
    BranchPrice,
    ChangeMaster,
    ChangeService,
    CreateGroupEvent,
    HoldTime,
    ListAppointments,
    OnlineAppointment,
    Rendering,
    ServicePolicy,
    ShowGroupEvent,
    ShowOnlineSalon,
    WantedSegment,
)
from contracts.clients import CheckContact, TakeContact, TakenContact
from kernel.errors import Conflict, Invalid, NotFound, Refusal, Unavailable
from services.booking.tables import appointments
from tests.builders import CLARA, OWNER
from tests.component.booking.page import CONTACT, DORA, Page, somebody
from tests.component.booking.salon import Salon, field_of, overlaps, roubles, together


@pytest.fixture
def page(salon: Salon) -> Page:
    return Page(salon)


# --- what can be booked ---------------------------------------------------------------------------------------------


def test_the_page_shows_what_can_be_booked_and_with_whom(salon: Salon) -> None:
    """Neither what is closed to online booking, nor what nobody renders there, nor masters without shifts."""
    salon.a_service("Unrendered")
    hidden = salon.a_service("Hidden", bookable_online=False)
    colour = salon.a_service("Colour", 90, 500_000, price_max=roubles(900_000), description="with care")
    salon.ask(ChangeMaster(salon.anna.id, 1, service_ids=(salon.haircut.id, hidden.id, colour.id)))
    dear = Rendering(salon.haircut.id, price=roubles(300_000))
    salon.ask(ChangeMaster(salon.olga.id, 1, renderings=(dear,)))
    salon.a_master("Vera", salon.haircut.id)
    shy = salon.a_master("Zoe", salon.haircut.id, bookable_online=False)
    salon.works(shy)
    shown = salon.ask(ShowOnlineSalon(salon.branch.id), None)
    assert [branch.name for branch in shown.branches] == ["Arbat"]
    assert {each.name: (each.price, each.price_max) for each in shown.services} == {
        "Haircut": (roubles(250_000), roubles(300_000)),
        "Colour": (roubles(500_000), roubles(900_000)),
    }
    assert {each.name: set(each.service_ids) for each in shown.masters} == {
        "Anna": {salon.haircut.id, colour.id},
        "Olga": {salon.haircut.id},
    }
    assert next(each for each in shown.services if each.name == "Colour").description == "with care"
    there = salon.ask(ShowOnlineSalon(), None)
    assert (there.services, there.masters) == ((), ())
    with pytest.raises(NotFound):
        salon.ask(ShowOnlineSalon(UUID(int=1)), None)


def test_prices_are_those_of_the_branch(salon: Salon) -> None:
    """And what the branch does not offer is not shown there."""
    other = salon.a_branch("Presnya")
    here = BranchPrice(salon.branch.id, price=roubles(280_000))
    changed = salon.ask(ChangeService(salon.haircut.id, salon.haircut.version, branch_prices=(here,)))
    (shown,) = salon.ask(ShowOnlineSalon(salon.branch.id), None).services
    assert (shown.price, shown.price_max) == (roubles(280_000), None)
    salon.works(salon.anna, "09:00", "12:00", days=(20,), branch=other)
    closed = BranchPrice(other.id, offered=False)
    assert salon.ask(ShowOnlineSalon(other.id), None).services != ()
    salon.ask(ChangeService(salon.haircut.id, changed.version, branch_prices=(here, closed)))
    assert salon.ask(ShowOnlineSalon(other.id), None).services == ()


# --- booking --------------------------------------------------------------------------------------------------------


def test_a_stranger_books_and_gets_a_key(page: Page) -> None:
    """The appointment is an ordinary one; what the stranger gets says nothing about the person."""
    page.salon.loyalty_says(10)
    made = page.book(comment="the window, please")
    assert made.key and len(made.key) >= 43
    assert (made.status, made.branch.name, made.total) == ("booked", "Arbat", roubles(250_000))
    assert made.segments[0].service == "Haircut"
    assert made.starts.utcoffset() == page.salon.at("12:00").utcoffset()
    (kept,) = page.salon.ask(ListAppointments()).items
    assert (kept.client_id, kept.channel, kept.due) == (CLARA, "online", roubles(225_000))
    assert kept.comment == "Booked online as “Клара”.\nthe window, please"
    assert page.show(made.key) == replace(made, key=None)
    told = {field.name for field in fields(OnlineAppointment)}
    assert not told & {"client_id", "discount", "due", "comment", "id"}


def test_a_card_is_made_for_those_who_have_none(page: Page) -> None:
    asked = page.salon.booking.others.asked
    page.book()
    assert not [each for each in asked if isinstance(each, TakeContact)]
    page.book(page.salon.at("14:00"), somebody(1))
    (contact,) = [each for each in asked if isinstance(each, TakeContact)]
    assert (contact.branch_id, contact.channel) == (page.salon.branch.id, "online")


def test_only_the_hash_of_a_key_is_kept(page: Page) -> None:
    made = page.book()
    with page.salon.booking.session() as session:
        row = session.execute(select(appointments)).one()
    assert row.key_hash and len(row.key_hash) == 32
    assert (made.key or "") not in str(row)
    assert made.key not in str(page.salon.booking.announced(AppointmentBooked))


def test_what_is_closed_to_online_booking_is_not_there(page: Page) -> None:
    """Not even for staff who are signed in: the public page is the public page. And no card is made."""
    salon = page.salon
    hidden = salon.a_service("Hidden", bookable_online=False)
    shy = salon.a_master("Zoe", salon.haircut.id, hidden.id, bookable_online=False)
    salon.works(shy)
    for said, code in (
        ({"service": hidden}, "service_unknown"),
        ({"master": shy}, "master_unknown"),
        ({"starts": salon.at("12:00", -1)}, "slot_in_past"),
        ({"starts": salon.at("12:00", 200)}, "outside_horizon"),
        ({"segments": (WantedSegment(UUID(int=1)),)}, "service_unknown"),
    ):
        for caller in (None, OWNER):
            with pytest.raises(Invalid, match=code):
                page.book(caller=caller, **said)
    assert not [each for each in salon.booking.others.asked if isinstance(each, TakeContact)]


def test_clients_book_some_time_ahead(page: Page) -> None:
    policy = ServicePolicy(lead_minutes=3 * 24 * 60)
    page.salon.ask(ChangeService(page.salon.haircut.id, page.salon.haircut.version, policy=policy))
    with pytest.raises(Invalid, match="too_soon") as refused:
        page.book()
    assert field_of(refused.value) == "starts"
    assert page.book(page.salon.at("12:00", 4)).status == "booked"


@pytest.mark.parametrize("asking", [CheckContact, TakeContact])
def test_a_wrong_contact_is_refused_by_its_field(page: Page, asking: type) -> None:
    page.salon.booking.others.answers[asking] = _wrong_phone
    with pytest.raises(Invalid, match="phone_invalid") as refused:
        page.book(contact=somebody(1))
    assert field_of(refused.value) == "contact.phone"


def _wrong_phone(_request: object) -> TakenContact:
    raise Invalid.field("phone", "phone_invalid", "there can be no such phone number")


def test_what_is_wrong_with_the_contact_is_said_before_the_time_is_looked_at(page: Page) -> None:
    """422 comes before 409, and still no card is made."""
    page.salon.book(page.salon.at("12:00"), master=page.salon.anna, client=DORA)
    page.salon.booking.others.answers[CheckContact] = _wrong_phone
    with pytest.raises(Invalid, match="phone_invalid") as refused:
        page.book(master=page.salon.anna)
    assert field_of(refused.value) == "contact.phone"
    assert not [each for each in page.salon.booking.others.asked if isinstance(each, TakeContact)]


@pytest.mark.parametrize("asking", [CheckContact, TakeContact])
def test_without_clients_nobody_books_online(page: Page, asking: type) -> None:
    """Away is 503; where the service is not installed there is no such thing."""
    answers = page.salon.booking.others.answers
    del answers[asking]
    with pytest.raises(Unavailable):
        page.book(contact=somebody(1))

    def not_installed(_request: object) -> TakenContact:
        raise NotFound("not_installed", "the service clients is not installed")

    answers[asking] = not_installed
    with pytest.raises(NotFound, match="not_installed"):
        page.book(contact=somebody(1))
    assert page.salon.ask(ListAppointments()).items == ()


def test_without_loyalty_the_price_is_full(page: Page) -> None:
    page.salon.loyalty_is_away()
    page.book()
    (kept,) = page.salon.ask(ListAppointments()).items
    assert kept.due == roubles(250_000)


def test_a_taken_time_leaves_no_card(page: Page) -> None:
    """Refused with alternatives before one would be made."""
    page.salon.book(page.salon.at("12:00"), master=page.salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken") as refused:
        page.book(master=page.salon.anna, contact=somebody(1))
    assert refused.value.details["alternatives"]
    assert not [each for each in page.salon.booking.others.asked if isinstance(each, TakeContact)]


def test_whether_the_phone_is_known_does_not_show(page: Page) -> None:
    """Clara is busy then with Olga: whoever gives her phone hears what everybody hears of a time that is gone."""
    salon = page.salon
    salon.book(salon.at("12:00"), master=salon.olga)
    salon.book(salon.at("14:00"), master=salon.olga)
    with pytest.raises(Conflict, match="slot_taken") as busy:
        page.book(master=salon.anna)
    salon.book(salon.at("12:00"), master=salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken") as taken:
        page.book(contact=somebody(1), master=salon.anna)

    def starts(refusal: Refusal) -> set[str]:
        return {each["starts"][11:16] for each in refusal.details["alternatives"]}

    assert str(busy.value) == str(taken.value)
    assert set(busy.value.details) == set(taken.value.details)
    assert "12:00" not in starts(busy.value)
    assert starts(busy.value) - {"11:15", "11:30", "11:45", "12:15", "12:30", "12:45"} <= starts(taken.value)


def test_the_answer_is_the_same_for_a_known_phone_and_a_new_one(page: Page) -> None:
    page.salon.loyalty_says(20)
    known = page.book(page.salon.at("12:00"), master=page.salon.anna)
    page.salon.loyalty_says(0)
    new = page.book(page.salon.at("12:00"), contact=somebody(1), master=page.salon.olga)
    one, two = asdict(known), asdict(new)
    for each in (one, two):
        each.pop("key")
        each["segments"][0].pop("master")
        each["segments"][0].pop("master_id")
    assert one == two


def test_the_desk_reads_what_somebody_with_a_card_calls_themselves(page: Page) -> None:
    """Only where the card was there already, for a new one says it itself; never the e-mail, which masters may not see.

    Whoever booked is not told that there was a card.
    """
    salon = page.salon
    mallory = replace(CONTACT, first_name=" Mallory\n", last_name="M.", email="mallory@example.com")
    made = page.book(salon.at("12:00"), contact=mallory)
    page.book(salon.at("14:00"), contact=somebody(1), comment="the window, please")
    page.book(salon.at("16:00"), contact=somebody(2))
    kept = sorted(salon.ask(ListAppointments()).items, key=attrgetter("starts"))
    assert [each.comment for each in kept] == ["Booked online as “Mallory M.”.", "the window, please", None]
    assert "Mallory" not in str(page.show(made.key))
    assert "Mallory" not in str(salon.told())


def test_a_hold_is_booked_once(page: Page) -> None:
    """Sent twice it is one appointment, and the second answer says that the time is gone."""
    salon = page.salon
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id),)
    hold = salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), wanted), None)
    with pytest.raises(Conflict, match="slot_taken"):
        page.book(master=salon.anna, contact=somebody(1))
    made = page.book(master=salon.anna, hold_id=hold.id)
    assert made.status == "booked"
    with pytest.raises(Conflict, match="hold_booked"):
        page.book(master=salon.anna, hold_id=hold.id)
    with pytest.raises(Invalid, match="hold_differs"):
        other = salon.ask(HoldTime(salon.branch.id, salon.at("15:00"), wanted), None)
        page.book(salon.at("16:00"), master=salon.anna, hold_id=other.id)
    assert len(salon.ask(ListAppointments()).items) == 1


def test_the_same_hold_sent_at_once_is_booked_once(page: Page) -> None:
    salon = page.salon
    wanted = (WantedSegment(salon.haircut.id),)
    hold = salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), wanted), None)
    outcomes = together(8, lambda number: page.book(contact=somebody(number), hold_id=hold.id))
    assert sum(isinstance(each, OnlineAppointment) for each in outcomes) == 1
    assert {each.code for each in outcomes if isinstance(each, Refusal)} == {"hold_booked"}


def test_many_strangers_want_one_time(page: Page) -> None:
    """As many get it as masters are free; everybody else is told when else they may come."""
    outcomes = together(40, lambda number: page.book(contact=somebody(number)))
    made = [each for each in outcomes if isinstance(each, OnlineAppointment)]
    refused = [each for each in outcomes if isinstance(each, Refusal)]
    assert len(made) == 2
    assert {each.code for each in refused} == {"slot_taken"}
    assert all(each.details["alternatives"] for each in refused)
    assert len({each.key for each in made}) == 2
    assert overlaps(page.salon) == 0


def test_a_repeated_request_of_somebody_signed_in_is_one_booking(page: Page) -> None:
    """The stored answer holds the key; for the public there is no such memory."""
    request = BookOnline(page.salon.branch.id, page.salon.at("12:00"), (WantedSegment(page.salon.haircut.id),), CONTACT)
    first = page.salon.ask(request, OWNER, key="once")
    assert page.salon.ask(request, OWNER, key="once") == first
    with pytest.raises(Conflict, match="slot_taken"):
        page.salon.ask(request, None, key="once")


def test_a_place_in_a_class_is_booked_online(page: Page) -> None:
    salon = page.salon
    yoga = salon.a_service("Yoga", 60, 90_000, capacity=2)
    salon.ask(ChangeMaster(salon.anna.id, salon.anna.version, service_ids=(salon.haircut.id, yoga.id)))
    noon, later = (
        salon.ask(CreateGroupEvent(salon.branch.id, yoga.id, salon.anna.id, salon.at(clock)))
        for clock in ("12:00", "15:00")
    )
    made = page.book(service=yoga)
    with pytest.raises(Conflict, match="group_full") as refused:  # Clara sits there already: nobody is told so
        page.book(service=yoga)
    assert [each["starts"] for each in refused.value.details["alternatives"]] == [later.starts.isoformat()]
    page.book(contact=somebody(1), service=yoga)
    with pytest.raises(Conflict, match="group_full"):
        page.book(contact=somebody(2), service=yoga)
    assert page.move(made.key, later.starts).starts == later.starts
    assert salon.ask(ShowGroupEvent(noon.id)).places_left == 1
    page.cancel(made.key)
    assert salon.ask(ShowGroupEvent(later.id)).places_left == 2
