"""Points, gift certificates and memberships that pay: set aside first, all or nothing, given back by a refund."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from contracts.booking import (
    Appointment,
    ChangeService,
    CompleteAppointment,
    ConfirmAppointment,
    Contraindication,
    FinalPrice,
    LineRefund,
    ListAppointments,
    RefundAppointment,
    ShowService,
    VisitCompleted,
    VisitRefunded,
    WantedPayment,
)
from contracts.clients import CheckConditions, MatchedConditions
from contracts.loyalty import Released, ReleaseTenders, Reserved, ReserveTenders
from kernel.errors import Conflict, Invalid, Refusal, Unavailable
from kernel.time import utc_now
from services.booking.tables import appointments, payments
from tests.builders import CLARA
from tests.component.booking.page import Page
from tests.component.booking.salon import Salon, field_of, roubles, together
from tests.harness import Harness

MEMBERSHIP = UUID(int=77)


class Purse:
    """Loyalty as far as booking sees it: what is set aside by each reservation."""

    def __init__(self, salon: Salon) -> None:
        self.set_aside: dict[UUID, ReserveTenders] = {}
        self.asked: list[ReserveTenders] = []
        self.released: list[UUID] = []
        salon.booking.others.answers[ReserveTenders] = self.reserve
        salon.booking.others.answers[ReleaseTenders] = self.release

    def reserve(self, request: ReserveTenders) -> Reserved:
        self.asked.append(request)
        self.set_aside[request.reservation_id] = request
        return Reserved(request.reservation_id, utc_now() + timedelta(minutes=30))

    def release(self, request: ReleaseTenders) -> Released:
        self.released.append(request.reservation_id)
        self.set_aside.pop(request.reservation_id, None)
        return Released(request.reservation_id)


@pytest.fixture
def purse(salon: Salon) -> Purse:
    return Purse(salon)


def booked(salon: Salon, **more: Any) -> Appointment:
    return salon.book(salon.at("12:00", 0), **more)


def points(amount: int) -> WantedPayment:
    return WantedPayment("points", roubles(amount))


# --- paying ---------------------------------------------------------------------------------------------------------


def test_points_and_money_pay_a_visit(salon: Salon, purse: Purse) -> None:
    salon.loyalty_says(10)
    made = booked(salon)
    done = salon.ask(CompleteAppointment(made.id, payments=(points(25_000), WantedPayment("cash", roubles(200_000)))))
    assert [(part.kind, part.amount.amount) for part in done.payments] == [("points", 25_000), ("cash", 200_000)]
    assert done.paid == done.due == roubles(225_000)
    (request,) = purse.asked
    assert (request.appointment_id, request.client_id, request.branch_id) == (made.id, CLARA, salon.branch.id)
    assert (request.due, request.currency) == (225_000, "RUB")
    assert [(tender.kind, tender.amount) for tender in request.tenders] == [("points", 25_000)]
    (told,) = salon.booking.announced(VisitCompleted)
    assert [(part.kind, part.amount, part.reservation_id) for part in told.payments] == [
        ("points", 25_000, request.reservation_id),
        ("cash", 200_000, None),
    ]
    assert (told.due, told.paid) == (225_000, 225_000)  # what was billed is revenue, whatever paid it


def test_a_certificate_pays_by_its_code_which_stays_with_loyalty(salon: Salon, purse: Purse) -> None:
    made = booked(salon)
    salon.ask(CompleteAppointment(made.id, payments=(WantedPayment("certificate", roubles(250_000), code="GIFT-1"),)))
    assert [tender.code for tender in purse.asked[0].tenders] == ["GIFT-1"]
    with salon.booking.session() as session:
        row = session.execute(select(payments)).one()
    assert "GIFT-1" not in str(row)


def test_a_membership_pays_what_is_due_on_its_service(salon: Salon, purse: Purse) -> None:
    salon.loyalty_says(10)
    made = salon.book(salon.at("12:00", 0), salon.haircut, salon.haircut)
    second = made.segments[1].id
    wanted = WantedPayment("membership", membership_id=MEMBERSHIP, segment_id=second)
    prices = (FinalPrice(second, roubles(100_000)),)
    done = salon.ask(CompleteAppointment(made.id, prices, (wanted, WantedPayment("card", roubles(225_000)))))
    (tender,) = purse.asked[0].tenders
    assert (tender.amount, tender.line_id, tender.service_id) == (90_000, done.lines[1].id, salon.haircut.id)
    assert (tender.membership_id, tender.category) == (MEMBERSHIP, "Hair")
    assert done.paid == done.due


def test_money_pays_the_rest_whatever_the_discount_has_become(salon: Salon, purse: Purse) -> None:
    made = booked(salon)
    salon.loyalty_says(10)
    done = salon.ask(CompleteAppointment(made.id, payments=(WantedPayment("cash"), points(25_000))))
    assert [(part.kind, part.amount.amount) for part in done.payments] == [("cash", 200_000), ("points", 25_000)]
    whole = salon.book(salon.at("15:00", 0))
    done = salon.ask(CompleteAppointment(whole.id, payments=(points(225_000), WantedPayment("cash"))))
    assert [(part.kind, part.amount.amount) for part in done.payments] == [("points", 225_000)]


def test_money_alone_asks_nobody(salon: Salon, purse: Purse) -> None:
    salon.a_visit(payments=(WantedPayment("cash", roubles(250_000)),))
    assert purse.asked == []


def test_who_tries_again_has_the_same_reservation(salon: Salon, purse: Purse) -> None:
    made = booked(salon)
    request = CompleteAppointment(made.id, payments=(points(10_000),))
    first = salon.ask(request, key="once")
    assert salon.ask(request, key="once") == first
    assert len(purse.asked) == 1
    assert len(salon.booking.announced(VisitCompleted)) == 1


def test_two_who_close_a_visit_at_once_close_it_once(salon: Salon, purse: Purse) -> None:
    made = booked(salon)
    results = together(4, lambda _: salon.ask(CompleteAppointment(made.id, payments=(points(10_000),))))
    assert sum(isinstance(each, Appointment) for each in results) == 1
    assert all(each.code == "wrong_status" for each in results if isinstance(each, Refusal))
    assert len({request.reservation_id for request in purse.asked}) == 1
    assert len(purse.set_aside) == 1  # the others have not taken it away


# --- refusals -------------------------------------------------------------------------------------------------------


def test_a_refusal_of_loyalty_names_the_payment_and_changes_nothing(salon: Salon) -> None:
    def refuse(request: ReserveTenders) -> Reserved:
        raise Invalid.field("tenders.0.amount", "points_not_enough", "there are 30 points")

    salon.booking.others.answers[ReserveTenders] = refuse
    made = booked(salon)
    with pytest.raises(Invalid, match="points_not_enough") as refusal:
        salon.ask(CompleteAppointment(made.id, payments=(WantedPayment("cash", roubles(1)), points(10_000))))
    assert field_of(refusal.value) == "payments.1.amount"
    assert salon.show(made) == made
    assert salon.booking.announced(VisitCompleted) == []


def test_while_loyalty_is_away_only_money_is_taken(salon: Salon) -> None:
    made = booked(salon)
    with pytest.raises(Unavailable, match="loyalty_away"):
        salon.ask(CompleteAppointment(made.id, payments=(points(10_000),)))
    assert salon.show(made) == made
    assert salon.ask(CompleteAppointment(made.id)).status == "completed"


def test_without_loyalty_there_are_no_points(start: Callable[..., Harness]) -> None:
    salon = Salon(start("booking", services=("auth", "booking")))
    made = booked(salon)
    with pytest.raises(Invalid, match="not_installed") as refusal:
        salon.ask(CompleteAppointment(made.id, payments=(points(10_000),)))
    assert field_of(refusal.value) == "payments.0.kind"


def test_what_is_wrong_in_itself_sets_nothing_aside(salon: Salon, purse: Purse) -> None:
    made = booked(salon)
    segment = made.segments[0].id
    for wrong, code, place in (
        ((points(250_001),), "overpaid", "payments"),
        ((points(0),), "amount_not_positive", "payments.0.amount"),
        ((WantedPayment("points"),), "amount_missing", "payments.0.amount"),
        ((WantedPayment("cash"), WantedPayment("card")), "amount_missing", "payments.1.amount"),
        ((WantedPayment("certificate", roubles(1)),), "code_missing", "payments.0.code"),
        ((WantedPayment("cash", roubles(1), code="0000"),), "detail_of_another_kind", "payments.0.code"),
        ((WantedPayment("points", roubles(1), segment_id=segment),), "detail_of_another_kind", "payments.0.segment_id"),
        ((WantedPayment("membership", segment_id=segment),), "membership_missing", "payments.0.membership_id"),
        ((WantedPayment("membership", membership_id=MEMBERSHIP),), "segment_unknown", "payments.0.segment_id"),
        (
            (WantedPayment("membership", roubles(250_001), membership_id=MEMBERSHIP, segment_id=segment),),
            "over_line",
            "payments.0.amount",
        ),
        (
            (WantedPayment("membership", membership_id=MEMBERSHIP, segment_id=segment),) * 2,
            "segment_unknown",
            "payments.1.segment_id",
        ),
    ):
        with pytest.raises(Invalid, match=code) as refusal:
            salon.ask(CompleteAppointment(made.id, payments=wrong))
        assert field_of(refusal.value) == place
    tomorrow = salon.book(salon.at("15:00"))
    with pytest.raises(Conflict, match="too_early"):
        salon.ask(CompleteAppointment(tomorrow.id, payments=(points(10_000),)))
    assert purse.asked == []
    assert salon.show(made) == made


def test_what_was_changed_meanwhile_is_asked_about_anew_and_the_first_let_go(salon: Salon, purse: Purse) -> None:
    made = booked(salon)

    def reserve_and_change(request: ReserveTenders) -> Reserved:
        if not purse.asked:
            salon.ask(ConfirmAppointment(made.id))
        return purse.reserve(request)

    salon.booking.others.answers[ReserveTenders] = reserve_and_change
    done = salon.ask(CompleteAppointment(made.id, payments=(points(10_000),)))
    assert (done.status, done.version) == ("completed", 3)
    first, second = (request.reservation_id for request in purse.asked)
    assert purse.released == [first]
    assert list(purse.set_aside) == [second]


def test_what_the_card_speaks_against_lets_go_what_was_set_aside(salon: Salon, purse: Purse) -> None:
    """Booked online, and not decided yet: nobody who asks loyalty first may look into what is sealed."""
    page = Page(salon)
    service = salon.ask(ShowService(salon.haircut.id))
    marks = (Contraindication("latex", "block"),)
    salon.ask(ChangeService(service.id, service.version, contraindications=marks))
    salon.booking.others.answers[CheckConditions] = lambda request: MatchedConditions((True,))
    page.book(salon.at("12:00", 0))
    (made,) = salon.ask(ListAppointments()).items
    with pytest.raises(Conflict, match="contraindicated"):
        salon.ask(CompleteAppointment(made.id, payments=(points(10_000),)))
    assert len(purse.asked) == 1
    assert purse.set_aside == {}


# --- refunds --------------------------------------------------------------------------------------------------------


def test_a_refund_gives_back_by_the_same_kinds_in_their_order(salon: Salon, purse: Purse) -> None:
    paid = (points(50_000), WantedPayment("cash", roubles(200_000)))
    done = salon.ask(CompleteAppointment(booked(salon).id, payments=paid))
    line = done.lines[0].id
    by = purse.asked[0].reservation_id
    salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(60_000)),), "uneven"))
    back = salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(190_000)),), "all of it"))
    assert [(part.kind, part.amount.amount) for part in back.payments] == [
        ("points", 50_000),
        ("cash", 200_000),
        ("points", -50_000),
        ("cash", -10_000),
        ("cash", -190_000),
    ]
    told = salon.booking.announced(VisitRefunded)
    assert [[(part.kind, part.amount, part.reservation_id) for part in bill.payments] for bill in told] == [
        [("points", 0, by), ("cash", 190_000, None)],
        [("points", 0, by), ("cash", 0, None)],
    ]
    assert all(bill.completed_at == told[0].completed_at for bill in told)


def test_somebody_without_a_card_pays_with_money(salon: Salon, purse: Purse) -> None:
    made = booked(salon)
    with salon.booking.session() as session:
        session.execute(update(appointments).values(client_id=None))
        session.commit()
    with pytest.raises(Invalid, match="client_missing"):
        salon.ask(CompleteAppointment(made.id, payments=(points(10_000),)))
    assert purse.asked == []
