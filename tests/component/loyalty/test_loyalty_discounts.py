"""Discounts by events alone: counted, taken back, explained, announced, shown to those who may see them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from chassis.migrations import differences
from chassis.outbox import bus_metadata
from contracts.loyalty import (
    DiscountChanged,
    ListPastDiscounts,
    QuoteVisit,
    ShowDiscount,
    ShowProgramme,
    ShowReferrals,
)
from kernel.errors import Forbidden, Gone, NotFound
from kernel.money import Money
from services.loyalty.domain.programme import DEFAULT_TIERS
from services.loyalty.tables import clients, loyalty_metadata
from tests.builders import CLARA, ELSEWHERE, HERE, a_service, a_user, anna, boris
from tests.facts import NOON, booked, changed, completed, erased, line, numbered, refunded, registered, retail

BOOKING = a_service("booking")
QUOTE = QuoteVisit(CLARA, HERE, NOON.date(), "RUB", ())
HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def loyalty(start):
    return start("loyalty")


def brought(count, by=CLARA, first=100):
    """`count` people whom `by` brought, and the visit of each."""
    people = [numbered(first + place) for place in range(count)]
    return [registered(each, by) for each in people], [completed(numbered(each.int + 1_000), each) for each in people]


def percent(loyalty, client_id=CLARA):
    return loyalty.ask(ShowDiscount(client_id)).discount_percent


def test_tables_are_as_the_migrations_make_them(loyalty):
    with loyalty.session() as session:
        assert differences(session.connection(), bus_metadata, loyalty_metadata) == []


def test_migration_writes_the_default_programme(loyalty):
    programme = loyalty.ask(ShowProgramme(), anna("programme.read"))
    assert programme.version == 1
    assert [(tier.people, tier.percent) for tier in programme.tiers] == [(t.people, t.percent) for t in DEFAULT_TIERS]


def test_discount_rises_from_nothing_to_three_to_five_with_reasons(loyalty):
    cards, visits = brought(3)
    loyalty.deliver(registered(CLARA), *cards)
    assert loyalty.ask(ShowDiscount(CLARA)).lines == ()
    seen = []
    for visit in visits:
        loyalty.deliver(visit)
        seen.append(loyalty.ask(ShowDiscount(CLARA)))
    assert [each.discount_percent for each in seen] == [3, 3, 5]
    assert [each.version for each in seen] == [1, 1, 2]
    assert [line.text for line in seen[2].lines] == ["3 people you brought came and paid: 5 %"]
    assert (seen[1].referrals.direct, seen[1].referrals.qualified, seen[1].points) == (3, 2, 0)
    assert seen[2].as_of == visits[2].occurred_at
    assert [(each.version, each.percent) for each in loyalty.announced(DiscountChanged)] == [(1, 3), (2, 5)]


def test_a_batch_announces_only_where_it_ends(loyalty):
    cards, visits = brought(5)
    loyalty.deliver(registered(CLARA), *cards)
    assert loyalty.dispatcher.absorb("booking", [loyalty.envelope(visit) for visit in visits]) == []
    (told,) = loyalty.announced(DiscountChanged)
    assert (told.client_id, told.version, told.percent) == (CLARA, 1, 7)


def test_a_full_refund_takes_it_back_and_a_partial_one_does_not(loyalty):
    person, visit = numbered(100), numbered(1_100)
    loyalty.deliver(registered(CLARA), registered(person, CLARA), completed(visit, person))
    loyalty.deliver(refunded(visit, person, line(refunded=60_000)))
    assert percent(loyalty) == 3
    loyalty.deliver(refunded(visit, person, line(refunded=100_000), version=4))
    assert percent(loyalty) == 0
    assert [each.percent for each in loyalty.announced(DiscountChanged)] == [3, 0]


def test_retail_alone_does_not_count_and_an_older_bill_changes_nothing(loyalty):
    person, visit = numbered(100), numbered(1_100)
    loyalty.deliver(registered(CLARA), registered(person, CLARA), completed(numbered(7), person, retail(5_000)))
    assert percent(loyalty) == 0
    loyalty.deliver(refunded(visit, person), completed(visit, person))
    assert percent(loyalty) == 0
    assert loyalty.announced(DiscountChanged) == []


def test_visits_before_cards_and_children_before_parents_count_all_the_same(loyalty):
    cards, visits = brought(3)
    loyalty.deliver(*visits)
    loyalty.deliver(*cards)
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(ShowDiscount(CLARA))
    assert loyalty.ask(QUOTE, BOOKING).percent == 5
    loyalty.deliver(registered(CLARA))
    assert percent(loyalty) == 5


def test_another_referrer_takes_the_count_along(loyalty):
    person, dora = numbered(100), numbered(50)
    loyalty.deliver(registered(CLARA), registered(dora), registered(person, CLARA), completed(numbered(7), person))
    loyalty.deliver(changed(person, 2, dora))
    assert (percent(loyalty), percent(loyalty, dora)) == (0, 3)
    assert loyalty.ask(ShowDiscount(CLARA)).as_of == NOON + timedelta(hours=2)
    loyalty.deliver(registered(person, CLARA))  # once more, and older
    assert (percent(loyalty), percent(loyalty, dora)) == (0, 3)


def test_an_edge_that_would_close_a_loop_is_kept_as_refused_until_the_loop_is_gone(loyalty):
    dora = numbered(50)
    loyalty.deliver(completed(numbered(7), CLARA), completed(numbered(8), dora))
    loyalty.deliver(registered(CLARA, dora), registered(dora), changed(dora, 2, CLARA))
    with loyalty.session() as session:
        assert session.scalar(select(clients.c.refused).where(clients.c.client_id == dora)) == "closes_a_loop"
    assert (percent(loyalty), percent(loyalty, dora)) == (0, 3)
    loyalty.deliver(changed(CLARA, 2, None))
    assert (percent(loyalty), percent(loyalty, dora)) == (3, 0)


def test_a_refusal_goes_with_the_claim_that_was_refused(loyalty):
    loyalty.deliver(registered(CLARA, CLARA), changed(CLARA, 2, None))
    with loyalty.session() as session:
        assert session.scalar(select(clients.c.refused).where(clients.c.client_id == CLARA)) is None


def test_an_erased_person_is_gone_and_still_counts(loyalty):
    person = numbered(100)
    loyalty.deliver(erased(person), registered(CLARA), registered(person, CLARA), completed(numbered(7), person))
    assert percent(loyalty) == 3
    with pytest.raises(Gone, match="client_erased"):
        loyalty.ask(ShowDiscount(person))
    with pytest.raises(Gone, match="client_erased"):
        loyalty.ask(ShowReferrals(person))
    assert [child.client_id for child in loyalty.ask(ShowReferrals(CLARA)).children] == [person]


def test_booking_gets_a_quote_and_nobody_else(loyalty):
    cards, visits = brought(1)
    loyalty.deliver(*cards, *visits)
    quote = loyalty.ask(QUOTE, BOOKING)
    assert (quote.percent, quote.as_of) == (Decimal(3), visits[0].occurred_at)
    assert loyalty.ask(replace(QUOTE, client_id=numbered(5)), BOOKING).percent == 0
    with pytest.raises(Forbidden):
        loyalty.ask(QUOTE)


def test_tree_goes_down_to_the_depth_asked_for(loyalty):
    loyalty.deliver(registered(CLARA))
    loyalty.deliver(*(registered(numbered(n), CLARA if n == 1 else numbered(n - 1)) for n in range(1, 6)))
    loyalty.deliver(registered(numbered(9), CLARA, registered_at=NOON - timedelta(days=1)))
    loyalty.deliver(
        completed(numbered(11), numbered(2), line(50_000)),
        completed(numbered(12), numbered(2), line(70_000, refunded=20_000)),
    )
    tree = loyalty.ask(ShowReferrals(CLARA, depth=2))
    older, chain = tree.children
    assert (older.client_id, older.children, older.visits) == (numbered(9), (), 0)
    (second,) = chain.children
    assert (second.client_id, second.visits, second.revenue) == (numbered(2), 2, Money(100_000, "RUB"))
    assert second.qualified
    assert not chain.qualified
    assert second.children == ()
    assert len(loyalty.ask(ShowReferrals(CLARA, depth=3)).children[1].children[0].children) == 1


def test_boris_may_not_see_who_belongs_to_another_branch(loyalty):
    at_home, guest, nowhere = numbered(1), numbered(2), numbered(3)
    loyalty.deliver(
        registered(at_home, home_branch_id=HERE),
        registered(guest, home_branch_id=ELSEWHERE),
        registered(nowhere),
        booked(numbered(11), guest),
    )
    seen = {
        name: [who for who in (at_home, guest, nowhere) if _sees(loyalty, who, caller)]
        for name, caller in (("anna", anna("loyalty.read")), ("boris", boris("loyalty.read")))
    }
    assert seen == {"anna": [at_home, guest, nowhere], "boris": [guest, nowhere]}
    loyalty.deliver(completed(numbered(12), nowhere))
    assert not _sees(loyalty, nowhere, boris("loyalty.read"))
    assert _sees(loyalty, nowhere, anna("loyalty.read"))


def _sees(loyalty, client_id, caller):
    try:
        return loyalty.ask(ShowDiscount(client_id), caller).client_id == client_id
    except NotFound:
        with pytest.raises(NotFound, match="client_not_found"):
            loyalty.ask(ShowReferrals(client_id), caller)
        return False


def test_callers_bound_to_branches_see_figures_of_theirs(loyalty):
    person = numbered(1)
    loyalty.deliver(
        registered(CLARA),
        registered(person, CLARA),
        completed(numbered(11), person),
        completed(numbered(12), person, line(7), branch_id=ELSEWHERE),
    )
    (hers,) = loyalty.ask(ShowReferrals(CLARA), anna("loyalty.read")).children
    (his,) = loyalty.ask(ShowReferrals(CLARA), boris("loyalty.read")).children
    assert (hers.visits, hers.revenue.amount, his.visits, his.revenue.amount) == (1, 100_000, 1, 7)
    assert his.qualified


def test_what_the_past_was_is_told_as_at_each_of_its_instants(loyalty):
    """All of it is worked out in one go, in order of time, and comes to the same."""
    cards, visits = brought(12)
    hours = [replace(visit, occurred_at=NOON + hour * HOUR, ends=NOON) for hour, visit in enumerate(visits)]
    loyalty.deliver(registered(CLARA), *cards, *hours)
    loyalty.deliver(
        *(
            refunded(visits[place].appointment_id, numbered(100 + place), occurred_at=NOON + 20 * HOUR)
            for place in (0, 5)
        ),
        changed(numbered(101), version=2, occurred_at=NOON + 21 * HOUR),
    )
    past = loyalty.ask(ListPastDiscounts(CLARA)).items
    assert [each.percent for each in past] == [7, 10, 7, 5, 3]
    then = [loyalty.ask(ShowDiscount(CLARA, as_of=each.since)) for each in past]
    assert [(each.discount_percent, each.lines) for each in then] == [(each.percent, each.lines) for each in past]
    before = [loyalty.ask(ShowDiscount(CLARA, as_of=each.since - MOMENT)).discount_percent for each in past]
    assert before == [*(each.percent for each in past[1:]), 0]


def test_clara_sees_her_own_discount_only_and_not_what_others_spent(loyalty):
    herself = a_user("loyalty.read.own", client_id=CLARA)
    loyalty.deliver(registered(CLARA), registered(numbered(1), CLARA))
    assert loyalty.ask(ShowDiscount(CLARA), herself).referrals.direct == 1
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(ShowDiscount(numbered(1)), herself)
    with pytest.raises(NotFound, match="client_not_found"):
        loyalty.ask(ShowDiscount(CLARA), replace(herself, client_id=None))
    with pytest.raises(Forbidden):
        loyalty.ask(ShowReferrals(CLARA), herself)


def test_without_the_right_nothing_is_shown(loyalty):
    for request in (ShowDiscount(CLARA), ShowReferrals(CLARA), ShowProgramme()):
        with pytest.raises(Forbidden):
            loyalty.ask(request, anna("clients.read"))


def test_a_visit_of_nobody_in_particular_is_nobodys(loyalty):
    loyalty.deliver(completed(numbered(7), None), registered(CLARA))
    assert percent(loyalty) == 0
