"""Who is in a saved segment at an instant, whatever order and how often that was told in."""

from hypothesis import given
from hypothesis import strategies as st

from services.loyalty.domain.facts import Segmented
from services.loyalty.domain.history import History
from tests.unit.loyalty.graphs import a_card, a_programme, hours, person

PROGRAMME = a_programme()
REGULARS, OTHERS = person(800), person(801)


def a_change(position, at, *, member=True, card=1, segment=REGULARS):
    return Segmented(person(1), segment, person(card), position, hours(at), member)


def segments(facts, at):
    return History.of(facts).standing(person(1), hours(at), PROGRAMME).segment_ids


def test_a_member_is_one_from_the_instant_on_until_they_leave():
    facts = (a_change(1, 3), a_change(2, 6, member=False))
    assert [segments(facts, at) for at in (2, 3, 5, 6)] == [frozenset(), {REGULARS}, {REGULARS}, frozenset()]


def test_the_order_of_changes_goes_before_that_of_their_instants():
    """Clocks of two replicas may differ by more than the time between two changes."""
    facts = (a_change(2, 3, member=False), a_change(1, 4))
    assert segments(facts, 9) == frozenset()


def test_one_card_that_left_does_not_take_away_what_another_has():
    facts = (a_card(1), a_change(1, 1, card=1), a_change(2, 2, card=2), a_change(3, 3, member=False, card=2))
    assert segments(facts, 9) == {REGULARS}
    assert segments((*facts, a_change(4, 5, member=False, card=1)), 9) == frozenset()


changes = st.lists(
    st.builds(
        a_change,
        st.integers(1, 6),
        st.integers(0, 9),
        member=st.booleans(),
        card=st.integers(1, 2),
        segment=st.sampled_from([REGULARS, OTHERS]),
    ),
    max_size=12,
    unique_by=lambda each: (each.segment_id, each.card_id, each.position),
)


@given(said=changes, data=st.data())
def test_of_each_card_the_last_change_counts_in_whatever_order_they_come(said, data):
    again = data.draw(st.lists(st.sampled_from(said), max_size=3)) if said else []
    told = data.draw(st.permutations(said + again))
    for at in range(10):
        known = [each for each in said if each.at <= hours(at)]
        newest = {(each.segment_id, each.card_id): each for each in sorted(known, key=lambda each: each.position)}
        assert segments(told, at) == {each.segment_id for each in newest.values() if each.member}
