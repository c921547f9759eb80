"""Free starts: what is offered can be booked, and nothing else is offered."""

from dataclasses import replace
from datetime import date, timedelta
from time import thread_time
from typing import Any
from uuid import UUID

import pytest

from contracts.booking import Availability, ChangeMaster, ChangeService, FindAvailability, ReplaceShifts, Shift
from kernel.errors import Conflict, Invalid, NotFound
from tests.builders import CLARA, OWNER, a_user
from tests.component.booking.salon import Salon


def offered(salon: Salon, days: int = 1, *services: Any, **more: Any) -> Availability:
    """What is free on the day that lies `days` ahead, for anybody who looks."""
    day = salon.today + timedelta(days=days)
    wanted = tuple(service.id for service in services or (salon.haircut,))
    caller = more.pop("caller", None)
    return salon.ask(
        FindAvailability(salon.branch.id, wanted, more.pop("from_", day), more.pop("to", day), **more), caller
    )


def clocks(found: Availability) -> list[str]:
    return [slot.starts.strftime("%H:%M") for day in found.days for slot in day.slots]


def test_starts_lie_on_a_grid_from_the_start_of_the_shift(salon: Salon) -> None:
    salon.works(salon.anna, "09:10", "11:00", days=(1,))
    found = offered(salon, master_id=salon.anna.id)
    assert clocks(found) == ["09:10", "09:25", "09:40", "09:55"]
    assert found.time_zone == salon.branch.time_zone
    assert found.days[0].slots[0].starts == salon.at("09:10")
    assert found.days[0].slots[0].master_ids == (salon.anna.id,)


def test_nothing_is_offered_in_the_past_or_beyond_the_horizon(salon: Salon) -> None:
    assert min(clocks(offered(salon, 0))) > "09:59"
    for master in (salon.anna, salon.olga):
        salon.works(master, days=(-1, 89, 90, 91))
    found = offered(salon, from_=salon.today - timedelta(days=1), to=salon.today)
    assert [bool(day.slots) for day in found.days] == [False, True]
    found = offered(salon, from_=salon.today + timedelta(days=89), to=salon.today + timedelta(days=91))
    assert [bool(day.slots) for day in found.days] == [True, True, False]


def test_what_is_offered_can_be_booked_and_what_is_not_cannot(salon: Salon) -> None:
    salon.works(salon.olga, "15:00", "16:00", days=(1,))
    colour = salon.a_service("Colour", 50, buffer_before_minutes=10, buffer_after_minutes=5)
    salon.ask(ChangeMaster(salon.anna.id, 1, service_ids=(salon.haircut.id, colour.id)))
    salon.book(salon.at("12:00"), colour, master=salon.anna)
    free = clocks(offered(salon, 1, colour))
    assert "12:00" not in free
    for place in range(0, 48, 3):
        starts = salon.at("09:00") + timedelta(minutes=15 * place)
        client = UUID(int=place + 1)
        if starts.strftime("%H:%M") in clocks(offered(salon, 1, colour)):
            assert salon.book(starts, colour, client=client).starts == starts
        else:
            with pytest.raises(Conflict):
                salon.book(starts, colour, client=client)


def test_services_one_after_another_need_time_in_a_row(salon: Salon) -> None:
    manicure = salon.a_service("Manicure", 30)
    salon.ask(ChangeMaster(salon.olga.id, 1, service_ids=(manicure.id,)))
    salon.works(salon.anna, "09:00", "12:00", days=(1,))
    salon.works(salon.olga, "11:00", "13:00", days=(1,))
    found = offered(salon, 1, salon.haircut, manicure)
    assert clocks(found) == ["10:00", "10:15", "10:30", "10:45", "11:00"]
    assert {slot.master_ids for slot in found.days[0].slots} == {(salon.anna.id,)}
    assert clocks(offered(salon, 1, manicure, salon.haircut)) == []
    assert clocks(offered(salon, 1, salon.haircut, manicure, master_id=salon.anna.id)) == []


def test_who_is_not_signed_in_sees_what_may_be_booked_online(salon: Salon) -> None:
    salon.ask(ChangeService(salon.haircut.id, 1, bookable_online=False))
    for stranger in (None, a_user("appointments.read")):
        with pytest.raises(NotFound, match="service_not_found"):
            offered(salon, caller=stranger)
    assert clocks(offered(salon, caller=OWNER))
    assert clocks(offered(salon, caller=a_user("appointments.create")))


def test_an_absent_master_is_not_offered(salon: Salon) -> None:
    salon.ask(ChangeMaster(salon.anna.id, 1, active=False))
    masters = {master for slot in offered(salon).days[0].slots for master in slot.master_ids}
    assert masters == {salon.olga.id}


def test_what_cannot_be_asked_is_refused(salon: Salon) -> None:
    day = salon.today
    right = FindAvailability(salon.branch.id, (salon.haircut.id,), day, day)
    for more, kind, code in (
        ({"branch_id": CLARA}, NotFound, "branch_not_found"),
        ({"service_id": (CLARA,)}, NotFound, "service_not_found"),
        ({"master_id": CLARA}, NotFound, "master_not_found"),
        ({"to": day - timedelta(days=1)}, Invalid, "period_invalid"),
        ({"to": day + timedelta(days=92)}, Invalid, "period_too_long"),
    ):
        with pytest.raises(kind, match=code):
            salon.ask(replace(right, **more), None)
    for limit in (date.min, date.max):
        assert not any(each.slots for each in salon.ask(replace(right, from_=limit, to=limit), None).days)
    assert len(salon.ask(replace(right, to=day + timedelta(days=91)), None).days) == 92


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Toronto", "Australia/Lord_Howe", "America/Santiago"])
def test_every_day_has_its_own_length(salon: Salon, zone: str) -> None:
    """Whatever the clocks do within the horizon, nothing is offered twice, and what is offered can be read back."""
    there = salon.a_branch("There", zone)
    today = salon.at("12:00", 0).astimezone().date()
    days = [today + timedelta(days=ahead) for ahead in range(2, 90)]
    salon.works(salon.anna, days=())
    nina = salon.a_master("Nina", salon.haircut.id)
    salon.ask(ReplaceShifts(nina.id, there.id, tuple(Shift(day, "00:00", "24:00") for day in days)))
    found = salon.ask(FindAvailability(there.id, (salon.haircut.id,), days[0], days[-1]), None)
    for day in found.days:
        shown = [slot.starts.replace(tzinfo=None) for slot in day.slots]
        assert shown == sorted(set(shown))
        assert {each.date() for each in shown} == {day.date}
        assert len(shown) in (96 - 4, 96 - 3, 96 - 2, 96) or day.date == days[-1]


def test_fifty_masters_for_thirty_days_are_found_quickly(salon: Salon) -> None:
    masters = [salon.a_master(f"Master {number}", salon.haircut.id) for number in range(48)]
    for master in masters:
        salon.works(master, days=range(1, 31))
    for number in range(30):
        salon.book(salon.at("12:00", number % 13 + 1), client=UUID(int=number + 1))
    day: date = salon.today
    request = FindAvailability(salon.branch.id, (salon.haircut.id,), day + timedelta(days=1), day + timedelta(days=30))
    took = []
    for _ in range(3):
        began = thread_time()
        found = salon.ask(request, None)
        took.append(thread_time() - began)
    assert sum(len(each.slots) for each in found.days) == 30 * 45
    assert min(took) < 0.3, f"{min(took) * 1000:.0f} ms of CPU, with the reading of the answer"
