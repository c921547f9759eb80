"""Remarks about a client, as far as the caller may see them."""

from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, or_, select, true
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients import ListNotes, Note
from contracts.message import PastPage
from kernel.caller import Caller, Reach
from kernel.errors import Conflict, NotFound
from services.clients.queries.sight import found, of_person
from services.clients.tables import notes
from services.clients.vault import Vault

READ, EDIT = "client_notes.read", "client_notes.edit"


def show_note(
    session: Session, client_id: UUID, note_id: UUID, caller: Caller, vault: Vault, since: date | None = None
) -> Note:
    found(session, client_id, caller, READ)
    return note_in(row_of_note(session, client_id, note_id, caller, since), vault, client_id)


def note_in(row: Row[Any], vault: Vault, client_id: UUID) -> Note:
    note = note_view(row, vault, client_id)
    if note is None:
        raise Conflict("note_damaged", "this note is damaged and cannot be read")
    return note


def row_of_note(
    session: Session, client_id: UUID, note_id: UUID, caller: Caller, since: date | None = None
) -> Row[Any]:
    row = session.execute(
        select(notes).where(
            notes.c.id == note_id, of_person(notes.c.client_id, client_id), seen_by(caller), _written(since)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("note_not_found", "there is no such note")
    return row


def list_notes(
    session: Session, request: ListNotes, caller: Caller, vault: Vault, since: date | None = None
) -> PastPage[Note]:
    found(session, request.client_id, caller, READ)
    query = select(notes).where(of_person(notes.c.client_id, request.client_id), seen_by(caller), _written(since))
    if request.cursor:
        query = query.where(notes.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(notes.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = [view for row in shown if (view := note_view(row, vault, request.client_id))]
    return PastPage(tuple(views), encode_cursor(shown[-1].id) if len(rows) > len(shown) else None, since)


def changes_all(caller: Caller) -> bool:
    """Whether notes of others are the caller's to change, and so the private ones theirs to see."""
    return caller.reach(EDIT) in (Reach.CHAIN, Reach.BRANCHES)


def seen_by(caller: Caller) -> ColumnElement[bool]:
    return true() if changes_all(caller) else or_(~notes.c.private, notes.c.author_id == caller.id)


def _written(since: date | None) -> ColumnElement[bool]:
    return true() if since is None else notes.c.written_at >= datetime.combine(since, time(), UTC)


def note_view(row: Row[Any], vault: Vault, client_id: UUID) -> Note | None:
    """None, and a line in the log, for what does not open: it must not stop the list that it is in."""
    try:
        text = vault.open_for(row.client_id, f"note:{row.id}", row.text, str)
    except Damaged as damage:
        log("clients").error("note_damaged", client_id=str(row.client_id), note_id=str(row.id), reason=str(damage))
        return None
    return Note(
        id=row.id,
        client_id=client_id,
        author_id=row.author_id,
        written_at=row.written_at,
        text=text,
        private=row.private,
        appointment_id=row.appointment_id,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        version=row.version,
    )
