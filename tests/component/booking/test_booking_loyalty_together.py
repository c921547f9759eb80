"""Booking and loyalty with each other: whatever is billed by chance, what loyalty keeps is what the bills say."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest

from contracts.booking import (
    Appointment,
    AppointmentState,
    CancelAppointment,
    CompleteAppointment,
    LineRefund,
    RefundAppointment,
    VisitCompleted,
    WantedPayment,
)
from contracts.loyalty import (
    AdjustPoints,
    Certificate,
    CreatePromotion,
    ListDifferences,
    ListPromotions,
    ListUnsettledPayments,
    PublishProgramme,
    QuoteVisit,
    ReleaseTenders,
    ReserveTenders,
    SellCertificate,
    ShowCertificate,
    ShowDiscount,
    ShowPoints,
    ShowProgramme,
)
from kernel.errors import Refusal
from kernel.time import utc_now
from tests.builders import CLARA, a_service
from tests.component.booking.salon import Salon, roubles
from tests.facts import numbered, registered
from tests.harness import Harness

BOOKING = a_service("booking")
DORA, EVE = numbered(0xD0), numbered(0xE0)
VISITS = 10
RULES = (
    {
        "kind": "referrals",
        "name": "referrals",
        "tiers": [{"people": 1, "percent": "7.5"}, {"people": 2, "percent": "11.3"}],
    },
    {"kind": "nth_service", "name": "third", "every": 3, "reward": {"percent": "33.33"}},
)


@dataclass
class Both:
    """Booking asks loyalty as it would over the bus; what it tells arrives when `tell` is called."""

    salon: Salon
    loyalty: Harness
    told: int = 0

    def tell(self) -> None:
        events = self.salon.booking.announced(AppointmentState)
        self.loyalty.deliver(*events[self.told :])
        self.told = len(events)

    def points(self) -> tuple[int, int]:
        shown = self.loyalty.ask(ShowPoints(CLARA))
        return shown.balance, shown.reserved

    def away(self) -> None:
        for kind in (QuoteVisit, ReserveTenders, ReleaseTenders):
            self.salon.booking.others.answers.pop(kind, None)

    def back(self) -> None:
        for kind in (QuoteVisit, ReserveTenders, ReleaseTenders):
            self.salon.booking.others.answers[kind] = lambda request: self.loyalty.ask(request, BOOKING)


@pytest.fixture
def both(start: Callable[..., Harness], salon: Salon) -> Both:
    loyalty = start("loyalty")
    both = Both(salon, loyalty)
    both.back()
    loyalty.deliver(registered(CLARA), registered(DORA, CLARA), registered(EVE, CLARA))
    version = loyalty.ask(ShowProgramme()).version
    points = {"value": 100, "per_visit": 25, "percent": 3, "max_percent_of_visit": 60}
    loyalty.ask(PublishProgramme(version=version, rules=RULES, points=points))
    loyalty.ask(AdjustPoints(CLARA, 5_000, "to begin with"))
    return both


def a_certificate(both: Both) -> Certificate:
    return both.loyalty.ask(SellCertificate(both.salon.branch.id, roubles(900_000), "card"))


def pay(both: Both, visit: Appointment, code: str, chance: random.Random) -> Appointment:
    """By points, a certificate and money, as it comes; if that cannot be, or less is due at the end, by card alone."""
    due = visit.due.amount
    by_points = min(chance.randrange(0, due // 2) // 100 * 100, due)
    by_certificate = chance.choice([0, (due - by_points) // 3])
    wanted = [
        WantedPayment("points", roubles(by_points)),
        WantedPayment("certificate", roubles(by_certificate), code=code),
        WantedPayment("cash", roubles(due - by_points - by_certificate)),
    ]
    payments = tuple(each for each in wanted if each.amount and each.amount.amount)
    try:
        return both.salon.ask(CompleteAppointment(visit.id, payments=payments))
    except Refusal as refusal:
        assert refusal.code in ("overpaid", "points_not_enough", "certificate_not_enough"), refusal
        return both.salon.ask(CompleteAppointment(visit.id))


@pytest.mark.parametrize("seed", range(3))
def test_what_loyalty_keeps_is_what_the_bills_say(both: Both, seed: int) -> None:
    chance = random.Random(seed)
    salon = both.salon
    sold = a_certificate(both)
    for place in range(VISITS):
        who = chance.choice([CLARA, CLARA, DORA, EVE])
        starts = salon.at("11:00", 0) + timedelta(minutes=15 * place)
        if chance.random() < 0.3:
            both.away()
        services = (salon.haircut,) * chance.choice([1, 2])
        visit = salon.book(starts, *services, client=who, overlap_reason="by chance")
        both.back()
        if who == CLARA:
            done = pay(both, visit, sold.code or "", chance)
        else:
            done = salon.ask(CompleteAppointment(visit.id))
        if chance.random() < 0.4:
            line = chance.choice(done.lines)
            part = roubles(chance.randint(1, line.due.amount) // 100 * 100 or 1)
            salon.ask(RefundAppointment(done.id, (LineRefund(line.id, part),), "by chance"))
        if chance.random() < 0.6:
            both.tell()
    both.tell()
    assert both.loyalty.ask(ListUnsettledPayments()).items == ()
    assert both.points()[1] == 0
    certificate = both.loyalty.ask(ShowCertificate(sold.id))
    spent = sum(
        part.amount
        for bill in newest(salon)
        for part in bill.payments
        if part.kind == "certificate"
    )  # fmt: skip
    assert certificate.balance.amount == 900_000 - spent
    assert certificate.reserved.amount == 0


def newest(salon: Salon) -> list[VisitCompleted]:
    """The bill of each visit as it stands."""
    bills = [event for event in salon.told() if hasattr(event, "payments")]
    return list({bill.appointment_id: bill for bill in sorted(bills, key=lambda bill: bill.version)}.values())


def test_where_booking_did_what_loyalty_says_there_is_no_difference(both: Both) -> None:
    """Every visit is told of before the next one: then both know the same."""
    salon = both.salon
    for place, who in enumerate((DORA, CLARA, CLARA, EVE, CLARA, CLARA)):
        starts = salon.at("11:00", 0) + timedelta(minutes=15 * place)
        visit = salon.book(starts, salon.haircut, salon.haircut, client=who, overlap_reason="by chance")
        done = salon.ask(CompleteAppointment(visit.id))
        both.tell()
        assert sum(line.discount.amount for line in done.lines) == done.discount.amount
    assert both.loyalty.ask(ShowDiscount(CLARA)).discount_percent > 11
    assert any(done.discount for done in newest(salon) if done.client_id == CLARA)
    day = utc_now().date()
    found = both.loyalty.ask(ListDifferences(day - timedelta(days=2), day + timedelta(days=2)))
    assert found.items == ()


def test_what_was_promised_and_what_the_copy_gave_are_told_apart(both: Both) -> None:
    salon = both.salon
    salon.ask(CompleteAppointment(salon.book(salon.at("11:00", 0), client=DORA).id))
    both.tell()
    promised = salon.book(salon.at("12:00", 0))
    both.away()
    by_copy = salon.book(salon.at("14:00", 0))
    salon.ask(CompleteAppointment(by_copy.id))  # no copy has arrived: nothing comes off
    both.back()
    poorer = ({"kind": "referrals", "name": "referrals", "tiers": [{"people": 1, "percent": 1}]},)
    both.loyalty.ask(PublishProgramme(version=both.loyalty.ask(ShowProgramme()).version, rules=poorer))
    done = salon.ask(CompleteAppointment(promised.id))
    assert (done.verdict and done.verdict.source, done.discount) == ("promise", roubles(18_750))
    both.tell()
    day = utc_now().date()
    found = both.loyalty.ask(ListDifferences(day - timedelta(days=2), day + timedelta(days=2))).items
    assert {each.appointment_id: each.reason for each in found} == {
        by_copy.id: "loyalty_away",
        promised.id: "older_promise",
    }


def test_the_last_use_of_a_code_is_promised_to_one_open_visit(both: Both) -> None:
    """Whoever had it at booking has it at the end; called off, it is there for the next."""
    leaf = {"name": "Autumn", "ends": utc_now() + timedelta(days=90), "percent": Decimal(50), "code": "leaf"}
    both.loyalty.ask(CreatePromotion(**leaf, limit=1))
    first = both.salon.book(both.salon.at("12:00", 0), codes=("leaf",))
    both.tell()
    with pytest.raises(Refusal, match="code_refused"):
        both.salon.book(both.salon.at("14:00", 0), codes=("leaf",))
    both.salon.ask(CancelAppointment(first.id, "ill"))
    both.tell()
    second = both.salon.book(both.salon.at("14:00", 0), codes=("leaf",))
    both.tell()
    done = both.salon.ask(CompleteAppointment(second.id))
    both.tell()
    assert done.discount.amount == second.discount.amount > 0
    assert both.loyalty.ask(ListPromotions()).items[0].used == 1
    with pytest.raises(Refusal, match="code_refused"):
        both.salon.book(both.salon.at("16:00", 0), codes=("leaf",))
