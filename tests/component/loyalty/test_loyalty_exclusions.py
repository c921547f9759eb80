"""Exclusions: who is left out gets nothing, is not told of it by chance, and every entry stays."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from contracts.loyalty import (
    DiscountChanged,
    ExcludeClient,
    Exclusions,
    ExplainDiscount,
    ListPastDiscounts,
    QuoteVisit,
    ShowDiscount,
    ShowExclusions,
    TakeClientIn,
)
from kernel.errors import Forbidden, Gone, Invalid, NotFound, Stale
from kernel.time import utc_now
from services.loyalty.queries.exclusions import exclusion_facts
from services.loyalty.tables import exclusions
from tests.builders import CLARA, HERE, OWNER, a_service, a_user, anna, boris
from tests.facts import NOON, completed, erased, merged, numbered, registered
from tests.harness import Harness

RUDE = "was rude to Irina, who cried"
RIGHTS = ("loyalty.exclude", "loyalty_exclusions.read", "loyalty.read")
BOOKING = a_service("booking")
QUOTE = QuoteVisit(CLARA, HERE, NOON.date(), "RUB", ())


@pytest.fixture
def loyalty(start) -> Harness:
    """Clara brought somebody, and has 3 per cent by that."""
    harness = start("loyalty")
    harness.deliver(registered(CLARA, home_branch_id=HERE), registered(numbered(100), CLARA))
    harness.deliver(completed(numbered(200), numbered(100)))
    return harness


def version(loyalty: Harness) -> int:
    return int(loyalty.ask(ShowExclusions(CLARA)).version)


def exclude(loyalty: Harness, rule: str | None = None, caller: Any = OWNER) -> Exclusions:
    return loyalty.ask(ExcludeClient(CLARA, version(loyalty), RUDE, rule), caller)


def take_in(loyalty: Harness, rule: str | None = None, caller: Any = OWNER) -> Exclusions:
    return loyalty.ask(TakeClientIn(CLARA, version(loyalty), rule), caller)


def percents(loyalty: Harness) -> list[int]:
    return [int(each.percent) for each in loyalty.announced(DiscountChanged)]


def test_who_is_left_out_gets_nothing_and_gets_it_back(loyalty: Harness) -> None:
    (entry,) = exclude(loyalty).excluded
    assert (entry.rule, entry.reason, entry.by, entry.excluded) == (None, RUDE, OWNER.id, True)
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 0
    assert loyalty.ask(QUOTE, BOOKING).percent == 0
    after = take_in(loyalty)
    assert (after.excluded, [each.excluded for each in after.history]) == ((), [False, True])
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 3
    assert percents(loyalty) == [3, 0, 3]


def test_one_may_be_left_out_of_one_rule(loyalty: Harness) -> None:
    assert [each.rule for each in exclude(loyalty, "personal").excluded] == ["personal"]
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 3
    assert {each.rule for each in exclude(loyalty, "referrals").excluded} == {"personal", "referrals"}
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 0
    assert [each.rule for each in take_in(loyalty, "referrals").excluded] == ["personal"]
    assert exclude(loyalty, "promotions").excluded[0].rule == "promotions"
    with pytest.raises(Invalid, match="rule_unknown"):
        exclude(loyalty, "lottery")
    with pytest.raises(NotFound, match="exclusion_not_found"):
        take_in(loyalty)


def test_of_two_who_decide_the_second_is_told(loyalty: Harness) -> None:
    assert exclude(loyalty).version == 2
    for request in (ExcludeClient(CLARA, 1, RUDE), TakeClientIn(CLARA, 1), TakeClientIn(CLARA, 3)):
        with pytest.raises(Stale, match="version_stale"):
            loyalty.ask(request)
    assert take_in(loyalty).version == 3


def test_why_somebody_is_left_out_is_said(loyalty: Harness) -> None:
    with pytest.raises(Invalid, match="text_blank"):
        loyalty.ask(ExcludeClient(CLARA, version(loyalty), "  "))


def test_clients_do_not_read_of_it(loyalty: Harness) -> None:
    """It is between the salon and its own: neither in the discount, nor in what it was."""
    exclude(loyalty)
    herself = a_user("loyalty.read.own", client_id=CLARA)
    assert "left out" in loyalty.ask(ShowDiscount(CLARA)).lines[0].text
    assert loyalty.ask(ShowDiscount(CLARA), herself).lines == ()
    assert loyalty.ask(ListPastDiscounts(CLARA), herself).items[0].lines == ()


def test_what_was_true_before_stays_true(loyalty: Harness) -> None:
    before = utc_now()
    exclude(loyalty)
    assert loyalty.ask(ShowDiscount(CLARA, as_of=before)).discount_percent == 3
    assert loyalty.ask(ShowDiscount(CLARA)).discount_percent == 0


def test_reasons_are_sealed_and_never_told_besides(loyalty: Harness) -> None:
    exclude(loyalty)
    with loyalty.session() as session:
        stored = session.scalars(select(exclusions.c.reason)).one()
        assert [each.reason for each in exclusion_facts(session, [CLARA])] == [None]
    assert b"Irina" not in stored
    for view in ("administrator", "auditor"):
        told = loyalty.ask(ExplainDiscount(CLARA, view=view))
        assert "Irina" not in repr(told)
        assert "left out" in repr(told)


def test_after_an_erasure_nobody_reads_the_reason(loyalty: Harness) -> None:
    exclude(loyalty)
    loyalty.deliver(erased(CLARA))
    with pytest.raises(Gone, match="client_erased"):
        loyalty.ask(ShowExclusions(CLARA))
    with loyalty.session() as session:
        assert session.scalars(select(exclusions.c.reason)).all() == [None]


def test_what_was_said_of_a_merged_card_is_said_of_the_other(loyalty: Harness) -> None:
    kept = numbered(300)
    loyalty.deliver(registered(kept))
    exclude(loyalty)
    loyalty.deliver(merged(kept, CLARA))
    (entry,) = loyalty.ask(ShowExclusions(kept)).excluded
    assert entry.reason == RUDE
    assert loyalty.ask(ShowDiscount(kept)).discount_percent == 0
    with pytest.raises(Gone, match="merged"):
        loyalty.ask(ShowExclusions(CLARA))


def test_who_may(loyalty: Harness) -> None:
    assert exclude(loyalty, caller=anna(*RIGHTS)).excluded
    with pytest.raises(NotFound, match="client_not_found"):
        exclude(loyalty, caller=boris(*RIGHTS))
    with pytest.raises(NotFound, match="client_not_found"):
        take_in(loyalty, caller=boris(*RIGHTS))
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(ShowExclusions(CLARA), boris(*RIGHTS))
    for caller in (anna("loyalty.read"), a_user("loyalty.read.own", client_id=CLARA)):
        with pytest.raises(Forbidden):
            exclude(loyalty, caller=caller)
        with pytest.raises(Forbidden):
            loyalty.ask(ShowExclusions(CLARA), caller)
    assert loyalty.ask(ShowExclusions(CLARA), replace(anna(*RIGHTS), everywhere=True)).excluded
