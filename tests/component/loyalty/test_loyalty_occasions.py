"""Birthdays, holidays and labels of cards, as clients tells of them, in what a visit gets."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.clients import OccasionClosed, OccasionOpened
from contracts.loyalty import AskedLine, PublishProgramme, QuoteVisit, VisitQuote
from tests.builders import CLARA, ELSEWHERE, HERE, a_service
from tests.facts import HAIRCUT, changed, completed, line, numbered, registered
from tests.harness import Harness

BOOKING = a_service("booking")
BRIDES = numbered(0x701)
NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def loyalty(start: Callable[..., Harness]) -> Harness:
    return start("loyalty")


def publish(loyalty: Harness, rule: dict[str, Any]) -> None:
    loyalty.ask(PublishProgramme(version=1, rules=({"name": "the rule", "reward": {"percent": 10}, **rule},)))


def quote(loyalty: Harness, day: date = TODAY, branch_id: UUID = HERE, client_id: UUID = CLARA) -> VisitQuote:
    lines = (AskedLine(numbered(1), HAIRCUT, 100_000, "hair"),)
    asked: VisitQuote = loyalty.ask(QuoteVisit(client_id, branch_id, day, "RUB", lines), BOOKING)
    return asked


def occasion(kind: type[Any], days: int, what: str = "birthday") -> Any:
    return kind(CLARA, what, TODAY.year, NOW + timedelta(days=days))


def come(loyalty: Harness, number: int, branch_id: UUID = HERE) -> None:
    at = datetime.now(UTC)
    times = {"local_date": at.date(), "occurred_at": at, "starts": at - timedelta(hours=1), "ends": at}
    loyalty.deliver(completed(numbered(number), CLARA, line(), branch_id=branch_id, **times))


def test_a_birthday_is_worth_something_while_it_is_near(loyalty: Harness) -> None:
    """In every branch; neither before nor afterwards, nor on the anniversary of the first visit."""
    loyalty.deliver(registered(CLARA))
    publish(loyalty, {"kind": "birthday"})
    assert quote(loyalty).discount == 0
    loyalty.deliver(occasion(OccasionOpened, -3, "anniversary"))
    assert quote(loyalty).discount == 0
    loyalty.deliver(occasion(OccasionOpened, -2))
    assert [quote(loyalty, branch_id=branch).discount for branch in (HERE, ELSEWHERE)] == [10_000, 10_000]
    loyalty.deliver(occasion(OccasionClosed, -1))
    assert quote(loyalty).discount == 0


def test_once_a_year_in_all_branches_together(loyalty: Harness) -> None:
    """The first visit has it, wherever that was."""
    loyalty.deliver(registered(CLARA))
    publish(loyalty, {"kind": "birthday"})
    loyalty.deliver(occasion(OccasionOpened, -2))
    come(loyalty, 1, branch_id=ELSEWHERE)
    assert quote(loyalty, branch_id=HERE).discount == 0


def test_in_whatever_order_it_is_told(loyalty: Harness) -> None:
    """The end before the beginning, both twice, and before the card was heard of."""
    publish(loyalty, {"kind": "birthday"})
    over, near = occasion(OccasionClosed, -1), occasion(OccasionOpened, -2)
    loyalty.deliver(over, near, registered(CLARA), near, over)
    assert quote(loyalty).discount == 0


def test_a_holiday_goes_by_the_day_of_the_branch(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA))
    publish(loyalty, {"kind": "holiday", "days": ["03-08"], "days_before": 1})
    year = TODAY.year + 1
    found = {day: quote(loyalty, date(year, 3, day)).discount for day in (6, 7, 8, 9)}
    assert found == {6: 0, 7: 10_000, 8: 10_000, 9: 0}


@pytest.mark.parametrize("asked", [{"category_ids": [str(BRIDES)]}, {"importance": ["gold"]}])
def test_labels_of_the_card_count_as_it_says_now(loyalty: Harness, asked: dict[str, Any]) -> None:
    loyalty.deliver(registered(CLARA))
    publish(loyalty, {"kind": "segment", **asked})
    assert quote(loyalty).discount == 0
    loyalty.deliver(changed(CLARA, 2, category_ids=(BRIDES,), importance="gold"))
    assert (quote(loyalty).discount, quote(loyalty).percent) == (10_000, Decimal(10))
    loyalty.deliver(changed(CLARA, 3))
    assert quote(loyalty).discount == 0
