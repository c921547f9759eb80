"""Put on cards what the rules of loyalty give, beside what people gave by hand, and take it off again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.rows import Rows, insert_rows
from contracts.loyalty import ClientSorted
from services.clients import domain
from services.clients.domain.labels import Answer, Labels, labelled, relabelled, renewed
from services.clients.queries.labels import answer_of, answers_of
from services.clients.queries.sight import among
from services.clients.tables import client_categories, clients, sorted_labels, sortings, unmeasured, untold
from services.clients.usecases.telling import locked, tell

NO_LABELS: Mapping[str, Any] = {
    "importance": "none",
    "category_ids": [],
    "sorted_category_ids": [],
    "sorted_importance": False,
}

_put = insert(sortings)
PUT = _put.on_conflict_do_update(
    index_elements=["client_id"],
    set_={column.name: _put.excluded[column.name] for column in sortings.c if not column.primary_key},
)
WEAR = (
    update(clients)
    .where(clients.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in NO_LABELS})
    .execution_options(synchronize_session=None)
)


def keep_sorted(session: Session, events: Sequence[ClientSorted], now: datetime) -> None:
    """Take over the newest answer about each client, and tell others of those who wear something else by it.

    Cards keep their versions: nobody's change is lost by what a rule does. Categories that there are not, or not any
    more, are left out.
    """
    newest: dict[UUID, ClientSorted] = {}
    for event in events:
        if event.client_id not in newest or newest[event.client_id].version < event.version:
            newest[event.client_id] = event
    known = _known(session, {each for event in newest.values() for each in event.category_ids})
    rows = [row for row in locked(session, newest) if row.erased_at is None]
    before = answers_of(session, [row.id for row in rows])
    fresh = [row for row in rows if row.id not in before or before[row.id].version < newest[row.id].version]
    answers = {
        row.id: renewed(before[row.id].answer if row.id in before else Answer(), _answer(newest[row.id], known))
        for row in fresh
    }
    _keep(session, answers, {row.id: newest[row.id].version for row in fresh})
    wore = {row.id: _labels(row) for row in fresh}
    wears = {client_id: labelled(labels.by_hand, answers[client_id]) for client_id, labels in wore.items()}
    _wear(session, {client_id: labels for client_id, labels in wears.items() if labels != wore[client_id]})
    tell(session, [client_id for client_id, labels in wears.items() if _differ(wore[client_id], labels)], now)


def relabel(session: Session, before: domain.Card, after: domain.Card) -> domain.Card:
    """The card as somebody has labelled it by hand, with what the rules add; what they took off stays off."""
    kept = answer_of(session, before.id)
    if kept is None:
        return after
    labels, answer = relabelled(before.labels, after.labels, kept.answer)
    if answer != kept.answer:
        _keep(session, {before.id: answer}, {before.id: kept.version})
    return after.wearing(labels)


def sorted_again(session: Session, card: domain.Card) -> domain.Card:
    """What people gave the card, with what the rules add."""
    kept = answer_of(session, card.id)
    return card if kept is None else card.wearing(labelled(card.labels.by_hand, kept.answer))


def forget_sorting(session: Session, client_id: UUID) -> None:
    session.execute(delete(sortings).where(sortings.c.client_id == client_id))
    session.execute(delete(untold).where(untold.c.client_id == client_id))
    session.execute(delete(unmeasured).where(unmeasured.c.client_id == client_id))


def _known(session: Session, category_ids: Collection[UUID]) -> set[UUID]:
    """Those that there are, until the transaction ends; before the cards, as who removes one takes them."""
    if not category_ids:
        return set()
    wanted = select(client_categories.c.id).where(among(client_categories.c.id, category_ids))
    return set(session.scalars(wanted.order_by(client_categories.c.id).with_for_update(read=True, key_share=True)))


def _answer(event: ClientSorted, known: Collection[UUID]) -> Answer:
    reasons = dict(zip(event.category_ids, event.reasons, strict=True))
    return Answer(
        {category_id: reason for category_id, reason in reasons.items() if category_id in known},
        event.importance,
        event.importance_reason,
    )


def _keep(session: Session, answers: Mapping[UUID, Answer], versions: Mapping[UUID, int]) -> None:
    if not answers:
        return
    rows = [
        {
            "client_id": client_id,
            "version": versions[client_id],
            "importance": answer.importance,
            "importance_reason": answer.importance_reason,
            "importance_off": answer.importance_off,
        }
        for client_id, answer in answers.items()
    ]
    session.execute(PUT, rows)
    session.execute(delete(sorted_labels).where(among(sorted_labels.c.client_id, answers)))
    labels = [
        {
            "client_id": client_id,
            "category_id": category_id,
            "place": place,
            "reason": reason,
            "taken_off": category_id in answer.taken_off,
        }
        for client_id, answer in answers.items()
        for place, (category_id, reason) in enumerate(answer.reasons.items())
    ]
    insert_rows(session, Rows(sorted_labels, labels))


def _wear(session: Session, labels: Mapping[UUID, Labels]) -> None:
    rows = [
        {
            "_id": client_id,
            "importance": worn.importance,
            "category_ids": list(worn.category_ids),
            "sorted_category_ids": list(worn.by_rule),
            "sorted_importance": worn.importance_by_rule,
        }
        for client_id, worn in labels.items()
    ]
    if rows:
        session.connection().execute(WEAR, rows)


def _labels(row: Row[Any]) -> Labels:
    return Labels(tuple(row.category_ids), row.importance, tuple(row.sorted_category_ids), row.sorted_importance)


def _differ(was: Labels, now: Labels) -> bool:
    """Whether others see a difference: to them it is one who gave a label."""
    return set(was.category_ids) != set(now.category_ids) or was.importance != now.importance
