"""Booking without an account: who gets a card, what is told, and what the secret key opens."""

from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    AppointmentBooked,
    ArriveAppointment,
    BookOnline,
    BranchPolicy,
    BranchPrice,
    CancelOnlineAppointment,
    ChangeBranch,
    ChangeMaster,
    ChangeService,
    Contact,
    CreateGroupEvent,
    HoldTime,
    ListAppointments,
    MoveOnlineAppointment,
    OnlineAppointment,
    Rendering,
    ServicePolicy,
    ShowGroupEvent,
    ShowOnlineAppointment,
    ShowOnlineSalon,
    WantedSegment,
)
from contracts.clients import TakeContact, TakenContact
from kernel.errors import Conflict, Gone, Invalid, NotFound, Refusal, Unavailable
from services.booking.tables import appointments
from tests.builders import CLARA, OWNER
from tests.component.booking.salon import Salon, field_of, overlaps, roubles, together

CONTACT = Contact("Клара", "+7 916 123-45-67", email="clara@example.com")
DORA = UUID("0190a000-0000-7000-8000-00000000000d")


class Page:
    """The public page of the salon; every phone is somebody else's, Clara's ends with 67."""

    def __init__(self, salon: Salon) -> None:
        self.salon = salon
        self.known = {CONTACT.phone: CLARA}
        salon.booking.others.answers[TakeContact] = self.take

    def take(self, request: TakeContact) -> TakenContact:
        created = request.phone not in self.known
        if created:
            self.known[request.phone] = UUID(int=0x0190D << 108 | len(self.known))
        return TakenContact(self.known[request.phone], created)

    def book(
        self, starts: datetime | None = None, contact: Contact = CONTACT, caller: Any = None, **more: Any
    ) -> OnlineAppointment:
        master = more.pop("master", None)
        service = more.pop("service", self.salon.haircut)
        segments = more.pop("segments", (WantedSegment(service.id, master and master.id),))
        request = BookOnline(self.salon.branch.id, starts or self.salon.at("12:00"), segments, contact, **more)
        return self.salon.ask(request, caller)

    def show(self, key: str | None) -> OnlineAppointment:
        return self.salon.ask(ShowOnlineAppointment(key or ""), None)

    def move(self, key: str | None, starts: datetime) -> OnlineAppointment:
        return self.salon.ask(MoveOnlineAppointment(key or "", starts), None)

    def cancel(self, key: str | None, **more: Any) -> OnlineAppointment:
        return self.salon.ask(CancelOnlineAppointment(key or "", **more), None)


@pytest.fixture
def page(salon: Salon) -> Page:
    return Page(salon)


def somebody(number: int) -> Contact:
    return Contact(f"Somebody {number}", f"+7 916 000-{number // 100:02}-{number % 100:02}")


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
    assert kept.comment == "the window, please"
    assert page.show(made.key) == replace(made, key=None)
    asked = page.salon.booking.others.asked
    (contact,) = [each for each in asked if isinstance(each, TakeContact)]
    assert (contact.branch_id, contact.channel) == (page.salon.branch.id, "online")
    told = {field.name for field in fields(OnlineAppointment)}
    assert not told & {"client_id", "discount", "due", "comment", "id"}


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


def test_a_wrong_contact_is_refused_by_its_field(page: Page) -> None:
    def refuse(_request: TakeContact) -> TakenContact:
        raise Invalid.field("phone", "phone_invalid", "there can be no such phone number")

    page.salon.booking.others.answers[TakeContact] = refuse
    with pytest.raises(Invalid, match="phone_invalid") as refused:
        page.book()
    assert field_of(refused.value) == "contact.phone"


def test_without_clients_nobody_books_online(page: Page) -> None:
    """Away is 503; where the service is not installed there is no such thing."""
    answers = page.salon.booking.others.answers
    del answers[TakeContact]
    with pytest.raises(Unavailable):
        page.book()

    def not_installed(_request: TakeContact) -> TakenContact:
        raise NotFound("not_installed", "the service clients is not installed")

    answers[TakeContact] = not_installed
    with pytest.raises(NotFound, match="not_installed"):
        page.book()
    assert page.salon.ask(ListAppointments()).items == ()


def test_without_loyalty_the_price_is_full(page: Page) -> None:
    page.salon.loyalty_is_away()
    page.book()
    (kept,) = page.salon.ask(ListAppointments()).items
    assert kept.due == roubles(250_000)


