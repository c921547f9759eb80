"""Who counts for whom, since when, and why the others do not."""

from dataclasses import replace

import pytest

from services.loyalty.domain.facts import BillLine, Erased, Review
from services.loyalty.domain.history import History
from tests.unit.loyalty.graphs import a_bill, a_card, a_programme, hours, person

CHAIN = a_programme()


def brought(who, *facts, at=200, programme=CHAIN):
    standing = History.of(facts).standing(person(who), hours(at), programme)
    return {each.client_id.int: each for each in standing.brought}


def test_a_person_counts_from_their_first_paid_visit():
    facts = (a_card(2, 1), a_bill(100, 2, at=3), a_bill(101, 2, at=8))
    assert brought(1, *facts, at=2)[2].reason == "no_paid_visit"
    assert brought(1, *facts)[2].counts_since == hours(3)


def test_whoever_paid_before_the_referrer_was_named_counts_from_then_on():
    assert brought(1, a_card(2, 1, at=4), a_bill(100, 2, at=3))[2].counts_since == hours(4)


@pytest.mark.parametrize(
    "visit",
    [a_bill(100, 2, paid=0), a_bill(100, 2, due=0), a_bill(100, 2, kind="retail"), a_bill(100, 2, due=-50)],
    ids=["not paid", "free of charge", "retail alone", "offset"],
)
def test_who_paid_nothing_for_a_service_does_not_count(visit):
    assert brought(1, a_card(2, 1), visit)[2].reason == "no_paid_visit"


def test_a_refund_takes_it_back_from_then_on():
    facts = (a_card(2, 1), a_bill(100, 2, at=3), a_bill(100, 2, at=6, version=2, refunded=1000))
    assert brought(1, *facts, at=5)[2].counts_since == hours(3)
    assert (brought(1, *facts)[2].counts_since, brought(1, *facts)[2].reason) == (None, "refunded")
    assert brought(1, *facts, a_bill(101, 2, at=9))[2].counts_since == hours(9)


def test_a_refund_of_a_part_or_of_one_visit_of_two_takes_nothing_back():
    part = a_bill(100, 2, at=6, version=2, refunded=999)
    assert brought(1, a_card(2, 1), a_bill(100, 2, at=3), part)[2].counts_since == hours(3)
    whole = replace(part, lines=(BillLine(person(100), "service", 1000, refunded=1000),))
    other = a_bill(101, 2, at=5)
    assert brought(1, a_card(2, 1), a_bill(100, 2, at=3), other, whole)[2].counts_since == hours(3)


def test_what_one_instant_takes_and_gives_was_never_missing():
    facts = (a_bill(100, 2, at=3), a_bill(100, 2, at=6, version=2, refunded=1000), a_bill(101, 2, at=6))
    for order in (facts, facts[::-1]):
        assert brought(1, a_card(2, 1), *order)[2].counts_since == hours(3)


def test_the_criterion_is_the_programmes():
    thrice = a_programme(visits=3, min_paid=500)
    facts = [a_card(2, 1), *(a_bill(100 + place, 2, at=place, due=due) for place, due in enumerate((500, 499, 900), 1))]
    assert brought(1, *facts, programme=thrice)[2].reason == "no_paid_visit"
    assert brought(1, *facts, a_bill(110, 2, at=20), programme=thrice)[2].counts_since == hours(20)


def test_a_refused_edge_is_shown_with_its_reason_and_leads_no_further():
    deep = a_programme(depth=2)
    facts = (a_card(2, 1, shared_contact=True), a_card(3, 2), a_bill(100, 2), a_bill(101, 3))
    assert {who: each.reason for who, each in brought(1, *facts, programme=deep).items()} == {2: "shared_contact"}


def test_an_edge_that_comes_to_hold_counts_from_then_on():
    facts = (a_card(2, 1, shared_contact=True), a_card(2, 1, at=9, version=2), a_bill(100, 2, at=3))
    assert brought(1, *facts)[2].counts_since == hours(9)
    again = Review(person(2), person(1), hours(5), holds=True)
    assert brought(1, *facts, again)[2].counts_since == hours(5)


def test_who_is_flagged_counts_or_waits_as_the_programme_says():
    facts = [a_card(who, 1, at=who / 10) for who in (2, 3)] + [a_bill(100 + who, who, at=4) for who in (2, 3)]
    trusting = brought(1, *facts, programme=a_programme(velocity=1))[3]
    assert (trusting.counts_since, trusting.flags) == (hours(4), ("velocity",))
    strict = a_programme(velocity=1, flagged_count=False)
    assert brought(1, *facts, programme=strict)[3].reason == "velocity"
    looked_at = brought(1, *facts, Review(person(3), person(1), hours(7), holds=True), programme=strict)[3]
    assert (looked_at.counts_since, looked_at.flags) == (hours(7), ())


