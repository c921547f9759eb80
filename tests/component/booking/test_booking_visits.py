"""Visits of several segments: rooms and equipment, phases, two at once, and each master's own terms."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from contracts.booking import (
    Appointment,
    BookAppointment,
    BranchPrice,
    CancelAppointment,
    ChangeAppointment,
    ChangeRoom,
    ChangeService,
    CreateAbsence,
    CreateHoliday,
    Permit,
    Phase,
    Rendering,
    ReplaceShifts,
    Service,
    WantedSegment,
)
from contracts.clients import CheckClient, ClientStanding
from kernel.errors import Conflict, Invalid, Refusal
from services.booking.tables import busy
from tests.builders import CLARA
from tests.component.booking.salon import Salon, field_of, overlaps, roubles, together
from tests.component.booking.test_booking_diary import DORA, clients


def book(salon: Salon, starts: datetime, *segments: WantedSegment, client: UUID = CLARA) -> Appointment:
    made: Appointment = salon.ask(BookAppointment(salon.branch.id, client, starts, segments))
    return made


def a_colouring(salon: Salon) -> Service:
    """Half an hour of work, an hour in which the colour works, half an hour of work."""
    colour = salon.a_service("Colour", 120, phases=(Phase(30), Phase(60, busy=False), Phase(30)))
    for master in (salon.anna, salon.olga):
        salon.renders(master, salon.haircut, colour)
    return colour


# --- phases ---------------------------------------------------------------------------------------------------------


def test_while_the_colour_works_the_master_takes_somebody_else(salon: Salon) -> None:
    colour = a_colouring(salon)
    made = salon.book(salon.at("12:00"), colour, master=salon.anna)
    assert made.segments[0].phases == (Phase(30), Phase(60, busy=False), Phase(30))
    between = salon.book(salon.at("12:30"), salon.haircut, master=salon.anna, client=DORA)
    assert between.ends == salon.at("13:30")
    for starts in ("12:15", "12:45", "13:30"):
        with pytest.raises(Conflict, match="slot_taken"):
            salon.book(salon.at(starts), salon.haircut, master=salon.anna, client=clients(1)[0])
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("14:00")))
    assert moved.segments[0].phases == made.segments[0].phases
    assert moved.ends == salon.at("16:00")


def test_the_client_waits_in_her_chair_all_the_time(salon: Salon) -> None:
    colour = a_colouring(salon)
    salon.book(salon.at("12:00"), colour, master=salon.anna)
    with pytest.raises(Conflict, match="client_busy"):
        salon.book(salon.at("12:30"), salon.haircut, master=salon.anna)


# --- two at once ----------------------------------------------------------------------------------------------------


def test_two_masters_serve_a_client_at_once(salon: Salon) -> None:
    manicure = salon.a_service("Manicure", 45)
    salon.renders(salon.olga, salon.haircut, manicure)
    made = book(
        salon, salon.at("12:00"), WantedSegment(salon.haircut.id), WantedSegment(manicure.id, parallel=True),
        WantedSegment(salon.haircut.id),
    )  # fmt: skip
    assert [part.starts for part in made.segments] == [salon.at("12:00"), salon.at("12:00"), salon.at("13:00")]
    assert [part.master_id for part in made.segments[:2]] == [salon.anna.id, salon.olga.id]
    assert made.ends == salon.at("14:00")
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("15:00")))
    assert [part.starts for part in moved.segments] == [salon.at("15:00"), salon.at("15:00"), salon.at("16:00")]
    assert overlaps(salon) == 0


def test_two_at_once_need_somebody_to_begin_with_and_two_masters(salon: Salon) -> None:
    first, at_once = WantedSegment(salon.haircut.id, salon.anna.id), WantedSegment(salon.haircut.id, parallel=True)
    by_anna = WantedSegment(salon.haircut.id, salon.anna.id, parallel=True)
    for wanted, code, field in (
        ((at_once,), "parallel_without_first", "segments.0.parallel"),
        ((first, by_anna), "master_twice", "segments.1.master_id"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            book(salon, salon.at("12:00"), *wanted)
        assert field_of(refused.value) == field


# --- rooms and equipment --------------------------------------------------------------------------------------------


def test_a_segment_takes_a_unit_of_every_kind_that_it_needs(salon: Salon) -> None:
    bath, laser = salon.a_room("Bath", kind="bath"), salon.a_room("Laser", kind="laser")
    peel = salon.a_service("Peel", 60, room_kinds=("bath", "laser"))
    salon.renders(salon.anna, peel)
    salon.renders(salon.olga, peel)
    made = salon.book(salon.at("12:00"), peel)
    assert made.segments[0].unit_ids == (bath.id, laser.id)
    assert made.segments[0].room_id == bath.id
    with pytest.raises(Conflict, match="slot_taken") as refused:
        salon.book(salon.at("12:30"), peel, client=DORA)
    assert refused.value.details["alternatives"][0]["starts"][11:16] == "11:00"
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("12:30")))
    assert moved.segments[0].unit_ids == made.segments[0].unit_ids


def test_a_room_takes_as_many_at_once_as_it_has_places(salon: Salon) -> None:
    salon.a_room("Bath", kind="bath", capacity=2)
    soak = salon.a_service("Soak", 60, room_kinds=("bath",))
    masters = [salon.a_master(f"Master {number}", soak.id) for number in range(6)]
    for master in masters:
        salon.works(master, days=[1])
    people = clients(12)
    results = together(12, lambda number: salon.book(salon.at("12:00"), soak, client=people[number]))
    lost = [result for result in results if isinstance(result, Refusal)]
    assert len(lost) == 10
    assert {refusal.code for refusal in lost} == {"slot_taken"}
    assert all(refusal.details["alternatives"] for refusal in lost)
    assert overlaps(salon) == 0


def test_a_room_never_gets_smaller_than_what_is_booked_in_it(salon: Salon) -> None:
    bath = salon.a_room("Bath", kind="bath", capacity=2)
    soak = salon.a_service("Soak", 60, room_kinds=("bath",))
    for master in (salon.anna, salon.olga):
        salon.renders(master, soak)
    first, second = (salon.book(salon.at("12:00"), soak, client=client) for client in clients(2))
    with pytest.raises(Conflict, match="places_taken"):
        salon.ask(ChangeRoom(bath.id, bath.version, capacity=1))
    salon.ask(CancelAppointment(second.id, "ill"))
    assert salon.ask(ChangeRoom(bath.id, bath.version, capacity=1)).capacity == 1
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("12:30"), soak, client=clients(3)[2])
    assert salon.show(first).status == "booked"


def test_a_unit_that_cannot_serve_is_refused_with_its_field(salon: Salon) -> None:
    bath, laser = salon.a_room("Bath", kind="bath"), salon.a_room("Laser", kind="laser")
    elsewhere = salon.a_room("Bath", kind="bath", branch=salon.a_branch("Elsewhere"))
    soak = salon.a_service("Soak", 60, room_kinds=("bath",))
    sauna = salon.a_service("Sauna", 60, room_kinds=("sauna",))
    salon.renders(salon.anna, soak, sauna)
    for wanted, code, field in (
        (WantedSegment(soak.id, room_id=laser.id), "room_of_wrong_kind", "segments.0.room_id"),
        (WantedSegment(soak.id, room_id=elsewhere.id), "room_unknown", "segments.0.room_id"),
        (WantedSegment(soak.id, room_id=CLARA), "room_unknown", "segments.0.room_id"),
        (WantedSegment(sauna.id), "room_kind_missing", "segments.0.service_id"),
    ):
        with pytest.raises(Invalid, match=code) as refused:
            book(salon, salon.at("12:00"), wanted)
        assert field_of(refused.value) == field
    assert book(salon, salon.at("12:00"), WantedSegment(soak.id, room_id=bath.id)).segments[0].room_id == bath.id
    salon.ask(ChangeRoom(bath.id, bath.version, active=False))
    with pytest.raises(Invalid, match="room_kind_missing"):
        book(salon, salon.at("15:00"), WantedSegment(soak.id), client=DORA)


# --- terms ----------------------------------------------------------------------------------------------------------


def test_each_master_has_terms_of_their_own(salon: Salon) -> None:
    slow = Rendering(salon.haircut.id, 90, roubles(400_000), 0, 15)
    salon.renders(salon.anna, salon.haircut, renderings=(slow,))
    by_anna = salon.book(salon.at("12:00"), master=salon.anna)
    by_olga = salon.book(salon.at("12:00"), master=salon.olga, client=DORA)
    assert (by_anna.ends, by_anna.total) == (salon.at("13:30"), roubles(400_000))
    assert (by_olga.ends, by_olga.total) == (salon.at("13:00"), salon.haircut.price)
    assert by_anna.segments[0].buffer_after_minutes == 15
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("13:30"), master=salon.anna, client=clients(1)[0])


def test_a_branch_has_prices_of_its_own_and_need_not_offer_everything(salon: Salon) -> None:
    price = BranchPrice(salon.branch.id, roubles(199_000))
    changed = salon.ask(ChangeService(salon.haircut.id, 1, branch_prices=(price,)))
    made = salon.book(salon.at("12:00"))
    assert (made.total, made.segments[0].service_version) == (roubles(199_000), changed.version)
    gone = BranchPrice(salon.branch.id, offered=False)
    salon.ask(ChangeService(salon.haircut.id, changed.version, branch_prices=(gone,)))
    with pytest.raises(Invalid, match="service_not_offered") as refused:
        salon.book(salon.at("15:00"))
    assert field_of(refused.value) == "segments.0.service_id"
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("16:00")))
    assert (moved.total, moved.segments[0].service_version) == (made.total, changed.version)


def test_the_favourite_goes_first_where_anybody_may(salon: Salon) -> None:
    for favourite, hour in ((salon.anna, "12:00"), (salon.olga, "14:00"), (salon.anna, "16:00")):
        salon.booking.others.answers[CheckClient] = lambda request, of=favourite: ClientStanding(
            request.id, "active", favourite_master_id=of.id
        )
        assert salon.book(salon.at(hour)).segments[0].master_id == favourite.id


# --- when nobody is there -------------------------------------------------------------------------------------------


def test_nobody_is_booked_beyond_their_papers_on_holidays_or_when_absent(salon: Salon) -> None:
    day = salon.today + timedelta(days=3)
    salon.renders(salon.anna, salon.haircut, permits=(Permit("medical_book", day),))
    assert salon.book(salon.at("12:00", 3), master=salon.anna).status == "booked"
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("12:00", 4), master=salon.anna)
    salon.ask(CreateAbsence(salon.olga.id, "sick", salon.at("11:00", 5), salon.at("15:00", 5)))
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("10:30", 5), master=salon.olga)
    assert salon.book(salon.at("15:00", 5), master=salon.olga).status == "booked"
    salon.ask(CreateHoliday(salon.branch.id, salon.today + timedelta(days=6), "Inventory", "12:00", "16:00"))
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("15:30", 6))
    assert salon.book(salon.at("15:00", 6)).status == "booked"


def test_a_storm_of_visits_with_rooms_and_phases_leaves_no_overlap(salon: Salon) -> None:
    """Visits of up to three segments, some at once, booked, moved and cancelled by many: each keeps what it took."""
    dice = random.Random(1906)
    colour = a_colouring(salon)
    salon.a_room("Bath", kind="bath", capacity=2)
    salon.a_room("Tub", kind="bath")
    soak = salon.a_service("Soak", 45, room_kinds=("bath",), buffer_after_minutes=15)
    offered = (salon.haircut, colour, soak)
    for name in ("Vera", "Zoya", "Rita"):
        salon.works(salon.a_master(name, *(service.id for service in offered)), days=[1])
    people = clients(20)

    def wanted() -> tuple[WantedSegment, ...]:
        services = [dice.choice(offered) for _ in range(dice.randrange(1, 4))]
        at_once = [place > 0 and dice.random() < 0.3 for place in range(3)]
        return tuple(
            WantedSegment(service.id, parallel=parallel) for service, parallel in zip(services, at_once, strict=False)
        )

    plans = [(wanted(), dice.randrange(30), dice.randrange(30), dice.random() < 0.2) for _ in range(60)]
    kept: set[UUID] = set()

    def attempt(number: int) -> object:
        segments, first, second, cancels = plans[number]
        made = book(salon, salon.at("09:00") + timedelta(minutes=15 * first), *segments, client=people[number % 20])
        if cancels:
            return salon.ask(CancelAppointment(made.id, "cannot come"))
        kept.add(made.id)
        return salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("09:00") + timedelta(minutes=15 * second)))

    results = together(60, attempt)
    codes = {result.code for result in results if isinstance(result, Refusal)}
    assert codes <= {"slot_taken", "client_busy", "outside_shift"}
    assert len(kept) > 5
    assert overlaps(salon) == 0
    with salon.booking.session() as session:
        assert set(session.scalars(select(busy.c.appointment_id))) == kept
        kinds = set(session.scalars(select(busy.c.resource_kind)))
    assert kinds == {"master", "room", "client"}


def test_no_booking_slips_through_while_a_shift_is_taken_away(salon: Salon) -> None:
    """Either the booking was first and is there to be seen, or there is no shift to book in."""
    people = clients(6)

    def attempt(number: int) -> object:
        if number == 3:
            clear = ReplaceShifts(salon.anna.id, salon.branch.id, (), (salon.today + timedelta(days=1),))
            return salon.ask(clear)
        return salon.book(salon.at("09:00") + timedelta(hours=number), master=salon.anna, client=people[number])

    results = together(6, attempt)
    codes = {result.code for result in results if isinstance(result, Refusal)}
    assert codes <= {"outside_shift"}
    made = {result.id for result in results if isinstance(result, Appointment)}
    cleared = next(result for result in results if not isinstance(result, Refusal | Appointment))
    assert {each.appointment_id for each in cleared.stranded} == made
