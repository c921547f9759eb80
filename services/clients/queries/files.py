"""Files of a client, and their content piece by piece."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.wire import decode_cursor, encode_cursor
from contracts.clients.files import PART_BYTES, ClientFile, FilePart, ListFiles, ReadFile
from contracts.message import Page
from kernel.caller import Caller
from kernel.errors import Conflict, NotFound
from services.clients.domain.files import parts_of
from services.clients.queries.sight import found, of_person
from services.clients.tables import file_parts, files
from services.clients.vault import Vault

READ = "client_files.read"
DAMAGED = Conflict("file_damaged", "this file is damaged and cannot be read")


def show_file(session: Session, client_id: UUID, file_id: UUID, caller: Caller, vault: Vault) -> ClientFile:
    found(session, client_id, caller, READ)
    return file_in(row_of_file(session, client_id, file_id), vault, client_id)


def file_in(row: Row[Any], vault: Vault, client_id: UUID) -> ClientFile:
    file = file_view(row, vault, client_id)
    if file is None:
        raise DAMAGED
    return file


def row_of_file(session: Session, client_id: UUID, file_id: UUID) -> Row[Any]:
    row = session.execute(
        select(files).where(files.c.id == file_id, of_person(files.c.client_id, client_id))
    ).one_or_none()
    if row is None:
        raise NotFound("file_not_found", "there is no such file")
    return row


def list_files(session: Session, request: ListFiles, caller: Caller, vault: Vault) -> Page[ClientFile]:
    found(session, request.client_id, caller, READ)
    query = select(files).where(of_person(files.c.client_id, request.client_id))
    if request.kind:
        query = query.where(files.c.kind == request.kind)
    if request.cursor:
        query = query.where(files.c.id < decode_cursor(request.cursor, UUID)[0])
    rows = session.execute(query.order_by(files.c.id.desc()).limit(request.limit + 1)).all()
    shown = rows[: request.limit]
    views = [view for row in shown if (view := file_view(row, vault, request.client_id))]
    return Page(tuple(views), encode_cursor(shown[-1].id) if len(rows) > len(shown) else None)


def read_file(session: Session, request: ReadFile, caller: Caller, vault: Vault) -> FilePart:
    found(session, request.client_id, caller, READ)
    row = row_of_file(session, request.client_id, request.id)
    file = file_in(row, vault, request.client_id)
    parts = parts_of(file.size, PART_BYTES)
    if request.number >= parts:
        raise NotFound("part_not_found", "the file has fewer parts")
    kept = select(file_parts.c.content).where(file_parts.c.file_id == file.id, file_parts.c.number == request.number)
    content = session.scalar(kept)
    try:
        if content is None:
            raise Damaged("a part is missing")
        opened = vault.open_bytes_for(row.client_id, f"file:{file.id}:{request.number}", content)
    except Damaged as damage:
        _tell(row.client_id, file.id, damage)
        raise DAMAGED from None
    return FilePart(file.name, file.media_type, opened, request.number, parts)


def file_view(row: Row[Any], vault: Vault, client_id: UUID) -> ClientFile | None:
    """None, and a line in the log, for what does not open: it must not stop the list that it is in."""
    try:
        name = vault.open_for(row.client_id, f"file:{row.id}:name", row.name, str)
    except Damaged as damage:
        _tell(row.client_id, row.id, damage)
        return None
    return ClientFile(
        id=row.id,
        client_id=client_id,
        name=name,
        kind=row.kind,
        media_type=row.media_type,
        size=row.size,
        appointment_id=row.appointment_id,
        added_by=row.added_by,
        added_at=row.added_at,
        version=row.version,
    )


def _tell(client_id: UUID, file_id: UUID, damage: Damaged) -> None:
    log("clients").error("file_damaged", client_id=str(client_id), file_id=str(file_id), reason=str(damage))
