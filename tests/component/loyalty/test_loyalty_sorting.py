"""Whom rules put into categories: told to clients when it is something else, and explained to the desk."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from contracts.loyalty import ClientSorted, ClientSorting, PublishProgramme, ShowSorting
from contracts.message import FINANCE
from kernel.errors import Forbidden, Gone, NotFound
from kernel.money import Money
from services.loyalty.tables import derived
from services.loyalty.usecases.sorting import sort_due
from tests.builders import CLARA, ELSEWHERE, HERE, a_user, anna, boris
from tests.facts import NOON, changed, completed, erased, line, merged, numbered, refunded, registered
from tests.harness import Harness

REGULARS, LOST, BRIDES = numbered(0x701), numbered(0x702), numbered(0x703)
TIERS = ({"people": 1, "percent": 3},)
REGULAR = {"category_id": str(REGULARS), "min_visits": 2}


@pytest.fixture
def loyalty(start: Callable[..., Harness]) -> Harness:
    return start("loyalty")


def publish(loyalty: Harness, *sorting: dict[str, Any], version: int = 1) -> None:
    loyalty.ask(PublishProgramme(version=version, tiers=TIERS, sorting=sorting))


def come(loyalty: Harness, number: int, days: int = 0, client_id: UUID = CLARA, due: int = 100_000) -> None:
    """A visit, so many days after the one in March."""
    day = NOON.date() + timedelta(days=days)
    loyalty.deliver(completed(numbered(number), client_id, line(due), local_date=day))


def told(loyalty: Harness, client_id: UUID = CLARA) -> list[tuple[int, tuple[UUID, ...], str | None]]:
    loyalty.tick()
    events = [one for one in loyalty.announced(ClientSorted) if one.client_id == client_id]
    return [(one.version, one.category_ids, one.importance) for one in events]


def as_time_goes_by(loyalty: Harness, now: datetime) -> None:
    with loyalty.session() as session:
        while sort_due(session, now):
            pass
        loyalty.dispatcher.commit(session)


def test_a_rule_gives_and_takes_with_the_facts(loyalty: Harness) -> None:
    """Once each, with the reason; a refund takes it back."""
    publish(loyalty, REGULAR, {"importance": "silver", "min_spend": 250_000})
    loyalty.deliver(registered(CLARA))
    come(loyalty, 1)
    assert told(loyalty) == []
    come(loyalty, 2, 10, due=150_000)
    come(loyalty, 2, 10, due=150_000)
    loyalty.tick()
    (event,) = loyalty.announced(ClientSorted)
    assert (event.category_ids, event.reasons) == ((REGULARS,), ("2 or more visits",))
    assert (event.importance, event.importance_reason) == ("silver", "2500.00 RUB or more spent")
    loyalty.deliver(refunded(numbered(1), CLARA))
    assert told(loyalty) == [(1, (REGULARS,), "silver"), (2, (), None)]


def test_what_clients_tells_back_of_the_card_moves_nothing(loyalty: Harness) -> None:
    """The two never chase each other."""
    publish(loyalty, REGULAR)
    loyalty.deliver(registered(CLARA))
    come(loyalty, 1)
    come(loyalty, 2, 10)
    for version in range(2, 5):
        loyalty.deliver(changed(CLARA, version, category_ids=(REGULARS,), importance="gold"))
    assert told(loyalty) == [(1, (REGULARS,), None)]


def test_in_whatever_order_facts_arrive(loyalty: Harness) -> None:
    """What is told last is the same."""
    publish(loyalty, REGULAR)
    come(loyalty, 2, 10)
    come(loyalty, 1)
    loyalty.deliver(registered(CLARA))
    assert told(loyalty)[-1] == (1, (REGULARS,), None)


def test_other_rules_sort_anew(loyalty: Harness) -> None:
    """A programme that sorts no longer takes back what the one before gave; that needs no new fact."""
    loyalty.deliver(registered(CLARA))
    come(loyalty, 1)
    come(loyalty, 2, 10)
    publish(loyalty, REGULAR)
    assert len(told(loyalty)) == 1
    publish(loyalty, {"category_id": str(BRIDES), "min_visits": 2}, version=2)
    assert len(told(loyalty)) == 2
    publish(loyalty, version=3)
    assert told(loyalty) == [(1, (REGULARS,), None), (2, (BRIDES,), None), (3, (), None)]


def test_time_alone_moves_those_who_stay_away(loyalty: Harness) -> None:
    """To the day, once, and back with the next visit; whoever left a period leaves the category."""
    now = datetime.now(NOON.tzinfo)
    day = (now - timedelta(days=10)).date()
    publish(
        loyalty,
        {"category_id": str(LOST), "absent_days": 30},
        {"category_id": str(REGULARS), "min_visits": 1, "period_days": 20},
    )
    loyalty.deliver(registered(CLARA), completed(numbered(1), CLARA, local_date=day))
    assert told(loyalty) == [(1, (REGULARS,), None)]
    as_time_goes_by(loyalty, now + timedelta(days=9))
    assert len(told(loyalty)) == 1
    as_time_goes_by(loyalty, now + timedelta(days=11))
    assert told(loyalty)[1:] == [(2, (), None)]
    as_time_goes_by(loyalty, now + timedelta(days=21))
    as_time_goes_by(loyalty, now + timedelta(days=40))
    assert told(loyalty)[2:] == [(3, (LOST,), None)]
    come(loyalty, 2, (now.date() - NOON.date()).days)
    assert told(loyalty)[3:] == [(4, (REGULARS,), None)]


def test_a_rebuild_tells_nothing_anew(loyalty: Harness) -> None:
    """Nobody loses for a while what they have: what somebody took off by hand would come back with it."""
    publish(loyalty, REGULAR)
    loyalty.deliver(registered(CLARA))
    come(loyalty, 1)
    come(loyalty, 2, 10)
    assert len(told(loyalty)) == 1
    loyalty.dispatcher.inbox.empty([table.name for table in derived])
    loyalty.deliver(registered(CLARA))
    come(loyalty, 1)
    come(loyalty, 2, 10)
    assert len(told(loyalty)) == 1


def test_of_the_erased_nothing_is_kept_or_told(loyalty: Harness) -> None:
    publish(loyalty, REGULAR)
    loyalty.deliver(registered(CLARA))
    come(loyalty, 1)
    come(loyalty, 2, 10)
    assert len(told(loyalty)) == 1
    loyalty.deliver(erased(CLARA))
    come(loyalty, 3, 20)
    assert len(told(loyalty)) == 1
    with loyalty.session() as session:
        assert session.scalar(text("SELECT count(*) FROM sortings")) == 0


def test_a_merged_card_is_sorted_as_one_person(loyalty: Harness) -> None:
    """By the visits of both; of the card that is gone nothing is told any more."""
    publish(loyalty, REGULAR, {"importance": "bronze", "min_visits": 1})
    other = numbered(77)
    loyalty.deliver(registered(CLARA), registered(other))
    come(loyalty, 1)
    come(loyalty, 2, 10, client_id=other)
    loyalty.tick()
    loyalty.deliver(merged(CLARA, other))
    assert told(loyalty) == [(1, (), "bronze"), (2, (REGULARS,), "bronze")]
    assert told(loyalty, other) == [(1, (), "bronze")]


def test_why_is_told_rule_by_rule(loyalty: Harness) -> None:
    """With what was found; money only to those who see it."""
    publish(
        loyalty,
        REGULAR,
        {"importance": "gold", "min_people": 1, "min_spend": 50_000, "period_days": 36_500},
        {"category_id": str(LOST), "absent_days": 30},
    )
    loyalty.deliver(registered(CLARA, home_branch_id=HERE))
    come(loyalty, 1)
    desk = anna("loyalty.read")
    sorting: ClientSorting = loyalty.ask(ShowSorting(CLARA), anna("loyalty.read", marks=frozenset({FINANCE})))
    assert (sorting.category_ids, sorting.importance, sorting.programme_version) == ((LOST,), None, 2)
    regular, gold, lost = sorting.rules
    assert (regular.holds, regular.checks[0].wanted, regular.checks[0].found) == (False, "2", "1")
    spend, people = gold.checks
    assert (spend.holds, spend.spent, people.holds, people.found) == (True, Money(100_000, "RUB"), False, "0")
    assert (lost.category_id, lost.holds, lost.reason) == (LOST, True, "no visit for 30 days or more")
    assert loyalty.ask(ShowSorting(CLARA), desk).rules[1].checks[0].spent is None


def test_only_those_who_may_see_the_client(loyalty: Harness) -> None:
    """Boris may not, nor may the client themselves."""
    loyalty.deliver(registered(CLARA, home_branch_id=HERE))
    clara = a_user("loyalty.read.own", client_id=CLARA)
    for caller, refusal in (
        (anna(), Forbidden),
        (boris("loyalty.read"), NotFound),
        (anna("loyalty.read", branch_ids=frozenset({ELSEWHERE})), NotFound),
        (clara, Forbidden),
    ):
        with pytest.raises(refusal):
            loyalty.ask(ShowSorting(CLARA), caller)
    loyalty.deliver(erased(CLARA))
    with pytest.raises(Gone):
        loyalty.ask(ShowSorting(CLARA), anna("loyalty.read"))
