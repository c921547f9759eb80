"""The photo of a client, and what is known of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from chassis.crypto import Damaged
from chassis.observability import log
from chassis.pictures import MEDIA_TYPE
from contracts.clients import Photo, PhotoFile
from kernel.caller import Caller
from kernel.errors import Conflict, NotFound
from services.clients.queries.sight import found
from services.clients.tables import photos
from services.clients.vault import Vault

NONE_YET = 1  # the version of a photo that never was


def show_photo(session: Session, client_id: UUID, caller: Caller) -> Photo:
    found(session, client_id, caller, "clients.read")
    return photo_of(session, client_id)


def photo_of(session: Session, client_id: UUID) -> Photo:
    """What is known of the photo of a client whom the caller may see."""
    query = select(photos.c.version, photos.c.width, photos.c.height).where(photos.c.client_id == client_id)
    row = session.execute(query).one_or_none()
    if row is None:
        return Photo(client_id, NONE_YET)
    return Photo(client_id, row.version, MEDIA_TYPE if row.width else None, row.width, row.height)


def read_photo(session: Session, client_id: UUID, caller: Caller, vault: Vault) -> PhotoFile:
    found(session, client_id, caller, "clients.read")
    row = session.execute(select(photos).where(photos.c.client_id == client_id)).one_or_none()
    if row is None or row.content is None:
        raise NotFound("photo_not_found", "there is no photo of this client")
    return PhotoFile(MEDIA_TYPE, _opened(row, vault), row.version)


def _opened(row: Row[Any], vault: Vault) -> bytes:
    try:
        return vault.open_bytes_for(row.client_id, f"photo:{row.version}", row.content)
    except Damaged as damage:
        log("clients").error("photo_damaged", client_id=str(row.client_id), reason=str(damage))
        raise Conflict("photo_damaged", "this photo is damaged and cannot be read") from None
