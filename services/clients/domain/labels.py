"""Labels of a card: categories and the class of importance, some given by hand, some by a rule of loyalty."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

MOST_CATEGORIES = 50
NONE = "none"


@dataclass(frozen=True)
class Labels:
    """What a card wears; `by_rule` are those of `category_ids` that only a rule has given."""

    category_ids: tuple[UUID, ...] = ()
    importance: str = NONE
    by_rule: tuple[UUID, ...] = ()
    importance_by_rule: bool = False

    @property
    def by_hand(self) -> "Labels":
        """What remains when no rule gives anything."""
        ids = tuple(one for one in self.category_ids if one not in self.by_rule)
        return Labels(ids, NONE if self.importance_by_rule else self.importance)


@dataclass(frozen=True)
class Answer:
    """What the rules say of a client by now: categories with the reason of each, and the class of importance.

    `taken_off` are those of them that somebody took off by hand: they stay off until the rules say something else.
    """

    reasons: Mapping[UUID, str] = field(default_factory=dict)
    importance: str | None = None
    importance_reason: str | None = None
    taken_off: frozenset[UUID] = frozenset()
    importance_off: bool = False


def renewed(before: Answer, now: Answer) -> Answer:
    """`now` without what was taken off and is still said."""
    return replace(
        now,
        taken_off=before.taken_off & now.reasons.keys(),
        importance_off=before.importance_off and before.importance == now.importance,
    )


def labelled(by_hand: Labels, answer: Answer) -> Labels:
    """What people gave, and what the rules add to it; a class of importance that people gave goes before."""
    said = (one for one in answer.reasons if one not in by_hand.category_ids and one not in answer.taken_off)
    given = tuple(said)[: max(MOST_CATEGORIES - len(by_hand.category_ids), 0)]
    ruled = answer.importance if by_hand.importance == NONE and not answer.importance_off else None
    return Labels((*by_hand.category_ids, *given), ruled or by_hand.importance, given, ruled is not None)


def relabelled(before: Labels, said: Labels, answer: Answer) -> tuple[Labels, Answer]:
    """The labels after somebody has said what they shall be, and the answer with what they took off.

    What a rule gave and they left is still the rule's. A class of importance that is taken away gives way to the
    rule's, unless it was the rule's.
    """
    ids = tuple(one for one in said.category_ids if one not in before.by_rule)
    gone = (set(before.category_ids) & answer.reasons.keys()) - set(said.category_ids)
    importance, importance_off = said.importance, answer.importance_off
    if said.importance == before.importance:
        importance = before.by_hand.importance
    else:
        importance_off = said.importance == NONE and before.importance_by_rule
    answer = replace(
        answer, taken_off=(answer.taken_off | gone) - set(said.category_ids), importance_off=importance_off
    )
    return labelled(Labels(ids, importance), answer), answer
