"""Why: as of any instant, for each reader; what visits are given, and where booking took off something else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contracts.booking import AppliedDiscount
from contracts.clients import PersonalDiscountChanged
from contracts.loyalty import (
    AskedLine,
    ExplainDiscount,
    ExplainVisit,
    ListDifferences,
    ListPastDiscounts,
    QuoteVisit,
    Reason,
    ShowDiscount,
)
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.money import Money
from tests.builders import CLARA, ELSEWHERE, HERE, OWNER, a_service, a_user, anna, boris
from tests.facts import HAIRCUT, NOON, changed, completed, erased, line, numbered, refunded, registered
from tests.harness import Harness

BOOKING = a_service("booking")
HERSELF = a_user("loyalty.read.own", client_id=CLARA)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def loyalty(start: Callable[..., Harness]) -> Harness:
    return start("loyalty")


def brought(count: int) -> list[Any]:
    people = [numbered(100 + place) for place in range(count)]
    cards = [registered(each, CLARA) for each in people]
    visits = [completed(numbered(each.int + 1_000), each) for each in people]
    return [registered(CLARA, registered_at=NOON - DAY), *cards, *visits]


def sentences(reason: Reason) -> list[str]:
    return [reason.text, *(text for child in reason.children for text in sentences(child))]


def people_in(reason: Reason) -> set[Any]:
    return {reason.client_id} - {None} | {each for child in reason.children for each in people_in(child)}


def visit_of(client_id: Any, number: int, day: int, *lines: Any, **changes: Any) -> Any:
    """A visit of `client_id` so many days after everybody's first."""
    date = NOON.date() + timedelta(days=day)
    return completed(numbered(number), client_id, *lines, local_date=date, **changes)


def test_what_was_true_then_is_told_then(loyalty: Harness) -> None:
    """A refund takes a person back from its instant on; before it they counted."""
    loyalty.deliver(*brought(3), refunded(numbered(1_100), numbered(100), occurred_at=NOON + DAY))
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 3
    then = loyalty.ask(ShowDiscount(CLARA, as_of=NOON + 3 * HOUR))
    assert (then.discount_percent, then.referrals.qualified) == (5, 3)
    assert loyalty.ask(ShowDiscount(CLARA, as_of=NOON + HOUR)).discount_percent == 0
    with pytest.raises(Invalid, match="as_of_in_future"):
        loyalty.ask(ShowDiscount(CLARA, as_of=NOON.replace(year=2190)))


def test_each_reader_has_a_rendering_of_their_own(loyalty: Harness) -> None:
    loyalty.deliver(*brought(2), registered(numbered(150), CLARA))
    desk = loyalty.ask(ExplainDiscount(CLARA), anna("loyalty.read"))
    assert (desk.view, desk.percent, desk.decision) == ("administrator", 3, "discount")
    assert people_in(desk.reason) == {numbered(100), numbered(101), numbered(150)}
    hers = loyalty.ask(ExplainDiscount(CLARA), HERSELF)
    assert hers.view == "client"
    assert people_in(hers.reason) == set()
    assert not any(str(numbered(100)) in text for text in sentences(hers.reason))
    assert any("2 people you brought came and paid: 3 %" in text for text in sentences(hers.reason))
    audit = loyalty.ask(ExplainDiscount(CLARA, view="auditor"), OWNER)
    assert audit.programme_version == 1
    assert len(sentences(audit.reason)) > len(sentences(desk.reason))


def test_whose_right_it_is_not_reads_no_more(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA, home_branch_id=HERE), registered(numbered(1)))
    for view, caller in (("administrator", HERSELF), ("auditor", HERSELF), ("auditor", anna("loyalty.read"))):
        with pytest.raises(Forbidden):
            loyalty.ask(ExplainDiscount(CLARA, view=view), caller)
    for caller, client_id in ((boris("loyalty.read"), CLARA), (HERSELF, numbered(1))):
        with pytest.raises(NotFound, match="client_not_found"):
            loyalty.ask(ExplainDiscount(client_id), caller)
        with pytest.raises(NotFound, match="client_not_found"):
            loyalty.ask(ListPastDiscounts(client_id), caller)
    auditor = anna("loyalty.read", "loyalty_audit.read")
    assert loyalty.ask(ExplainDiscount(CLARA, view="auditor"), auditor).view == "auditor"


def test_the_past_is_told_by_its_changes(loyalty: Harness) -> None:
    loyalty.deliver(*brought(3))
    loyalty.deliver(
        PersonalDiscountChanged(CLARA, 2, Decimal(10), NOON + 5 * HOUR, NOON + 9 * HOUR, NOON + 4 * HOUR),
        refunded(numbered(1_100), numbered(100), occurred_at=NOON + DAY),
    )
    past = loyalty.ask(ListPastDiscounts(CLARA)).items
    assert [(each.since - NOON, each.percent) for each in past] == [
        (DAY, 3),
        (9 * HOUR, 5),
        (5 * HOUR, 10),
        (2 * HOUR, 5),
    ]
    first = loyalty.ask(ListPastDiscounts(CLARA, limit=3))
    assert loyalty.ask(ListPastDiscounts(CLARA, limit=3, cursor=first.next)).items == past[3:]


def quoted(loyalty: Harness, client_id: Any = CLARA, *prices: int, **changes: Any) -> Any:
    lines = tuple(
        AskedLine(numbered(place), HAIRCUT, price, "hair") for place, price in enumerate(prices or (100_000,))
    )
    request = QuoteVisit(client_id, HERE, NOON.date(), "RUB", lines)
    return loyalty.ask(replace(request, **changes), BOOKING)


