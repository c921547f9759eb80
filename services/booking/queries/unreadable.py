"""Every text that is sealed here and does not open, by its id: what an operator asks after a damage."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged, unseal
from chassis.keyring import Keyring
from services.booking.queries.absences import place_of_reason
from services.booking.queries.salon.questionnaires import place_of_answers
from services.booking.queries.texts import place_of_text
from services.booking.tables import absences, appointments, history, questionnaires

BATCH = 200


@dataclass(frozen=True)
class Kept:
    """A column of ciphertexts: `rows` give id, whose key it is under, sealed and what `place` needs."""

    what: str
    rows: Select[Any]
    place: Callable[[Row[Any]], str]


_SUBJECT = func.coalesce(appointments.c.client_id, appointments.c.id).label("subject")
_APPOINTMENT = select(appointments.c.id, _SUBJECT)

EVERYTHING = (
    Kept(
        "appointment",
        _APPOINTMENT.add_columns(appointments.c.comment.label("sealed")),
        lambda row: place_of_text(row.id, "comment"),
    ),
    Kept(
        "appointment",
        _APPOINTMENT.add_columns(appointments.c.reason.label("sealed")),
        lambda row: place_of_text(row.id, "reason"),
    ),
    Kept(
        "appointment",
        _APPOINTMENT.add_columns(appointments.c.health.label("sealed")),
        lambda row: place_of_text(row.id, "health"),
    ),
    Kept(
        "history",
        _APPOINTMENT.add_columns(history.c.version, history.c.reason.label("sealed")).join(
            history, history.c.appointment_id == appointments.c.id
        ),
        lambda row: place_of_text(row.id, f"history.{row.version}"),
    ),
    Kept(
        "absence",
        select(absences.c.id, absences.c.master_id.label("subject"), absences.c.reason.label("sealed")),
        lambda row: place_of_reason(row.id),
    ),
    Kept(
        "questionnaire",
        select(
            questionnaires.c.master_id.label("id"),
            questionnaires.c.master_id.label("subject"),
            questionnaires.c.answers.label("sealed"),
        ),
        lambda row: place_of_answers(row.id),
    ),
)


def unreadable(session: Session, keyring: Keyring, subject: UUID | None = None) -> Iterator[tuple[str, UUID]]:
    """What and id, each once, of all that does not open and is not of somebody who was erased; of one if `subject`."""
    told: set[tuple[str, UUID]] = set()
    for kept in EVERYTHING:
        columns = kept.rows.selected_columns
        query = kept.rows.where(columns["sealed"].element.is_not(None))
        if subject is None:
            query = query.execution_options(yield_per=BATCH)
        else:
            query = query.where(columns["subject"].element == subject)
        for rows in session.execute(query).partitions(BATCH):
            for row in _damaged(keyring, kept, rows):
                found = (kept.what, row.id)
                if found not in told:
                    told.add(found)
                    yield found


def _damaged(keyring: Keyring, kept: Kept, rows: Sequence[Row[Any]]) -> Iterator[Row[Any]]:
    keys = keyring.keys({row.subject for row in rows})
    for row in rows:
        key = keys.get(row.subject)
        if key is None:
            if keyring.has(row.subject):  # a key that does not open; without any the person was erased
                yield row
            continue
        try:
            unseal(key, row.sealed, kept.place(row))
        except Damaged:
            yield row
