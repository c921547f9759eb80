"""Put the photo of a client in its place, and take it away."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from chassis.pictures import Shrunk, make_small
from contracts.clients import Photo, PutPhoto, RemovePhoto
from kernel.caller import Caller
from kernel.errors import NotFound, Stale
from services.clients import queries
from services.clients.queries.photos import photo_of
from services.clients.tables import photos
from services.clients.usecases.desk import Desk
from services.clients.usecases.export import Call
from services.clients.vault import Vault

LONGEST_SIDE = 1024  # pixels


def shrink_photo(call: Call, request: PutPhoto, caller: Caller) -> Shrunk:
    """What is kept of the upload; worked out before the transaction, which would wait for it.

    For a card that is there only: that it is not comes before what is wrong with the upload.
    """
    with call.reads() as session:
        queries.found(session, request.client_id, caller, "clients.edit")
    return make_small(request.image, LONGEST_SIDE, "image")


def put_photo(session: Session, request: PutPhoto, picture: Shrunk, desk: Desk) -> Photo:
    """The content is bound to its version, so that an older one put back in its place does not open."""
    _seen(session, request, desk)
    keep_photo(session, request.client_id, picture.content, (picture.width, picture.height), desk.vault)
    return photo_of(session, request.client_id)


def remove_photo(session: Session, request: RemovePhoto, desk: Desk) -> Photo:
    photo = _seen(session, request, desk)
    if photo.media_type is None:
        raise NotFound("photo_not_found", "there is no photo of this client")
    _keep(session, request.client_id, version=photo.version + 1, width=None, height=None, content=None)
    return photo_of(session, request.client_id)


def _seen(session: Session, request: PutPhoto | RemovePhoto, desk: Desk) -> Photo:
    """The photo as the caller saw it; the card is locked, so that of two changes the second is stale."""
    queries.found(session, request.client_id, desk.caller, "clients.edit", locked=True)
    photo = photo_of(session, request.client_id)
    if photo.version != request.version:
        raise Stale("version_stale", "somebody else changed this photo in the meantime")
    return photo


def keep_photo(session: Session, client_id: UUID, picture: bytes, size: tuple[int, int], vault: Vault) -> None:
    """Put `picture` over what is there; `size` is its width and height. The card is locked."""
    version = photo_of(session, client_id).version + 1
    content = vault.seal_bytes_for(client_id, f"photo:{version}", picture)
    _keep(session, client_id, version=version, width=size[0], height=size[1], content=content)


def _keep(session: Session, client_id: UUID, **values: Any) -> None:
    statement = insert(photos).values(client_id=client_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=[photos.c.client_id], set_=values))