def test_a_visit_is_quoted_line_by_line_and_the_lines_add_up(loyalty: Harness) -> None:
    loyalty.deliver(*brought(3))
    quote = quoted(loyalty, CLARA, 33_333, 33_333, 33_335)
    assert (quote.discount, quote.percent, quote.decision, quote.programme_version) == (5_000, 5, "discount", 1)
    assert sum(each.discount for each in quote.lines) == 5_000
    (part,) = quote.parts
    assert (part.rule, part.amount) == ("referrals", 5_000)
    assert part.text == "3 people you brought came and paid: 5 %"


def test_of_somebody_unknown_nothing_is_quoted(loyalty: Harness) -> None:
    quote = quoted(loyalty, numbered(5), codes=("SPRING",))
    assert (quote.discount, quote.percent, quote.decision, quote.parts) == (0, 0, "nothing", ())
    assert quote.refused_codes == ("SPRING",)
    with pytest.raises(Forbidden):
        loyalty.ask(QuoteVisit(CLARA, HERE, NOON.date(), "RUB", ()), OWNER)


def test_a_visit_is_given_what_was_known_of_its_time(loyalty: Harness) -> None:
    """Not what came later, but what is heard later of before."""
    facts = brought(3)
    loyalty.deliver(*facts[:-1], visit_of(CLARA, 50, 3))
    explained = loyalty.ask(ExplainVisit(numbered(50)))
    assert (explained.given, explained.applied) == (Money(3_000, "RUB"), Money(0, "RUB"))
    loyalty.deliver(registered(numbered(200), CLARA), visit_of(numbered(200), 1_200, 5))
    assert loyalty.ask(ExplainVisit(numbered(50))).given.amount == 3_000
    loyalty.deliver(facts[-1])
    explained = loyalty.ask(ExplainVisit(numbered(50)))
    assert explained.given.amount == 5_000
    assert any("3 people you brought came and paid: 5 %" in text for text in sentences(explained.why.reason))
    loyalty.deliver(changed(numbered(100), 2, None, occurred_at=NOON + 2 * DAY))
    assert loyalty.ask(ExplainVisit(numbered(50))).given.amount == 3_000


def test_visits_are_told_to_those_who_may_see_them(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA, home_branch_id=HERE), visit_of(CLARA, 50, 3))
    assert loyalty.ask(ExplainVisit(numbered(50)), HERSELF).why.view == "client"
    for caller in (boris("loyalty.read"), replace(HERSELF, client_id=numbered(1))):
        with pytest.raises(NotFound, match="visit_not_found"):
            loyalty.ask(ExplainVisit(numbered(50)), caller)
    with pytest.raises(NotFound, match="visit_not_found"):
        loyalty.ask(ExplainVisit(numbered(51)))
    loyalty.deliver(erased(CLARA))
    with pytest.raises(NotFound, match="visit_not_found"):
        loyalty.ask(ExplainVisit(numbered(50)))


def test_where_booking_took_off_something_else_is_listed_with_the_reason(loyalty: Harness) -> None:
    loyalty.deliver(*brought(3))
    told = [("loyalty", 5_000), ("promise", 7_000), ("copy", 3_000), ("loyalty", 3_000), (None, 0)]
    for place, (source, off) in enumerate(told):
        applied = AppliedDiscount(source) if source else None
        bill = line(100_000 - off, discount=off)
        loyalty.deliver(visit_of(CLARA, 50 + place, 3 + place, bill, applied=applied))
    days = {"from_": NOON.date(), "to": (NOON + 30 * DAY).date()}
    listed = loyalty.ask(ListDifferences(**days)).items
    assert [(each.appointment_id.int, each.reason) for each in listed] == [
        (51, "older_promise"),
        (52, "loyalty_away"),
        (53, "late_facts"),
        (54, "recorded"),
    ]
    assert (listed[0].given, listed[0].applied) == (Money(5_000, "RUB"), Money(7_000, "RUB"))
    first = loyalty.ask(ListDifferences(**days, limit=3))
    assert loyalty.ask(ListDifferences(**days, limit=3, cursor=first.next)).items == listed[3:]
    assert loyalty.ask(ListDifferences(**days), boris("loyalty_differences.read")).items == ()
    with pytest.raises(NotFound, match="branch_not_found"):
        loyalty.ask(ListDifferences(**days, branch_id=HERE), boris("loyalty_differences.read"))
    assert loyalty.ask(ListDifferences(**days, branch_id=ELSEWHERE)).items == ()
    for wrong in (
        {"from_": days["to"], "to": days["from_"]},
        {"from_": days["from_"].replace(year=2020), "to": days["to"]},
    ):
        with pytest.raises(Invalid):
            loyalty.ask(ListDifferences(**wrong))


def test_a_difference_belongs_to_the_day_of_the_visit_in_its_branch(loyalty: Harness) -> None:
    """Where it is tomorrow already it is tomorrow's, whatever day it is in Greenwich."""
    loyalty.deliver(registered(CLARA), visit_of(CLARA, 50, 0))
    in_the_east = {"starts": NOON + 3 * DAY, "occurred_at": NOON + 3 * DAY, "applied": AppliedDiscount("copy")}
    loyalty.deliver(visit_of(CLARA, 51, 4, line(99_000, discount=1_000), **in_the_east))
    listed = [
        [each.appointment_id.int for each in loyalty.ask(ListDifferences(day, day)).items]
        for day in ((NOON + 3 * DAY).date(), (NOON + 4 * DAY).date())
    ]
    assert listed == [[], [51]]
