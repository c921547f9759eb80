"""Labels by hand and by rule: neither undoes what the other did."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.clients.domain.labels import MOST_CATEGORIES, NONE, Answer, Labels, labelled, relabelled, renewed

IDS = [UUID(int=number) for number in range(1, 6)]
SETS = st.lists(st.sampled_from(IDS), unique=True).map(tuple)
CLASSES = st.sampled_from([NONE, "bronze", "silver", "gold"])
ANSWERS = st.builds(
    lambda ids, importance: Answer(dict.fromkeys(ids, "a reason"), None if importance == NONE else importance),
    SETS,
    CLASSES,
)
STEPS = st.lists(st.tuples(st.just("hand"), SETS, CLASSES) | st.tuples(st.just("rule"), ANSWERS), max_size=8)


def played(by_hand: Labels, steps: list[tuple]) -> tuple[Labels, Answer]:
    """The card after people and rules have taken turns."""
    answer, worn = Answer(), by_hand
    for who, *said in steps:
        if who == "rule":
            answer = renewed(answer, said[0])
            worn = labelled(worn.by_hand, answer)
        else:
            worn, answer = relabelled(worn, replace(worn, category_ids=said[0], importance=said[1]), answer)
    return worn, answer


@given(SETS, CLASSES, st.lists(ANSWERS))
def test_rules_never_take_what_people_gave(ids: tuple[UUID, ...], importance: str, answers: list[Answer]) -> None:
    by_hand = Labels(ids, importance)
    worn, _ = played(by_hand, [("rule", answer) for answer in answers])
    assert worn.by_hand == by_hand
    assert set(ids) <= set(worn.category_ids)
    assert importance in (NONE, worn.importance)


@given(SETS, STEPS)
def test_rules_that_give_nothing_leave_what_people_gave(ids: tuple[UUID, ...], steps: list[tuple]) -> None:
    """And of what was given by a rule no trace."""
    worn, _ = played(Labels(ids), steps)
    worn_after, _ = played(Labels(ids), [*steps, ("rule", Answer())])
    assert worn_after == worn.by_hand


@given(SETS, STEPS, SETS, CLASSES)
def test_people_get_the_categories_that_they_say(
    ids: tuple[UUID, ...], steps: list[tuple], said: tuple[UUID, ...], importance: str
) -> None:
    """Those and no others, whatever the rules give; and a class of importance, if they name one."""
    worn, _ = played(Labels(ids), [*steps, ("hand", said, importance)])
    assert set(worn.category_ids) == set(said)
    assert importance in (NONE, worn.importance)


@given(SETS, STEPS, SETS, CLASSES)
def test_saying_the_same_again_changes_nothing(
    ids: tuple[UUID, ...], steps: list[tuple], said: tuple[UUID, ...], importance: str
) -> None:
    """Of people or of rules; what people took off stays off."""
    worn, answer = played(Labels(ids), [*steps, ("hand", said, importance)])
    assert relabelled(worn, worn, answer) == (worn, answer)
    same = renewed(answer, replace(answer, taken_off=frozenset(), importance_off=False))
    assert labelled(worn.by_hand, same) == worn


@given(st.integers(0, MOST_CATEGORIES), st.integers(0, 2 * MOST_CATEGORIES))
def test_a_card_wears_no_more_than_it_may(by_hand: int, by_rule: int) -> None:
    hand = Labels(tuple(UUID(int=number) for number in range(by_hand)))
    worn = labelled(hand, Answer({UUID(int=1_000 + number): "a reason" for number in range(by_rule)}))
    assert len(worn.category_ids) == min(by_hand + by_rule, MOST_CATEGORIES)