def test_a_taken_time_leaves_no_card(page: Page) -> None:
    """Refused with alternatives before anybody is asked who it is."""
    page.salon.book(page.salon.at("12:00"), master=page.salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken") as refused:
        page.book(master=page.salon.anna)
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
    assert one == two


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


# --- by the key -----------------------------------------------------------------------------------------------------


def test_an_unknown_key_opens_nothing(page: Page) -> None:
    page.book()
    for ask in (page.show, page.cancel, lambda key: page.move(key, page.salon.at("15:00"))):
        with pytest.raises(NotFound, match="appointment_not_found"):
            ask("x" * 43)


def test_a_key_holds_until_the_visit_is_over(page: Page) -> None:
    made = page.book()
    (kept,) = page.salon.ask(ListAppointments()).items
    page.salon.put_back(kept, 24 * 14)
    for ask in (page.show, page.cancel, lambda key: page.move(key, page.salon.at("15:00"))):
        with pytest.raises(Gone, match="key_expired"):
            ask(made.key)


def test_a_key_moves_the_visit_to_a_time_that_is_free(page: Page) -> None:
    """The same services by the same master; the key stays the same."""
    salon = page.salon
    made = page.book(master=salon.anna)
    moved = page.move(made.key, salon.at("15:00"))
    assert moved.starts == salon.at("15:00")
    assert moved.segments[0].master == "Anna"
    assert page.show(made.key) == moved
    salon.book(salon.at("17:00"), master=salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken") as refused:
        page.move(made.key, salon.at("17:00"))
    assert {each["master_ids"][0] for each in refused.value.details["alternatives"]} == {str(salon.anna.id)}
    salon.book(salon.at("19:00"), master=salon.olga, client=CLARA)
    with pytest.raises(Conflict, match="slot_taken"):
        page.move(made.key, salon.at("19:00"))
    for starts, code in ((salon.at("12:00", -1), "slot_in_past"), (salon.at("12:00", 200), "outside_horizon")):
        with pytest.raises(Invalid, match=code):
            page.move(made.key, starts)
    assert page.move(made.key, salon.at("15:00")) == moved


def test_a_key_cancels_the_visit(page: Page) -> None:
    made = page.book(master=page.salon.anna)
    assert page.cancel(made.key, reason="a cold").status == "cancelled"
    (kept,) = page.salon.ask(ListAppointments()).items
    assert (kept.cancelled_by, kept.reason) == ("client", "a cold")
    assert page.show(made.key).status == "cancelled"
    for ask in (page.cancel, lambda key: page.move(key, page.salon.at("15:00"))):
        with pytest.raises(Conflict, match="wrong_status"):
            ask(made.key)
    assert page.salon.book(master=page.salon.anna, client=DORA).status == "booked"


def test_after_the_cut_off_only_staff_change_it(page: Page) -> None:
    """The refusal says until when it could have been changed, as the appointment did."""
    salon = page.salon
    made = page.book(salon.at("12:00", 2))
    assert made.can_change_until == made.starts
    salon.ask(ChangeBranch(salon.branch.id, salon.branch.version, policy=BranchPolicy(cancel_minutes=3 * 24 * 60)))
    shown = page.show(made.key)
    assert shown.can_change_until == made.starts - timedelta(days=3)
    for ask in (page.cancel, lambda key: page.move(key, salon.at("15:00", 4))):
        with pytest.raises(Conflict, match="too_late_to_change") as refused:
            ask(made.key)
        assert refused.value.details["can_change_until"] == shown.can_change_until.isoformat()


def test_who_has_come_changes_nothing(page: Page) -> None:
    page.book(page.salon.at("20:00", 0))
    made = page.book(page.salon.at("18:00", 0), contact=somebody(1))
    kept = next(each for each in page.salon.ask(ListAppointments()).items if each.client_id != CLARA)
    page.salon.ask(ArriveAppointment(kept.id))
    with pytest.raises(Conflict, match="wrong_status"):
        page.cancel(made.key)


def test_a_moved_and_a_cancelled_time_are_free_at_once(page: Page) -> None:
    """Moving and booking race for one time: one of them gets it."""
    salon = page.salon
    made = page.book(master=salon.anna)

    def attempt(number: int) -> object:
        if number == 0:
            return page.move(made.key, salon.at("15:00"))
        return page.book(salon.at("15:00"), contact=somebody(number), master=salon.anna)

    outcomes = together(10, attempt)
    assert sum(isinstance(each, OnlineAppointment) for each in outcomes) == 1
    assert overlaps(salon) == 0
