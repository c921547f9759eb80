"""Paying with points: set aside, confirmed by the bill, given back by refunds; two at once for the last ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from contracts.booking import AppointmentCancelled, PaidPart
from contracts.loyalty import (
    AdjustPoints,
    ListUnsettledPayments,
    ReleaseTenders,
    ReserveTenders,
    SellCertificate,
    ShowPoints,
    Tender,
)
from kernel.errors import Conflict, Forbidden, Invalid, Refusal
from kernel.money import Money
from kernel.time import utc_now
from services.loyalty.tables import reservations
from tests.builders import CLARA, ELSEWHERE, HERE, a_service, anna, boris
from tests.component.loyalty.test_loyalty_points import moves, points, points_from
from tests.facts import booked, completed, erased, line, merged, numbered, refunded, registered

BOOKING = a_service("booking")
VISIT, HELD = numbered(7), numbered(700)


@pytest.fixture
def loyalty(start):
    """Clara has 500 points, of a rouble each."""
    loyalty = start("loyalty")
    points_from(loyalty, value=100, percent="5", max_percent_of_visit="80")
    loyalty.deliver(registered(CLARA))
    loyalty.ask(AdjustPoints(CLARA, 500, "to begin with"))
    return loyalty


def reserving(*tenders, held=HELD, visit=VISIT, due=100_000, **words):
    fields = {"client_id": CLARA, "branch_id": HERE, "currency": "RUB"} | words
    wanted = tuple(Tender("points", each) if isinstance(each, int) else each for each in tenders)
    return ReserveTenders(held, visit, due=due, tenders=wanted, **fields)


def reserve(loyalty, *tenders, **words):
    return loyalty.ask(reserving(*tenders, **words), BOOKING)


def paid(points_, money, held=HELD):
    return (PaidPart("points", points_, held), PaidPart("card", money))


def there(loyalty, client_id=CLARA):
    shown = points(loyalty, client_id)
    return shown.balance, shown.reserved


def unsettled(loyalty, *caller):
    found = loyalty.ask(ListUnsettledPayments(), *caller).items
    return [(each.appointment_id, each.kind, each.amount.amount) for each in found]


# --- set aside, confirmed, given back --------------------------------------------------------------------------------


def test_a_visit_is_paid_with_points_that_were_set_aside(loyalty):
    held = reserve(loyalty, 30_000)
    assert held.expires_at - utc_now() > timedelta(minutes=29)
    assert there(loyalty) == (500, 300)
    loyalty.deliver(completed(VISIT, CLARA, payments=paid(30_000, 70_000)))
    assert there(loyalty) == (200 + 35, 0)
    assert moves(loyalty)[1:] == [("redeem", "payment", -300), ("earn", "visit", 35)]
    assert unsettled(loyalty) == []


def test_a_refund_gives_back_what_went_back_in_points_once(loyalty):
    reserve(loyalty, 30_000)
    bill = completed(VISIT, CLARA, payments=paid(30_000, 70_000))
    half = refunded(VISIT, CLARA, line(refunded=50_000), payments=paid(15_050, 34_950))
    whole = refunded(VISIT, CLARA, line(refunded=100_000), payments=(), version=4)
    loyalty.deliver(bill, half, half, bill)
    assert moves(loyalty)[3:] == [("reverse", "payment", 149), ("reverse", "visit", -18)]
    loyalty.deliver(whole, half)
    assert there(loyalty) == (500, 0)


def test_bills_in_any_order_end_the_same(loyalty):
    reserve(loyalty, 30_000)
    half = refunded(VISIT, CLARA, line(refunded=50_000), payments=paid(20_000, 30_000))
    loyalty.deliver(half, completed(VISIT, CLARA, payments=paid(30_000, 70_000)))
    assert there(loyalty) == (500 - 200 + 15, 0)


def test_a_visit_that_does_not_take_place_frees_them(loyalty):
    reserve(loyalty, 30_000)
    state = booked(VISIT, CLARA)
    loyalty.deliver(AppointmentCancelled(**{name: getattr(state, name) for name in state.__dataclass_fields__}))
    assert there(loyalty) == (500, 0)


def test_what_is_released_is_free_unless_a_bill_has_confirmed_it(loyalty):
    reserve(loyalty, 30_000)
    loyalty.ask(ReleaseTenders(HELD), BOOKING)
    loyalty.ask(ReleaseTenders(numbered(1)), BOOKING)
    assert there(loyalty) == (500, 0)
    reserve(loyalty, 30_000)
    loyalty.deliver(completed(VISIT, CLARA, payments=paid(30_000, 70_000)))
    loyalty.ask(ReleaseTenders(HELD), BOOKING)
    assert there(loyalty) == (235, 0)


def test_asked_twice_it_is_set_aside_once_and_asked_anew_it_is_the_new_one(loyalty):
    first = reserve(loyalty, 30_000)
    assert reserve(loyalty, 30_000) == first
    assert there(loyalty) == (500, 300)
    reserve(loyalty, 20_000, 10_000)
    reserve(loyalty, 5_000)
    assert there(loyalty) == (500, 50)
    loyalty.deliver(completed(VISIT, CLARA, payments=paid(5_000, 95_000)))
    assert reserve(loyalty, 5_000).reservation_id == HELD
    assert there(loyalty) == (500 - 50 + 47, 0)
    with pytest.raises(Conflict, match="reservation_taken"):
        reserve(loyalty, 5_000, visit=numbered(8))


# --- refused ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tenders", "code", "place"),
    [
        ((50_100,), "points_not_enough", "tenders.0.amount"),
        ((30_000, 20_100), "points_not_enough", "tenders.1.amount"),
        ((150,), "points_not_whole", "tenders.0.amount"),
        ((0,), "amount_not_positive", "tenders.0.amount"),
        ((80_100,), "points_over_cap", "tenders.0.amount"),
        ((40_000, 40_100), "points_over_cap", "tenders.1.amount"),
        ((100_100,), "overpaid", "tenders"),
        ((10_000, Tender("certificate", 10_000, code="NONE-SUCH")), None, "tenders.1.code"),
    ],
)
def test_what_cannot_be_paid_so_is_refused_with_its_place_and_nothing_is_set_aside(loyalty, tenders, code, place):
    with pytest.raises(Invalid, match=code) as refused:
        reserve(loyalty, *tenders)
    assert list(refused.value.details["errors"]) == [place]
    assert there(loyalty) == (500, 0)
    with loyalty.session() as session:
        assert session.execute(select(reservations)).all() == []


def test_where_the_programme_has_no_points_nothing_is_paid_with_them(start):
    loyalty = start("loyalty")
    loyalty.deliver(registered(CLARA))
    loyalty.ask(AdjustPoints(CLARA, 500, "to begin with"))
    with pytest.raises(Invalid, match="points_not_accepted"):
        reserve(loyalty, 10_000)
    shown = points(loyalty, due=100_000)
    assert (shown.value, shown.worth, shown.usable) == (None, None, 0)


def test_only_services_set_aside(loyalty):
    for caller in (anna("points.adjust"), boris("loyalty.read")):
        with pytest.raises(Forbidden):
            loyalty.ask(reserving(10_000), caller)


def test_what_may_pay_a_visit_is_said_before(loyalty):
    assert points(loyalty, due=20_000).usable == 160
    assert points(loyalty, due=100_000).usable == 500
    reserve(loyalty, 30_000)
    assert points(loyalty, due=100_000).usable == 200
    with pytest.raises(Invalid, match="points_not_enough"):
        loyalty.ask(AdjustPoints(CLARA, -201, "too many"))


# --- two at once -----------------------------------------------------------------------------------------------------


def test_of_many_at_once_for_the_last_points_one_wins(loyalty):
    def ask(number):
        try:
            reserve(loyalty, 40_000, held=numbered(900 + number), visit=numbered(800 + number))
        except Refusal as refused:
            return refused.code
        return "reserved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(ask, range(8)))
    assert outcomes == ["points_not_enough"] * 7 + ["reserved"]
    assert there(loyalty) == (500, 400)


def test_the_same_reservation_asked_at_once_is_one(loyalty):
    with ThreadPoolExecutor(6) as pool:
        held = {each.expires_at for each in pool.map(lambda _: reserve(loyalty, 40_000), range(6))}
    assert len(held) == 1
    assert there(loyalty) == (500, 400)


def test_points_and_a_certificate_are_set_aside_together_or_not_at_all(loyalty):
    sold = loyalty.ask(SellCertificate(HERE, Money(50_000, "RUB"), "cash"), key="a-sale")
    certificate = Tender("certificate", 40_000, code=sold.code)
    with pytest.raises(Invalid, match="points_not_enough"):
        reserve(loyalty, certificate, 50_100)
    reserve(loyalty, 30_000, certificate)
    assert there(loyalty) == (500, 300)
    parts = (PaidPart("points", 30_000, HELD), PaidPart("certificate", 40_000, HELD), PaidPart("card", 30_000))
    loyalty.deliver(completed(VISIT, CLARA, payments=parts))
    assert there(loyalty) == (200 + 15, 0)
    assert unsettled(loyalty) == []
    with pytest.raises(Invalid):
        reserve(loyalty, Tender("certificate", 10_100, code=sold.code), held=numbered(701), visit=numbered(8))


# --- too late --------------------------------------------------------------------------------------------------------


def run_out(loyalty, held=HELD):
    with loyalty.session() as session:
        past = utc_now() - timedelta(seconds=1)
        session.execute(update(reservations).where(reservations.c.id == held).values(expires_at=past))
        session.commit()


def test_what_no_bill_confirmed_in_time_is_free_and_the_clock_says_so(loyalty):
    reserve(loyalty, 40_000)
    run_out(loyalty)
    assert there(loyalty) == (500, 0)
    loyalty.tick()
    with loyalty.session() as session:
        assert session.scalar(select(reservations.c.state)) == "released"
    reserve(loyalty, 40_000)
    assert there(loyalty) == (500, 400)


def test_a_bill_that_comes_too_late_takes_what_is_there_and_the_rest_is_listed(loyalty):
    reserve(loyalty, 40_000)
    run_out(loyalty)
    reserve(loyalty, 30_000, held=numbered(701), visit=numbered(8))
    loyalty.deliver(completed(VISIT, CLARA, payments=paid(40_000, 60_000)))
    assert there(loyalty) == (300 + 30, 300)
    assert unsettled(loyalty) == [(VISIT, "points", 20_000)]
    assert unsettled(loyalty, anna("loyalty_differences.read")) == [(VISIT, "points", 20_000)]
    assert unsettled(loyalty, boris("loyalty_differences.read")) == []
    loyalty.deliver(refunded(VISIT, CLARA, line(refunded=100_000), payments=()))
    assert unsettled(loyalty) == []
    assert there(loyalty) == (500, 300)


def test_a_reservation_of_which_nothing_is_known_is_taken_as_far_as_there_are_points(loyalty):
    loyalty.deliver(completed(VISIT, CLARA, payments=paid(60_000, 40_000, numbered(4_711))))
    assert there(loyalty) == (20, 0)
    assert unsettled(loyalty) == [(VISIT, "points", 10_000)]


def test_points_that_lapse_while_a_visit_is_being_paid_pay_for_it(loyalty):
    """Fifty that have lapsed would be spent first: they wait for the bill, and go if there comes none."""
    reserve(loyalty, 40_000)
    points_from(loyalty, at=utc_now() - timedelta(days=9), value=100, per_visit=50, expire_after_days=1)
    loyalty.deliver(completed(numbered(9), CLARA, local_date=(utc_now() - timedelta(days=3)).date()))
    loyalty.tick()
    assert there(loyalty) == (550, 400)
    loyalty.ask(ReleaseTenders(HELD), BOOKING)
    assert there(loyalty) == (500, 0)
    loyalty.tick()
    assert moves(loyalty)[-1] == ("expire", "lot", -50)


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_merge_takes_what_is_set_aside_along(loyalty):
    dora = numbered(50)
    loyalty.deliver(registered(dora))
    reserve(loyalty, 30_000)
    loyalty.deliver(merged(dora, CLARA))
    assert there(loyalty, dora) == (500, 300)
    loyalty.deliver(completed(VISIT, CLARA, payments=paid(30_000, 70_000)))
    assert there(loyalty, dora) == (235, 0)
    loyalty.deliver(refunded(VISIT, dora, payments=()))
    assert there(loyalty, dora) == (500, 0)
    assert points(loyalty, dora).expiring is None


def test_earned_points_that_were_spent_and_are_taken_back_are_a_debt(loyalty):
    loyalty.deliver(completed(VISIT, CLARA))
    loyalty.ask(AdjustPoints(CLARA, -540, "all but ten"))
    loyalty.deliver(refunded(VISIT, CLARA))
    shown = points(loyalty)
    assert (shown.balance, shown.available, shown.debt) == (-40, 0, 40)
    with pytest.raises(Invalid, match="points_not_enough"):
        reserve(loyalty, 100)
    loyalty.deliver(completed(numbered(8), CLARA))
    assert points(loyalty).balance == 10


def test_the_ledger_settles_bills_of_somebody_who_was_erased(loyalty):
    reserve(loyalty, 30_000)
    loyalty.deliver(erased(CLARA), completed(VISIT, CLARA, payments=paid(30_000, 70_000)))
    with loyalty.session() as session:
        assert session.scalar(text("SELECT balance FROM point_accounts")) == 200


def test_a_branch_of_its_own_programme_has_its_own_worth(loyalty):
    loyalty.deliver(completed(VISIT, CLARA))
    assert loyalty.ask(ShowPoints(CLARA, branch_id=ELSEWHERE)).value == Money(100, "RUB")
