"""What a visit is given next to what was taken off, and when a discount turns by time alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.loyalty.domain.facts import Bill, BillLine, PersonalDiscount
from services.loyalty.domain.granting import (
    NOTHING,
    Had,
    applied,
    as_completed,
    difference,
    granted,
    visit_of,
    with_had,
)
from services.loyalty.domain.programme import (
    DEFAULT_RULES,
    Enrolment,
    Holiday,
    Programme,
    Referrals,
    Reward,
    Tier,
    Visits,
)
from services.loyalty.domain.programme import Step as From
from services.loyalty.domain.standing import Standing
from services.loyalty.domain.turning import A_DAY, turns_at

NOON = datetime(2026, 3, 8, 12, tzinfo=UTC)
CLARA, BRANCH = UUID(int=1), UUID(int=2)
PLAIN = Programme(None, 1, "plain", NOON - timedelta(days=900), rules=DEFAULT_RULES)


def a_bill(number: int = 1, version: int = 2, day: int = 0, **changes: object) -> Bill:
    at = NOON + timedelta(days=day)
    lines = (
        BillLine(UUID(int=10), "service", 10_000, discount=500),
        BillLine(UUID(int=11), "retail", 3_000, discount=100),
    )
    bill = Bill(UUID(int=number), version, CLARA, BRANCH, at, at, at, date(2026, 3, 8), "RUB", lines, paid=12_400)
    return replace(bill, **changes)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("promise", "older_promise"),
        ("copy", "loyalty_away"),
        ("none", "loyalty_away"),
        ("loyalty", "late_facts"),
        ("recorded", "recorded"),
        (None, "recorded"),
    ],
)
def test_a_difference_has_the_reason_that_booking_gives(source: str | None, reason: str) -> None:
    assert difference(500, 400, source) == reason
    assert difference(500, 500, source) is None


def test_goods_are_neither_priced_nor_counted() -> None:
    bill = a_bill()
    assert [line.line_id for line in visit_of(bill).lines] == [UUID(int=10)]
    assert applied(bill) == 500


def test_a_visit_is_priced_as_it_was_completed_and_visits_in_their_order() -> None:
    late, refunded, first = a_bill(2, day=1), a_bill(1, version=3), a_bill(1)
    assert as_completed([late, refunded, first]) == [first, late]


def test_what_is_given_once_is_not_given_to_the_next_visit() -> None:
    rule = Holiday(name="spring", days=((3, 8),), reward=Reward(percent=Decimal(10)))
    programme = replace(PLAIN, rules=(rule,))
    had = NOTHING
    seen = []
    for bill in (a_bill(1), a_bill(2)):
        verdict = granted(programme, Standing(CLARA, bill.completed_at), bill, had)
        had = had.and_then(bill.appointment_id, verdict)
        seen.append(verdict.discount)
    assert seen == [1_000, 0]
    assert had.once == (("spring:2026-03-08", UUID(int=1)),)
    assert with_had(Standing(CLARA, NOON), NOTHING).once == ()
    assert with_had(Standing(CLARA, NOON), Had(budget=7)).used_budget == 7


def test_only_bounds_ahead_turn_a_plain_discount() -> None:
    day = timedelta(days=1)
    own = PersonalDiscount(CLARA, 1, NOON, Decimal(5), NOON - day, NOON + 3 * day)
    assert turns_at(Standing(CLARA, NOON, bills=(a_bill(),)), [PLAIN]) is None
    assert turns_at(Standing(CLARA, NOON, personal=own), [PLAIN]) == NOON + 3 * day
    assert turns_at(Standing(CLARA, NOON, personal=replace(own, valid_from=NOON + day)), [PLAIN]) == NOON + day
    assert turns_at(Standing(CLARA, NOON + 3 * day, personal=own), [PLAIN]) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": (Referrals(name="fading", tiers=(Tier(1, Decimal(3)),), half_life_days=90),)},
        {"rules": (Visits(name="lately", steps=(From(2, Decimal(3)),), period_days=30),)},
        {"enrolment": Enrolment(frozenset({UUID(int=5)}), days=30)},
    ],
)
def test_what_fades_is_looked_at_every_day(changes: dict[str, object]) -> None:
    fading = replace(PLAIN, **changes)
    assert turns_at(Standing(CLARA, NOON, bills=(a_bill(),)), [PLAIN, fading]) == NOON + A_DAY
    assert turns_at(Standing(CLARA, NOON), [fading]) is None
