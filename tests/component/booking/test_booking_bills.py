"""The visit's way and its bill: statuses, discounts promised and current, payments, refunds."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from contracts.booking import (
    AppointmentArrived,
    AppointmentConfirmed,
    AppointmentMissed,
    ArriveAppointment,
    CancelAppointment,
    CompleteAppointment,
    ConfirmAppointment,
    FinalPrice,
    LineRefund,
    MarkNoShow,
    RefundAppointment,
    VisitCompleted,
    VisitRefunded,
    WantedPayment,
)
from contracts.loyalty import DiscountChanged
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from kernel.money import Money
from tests.builders import CLARA, boris
from tests.component.booking.salon import Salon, roubles
from tests.harness import Harness

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)


def changed(percent: int, version: int, at: datetime = JUNE) -> DiscountChanged:
    return DiscountChanged(CLARA, version, Decimal(percent), at)


# --- statuses -------------------------------------------------------------------------------------------------------


def test_a_visit_goes_from_booked_to_completed(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    assert salon.ask(ConfirmAppointment(made.id)).status == "confirmed"
    assert salon.ask(ArriveAppointment(made.id)).status == "arrived"
    done = salon.ask(CompleteAppointment(made.id))
    assert (done.status, done.version) == ("completed", 4)
    told = [(type(event), event.status, event.version) for event in salon.told()][1:]
    assert told == [
        (AppointmentConfirmed, "confirmed", 2),
        (AppointmentArrived, "arrived", 3),
        (VisitCompleted, "completed", 4),
    ]


@pytest.mark.parametrize("step", [ArriveAppointment, CompleteAppointment, MarkNoShow])
def test_what_tomorrow_brings_is_not_known_today(salon: Salon, step: Callable[..., object]) -> None:
    made = salon.book(salon.at("12:00", 1))
    with pytest.raises(Conflict, match="too_early"):
        salon.ask(step(made.id))  # type: ignore[arg-type]


def test_nobody_is_missed_before_the_start(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    with pytest.raises(Conflict, match="too_early"):
        salon.ask(MarkNoShow(made.id))
    salon.put_back(made, 3)
    salon.ask(MarkNoShow(made.id))
    assert [event.status for event in salon.booking.announced(AppointmentMissed)] == ["no_show"]


def test_what_is_over_stays_as_it_is(salon: Salon) -> None:
    done = salon.a_visit()
    for request in (
        ConfirmAppointment(done.id),
        ArriveAppointment(done.id),
        CompleteAppointment(done.id),
        CancelAppointment(done.id, "too late"),
        MarkNoShow(done.id),
    ):
        with pytest.raises(Conflict, match="wrong_status"):
            salon.ask(request)
    assert salon.show(done) == done


def test_boris_may_not_complete_or_refund_here(salon: Salon) -> None:
    him = boris("appointments.complete", "appointments.refund", "appointments.edit")
    made = salon.book(salon.at("12:00", 0))
    for request in (
        CompleteAppointment(made.id),
        ConfirmAppointment(made.id),
        ArriveAppointment(made.id),
        RefundAppointment(made.id, (LineRefund(made.lines[0].id, roubles(1)),), "no"),
    ):
        with pytest.raises(NotFound):
            salon.ask(request, him)
    with pytest.raises(Forbidden):
        salon.ask(CompleteAppointment(made.id), salon.works_here("appointments.read"))


# --- discounts ------------------------------------------------------------------------------------------------------


def test_the_discount_in_force_is_promised_at_booking(salon: Salon) -> None:
    salon.loyalty_says(Decimal("7.5"), JUNE)
    made = salon.book(salon.at("12:00", 0))
    assert (made.total.amount, made.discount.amount, made.due.amount) == (250_000, 18_750, 231_250)
    assert made.discount_as_of == JUNE


@pytest.mark.parametrize(("promised", "current", "applied"), [(5, 3, 5), (3, 5, 5), (0, 0, 0)])
def test_the_client_gets_the_better_of_promised_and_current(
    salon: Salon, promised: int, current: int, applied: int
) -> None:
    salon.loyalty_says(promised)
    made = salon.book(salon.at("12:00", 0))
    salon.loyalty_says(current)
    done = salon.ask(CompleteAppointment(made.id))
    assert done.discount.amount == 2_500 * applied
    assert done.paid == done.due == roubles(250_000 - 2_500 * applied)
    assert salon.booking.announced(VisitCompleted)[0].percent == applied


def test_while_loyalty_is_away_the_own_copy_counts_with_its_date(salon: Salon) -> None:
    salon.loyalty_is_away()
    made = salon.book(salon.at("12:00", 0))
    assert (made.discount.amount, made.discount_as_of) == (0, None)
    salon.booking.deliver(changed(3, 1, JUNE), changed(5, 2, JULY))
    done = salon.ask(CompleteAppointment(made.id))
    assert (done.discount.amount, done.discount_as_of) == (12_500, JULY)


def test_the_copy_keeps_the_newest_version_however_events_arrive(salon: Salon) -> None:
    salon.loyalty_is_away()
    newer, older = salon.booking.envelope(changed(5, 2), 2), salon.booking.envelope(changed(3, 1), 1)
    for batch in ([newer], [newer], [older], [older, newer]):
        assert salon.booking.dispatcher.absorb("loyalty", batch) == []
    assert salon.book().discount.amount == 12_500


def test_without_loyalty_prices_are_full(start: Callable[..., Harness]) -> None:
    salon = Salon(start("booking", services=("auth", "booking")))
    salon.booking.others.answers.clear()
    made = salon.book()
    assert made.due == made.total == roubles(250_000)
    assert salon.booking.others.asked == []


# --- the bill -------------------------------------------------------------------------------------------------------


def test_final_prices_replace_the_booked_ones(salon: Salon) -> None:
    salon.loyalty_says(3)
    made = salon.book(salon.at("12:00", 0), salon.haircut, salon.haircut, salon.haircut)
    prices = tuple(
        FinalPrice(part.id, roubles(price)) for part, price in zip(made.segments, (33_33, 0, 66_67), strict=True)
    )
    done = salon.ask(CompleteAppointment(made.id, prices))
    assert [part.price.amount for part in done.segments] == [33_33, 0, 66_67]
    assert [line.id for line in done.lines] == [line.id for line in made.lines]
    assert (done.total.amount, done.discount.amount, done.due.amount) == (100_00, 3_00, 97_00)
    assert [line.discount.amount for line in done.lines] == [1_00, 0, 2_00]
    (told,) = salon.booking.announced(VisitCompleted)
    assert (told.total, told.discount, told.due, told.paid, told.currency) == (100_00, 3_00, 97_00, 97_00, "RUB")
    assert sum(line.due for line in told.lines) == told.due
    assert {line.category for line in told.lines} == {"Hair"}


def test_payments_may_be_several_and_partial(salon: Salon) -> None:
    done = salon.a_visit(payments=(WantedPayment("cash", roubles(100_000)), WantedPayment("online", roubles(50_000))))
    assert [(part.kind, part.amount.amount) for part in done.payments] == [("cash", 100_000), ("online", 50_000)]
    assert (done.paid.amount, done.due.amount) == (150_000, 250_000)


def test_a_bill_that_cannot_be_is_refused(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    segment = made.segments[0].id
    for more, code in (
        ({"payments": (WantedPayment("cash", roubles(250_001)),)}, "overpaid"),
        ({"payments": (WantedPayment("cash", roubles(0)),)}, "amount_not_positive"),
        ({"payments": (WantedPayment("cash", Money(1, "EUR")),)}, "currency_differs"),
        ({"lines": (FinalPrice(CLARA, roubles(1)),)}, "segment_unknown"),
        ({"lines": (FinalPrice(segment, roubles(1)), FinalPrice(segment, roubles(2)))}, "segment_unknown"),
        ({"lines": (FinalPrice(segment, roubles(-1)),)}, "price_out_of_range"),
        ({"lines": (FinalPrice(segment, Money(1, "EUR")),)}, "currency_differs"),
    ):
        with pytest.raises(Invalid, match=code):
            salon.ask(CompleteAppointment(made.id, **more))
    assert salon.show(made) == made


def test_a_refund_returns_what_was_paid_and_no_more(salon: Salon) -> None:
    done = salon.a_visit()
    line = done.lines[0].id
    once = salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(100_000)),), "uneven fringe"))
    assert (once.refunded.amount, once.paid.amount, once.lines[0].refunded.amount) == (100_000, 250_000, 100_000)
    assert once.payments[-1].amount.amount == -100_000
    assert once.payments[-1].kind == once.payments[0].kind
    assert once.reason == "uneven fringe"
    with pytest.raises(Invalid, match="refund_too_large"):
        salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(150_001)),), "more"))
    again = salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(150_000)),), "the rest"))
    assert again.refunded == again.paid
    told = salon.booking.announced(VisitRefunded)
    assert [(bill.refunded, bill.lines[0].refunded, bill.version) for bill in told] == [
        (100_000, 100_000, once.version),
        (250_000, 250_000, again.version),
    ]


def test_a_refund_is_limited_by_what_was_paid_on_the_line(salon: Salon) -> None:
    done = salon.a_visit(payments=(WantedPayment("cash", roubles(50_000)),))
    line = done.lines[0].id
    with pytest.raises(Invalid, match="refund_too_large"):
        salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(50_001)),), "too much"))
    back = salon.ask(RefundAppointment(done.id, (LineRefund(line, roubles(50_000)),), "all"))
    assert back.refunded.amount == 50_000


def test_a_refund_that_cannot_be_is_refused(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    line = made.lines[0].id
    with pytest.raises(Conflict, match="wrong_status"):
        salon.ask(RefundAppointment(made.id, (LineRefund(line, roubles(1)),), "nothing was paid"))
    salon.ask(CompleteAppointment(made.id))
    for wrong, code in (
        (LineRefund(CLARA, roubles(1)), "line_unknown"),
        (LineRefund(line, roubles(0)), "amount_not_positive"),
        (LineRefund(line, Money(1, "EUR")), "currency_differs"),
    ):
        with pytest.raises(Invalid, match=code):
            salon.ask(RefundAppointment(made.id, (wrong,), "wrong"))
    assert salon.booking.announced(VisitRefunded) == []
