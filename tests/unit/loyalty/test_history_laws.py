"""Laws of the referral graph over random histories: order and repetition do not matter, nor what is asked when."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.loyalty.domain.edges import LOOP, SELF
from services.loyalty.domain.facts import Card
from services.loyalty.domain.history import INSTANT, History
from tests.referrals import Claim, refused
from tests.unit.loyalty.graphs import PEOPLE, a_programme, histories, hours, person, programmes

INSTANTS = [hours(number) for number in range(0, 130, 13)]


def standings(history, at, programme):
    return [history.standing(person(who), at, programme) for who in PEOPLE]


def edges(history, at, programme):
    return [history.edge(person(who), at, programme) for who in PEOPLE]


@given(facts=histories(), programme=programmes, data=st.data())
def test_order_and_repetition_do_not_matter(facts, programme, data):
    again = data.draw(st.lists(st.sampled_from(facts), max_size=5))
    one, other = History.of(facts), History.of(data.draw(st.permutations(facts + again)))
    for at in INSTANTS:
        assert standings(one, at, programme) == standings(other, at, programme)
        assert edges(one, at, programme) == edges(other, at, programme)


@given(facts=histories(), programme=programmes)
def test_asking_on_the_way_is_asking_afterwards(facts, programme):
    """What counts from later on does not matter for what was true, and what was kept on the way is not stale."""
    living, whole = History(), History.of(facts)
    for at in sorted({fact.at for fact in facts}):
        for fact in facts:
            if fact.at == at:
                living.apply(fact)
                standings(living, at, programme)
        until_then = History.of(fact for fact in facts if fact.at <= at)
        expected = standings(until_then, at, programme)
        assert standings(living, at, programme) == expected
        assert standings(whole, at, programme) == expected
        assert edges(living, at, programme) == edges(until_then, at, programme)


@given(facts=histories(), programme=programmes, other=programmes)
def test_two_programmes_asked_by_turns_do_not_answer_for_each_other(facts, programme, other):
    living = History()
    for fact in sorted(facts, key=lambda each: each.at):
        living.apply(fact)
        one, two = standings(living, fact.at, programme), standings(living, fact.at, other)
    assert one == standings(History.of(facts), fact.at, programme)
    assert two == standings(History.of(facts), fact.at, other)


@given(facts=histories(), programme=programmes)
def test_everybody_has_one_parent_at_any_instant(facts, programme):
    """The dated edges do not overlap, and say the same as a look at the instant itself."""
    history = History.of(facts)
    for who in PEOPLE:
        above = history.edges_above(person(who), hours(200), programme)
        for earlier, later in pairwise(above):
            assert earlier.until is not None
            assert earlier.since < earlier.until <= later.since
        for at in INSTANTS:
            then = [each.referrer_id for each in above if each.since <= at and (each.until is None or at < each.until)]
            edge = history.edge(person(who), at, programme)
            assert then == ([] if edge is None else [edge.referrer_id])


@given(facts=histories(), programme=programmes)
def test_edges_that_are_not_refused_make_no_loop(facts, programme):
    history = History.of(facts)
    for at in INSTANTS:
        standing = [edge for edge in edges(history, at, programme) if edge and edge.verdict != "refused"]
        above = {edge.client_id: edge.referrer_id for edge in standing}
        for start in above:
            seen, here = set(), start
            while here in above:
                assert here not in seen
                seen.add(here)
                here = above[here]


@given(facts=histories(), programme=programmes)
def test_of_each_loop_the_youngest_claim_is_refused(facts, programme):
    history = History.of(facts)
    now = edges(history, hours(200), programme)
    claims = {edge.client_id: Claim(edge.referrer_id, edge.since) for edge in now if edge}
    found = {each.client_id: each.reasons[0] for each in now if each and {LOOP, SELF} & set(each.reasons)}
    assert found == refused(claims)


@given(facts=histories(), programme=programmes)
def test_who_counts_was_brought_by_somebody_else_and_not_before_they_were_named(facts, programme):
    history = History.of(facts)
    for at in INSTANTS:
        for standing in standings(history, at, programme):
            for brought in standing.brought:
                assert brought.level <= programme.depth
                assert (brought.counts_since is None) == (brought.reason is not None)
                if brought.counts_since is not None:
                    assert brought.client_id != standing.client_id
                    assert brought.since <= brought.counts_since <= at


def counts(history, who, client_id, at, programme):
    brought = {each.client_id: each for each in history.standing(person(who), at, programme).brought}
    return client_id in brought and brought[client_id].counts_since is not None


@given(facts=histories(loops=False, orderly=True), shared=st.booleans())
def test_somebody_counts_from_the_first_instant_of_a_stretch_without_a_gap(facts, shared):
    programme, history, end = a_programme(velocity=None, shared_contact=shared), History.of(facts), hours(200)
    instants = {fact.at for fact in facts}
    for who in PEOPLE:
        for brought in history.standing(person(who), end, programme).brought:
            if brought.counts_since is None:
                continue
            assert not counts(history, who, brought.client_id, brought.counts_since - INSTANT, programme)
            for at in {at for at in instants if at >= brought.counts_since}:
                assert counts(history, who, brought.client_id, at, programme)


@settings(max_examples=200)
@given(facts=histories(), programme=programmes)
def test_a_fact_bears_on_those_above_and_nobody_else(facts, programme):
    history = History()
    before = dict.fromkeys(PEOPLE)
    end = hours(200)
    for fact in facts:
        history.apply(fact)
        touched = {fact.client_id, *history.ancestors(fact.client_id, programme.depth, end)}
        for who in PEOPLE:
            now = history.standing(person(who), end, programme)
            assert now == before[who] or person(who) in touched or (before[who] is None and not now.brought)
            before[who] = now


@given(facts=histories(), programme=programmes)
def test_a_referrer_is_the_same_to_whom_they_brought(facts, programme):
    """Seen from above and from below, an edge is one."""
    history = History.of(facts)
    for at in INSTANTS:
        below = {edge for who in PEOPLE for edge in history.edges_below(person(who), at, programme)}
        assert below == {edge for edge in edges(history, at, programme) if edge and edge.referrer_id}


@given(facts=histories(), programme=programmes)
def test_erasure_leaves_the_graph_as_it_was(facts, programme):
    """Only whoever names a person who is gone already has not been brought by them."""
    cards = [fact for fact in facts if isinstance(fact, Card)]
    after = max(card.at for card in cards)
    kept = [replace(fact, at=after + INSTANT) if type(fact).__name__ == "Erased" else fact for fact in facts]
    alone = [fact for fact in facts if type(fact).__name__ != "Erased"]
    one, other = History.of(kept), History.of(alone)
    end = hours(200)
    for who in PEOPLE:
        assert one.standing(person(who), end, programme).brought == other.standing(person(who), end, programme).brought
