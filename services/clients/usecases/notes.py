"""Write, change and remove remarks about a client."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, update
from sqlalchemy.orm import Session

from chassis.database import new_id
from contracts.clients import AddNote, ChangeNote, Note, RemovedNote, RemoveNote
from contracts.message import UNSET
from kernel.errors import Forbidden, Stale
from services.clients import queries
from services.clients.domain.notes import said
from services.clients.queries.notes import READ, changes_all, note_in, row_of_note
from services.clients.tables import notes
from services.clients.usecases.appointments import refuse_unknown_appointment
from services.clients.usecases.desk import Desk


def add_note(session: Session, request: AddNote, desk: Desk) -> Note:
    queries.found(session, request.client_id, desk.caller, "client_notes.create", locked=True)
    refuse_unknown_appointment(session, request.client_id, request.appointment_id)
    note_id = new_id()
    values = {
        "id": note_id,
        "client_id": request.client_id,
        "author_id": desk.caller.id,
        "written_at": desk.now,
        "private": request.private,
        "appointment_id": request.appointment_id,
        "text": _sealed(request.client_id, note_id, request.text, desk),
        "version": 1,
    }
    return note_in(session.execute(insert(notes).values(values).returning(notes)).one(), desk.vault, request.client_id)


def change_note(session: Session, request: ChangeNote, desk: Desk) -> Note:
    row = _theirs(session, request, desk)
    values: dict[str, Any] = {}
    if request.private is not UNSET:
        values["private"] = request.private
    if request.text is not UNSET:
        values["text"] = _sealed(row.client_id, row.id, request.text, desk)
    if values:
        values |= {"version": row.version + 1, "changed_by": desk.caller.id, "changed_at": desk.now}
        row = session.execute(update(notes).where(notes.c.id == row.id).values(values).returning(notes)).one()
    return note_in(row, desk.vault, request.client_id)


def remove_note(session: Session, request: RemoveNote, desk: Desk) -> RemovedNote:
    row = _theirs(session, request, desk)
    session.execute(delete(notes).where(notes.c.id == row.id))
    return RemovedNote(row.id)


def _theirs(session: Session, request: ChangeNote | RemoveNote, desk: Desk) -> Row[Any]:
    """The note, which is the caller's to change; the card is locked, so that of two changes the second is stale."""
    queries.found(session, request.client_id, desk.caller, READ, locked=True)
    row = row_of_note(session, request.client_id, request.id, desk.caller)
    if row.author_id != desk.caller.id and not changes_all(desk.caller):
        raise Forbidden("note_of_another", "only who wrote a note changes it")
    if row.version != request.version:
        raise Stale("version_stale", "somebody else changed this note in the meantime")
    return row


def _sealed(client_id: UUID, note_id: UUID, text: str, desk: Desk) -> bytes:
    return desk.vault.seal_for(client_id, f"note:{note_id}", said(text))
