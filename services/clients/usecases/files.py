"""Put files of a client together from what was sent in pieces, and remove them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.database import new_id
from chassis.pictures import MEDIA_TYPE, make_small
from contracts.clients.files import PART_BYTES, AddFile, ClientFile, KeepFilePart, KeptPart, RemovedFile, RemoveFile
from kernel.errors import Conflict, Invalid, Stale
from services.clients import queries
from services.clients.domain.files import PDF, file_name, is_pdf, parts_of
from services.clients.queries.files import file_in, row_of_file
from services.clients.tables import file_parts, files, upload_parts
from services.clients.usecases.appointments import refuse_unknown_appointment
from services.clients.usecases.desk import Desk

LONGEST_SIDE = 2048  # pixels
KEPT = timedelta(hours=1)  # a piece of an upload that does not go on
CREATE = "client_files.create"


def keep_part(session: Session, request: KeepFilePart, desk: Desk) -> KeptPart:
    """Sent again it changes nothing."""
    queries.found(session, request.client_id, desk.caller, CREATE, locked=True)
    place = _place(request.upload_id, request.number)
    statement = upsert(upload_parts).values(
        client_id=request.client_id,
        sent_by=desk.caller.id,
        upload_id=request.upload_id,
        number=request.number,
        content=desk.vault.seal_bytes_for(request.client_id, place, request.content),
        kept_at=desk.now,
    )
    kept = {"content": statement.excluded.content, "kept_at": statement.excluded.kept_at}
    session.execute(statement.on_conflict_do_update(constraint="pk_upload_parts", set_=kept))
    return KeptPart(request.upload_id, request.number)


def add_file(session: Session, request: AddFile, desk: Desk) -> ClientFile:
    """The card is locked only when the picture has been read and written anew, which takes its time."""
    queries.found(session, request.client_id, desk.caller, CREATE)
    file_name(request.name, PDF)  # refused before anything is read
    refuse_unknown_appointment(session, request.client_id, request.appointment_id)
    content, media_type = _kept_of(_sent(session, request, desk))
    queries.found(session, request.client_id, desk.caller, CREATE, locked=True)
    file_id = new_id()
    name = file_name(request.name, media_type)
    values = {
        "id": file_id,
        "client_id": request.client_id,
        "name": desk.vault.seal_for(request.client_id, f"file:{file_id}:name", name),
        "kind": request.kind,
        "media_type": media_type,
        "size": len(content),
        "appointment_id": request.appointment_id,
        "added_by": desk.caller.id,
        "added_at": desk.now,
        "version": 1,
    }
    row = session.execute(insert(files).values(values).returning(files)).one()
    for number in range(parts_of(len(content), PART_BYTES)):
        piece = content[number * PART_BYTES : (number + 1) * PART_BYTES]
        sealed = desk.vault.seal_bytes_for(request.client_id, f"file:{file_id}:{number}", piece)
        session.execute(insert(file_parts).values(file_id=file_id, number=number, content=sealed))
    session.execute(delete(upload_parts).where(_of_upload(request, desk)))
    return file_in(row, desk.vault, request.client_id)


def remove_file(session: Session, request: RemoveFile, desk: Desk) -> RemovedFile:
    queries.found(session, request.client_id, desk.caller, "client_files.delete", locked=True)
    row = row_of_file(session, request.client_id, request.id)
    if row.version != request.version:
        raise Stale("version_stale", "this is not the version of the file")
    session.execute(delete(files).where(files.c.id == row.id))
    return RemovedFile(row.id)


def forget_uploads(session: Session, now: datetime) -> None:
    """Delete pieces of what was never put together."""
    session.execute(delete(upload_parts).where(upload_parts.c.kept_at < now - KEPT))


def _kept_of(content: bytes) -> tuple[bytes, str]:
    """What is kept of an upload, and of which media type that is."""
    if is_pdf(content):
        return content, PDF
    try:
        return make_small(content, LONGEST_SIDE, "content").content, MEDIA_TYPE
    except Invalid as refusal:
        if refusal.code != "picture_unreadable":
            raise
        raise Invalid.field("content", "file_unreadable", "a file is a picture or a PDF") from None


def _sent(session: Session, request: AddFile, desk: Desk) -> bytes:
    """The upload, put together from its pieces; all of it has to be there."""
    pieces = select(upload_parts.c.number, upload_parts.c.content).where(_of_upload(request, desk))
    try:
        content = b"".join(
            desk.vault.open_bytes_for(request.client_id, _place(request.upload_id, row.number), row.content)
            for row in session.execute(pieces.order_by(upload_parts.c.number))
        )
    except Damaged:
        content = b""
    if len(content) != request.size:
        raise Conflict("upload_incomplete", "not all of the file has arrived; send it again")
    return content


def _of_upload(request: AddFile, desk: Desk) -> ColumnElement[bool]:
    return and_(
        upload_parts.c.client_id == request.client_id,
        upload_parts.c.sent_by == desk.caller.id,
        upload_parts.c.upload_id == request.upload_id,
    )


def _place(upload_id: UUID, number: int) -> str:
    return f"upload:{upload_id}:{number}"
