"""What booking really announces makes the same table of visits in clients, and the same sums."""

import random
from datetime import timedelta

import pytest

from contracts.booking import (
    Appointment,
    ArriveAppointment,
    CancelAppointment,
    ChangeAppointment,
    CompleteAppointment,
    ConfirmAppointment,
    LineRefund,
    ListAppointments,
    ListZones,
    RefundAppointment,
    ShowAppointment,
)
from contracts.clients import ShowClientRevenue, ShowVisitHistory
from kernel.money import Money
from tests.builders import a_service, anna
from tests.component.booking.salon import Salon
from tests.component.clients.conftest import Start, clara
from tests.harness import Harness

VISITS = 12


@pytest.fixture
def salon(start: Start) -> Salon:
    return Salon(start("booking"))


@pytest.fixture
def clients(start: Start, salon: Salon) -> Harness:
    """What clients asks of booking, booking answers."""
    harness = start("clients")
    harness.others.answers[ListZones] = lambda asked: salon.ask(asked, a_service("clients"))
    return harness


@pytest.mark.parametrize("seed", range(2))
def test_sums_equal_those_of_booking(salon: Salon, clients: Harness, seed: int) -> None:
    """Visits with discounts, moved, cancelled, completed and partly given back, by chance, for two clients."""
    chance = random.Random(seed)
    people = [clients.ask(clara(phones=(), first_name=name, home_branch_id=salon.branch.id)).id for name in ("A", "B")]
    colour = salon.a_service("Colour", 30, 333_333)
    salon.renders(salon.anna, salon.haircut, colour)
    for place in range(VISITS):
        salon.loyalty_says(chance.choice([0, 3, 7]))
        starts = salon.at("11:00", 0) + timedelta(minutes=30 * place)
        done = (colour,) if chance.random() < 0.5 else (salon.haircut,)
        who = chance.choice(people)
        live(salon, salon.book(starts, *done, client=who, overlap_reason="by chance"), chance)
    events = salon.told()
    chance.shuffle(events)
    clients.deliver(*events)
    for person in people:
        assert_same(salon, clients, person)


def live(salon: Salon, visit: Appointment, chance: random.Random) -> None:
    """Whatever may become of a visit today."""
    match chance.choice(["open", "confirmed", "arrived", "cancelled", "moved", "completed", "refunded"]):
        case "confirmed":
            salon.ask(ConfirmAppointment(visit.id))
        case "arrived":
            salon.ask(ArriveAppointment(visit.id))
        case "cancelled":
            salon.ask(CancelAppointment(visit.id, "ill"))
        case "moved":
            later = visit.starts + timedelta(days=1)
            salon.ask(ChangeAppointment(visit.id, visit.version, starts=later, overlap_reason="by chance"))
        case "completed":
            salon.ask(CompleteAppointment(visit.id))
        case "refunded":
            bill = salon.ask(CompleteAppointment(visit.id))
            for line in bill.lines:
                back = chance.randint(1, line.due.amount)
                salon.ask(RefundAppointment(visit.id, (LineRefund(line.id, Money(back, "RUB")),), "uneven"))


def assert_same(salon: Salon, clients: Harness, person: object) -> None:
    booked = [salon.ask(ShowAppointment(one.id)) for one in salon.ask(ListAppointments(client_id=person)).items]
    completed = [one for one in booked if one.status == "completed"]
    shown = clients.ask(ShowVisitHistory(person))
    assert {(one.appointment_id, one.status, one.date, one.time) for one in shown.items} == {
        (one.id, one.status, one.starts.date(), one.starts.strftime("%H:%M")) for one in booked
    }
    assert shown.totals.visits == len(completed)
    revenue = sum(one.due.amount - one.refunded.amount for one in completed)
    if completed:
        assert shown.totals.revenue == Money(revenue, "RUB")
        assert shown.totals.refunded == Money(sum(one.refunded.amount for one in completed), "RUB")
    for group_by in ("service", "master", "month"):
        rows = clients.ask(ShowClientRevenue(person, group_by=group_by)).rows
        assert sum(row.revenue.amount for row in rows) == revenue


def test_booking_tells_the_zones_to_services_only(salon: Salon) -> None:
    answer = salon.booking.answer(ListZones(), anna("branches.read"))
    assert answer.error is not None
    assert answer.error.code == "permission_missing"