def test_deeper_levels_are_looked_at_only_if_the_programme_says_so():
    facts = [a_card(who + 1, who, at=who) for who in range(1, 6)] + [a_bill(100 + who, who, at=9) for who in range(7)]
    for depth in (1, 2, 4):
        found = brought(1, *facts, programme=a_programme(depth=depth))
        assert {who: each.level for who, each in found.items()} == {level + 1: level for level in range(1, depth + 1)}


def test_people_are_listed_by_level_and_then_by_when_they_were_brought():
    facts = [a_card(2, 1, at=5), a_card(3, 1, at=4), a_card(4, 2, at=7), a_card(5, 3, at=9), a_card(6, 2, at=6)]
    assert list(brought(1, *facts, programme=a_programme(depth=2))) == [3, 2, 6, 4, 5]


def test_only_what_was_kept_is_revenue_of_theirs():
    facts = (a_card(2, 1), a_bill(100, 2), a_bill(101, 2, version=1, refunded=1000), a_bill(102, 2, due=0))
    assert [bill.appointment_id for bill in brought(1, *facts)[2].bills] == [person(100)]


def test_bills_are_as_they_stood():
    facts = (a_bill(100, 1, at=3), a_bill(100, 1, at=6, version=2, refunded=400, completed=3), a_bill(101, 1, at=1))
    history = History.of(facts)
    nets = {at: [bill.net for bill in history.standing(person(1), hours(at), CHAIN).bills] for at in (0, 1, 3, 6)}
    assert nets == {0: [], 1: [1000], 3: [1000, 1000], 6: [1000, 600]}


def test_erasure_leaves_whoever_was_brought():
    facts = (a_card(2, 1), a_bill(100, 2), Erased(person(2), hours(9)), Erased(person(1), hours(9)))
    assert brought(1, *facts)[2].counts_since == hours(1)
    assert History.of(facts).standing(person(1), hours(9), CHAIN).erased


def test_a_corrected_referrer_counts_for_the_new_one_only():
    facts = (a_card(2, 1), a_bill(100, 2, at=3), a_card(2, 5, at=9, version=2))
    assert (set(brought(1, *facts, at=8)), set(brought(1, *facts))) == ({2}, set())
    assert brought(5, *facts)[2].counts_since == hours(9)


def test_those_above_are_named_nearest_first_and_once_each():
    facts = [a_card(4, 3), a_card(3, 2), a_card(2, 1), a_card(4, 5, at=8, version=2), a_card(5, 1)]
    history = History.of(facts)
    assert history.ancestors(person(4), 1, hours(5)) == (person(3),)
    assert history.ancestors(person(4), 1, hours(9)) == (person(3), person(5))
    assert history.ancestors(person(4), 9, hours(9)) == (person(3), person(5), person(1), person(2))
    assert history.ancestors(person(1), 9, hours(9)) == history.ancestors(person(77), 9, hours(9)) == ()


def test_a_loop_bears_on_all_who_are_on_it():
    history = History.of([a_card(1, 2), a_card(2, 3), a_card(3, 4), a_card(4, 1)])
    assert set(history.ancestors(person(1), 1, hours(5))) == {person(2), person(3), person(4)}


def test_whoever_asks_between_visits_hears_of_the_next_one():
    """What was worked out before a visit holds after it only where one more visit takes nothing away."""
    history = History.of([a_card(2, 1), a_bill(100, 2, at=3, paid=0)])
    assert history.standing(person(1), hours(4), CHAIN).brought[0].reason == "no_paid_visit"
    history.apply(a_bill(101, 2, at=5))
    (after,) = history.standing(person(1), hours(6), CHAIN).brought
    assert (after.counts_since, len(after.bills)) == (hours(5), 2)
    history.apply(a_bill(102, 2, at=7))
    (later,) = history.standing(person(1), hours(8), CHAIN).brought
    assert (later.counts_since, len(later.bills)) == (hours(5), 3)


def test_a_visit_that_was_entered_late_stands_where_it_belongs():
    history = History.of([a_bill(100, 1, at=3)])
    assert len(history.standing(person(1), hours(4), CHAIN).bills) == 1
    history.apply(a_bill(101, 1, at=5, completed=1))
    bills = history.standing(person(1), hours(6), CHAIN).bills
    assert [bill.appointment_id for bill in bills] == [person(101), person(100)]
