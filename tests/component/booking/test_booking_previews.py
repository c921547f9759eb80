"""Previews: what a booking, a change or a bill would come to, by every rule, and nothing of it stays."""

import pytest

from contracts.booking import (
    BookAppointment,
    ChangeAppointment,
    CompleteAppointment,
    FinalPrice,
    ListAppointments,
    PreviewBooking,
    PreviewChange,
    PreviewCompletion,
    ShowHistory,
    VisitCompleted,
    WantedPayment,
    WantedSegment,
)
from contracts.loyalty import Reserved, ReserveTenders
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from kernel.time import utc_now
from tests.builders import CLARA, boris
from tests.component.booking.salon import Salon, overlaps, roubles


def test_a_preview_is_what_the_booking_then_is_and_keeps_nothing(salon: Salon) -> None:
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id),)
    seen = salon.ask(PreviewBooking(salon.branch.id, CLARA, salon.at("12:00"), wanted))
    assert salon.ask(ListAppointments(salon.branch.id)).items == ()
    assert salon.told() == []
    made = salon.ask(BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), wanted))
    assert (seen.starts, seen.ends, seen.total, seen.discount, seen.due) == (
        made.starts, made.ends, made.total, made.discount, made.due,
    )  # fmt: skip
    assert [part.master_id for part in seen.segments] == [part.master_id for part in made.segments]
    assert overlaps(salon) == 0


def test_a_preview_is_refused_as_the_booking_would_be(salon: Salon) -> None:
    salon.book(salon.at("12:00"), master=salon.anna)
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id),)
    with pytest.raises(Conflict, match="slot_taken") as refused:
        salon.ask(PreviewBooking(salon.branch.id, CLARA, salon.at("12:30"), wanted))
    assert refused.value.details["alternatives"]


def test_a_move_is_previewed_over_its_own_time_too(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    seen = salon.ask(PreviewChange(made.id, made.version, starts=salon.at("12:30")))
    assert (seen.starts, seen.due) == (salon.at("12:30"), made.due)
    assert len(salon.told()) == 1, "of the booking"
    kept = salon.show(made)
    assert (kept.starts, kept.version) == (made.starts, made.version)
    assert len(salon.ask(ShowHistory(made.id)).items) == 1
    moved = salon.ask(ChangeAppointment(made.id, made.version, starts=salon.at("12:30")))
    assert moved.starts == seen.starts


def test_a_preview_of_what_somebody_has_changed_since_is_stale(salon: Salon) -> None:
    made = salon.book(salon.at("12:00"), master=salon.anna)
    salon.ask(ChangeAppointment(made.id, made.version, starts=salon.at("13:00")))
    with pytest.raises(Stale, match="version_stale"):
        salon.ask(PreviewChange(made.id, made.version, starts=salon.at("14:00")))


def test_boris_may_not_look_what_would_be_free_elsewhere(salon: Salon) -> None:
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id),)
    with pytest.raises(Forbidden, match="permission_missing"):
        salon.ask(PreviewBooking(salon.branch.id, CLARA, salon.at("12:00"), wanted), boris("appointments.read"))


def test_the_bill_is_previewed_as_it_then_is_with_what_is_left_to_pay(salon: Salon) -> None:
    salon.loyalty_says(10)
    made = salon.book(salon.at("12:00", 0))
    lines = (FinalPrice(made.segments[0].id, roubles(300_000)),)
    some = (WantedPayment("points", roubles(20_000)), WantedPayment("cash", roubles(50_000)))
    seen = salon.ask(PreviewCompletion(made.id, lines, some))
    assert (seen.due, seen.paid) == (roubles(270_000), roubles(70_000))
    assert salon.show(made).status == "booked"
    assert salon.booking.announced(VisitCompleted) == []
    salon.booking.others.answers[ReserveTenders] = lambda asked: Reserved(asked.reservation_id, utc_now())
    done = salon.ask(CompleteAppointment(made.id, lines, some))
    assert (done.due, done.paid) == (seen.due, seen.paid)


def test_a_previewed_bill_sets_nothing_aside_and_is_refused_as_the_real_one(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    asked: list[ReserveTenders] = []
    salon.booking.others.answers[ReserveTenders] = asked.append
    rest = WantedPayment("card")
    seen = salon.ask(PreviewCompletion(made.id, payments=(WantedPayment("points", roubles(20_000)), rest)))
    assert [(one.kind, one.amount) for one in seen.payments] == [
        ("points", roubles(20_000)),
        ("card", roubles(230_000)),
    ]
    with pytest.raises(Invalid, match="overpaid"):
        salon.ask(PreviewCompletion(made.id, payments=(WantedPayment("cash", roubles(300_000)),)))
    with pytest.raises(Invalid, match="detail_of_another_kind"):
        salon.ask(PreviewCompletion(made.id, payments=(WantedPayment("cash", roubles(1_000), code="X"),)))
    assert asked == []
    assert salon.show(made).version == made.version


def test_boris_may_not_preview_a_bill_elsewhere(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    with pytest.raises(NotFound, match="appointment_not_found"):
        salon.ask(PreviewCompletion(made.id), boris("appointments.complete"))
    with pytest.raises(Forbidden, match="permission_missing"):
        salon.ask(PreviewCompletion(made.id), boris("appointments.edit"))
