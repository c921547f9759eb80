"""What loyalty tells clients for the export of a person."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from contracts.analytics import SegmentMembersChanged
from contracts.clients import ClientsMerged, PersonalDiscountChanged
from contracts.loyalty import ExportFromLoyalty, ShowDiscount
from kernel.errors import Forbidden
from tests.builders import CLARA, HERE, OWNER, a_service
from tests.facts import NOON, completed, erased, numbered, registered
from tests.harness import Harness

CLIENTS = a_service("clients")
OLGA, BORIS, VERA = (numbered(number) for number in (21, 22, 23))


@pytest.fixture
def loyalty(start: Callable[..., Harness]) -> Harness:
    return start("loyalty")


def test_the_graph_the_visits_and_the_discount_with_its_reasons_are_told(loyalty: Harness) -> None:
    loyalty.deliver(registered(OLGA), registered(CLARA, OLGA), registered(BORIS, CLARA), registered(VERA, BORIS))
    loyalty.deliver(completed(numbered(1), CLARA), completed(numbered(2), BORIS))
    held = loyalty.ask(ExportFromLoyalty(CLARA), CLIENTS)
    assert (held.referrer_id, held.referrer_refused) == (OLGA, None)
    assert [one.referrer_id for one in held.claims] == [OLGA]
    assert [one.client_id for one in held.brought] == [BORIS]
    assert [(one.appointment_id, one.qualifies, one.branch_id) for one in held.visits] == [(numbered(1), True, HERE)]
    assert held.visits[0].revenue is not None
    assert held.discount == loyalty.ask(ShowDiscount(CLARA))
    assert held.discount.lines


def test_a_card_that_became_part_of_another_and_a_discount_of_their_own_are_told(loyalty: Harness) -> None:
    loyalty.deliver(registered(CLARA), registered(BORIS))
    loyalty.deliver(ClientsMerged(CLARA, 2, BORIS, 2, NOON))
    loyalty.deliver(PersonalDiscountChanged(CLARA, 1, Decimal(7), None, None, NOON))
    held = loyalty.ask(ExportFromLoyalty(CLARA), CLIENTS)
    assert held.merged_ids == (BORIS,)
    assert (held.personal.percent, held.personal.stated_at) == (7, NOON)


def test_in_which_segments_they_were_is_told(loyalty: Harness) -> None:
    joined = SegmentMembersChanged(numbered(70), 1, (CLARA, BORIS), (), NOON)
    left = SegmentMembersChanged(numbered(70), 2, (), (CLARA,), NOON)
    loyalty.deliver(registered(CLARA), joined, left)
    held = loyalty.ask(ExportFromLoyalty(CLARA), CLIENTS)
    assert [(one.segment_id, one.member, one.at) for one in held.segments] == [
        (numbered(70), True, NOON),
        (numbered(70), False, NOON),
    ]


def test_of_somebody_unknown_or_erased_too_little_is_no_failure(loyalty: Harness) -> None:
    assert loyalty.ask(ExportFromLoyalty(CLARA), CLIENTS).discount is None
    loyalty.deliver(erased(CLARA))
    assert loyalty.ask(ExportFromLoyalty(CLARA), CLIENTS).claims == ()
    with pytest.raises(Forbidden):
        loyalty.ask(ExportFromLoyalty(CLARA), OWNER)
