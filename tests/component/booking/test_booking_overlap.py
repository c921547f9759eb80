"""Booking over what is there: a right of its own, with a reason, and visible to everybody."""

import pytest

from contracts.booking import (
    OVERLAP,
    AppointmentBooked,
    AppointmentChanged,
    ChangeAppointment,
    ListAppointments,
    ShowHistory,
    WantedSegment,
)
from kernel.errors import Conflict, Forbidden
from tests.component.booking.salon import Salon, overlaps
from tests.component.booking.test_booking_diary import DORA, clients


def test_an_overlap_needs_its_own_right(salon: Salon) -> None:
    salon.book(master=salon.anna)
    here = salon.works_here("appointments.create", "appointments.edit")
    with pytest.raises(Forbidden, match="permission_missing"):
        salon.book(salon.at("12:00"), master=salon.anna, client=DORA, caller=here, overlap_reason="a regular")
    may = salon.works_here("appointments.create", OVERLAP)
    made = salon.book(salon.at("12:30"), master=salon.anna, client=DORA, caller=may, overlap_reason="a regular")
    assert made.overlap
    assert made.segments[0].master_id == salon.anna.id
    assert overlaps(salon) == 0, "each in a lane of its own"


def test_an_overlap_is_visible_and_says_why(salon: Salon) -> None:
    first = salon.book(master=salon.anna)
    second = salon.book(master=salon.anna, client=DORA, overlap_reason="she waits in the other chair")
    third = salon.book(master=salon.anna, client=clients(1)[0], overlap_reason="so does he")
    assert [item.overlap for item in salon.ask(ListAppointments()).items] == [False, True, True]
    assert [event.overlap for event in salon.booking.announced(AppointmentBooked)] == [False, True, True]
    (entry,) = salon.ask(ShowHistory(second.id)).items
    assert entry.reason == "she waits in the other chair"
    assert not salon.show(first).overlap and third.overlap


def test_where_nothing_is_in_the_way_it_is_an_ordinary_booking(salon: Salon) -> None:
    made = salon.book(master=salon.anna, overlap_reason="just in case")
    assert not made.overlap
    other = salon.book(client=DORA, overlap_reason="whoever is free goes first")
    assert (other.segments[0].master_id, other.overlap) == (salon.olga.id, False)


def test_ordinary_bookings_look_at_all_lanes(salon: Salon) -> None:
    salon.book(salon.at("12:00"), master=salon.anna)
    salon.book(salon.at("12:30"), master=salon.anna, client=DORA, overlap_reason="a regular")
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("13:00"), master=salon.anna, client=clients(1)[0])
    assert salon.book(salon.at("13:30"), master=salon.anna, client=clients(1)[0]).status == "booked"


def test_no_right_opens_the_salon_at_night(salon: Salon) -> None:
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("22:00"), overlap_reason="an actress")


def test_a_client_may_be_in_two_chairs_by_right(salon: Salon) -> None:
    salon.book(master=salon.anna)
    made = salon.book(master=salon.olga, overlap_reason="manicure meanwhile")
    assert made.overlap
    assert overlaps(salon) == 0


def test_a_full_room_is_overfilled_by_right(salon: Salon) -> None:
    salon.a_room(kind="bath")
    soak = salon.a_service("Soak", 60, room_kinds=("bath",))
    salon.renders(salon.anna, soak)
    salon.renders(salon.olga, soak)
    salon.book(salon.at("12:00"), soak)
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("12:00"), soak, client=DORA)
    made = salon.book(salon.at("12:00"), soak, client=DORA, overlap_reason="they are sisters")
    assert made.overlap and made.segments[0].room_id
    assert overlaps(salon) == 0


def test_a_move_puts_over_others_by_right_and_away_again(salon: Salon) -> None:
    salon.book(salon.at("12:00"), master=salon.anna)
    made = salon.book(salon.at("14:00"), master=salon.anna, client=DORA)
    with pytest.raises(Conflict, match="slot_taken"):
        salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("12:15")))
    moved = salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("12:15"), overlap_reason="she insists"))
    assert moved.overlap
    back = salon.ask(ChangeAppointment(made.id, 2, starts=salon.at("15:00"), reason="came to her senses"))
    assert not back.overlap
    assert [event.overlap for event in salon.booking.announced(AppointmentChanged)] == [True, False]
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id),)
    with pytest.raises(Forbidden):
        here = salon.works_here("appointments.edit")
        salon.ask(ChangeAppointment(made.id, 3, segments=wanted, overlap_reason="no right"), here)
