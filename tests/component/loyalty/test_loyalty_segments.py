"""Analytics and loyalty together: who is in a saved segment has its discount, from the instant on until they leave."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.analytics import ChangeSegment, RemoveSegment, SavedSegment, SaveSegment
from contracts.analytics import SegmentMembersChanged as Changed
from contracts.analytics import SegmentRemoved as Removed
from contracts.loyalty import (
    AskedLine,
    CreatePromotion,
    DiscountChanged,
    ExplainDiscount,
    ListPastDiscounts,
    PublishProgramme,
    QuoteVisit,
    Reason,
    ShowDiscount,
    ShowSimulation,
    SimulateProgramme,
)
from kernel.time import utc_now
from tests.builders import CLARA, HERE, a_service, a_user
from tests.facts import HAIRCUT, completed, erased, merged, numbered, registered
from tests.harness import Harness

BOOKING = a_service("booking")
HERSELF = a_user("loyalty.read.own", client_id=CLARA)
ANOTHER = numbered(2)
REGULARS = {"field": "visits", "at_least": 2}
NOBODY = {"field": "visits", "at_least": 1_000}


def for_members(segment_id: UUID, percent: int = 5) -> tuple[dict[str, Any], ...]:
    reward = {"percent": percent}
    return ({"kind": "segment", "name": "regulars", "segment_ids": [str(segment_id)], "reward": reward},)


class Both:
    """The two services; what is told to both reaches both, and what analytics says of segments reaches loyalty."""

    def __init__(self, start: Callable[..., Harness]) -> None:
        self.analytics, self.loyalty = start("analytics"), start("loyalty")
        self._heard = 0

    def tell(self, *events: Any) -> None:
        self.analytics.deliver(*events)
        self.loyalty.deliver(*events)
        self.settle()

    def settle(self) -> None:
        for _ in range(2):  # who is to be judged again is, and segments decide about them after that
            self.analytics.tick()
        news = self.analytics.announced(Changed, Removed)
        self.loyalty.deliver(*news[self._heard :])
        self._heard = len(news)
        self.loyalty.tick()

    def saved(self, condition: Any = REGULARS) -> SavedSegment:
        segment: SavedSegment = self.analytics.ask(SaveSegment("Regulars", condition))
        self.settle()
        return segment

    def turned(self, segment: SavedSegment, condition: Any = NOBODY) -> None:
        self.analytics.ask(ChangeSegment(segment.id, segment.version, filter=condition))
        self.settle()

    def percent(self, client_id: UUID = CLARA, as_of: datetime | None = None) -> Decimal:
        shown: Decimal = self.loyalty.ask(ShowDiscount(client_id, as_of)).discount_percent
        return shown

    def told(self) -> list[tuple[UUID, int]]:
        """Who was told of which percentage, in order."""
        return [(event.client_id, int(event.percent)) for event in self.loyalty.announced(DiscountChanged)]

    def publish(self, rules: Any, version: int = 1) -> None:
        self.loyalty.ask(PublishProgramme(version=version, rules=rules))
        self.loyalty.tick()

    def quote(self, client_id: UUID = CLARA) -> int:
        wanted = (AskedLine(numbered(1), HAIRCUT, 10_000, "hair"),)
        asked = QuoteVisit(client_id, HERE, utc_now().date(), "RUB", wanted)
        discount: int = self.loyalty.ask(asked, BOOKING).discount
        return discount


def visit(number: int, client_id: UUID, days_ago: int = 0) -> Any:
    at = utc_now() - timedelta(days=days_ago)
    said = {"local_date": at.date(), "starts": at, "ends": at + timedelta(minutes=5), "occurred_at": at}
    return completed(numbered(100 + number), client_id, **said)


def sentences(reason: Reason) -> list[str]:
    return [reason.code, *(code for child in reason.children for code in sentences(child))]


def ids_in(reason: Reason) -> set[str]:
    return {reason.params.get("id", "")} | {each for child in reason.children for each in ids_in(child)}


@pytest.fixture
def both(start: Callable[..., Harness]) -> Both:
    """Clara came twice, another client once."""
    found = Both(start)
    cards = [registered(each, registered_at=utc_now() - timedelta(days=99)) for each in (CLARA, ANOTHER)]
    found.tell(*cards, visit(1, CLARA, 40), visit(2, CLARA, 20), visit(3, ANOTHER, 20))
    return found


def test_members_have_the_discount_while_they_are_members(both: Both) -> None:
    segment = both.saved()
    both.publish(for_members(segment.id))
    assert (both.percent(), both.percent(ANOTHER), both.told()) == (5, 0, [(CLARA, 5)])
    before = utc_now()
    both.turned(segment)
    assert both.percent() == 0
    assert both.percent(as_of=before) == 5
    assert both.told() == [(CLARA, 5), (CLARA, 0)]
    past = both.loyalty.ask(ListPastDiscounts(CLARA)).items
    assert [each.percent for each in past] == [0, 5]


def test_who_comes_to_be_a_member_has_it_from_then_on(both: Both) -> None:
    both.publish(for_members(both.saved().id))
    before = utc_now()
    both.tell(visit(4, ANOTHER))
    assert (both.percent(ANOTHER), both.percent(ANOTHER, before)) == (5, 0)
    assert both.told() == [(CLARA, 5), (ANOTHER, 5)]


def test_why_names_the_segment_to_those_who_work_here(both: Both) -> None:
    segment = both.saved()
    both.publish(for_members(segment.id))
    why = both.loyalty.ask(ExplainDiscount(CLARA)).reason
    assert "segment.counted" in sentences(why)
    assert str(segment.id) in ids_in(why)
    own = both.loyalty.ask(ExplainDiscount(CLARA), HERSELF)
    assert own.percent == 5
    assert str(segment.id) not in ids_in(own.reason)


def test_a_removed_segment_has_no_members_any_more(both: Both) -> None:
    segment = both.saved()
    both.publish(for_members(segment.id))
    before = utc_now()
    both.analytics.ask(RemoveSegment(segment.id, 1))
    both.settle()
    assert (both.percent(), both.percent(as_of=before)) == (0, 5)
    assert both.told() == [(CLARA, 5), (CLARA, 0)]


def test_a_promotion_is_for_members(both: Both) -> None:
    segment = both.saved()
    said = {"name": "For regulars", "ends": utc_now() + timedelta(days=30), "percent": Decimal(20)}
    both.loyalty.ask(CreatePromotion(**said, segment_ids=(segment.id,)))
    assert (both.quote(), both.quote(ANOTHER)) == (2_000, 0)
    assert both.told() == []  # it holds on visits only, so there is nothing to tell
    both.turned(segment)
    assert both.quote() == 0


def test_a_what_if_goes_by_who_was_a_member_at_the_time(both: Both) -> None:
    """Clara comes as a member and again after she is none; the other one never is."""
    segment = both.saved()
    both.tell(visit(5, CLARA), visit(6, ANOTHER))
    both.turned(segment)
    both.tell(visit(7, CLARA))
    asked = both.loyalty.ask(SimulateProgramme(rules=for_members(segment.id, 10)))
    result = both.loyalty.ask(ShowSimulation(asked.id)).result
    assert (result.currencies[0].visits, result.currencies[0].proposed) == (6, 10_000)
    assert [(each.kind, each.visits, each.proposed) for each in result.currencies[0].by_segment][-3] == (
        "segment",
        1,
        10_000,
    )


def test_a_visit_that_is_heard_of_first_is_given_what_its_segment_gives(both: Both) -> None:
    """The message of the segment is late: the visit came after its instant."""
    segment = numbered(70)
    both.publish(for_members(segment))
    joined = utc_now()
    both.tell(visit(8, CLARA))
    assert given(both, 8) == 0
    both.loyalty.deliver(Changed(segment, 1, (CLARA,), (), joined))
    both.loyalty.tick()
    assert given(both, 8) == 5_000
    both.loyalty.deliver(Removed(segment, 2, joined))
    both.loyalty.tick()
    assert given(both, 8) == 0


def given(both: Both, number: int) -> int:
    statement = text("SELECT discount FROM grants WHERE appointment_id = :visit")
    with both.loyalty.session() as session:
        discount: int = session.scalar(statement, {"visit": numbered(100 + number)})
    return discount


def test_nothing_is_judged_for_a_segment_that_nothing_looks_at(both: Both) -> None:
    segment = both.saved()
    with both.loyalty.session() as session:
        assert session.scalar(text("SELECT count(*) FROM segment_changes")) == 1
    both.loyalty.deliver(Changed(segment.id, 9, (ANOTHER,), (CLARA,), utc_now()))
    with both.loyalty.session() as session:
        assert session.scalar(text("SELECT count(*) FROM judgements_due")) == 0


def test_a_segment_is_kept_before_a_programme_goes_by_it(both: Both) -> None:
    """The programme comes after the members, who have what it gives from its beginning on."""
    segment = both.saved()
    before = utc_now()
    both.publish(for_members(segment.id))
    assert (both.percent(), both.percent(as_of=before)) == (5, 0)


def test_two_cards_of_one_person_are_members_as_long_as_either_is(both: Both) -> None:
    segment = numbered(70)
    both.publish(for_members(segment))
    both.loyalty.deliver(Changed(segment, 1, (ANOTHER,), (), utc_now()), merged(CLARA, ANOTHER))
    both.loyalty.tick()
    assert both.percent() == 5
    both.loyalty.deliver(Changed(segment, 2, (CLARA,), (ANOTHER,), utc_now()))
    both.loyalty.tick()
    assert both.percent() == 5
    both.loyalty.deliver(Changed(segment, 3, (), (CLARA,), utc_now()))
    both.loyalty.tick()
    assert both.percent() == 0


def test_nothing_is_kept_of_an_erased_person(both: Both) -> None:
    segment = both.saved()
    both.publish(for_members(segment.id))
    both.tell(erased(CLARA))
    both.loyalty.deliver(Changed(segment.id, 9, (CLARA,), (), utc_now()))
    both.loyalty.tick()
    with both.loyalty.session() as session:
        assert session.scalar(text("SELECT count(*) FROM segment_changes")) == 0
    assert both.told()[-1] == (CLARA, 0)


def test_a_segment_that_was_never_heard_of_is_one_without_members(start: Callable[..., Harness]) -> None:
    """Analytics may come later, or never: programmes and promotions may name what it has."""
    loyalty = start("loyalty")
    loyalty.deliver(registered(CLARA))
    loyalty.ask(PublishProgramme(version=1, rules=for_members(numbered(70))))
    loyalty.tick()
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 0


def test_members_are_judged_some_at_a_time(start: Callable[..., Harness]) -> None:
    loyalty, people = start("loyalty"), tuple(numbered(1_000 + place) for place in range(250))
    loyalty.ask(PublishProgramme(version=1, rules=for_members(numbered(70))))
    loyalty.deliver(*(registered(each) for each in people))
    loyalty.tick()
    loyalty.deliver(Changed(numbered(70), 1, people, (), utc_now()))
    assert loyalty.ask(ShowDiscount(people[0])).discount_percent == 5
    assert loyalty.announced(DiscountChanged) == []
    loyalty.tick()
    assert [event.percent for event in loyalty.announced(DiscountChanged)] == [5] * 250
