"""A client's own discount: the better one counts, in force by the time asked, whatever came first."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from chassis.database import new_id
from contracts.clients import PersonalDiscountChanged
from contracts.loyalty import DiscountChanged, QuoteVisit, ShowDiscount
from kernel.time import utc_now
from services.loyalty import usecases
from services.loyalty.queries import discounts as queries
from services.loyalty.tables import personal_discounts
from tests.builders import CLARA, HERE, a_service
from tests.facts import NOON, completed, erased, numbered, registered
from tests.harness import Harness

BOOKING = a_service("booking")
QUOTE = QuoteVisit(CLARA, HERE, NOON.date(), "RUB", ())
HOUR = timedelta(hours=1)


def own(percent: int | None, version: int = 2, client_id: UUID = CLARA, **changes: Any) -> PersonalDiscountChanged:
    words = {"valid_from": None if percent is None else NOON, "valid_until": None, "occurred_at": NOON + HOUR}
    said = None if percent is None else Decimal(percent)
    return PersonalDiscountChanged(client_id, version, said, **(words | changes))


@pytest.fixture
def loyalty(start) -> Harness:
    return start("loyalty")


def brought(count: int) -> list[Any]:
    """`count` people whom Clara brought, each with a visit."""
    people = [numbered(100 + place) for place in range(count)]
    visits = [completed(numbered(each.int + 1_000), each) for each in people]
    return [registered(CLARA), *(registered(each, CLARA) for each in people), *visits]


def quoted(loyalty: Harness, now: datetime, client_id: UUID = CLARA) -> Any:
    with loyalty.session() as session:
        return queries.quote_visit(session, replace(QUOTE, client_id=client_id), now)


def told(loyalty: Harness) -> list[tuple[int, Decimal]]:
    return [(each.version, each.percent) for each in loyalty.announced(DiscountChanged)]


def test_the_better_of_the_two_counts_and_both_are_named(loyalty: Harness) -> None:
    loyalty.deliver(*brought(3), own(10))
    shown = loyalty.ask(ShowDiscount(CLARA))
    assert [(line.rule, line.percent) for line in shown.lines] == [("referrals", 0), ("personal", 10)]
    assert [line.text for line in shown.lines] == [
        "3 people you brought came and paid: 5 %; the personal discount is more",
        "personal discount: 10 %",
    ]
    assert (shown.discount_percent, shown.version) == (10, 3)
    assert loyalty.ask(QUOTE, BOOKING).percent == 10
    loyalty.deliver(own(4, 3))
    shown = loyalty.ask(ShowDiscount(CLARA))
    assert [(line.rule, line.percent) for line in shown.lines] == [("referrals", 5), ("personal", 0)]
    assert shown.lines[1].text == "personal discount: 4 %; the programme gives as much or more"
    assert (shown.discount_percent, loyalty.ask(QUOTE, BOOKING).percent) == (5, 5)
    assert told(loyalty) == [(1, 3), (2, 5), (3, 10), (4, 5)]


def test_a_discount_of_somebody_who_brought_nobody(loyalty: Harness) -> None:
    loyalty.deliver(own(7))
    assert loyalty.ask(QUOTE, BOOKING).percent == 7
    loyalty.deliver(registered(CLARA))
    shown = loyalty.ask(ShowDiscount(CLARA))
    assert (shown.discount_percent, shown.referrals.direct, shown.as_of) == (7, 0, NOON + HOUR)
    loyalty.deliver(own(None, 3, occurred_at=NOON + 2 * HOUR))
    shown = loyalty.ask(ShowDiscount(CLARA))
    assert (shown.discount_percent, shown.lines, shown.as_of) == (0, (), NOON + 2 * HOUR)
    assert told(loyalty) == [(1, 7), (2, 0)]


def test_bounds_open_and_close_by_time_alone(loyalty: Harness) -> None:
    """The beginning is included, the end is not; each is a fact that the percentage rests on."""
    begins, ends = NOON + 2 * HOUR, NOON + 4 * HOUR
    loyalty.deliver(own(10, valid_from=begins, valid_until=ends))
    tick = timedelta(microseconds=1)
    seen = [(begins - tick, 0, NOON + HOUR), (begins, 10, begins), (ends - tick, 10, begins), (ends, 0, ends)]
    for now, percent, as_of in seen:
        quote = quoted(loyalty, now)
        assert (quote.percent, quote.as_of) == (percent, as_of)


def test_others_are_told_when_a_bound_has_passed(loyalty: Harness) -> None:
    """Once each; booking's copy is as true as that."""
    now = utc_now()
    loyalty.deliver(own(10, valid_from=now + HOUR, valid_until=now + 2 * HOUR))
    loyalty.tick()
    assert told(loyalty) == []
    for later in (HOUR, HOUR, 2 * HOUR, 3 * HOUR):
        with loyalty.session() as session:
            usecases.tell_of_bounds(session, now + later)
            session.commit()
    assert told(loyalty) == [(1, 10), (2, 0)]


def test_nothing_is_kept_of_an_erased_person_whichever_comes_first(loyalty: Harness) -> None:
    dora = numbered(50)
    loyalty.deliver(registered(CLARA), own(10), erased(CLARA), erased(dora), own(10, client_id=dora), own(20, 3))
    with loyalty.session() as session:
        assert session.execute(select(personal_discounts)).all() == []
    assert quoted(loyalty, utc_now()).percent == quoted(loyalty, utc_now(), dora).percent == 0


RULES = st.lists(
    st.tuples(st.none() | st.integers(1, 100), st.integers(0, 6), st.none() | st.integers(1, 6)), min_size=1, max_size=5
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(rules=RULES, people=st.integers(0, 5), data=st.data())
def test_order_and_repetition_do_not_matter(loyalty: Harness, rules: list[Any], people: int, data: Any) -> None:
    """Once all is known the answer is at every moment the better of the newest rule and what the programme gives."""
    client_id, *friends = (new_id() for _ in range(people + 1))
    said: list[Any] = [registered(each, client_id) for each in friends]
    said += [completed(new_id(), each) for each in friends]
    for version, (percent, begins, length) in enumerate(rules, 2):
        start, end = NOON + begins * HOUR, None if length is None else NOON + (begins + length) * HOUR
        validity = {} if percent is None else {"valid_from": start, "valid_until": end}
        said.append(own(percent, version, client_id, **validity))
    again = data.draw(st.lists(st.sampled_from(said), max_size=6))
    for event in data.draw(st.permutations(said + again)):
        loyalty.deliver(event)
    percent, begins, length = rules[-1]
    programme = {0: 0, 1: 3, 2: 3, 3: 5, 4: 5, 5: 7}[people]
    for hour in range(3, 14):
        in_force = percent is not None and begins <= hour and (length is None or hour < begins + length)
        assert quoted(loyalty, NOON + hour * HOUR, client_id).percent == max(programme, percent if in_force else 0)
