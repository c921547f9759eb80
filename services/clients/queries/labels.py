"""What rules say of cards, and why a card wears what nobody gave it by hand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.clients import GivenByRule
from services.clients import domain
from services.clients.domain.labels import Answer
from services.clients.queries.sight import among
from services.clients.tables import sorted_labels, sortings


@dataclass(frozen=True)
class KeptAnswer:
    """What the rules say by loyalty's `version`."""

    version: int
    answer: Answer


def answer_of(session: Session, client_id: UUID) -> KeptAnswer | None:
    return answers_of(session, [client_id]).get(client_id)


def answers_of(session: Session, ids: Collection[UUID]) -> Mapping[UUID, KeptAnswer]:
    """What the rules have said of those of `ids` of whom they ever said anything."""
    if not ids:
        return {}
    rows = session.execute(select(sortings).where(among(sortings.c.client_id, ids))).all()
    if not rows:
        return {}
    labels = select(sorted_labels).where(among(sorted_labels.c.client_id, ids)).order_by(sorted_labels.c.place)
    reasons: dict[UUID, dict[UUID, str]] = {row.client_id: {} for row in rows}
    taken_off: dict[UUID, set[UUID]] = {row.client_id: set() for row in rows}
    for label in session.execute(labels):
        reasons[label.client_id][label.category_id] = label.reason
        if label.taken_off:
            taken_off[label.client_id].add(label.category_id)
    return {
        row.client_id: KeptAnswer(
            row.version,
            Answer(
                reasons[row.client_id],
                row.importance,
                row.importance_reason,
                frozenset(taken_off[row.client_id]),
                row.importance_off,
            ),
        )
        for row in rows
    }


def given_by_rules(session: Session, card: domain.Card) -> tuple[GivenByRule, ...]:
    """What the card wears by a rule only, with the reasons; most cards wear nothing of the kind, and cost nothing."""
    if not card.sorted_category_ids and not card.sorted_importance:
        return ()
    kept = answer_of(session, card.id)
    if kept is None:
        return ()
    answer = kept.answer
    given = [GivenByRule(answer.reasons.get(each, ""), each) for each in card.sorted_category_ids]
    if card.sorted_importance:
        given.append(GivenByRule(answer.importance_reason or ""))
    return tuple(given)
