"""One verdict for a visit: what loyalty says at booking and at the end, what was promised, the copy meanwhile."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from contracts.booking import (
    AppointmentBooked,
    BookAppointment,
    ChangeAppointment,
    CompleteAppointment,
    FinalPrice,
    LineRefund,
    PastLine,
    PastVisit,
    RecordVisits,
    RefundAppointment,
    VisitCompleted,
    VisitRefunded,
    WantedSegment,
)
from contracts.clients import ClientErased
from contracts.loyalty import BranchPercent, DiscountChanged, QuotedLine, QuotedPart, QuoteVisit, VisitQuote
from kernel.errors import Invalid, Unavailable
from kernel.time import utc_now
from services.booking.service.patience import PAUSE, Patient, Silence
from tests.builders import CLARA
from tests.component.booking.salon import Salon, a_quote, roubles

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def asked(salon: Salon) -> list[QuoteVisit]:
    return [each for each in salon.booking.others.asked if isinstance(each, QuoteVisit)]


def by_line(*percents: int) -> Callable[[QuoteVisit], VisitQuote]:
    """Loyalty gives each service a percentage of its own."""

    def quote(request: QuoteVisit) -> VisitQuote:
        lines = tuple(
            QuotedLine(line.line_id, line.price * percent // 100, Decimal(percent))
            for line, percent in zip(request.lines, percents, strict=True)
        )
        discount = sum(line.discount for line in lines)
        part = QuotedPart("services", "services", "chosen services", discount, Decimal(0))
        return a_quote(request, Decimal(0), lines=lines, discount=discount, parts=(part,))

    return quote


# --- at booking -----------------------------------------------------------------------------------------------------


def test_loyalty_is_told_what_the_visit_is_and_answers_line_by_line(salon: Salon) -> None:
    colour = salon.a_service("Colour", 30, price=100_000, category="Colouring")
    salon.renders(salon.anna, salon.haircut, colour)
    salon.loyalty_quotes(by_line(10, 0))
    made = salon.book(salon.at("12:00"), salon.haircut, colour, master=salon.anna)
    question = asked(salon)[-1]
    assert (question.client_id, question.branch_id, question.currency) == (CLARA, salon.branch.id, "RUB")
    assert question.local_date == salon.at("12:00").date()
    assert [(line.service_id, line.price, line.category) for line in question.lines] == [
        (salon.haircut.id, 250_000, "Hair"),
        (colour.id, 100_000, "Colouring"),
    ]
    assert [line.discount.amount for line in made.lines] == [25_000, 0]
    assert made.discount_as_of is not None


def test_the_appointment_shows_one_clear_verdict(salon: Salon) -> None:
    salon.loyalty_says(5, JUNE)
    verdict = salon.book().verdict
    assert verdict is not None
    assert (verdict.decision, verdict.source, verdict.text) == ("discount", "loyalty", "people you brought: 5 %")
    assert [(part.rule, part.amount) for part in verdict.parts] == [("referrals", roubles(12_500))]
    assert (verdict.as_of, verdict.programme_version) == (JUNE, 1)


def test_a_gift_and_an_offer_are_verdicts_where_nothing_comes_off(salon: Salon) -> None:
    salon.loyalty_quotes(lambda request: a_quote(request, Decimal(0), gifts=("a hair mask",), offers=("a walk",)))
    made = salon.book()
    assert made.verdict is not None
    assert (made.verdict.decision, made.verdict.text, made.verdict.offers) == ("gift", "a hair mask", ("a walk",))
    assert salon.show(made).verdict == made.verdict


def test_who_has_nothing_is_told_so(salon: Salon) -> None:
    verdict = salon.book().verdict
    assert verdict is not None
    assert (verdict.decision, verdict.text, verdict.source) == ("nothing", None, "loyalty")


def test_other_segments_keep_what_was_promised_for_those_that_stay(salon: Salon) -> None:
    manicure = salon.a_service("Manicure", 30, price=100_000)
    salon.renders(salon.anna, salon.haircut, manicure)
    salon.loyalty_quotes(by_line(10))
    made = salon.book(master=salon.anna)
    salon.loyalty_quotes(by_line(0, 5))
    wanted = (WantedSegment(salon.haircut.id, salon.anna.id), WantedSegment(manicure.id, salon.anna.id))
    changed = salon.ask(ChangeAppointment(made.id, 1, segments=wanted))
    assert [line.discount.amount for line in changed.lines] == [25_000, 0]
    assert changed.verdict is not None
    assert changed.verdict.source == "promise"
    question = asked(salon)[-1]
    assert (question.appointment_id, [line.price for line in question.lines]) == (made.id, [250_000, 100_000])


# --- at the end -----------------------------------------------------------------------------------------------------


def test_the_end_is_priced_at_the_final_prices(salon: Salon) -> None:
    made = salon.book(salon.at("12:00", 0))
    salon.loyalty_says(10)
    done = salon.ask(CompleteAppointment(made.id, (FinalPrice(made.segments[0].id, roubles(100_000)),)))
    question = asked(salon)[-1]
    assert [(line.line_id, line.price) for line in question.lines] == [(made.lines[0].id, 100_000)]
    assert question.appointment_id == made.id
    assert done.discount == roubles(10_000)


def test_what_was_promised_is_honoured_and_says_so(salon: Salon) -> None:
    salon.loyalty_says(10, JUNE)
    made = salon.book(salon.at("12:00", 0))
    salon.loyalty_says(3)
    done = salon.ask(CompleteAppointment(made.id, (FinalPrice(made.segments[0].id, roubles(100_000)),)))
    assert (done.discount, done.discount_as_of) == (roubles(10_000), JUNE)
    assert done.verdict is not None
    assert done.verdict.source == "promise"
    assert sum(part.amount.amount for part in done.verdict.parts) == 10_000
    (told,) = salon.booking.announced(VisitCompleted)
    assert told.applied is not None
    assert (told.applied.source, told.applied.as_of, told.applied.programme_version) == ("promise", JUNE, 1)


def test_with_loyalty_away_at_the_end_the_better_of_promise_and_copy_counts(salon: Salon) -> None:
    salon.loyalty_says(5)
    poorer, richer = salon.book(salon.at("12:00", 0)), salon.book(salon.at("14:00", 0))
    salon.loyalty_is_away()
    salon.booking.deliver(DiscountChanged(CLARA, 1, Decimal(3), JUNE))
    assert salon.ask(CompleteAppointment(poorer.id)).discount == roubles(12_500)
    salon.booking.deliver(DiscountChanged(CLARA, 2, Decimal(7), JUNE))
    assert salon.ask(CompleteAppointment(richer.id)).discount == roubles(17_500)
    assert [told.applied.source for told in salon.booking.announced(VisitCompleted)] == ["promise", "copy"]


def test_the_copy_is_that_of_the_branch_and_marked_with_its_time(salon: Salon) -> None:
    salon.loyalty_is_away()
    here = (BranchPercent(salon.branch.id, Decimal(8)),)
    salon.booking.deliver(DiscountChanged(CLARA, 1, Decimal(3), JUNE, here))
    made = salon.book()
    assert made.discount == roubles(20_000)
    assert made.verdict is not None
    assert (made.verdict.source, made.verdict.as_of, made.verdict.text) == ("copy", JUNE, "8 %")


def test_the_event_says_when_it_was_completed_also_after_a_refund(salon: Salon) -> None:
    done = salon.a_visit()
    salon.ask(RefundAppointment(done.id, (LineRefund(done.lines[0].id, roubles(1)),), "a rouble too much"))
    (completed,), (refunded,) = salon.booking.announced(VisitCompleted), salon.booking.announced(VisitRefunded)
    assert completed.completed_at == completed.occurred_at == refunded.completed_at < refunded.occurred_at
    assert [(part.kind, part.amount) for part in refunded.payments] == [("card", 249_999)]


def test_erasure_takes_the_words_of_the_verdict_and_leaves_the_sums(salon: Salon) -> None:
    salon.loyalty_says(5)
    done = salon.a_visit()
    salon.booking.deliver(ClientErased(CLARA, 9, utc_now()))
    left = salon.show(done)
    assert left.verdict is not None
    assert (left.discount, left.verdict.parts, left.verdict.source) == (done.discount, (), "loyalty")


# --- codes ----------------------------------------------------------------------------------------------------------


def spring(request: QuoteVisit) -> VisitQuote:
    """A promotion for whoever says SPRING."""
    known = [code for code in request.codes if code.casefold() == "spring"]
    refused = tuple(code for code in request.codes if code.casefold() != "spring")
    return a_quote(request, Decimal(20 if known else 0), refused_codes=refused)


def test_a_code_counts_from_booking_on(salon: Salon) -> None:
    salon.loyalty_quotes(spring)
    made = salon.book(salon.at("12:00", 0), codes=("Spring", " SPRING"))
    assert made.verdict is not None
    assert (made.discount.amount, made.verdict.codes) == (50_000, ("Spring",))
    assert [each.promised_codes for each in salon.booking.announced(AppointmentBooked)] == [("Spring",)]
    salon.ask(CompleteAppointment(made.id))
    assert asked(salon)[-1].codes == ("Spring",)
    (told,) = salon.booking.announced(VisitCompleted)
    assert told.applied.codes == ("Spring",)


def test_a_code_that_gives_nothing_is_refused_with_its_place(salon: Salon) -> None:
    salon.loyalty_quotes(spring)
    with pytest.raises(Invalid, match="code_refused") as refusal:
        salon.book(codes=("spring", "WINTER"))
    assert list(refusal.value.details["errors"]) == ["codes.1"]
    made = salon.book(salon.at("12:00", 0))
    with pytest.raises(Invalid, match="code_refused"):
        salon.ask(CompleteAppointment(made.id, codes=("winter",)))
    assert salon.ask(CompleteAppointment(made.id, codes=("spring",))).discount.amount == 50_000


def test_codes_of_a_time_when_loyalty_was_away_are_asked_about_at_the_end(salon: Salon) -> None:
    salon.loyalty_is_away()
    first, second = (salon.book(salon.at(clock, 0), codes=("spring",)) for clock in ("12:00", "14:00"))
    assert [each.promised_codes for each in salon.booking.announced(AppointmentBooked)] == [(), ()]
    salon.loyalty_quotes(spring)
    assert salon.ask(CompleteAppointment(first.id)).discount.amount == 50_000
    salon.loyalty_is_away()
    salon.ask(CompleteAppointment(second.id))
    assert [told.applied.codes for told in salon.booking.announced(VisitCompleted)] == [("spring",), ("spring",)]


def test_there_are_five_codes_at_most(salon: Salon) -> None:
    wanted = BookAppointment(salon.branch.id, CLARA, salon.at("12:00"), (WantedSegment(salon.haircut.id),))
    with pytest.raises(Invalid, match="request_malformed"):
        salon.ask(replace(wanted, codes=("a",) * 6))


# --- loyalty is silent ----------------------------------------------------------------------------------------------


def test_after_two_late_answers_nobody_waits_for_a_while(salon: Salon) -> None:
    hour = [0.0]
    asked_of: list[QuoteVisit] = []

    def silent(request: QuoteVisit) -> VisitQuote:
        asked_of.append(request)
        hour[0] += QuoteVisit.timeout
        raise Unavailable("timed_out", "loyalty did not answer in time")

    salon.loyalty_quotes(silent)
    call = Patient(salon.booking.dispatcher.call, Silence(), lambda: hour[0])
    question = QuoteVisit(CLARA, salon.branch.id, salon.today, "RUB", ())
    for expected in (1, 2, 2, 2):
        with pytest.raises(Unavailable):
            call(question)
        assert len(asked_of) == expected
    hour[0] += PAUSE
    salon.loyalty_says(5)
    assert call(question).percent == 5
    assert call(question).percent == 5


def test_who_refuses_at_once_is_asked_every_time(salon: Salon) -> None:
    salon.loyalty_is_away()
    began = time.monotonic()
    for clock in ("12:00", "13:00", "14:00", "15:00"):
        salon.book(salon.at(clock))
    assert len(asked(salon)) >= 4
    assert time.monotonic() - began < 5


def test_visits_of_another_system_say_that_they_were_recorded(salon: Salon) -> None:
    line = PastLine("service", 100_000, salon.haircut.id)
    visit = PastVisit("old-1", salon.branch.id, salon.at("12:00", -30), "completed", CLARA, lines=(line,))
    salon.ask(RecordVisits("RUB", (visit,)))
    (told,) = salon.booking.announced(VisitCompleted)
    assert told.applied.source == "recorded"
    assert told.completed_at == told.occurred_at
    assert [(part.kind, part.amount) for part in told.payments] == [("other", 100_000)]
