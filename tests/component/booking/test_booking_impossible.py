"""What nobody can render: refused by the field that names the service, whichever way it is asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from contracts.booking import (
    AddToWaitingList,
    BookAppointment,
    BookSeries,
    ChangeAppointment,
    ChangeMaster,
    ChangeRoom,
    ChangeSeries,
    ChangeService,
    HoldTime,
    OpeningHours,
    PreviewSeries,
    ReplaceShifts,
    Room,
    Rule,
    Service,
    Shift,
    ShowMaster,
    WantedSegment,
)
from kernel.errors import Conflict, Invalid
from tests.builders import CLARA, OWNER
from tests.component.booking.page import Page
from tests.component.booking.salon import Salon, field_of
from tests.component.booking.test_booking_diary import DORA, clients

Ask = Callable[[Salon, tuple[WantedSegment, ...]], object]
(EVA,) = clients(1)
WEEKLY = Rule("WEEKLY", count=2)


def change(salon: Salon, wanted: tuple[WantedSegment, ...]) -> object:
    return salon.ask(ChangeAppointment(salon.book(salon.at("15:00")).id, 1, segments=wanted))


def change_series(salon: Salon, wanted: tuple[WantedSegment, ...]) -> object:
    haircut = (WantedSegment(salon.haircut.id),)
    made = salon.ask(BookSeries(salon.branch.id, CLARA, salon.at("15:00"), haircut, WEEKLY))
    return salon.ask(ChangeSeries(made.id, "all", segments=wanted))


WAYS: dict[str, Ask] = {
    "booked": lambda salon, wanted: salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), wanted)),
    "changed": change,
    "held": lambda salon, wanted: salon.ask(HoldTime(salon.branch.id, salon.at("12:00"), wanted), None),
    "in a series": lambda salon, wanted: salon.ask(
        BookSeries(salon.branch.id, CLARA, salon.at("12:00"), wanted, WEEKLY)
    ),
    "in a preview": lambda salon, wanted: salon.ask(
        PreviewSeries(salon.branch.id, CLARA, salon.at("12:00"), wanted, WEEKLY)
    ),
    "in a series that changes": change_series,
    "online": lambda salon, wanted: Page(salon).book(segments=wanted),
}


def waiting(salon: Salon, wanted: tuple[WantedSegment, ...]) -> object:
    week = salon.today + timedelta(days=7)
    return salon.ask(AddToWaitingList(salon.branch.id, CLARA, wanted, salon.today, week))


def refused(salon: Salon, ask: Ask, service: Service, kind: type[Any] = Invalid) -> Any:
    """How a haircut with `service` after it is refused."""
    with pytest.raises(kind) as refusal:
        ask(salon, (WantedSegment(salon.haircut.id), WantedSegment(service.id)))
    return refusal.value


# --- by nobody ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [*WAYS.values(), waiting], ids=[*WAYS, "waited for"])
def test_a_service_that_nobody_renders_is_named(salon: Salon, ask: Ask) -> None:
    laser = salon.a_service("Laser", 30)
    refusal = refused(salon, ask, laser)
    assert (refusal.code, field_of(refusal)) == ("service_without_master", "segments.1.service_id")


def test_who_has_left_renders_nothing(salon: Salon) -> None:
    laser = salon.a_service("Laser", 30)
    vera = salon.a_master("Vera", laser.id)
    salon.works(vera)
    assert salon.book(salon.at("12:00"), laser).segments[0].master_id == vera.id
    salon.ask(ChangeMaster(vera.id, vera.version, active=False))
    with pytest.raises(Invalid, match="service_without_master") as refusal:
        salon.book(salon.at("14:00"), laser, caller=OWNER)
    assert field_of(refusal.value) == "segments.0.service_id"


def test_who_renders_it_but_does_not_work_then_is_no_wrong_field(salon: Salon) -> None:
    laser = salon.a_service("Laser", 30)
    salon.a_master("Vera", laser.id)
    with pytest.raises(Conflict, match="outside_shift") as refusal:
        salon.book(salon.at("12:00"), laser)
    assert refusal.value.details["alternatives"] == []


# --- longer than any shift ------------------------------------------------------------------------------------------


def a_retreat(salon: Salon, minutes: int = 13 * 60, **more: Any) -> Service:
    retreat = salon.a_service("Retreat", minutes, **more)
    for master in (salon.anna, salon.olga):
        salon.renders(master, salon.haircut, retreat)
    return retreat


@pytest.mark.parametrize("ask", WAYS.values(), ids=WAYS)
def test_a_service_longer_than_any_shift_is_named(salon: Salon, ask: Ask) -> None:
    refusal = refused(salon, ask, a_retreat(salon))
    assert (refusal.code, field_of(refusal)) == ("longer_than_shift", "segments.1.service_id")


def test_buffers_count_and_breaks_end_a_stretch(salon: Salon) -> None:
    retreat = a_retreat(salon, 12 * 60)
    assert salon.book(salon.at("09:00"), retreat).ends == salon.at("21:00")
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("09:15", 2), retreat)
    salon.ask(ChangeService(retreat.id, retreat.version, buffer_after_minutes=15))
    with pytest.raises(Invalid, match="longer_than_shift"):
        salon.book(salon.at("09:00", 3), retreat)
    days = [salon.today + timedelta(days=day) for day in range(14)]
    for master in (salon.anna, salon.olga):
        halves = [Shift(day, *half) for day in days for half in (("09:00", "15:00"), ("16:00", "21:00"))]
        salon.ask(ReplaceShifts(master.id, salon.branch.id, tuple(halves)))
    massage = a_retreat(salon, 6 * 60 + 1)
    with pytest.raises(Invalid, match="longer_than_shift"):
        salon.book(salon.at("09:00", 3), massage)


def test_somebody_who_works_long_enough_some_day_is_enough(salon: Salon) -> None:
    retreat = a_retreat(salon)
    salon.works(salon.anna, "08:00", "22:00", days=[60])
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("09:00"), retreat)
    with pytest.raises(Invalid, match="longer_than_shift"):
        salon.book(salon.at("09:00"), retreat, master=salon.olga)
    salon.ask(ReplaceShifts(salon.anna.id, salon.branch.id, (), (salon.today + timedelta(days=60),)))
    salon.works(salon.anna, "08:00", "22:00", days=[120])
    with pytest.raises(Invalid, match="longer_than_shift"):
        salon.book(salon.at("09:00"), retreat)


def test_where_nobody_works_yet_nothing_is_too_long(salon: Salon) -> None:
    retreat = a_retreat(salon)
    days = tuple(salon.today + timedelta(days=day) for day in range(14))
    for master in (salon.anna, salon.olga):
        salon.ask(ReplaceShifts(master.id, salon.branch.id, (), days))
    with pytest.raises(Conflict, match="outside_shift"):
        salon.book(salon.at("09:00"), retreat)


def test_a_move_names_no_service_that_nobody_asked_for(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), a_retreat(salon, 8 * 60))
    for master in (salon.anna, salon.olga):
        salon.works(master, "09:00", "13:00")
    with pytest.raises(Conflict, match="outside_shift"):
        salon.ask(ChangeAppointment(made.id, 1, starts=salon.at("09:00", 3)))


# --- in a room that cannot be ---------------------------------------------------------------------------------------


def a_soak(salon: Salon) -> tuple[Service, Room, Room]:
    baths = [salon.a_room(f"Bath {number}", kind="bath") for number in (1, 2)]
    soak = salon.a_service("Soak", 60, room_kinds=("bath",))
    for master in (salon.anna, salon.olga):
        salon.renders(master, salon.haircut, soak)
    return soak, baths[0], baths[1]


def test_a_room_in_which_the_master_does_not_work_is_named(salon: Salon) -> None:
    soak, one, other = a_soak(salon)
    anna = salon.ask(ShowMaster(salon.anna.id))
    salon.ask(ChangeMaster(anna.id, anna.version, room_ids=(one.id,)))
    for wanted, place in (
        ((WantedSegment(soak.id, anna.id, other.id),), 0),
        ((WantedSegment(salon.haircut.id), WantedSegment(soak.id, anna.id, other.id)), 1),
    ):
        with pytest.raises(Invalid, match="room_not_theirs") as refusal:
            WAYS["booked"](salon, wanted)
        assert field_of(refusal.value) == f"segments.{place}.room_id"
    made = salon.ask(
        BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), (WantedSegment(soak.id, None, other.id),))
    )
    assert (made.segments[0].master_id, made.segments[0].room_id) == (salon.olga.id, other.id)


def test_two_at_once_do_not_fit_into_a_room_for_one(salon: Salon) -> None:
    soak, one, other = a_soak(salon)
    both = WantedSegment(soak.id, room_id=one.id), WantedSegment(soak.id, room_id=one.id, parallel=True)
    with pytest.raises(Invalid, match="room_too_small") as refusal:
        WAYS["booked"](salon, both)
    assert field_of(refusal.value) == "segments.1.room_id"
    salon.ask(ChangeRoom(one.id, one.version, capacity=2))
    assert WAYS["booked"](salon, both)
    apart = WantedSegment(soak.id, room_id=other.id), WantedSegment(soak.id, room_id=other.id)
    salon.ask(BookAppointment(salon.branch.id, DORA, salon.at("15:00"), apart))


def test_a_room_that_is_closed_is_not_told_as_taken(salon: Salon) -> None:
    soak, one, other = a_soak(salon)
    mornings = tuple(OpeningHours(weekday, "09:00", "12:00") for weekday in range(7))
    for bath in (one, other):
        salon.ask(ChangeRoom(bath.id, bath.version, hours=mornings))
    with pytest.raises(Conflict, match="outside_shift") as refusal:
        salon.book(salon.at("15:00"), soak)
    assert refusal.value.details["alternatives"]
    for client in (CLARA, DORA):
        salon.book(salon.at("10:00"), soak, client=client)
    vera = salon.a_master("Vera", soak.id)
    salon.works(vera)
    with pytest.raises(Conflict, match="slot_taken"):
        salon.book(salon.at("10:30"), soak, master=vera, client=EVA)
