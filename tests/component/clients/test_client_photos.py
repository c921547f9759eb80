"""The photo of a client: small, without what the camera wrote, and sealed."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from contracts.clients import EraseClient, Photo, PhotoFile, PutPhoto, ReadPhoto, RemovePhoto, ShowPhoto
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale
from services.clients.tables import photos
from tests.builders import HERE, a_user, anna
from tests.component.clients.conftest import BORIS, clara, refused
from tests.harness import Harness


def a_picture(width: int = 60, height: int = 40, kind: str = "JPEG", **more: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), (200, 100, 50)).save(written, kind, **more)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_small_and_without_what_the_camera_wrote(salon: Harness, kind: str) -> None:
    """It comes back as WebP, with the version that the next change has to name."""
    card = salon.ask(clara())
    assert salon.ask(ShowPhoto(card.id)) == Photo(card.id, 1)
    exif = Image.Exif()
    exif[0x0132] = "2026:01:01 12:00:00"
    photo = salon.ask(PutPhoto(card.id, 1, a_picture(3000, 1500, kind, exif=exif)))
    assert photo == Photo(card.id, 2, "image/webp", 1024, 512) == salon.ask(ShowPhoto(card.id))
    file: PhotoFile = salon.ask(ReadPhoto(card.id))
    image = Image.open(io.BytesIO(file.content))
    assert (image.format, image.size, file.version) == ("WEBP", (1024, 512), 2)
    assert not image.getexif()


def test_a_photo_is_replaced_and_removed_by_who_saw_the_last_one(salon: Harness) -> None:
    card = salon.ask(clara())
    refused(NotFound, "photo_not_found", lambda: salon.ask(RemovePhoto(card.id, 1)))
    salon.ask(PutPhoto(card.id, 1, a_picture()))
    refused(Stale, "version_stale", lambda: salon.ask(PutPhoto(card.id, 1, a_picture())))
    assert salon.ask(PutPhoto(card.id, 2, a_picture(30, 30))).width == 30
    refused(Stale, "version_stale", lambda: salon.ask(RemovePhoto(card.id, 2)))
    assert salon.ask(RemovePhoto(card.id, 3)) == Photo(card.id, 4)
    refused(NotFound, "photo_not_found", lambda: salon.ask(ReadPhoto(card.id)))
    assert salon.ask(PutPhoto(card.id, 4, a_picture())).version == 5


def test_what_is_no_picture_is_refused(salon: Harness) -> None:
    card = salon.ask(clara())
    for content in (b"no picture", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", a_picture()[:200]):
        refusal = refused(Invalid, "picture_unreadable", lambda c=content: salon.ask(PutPhoto(card.id, 1, c)))
        assert list(refusal.details["errors"]) == ["image"]


def test_a_decompression_bomb_is_refused_before_it_is_decoded(salon: Harness) -> None:
    """A few kilobytes can say that they are gigabytes of white."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
    card = salon.ask(clara())
    refused(Invalid, "picture_too_large", lambda: salon.ask(PutPhoto(card.id, 1, bomb)))


def test_boris_may_not_see_a_photo_of_another_branch(salon: Harness) -> None:
    """Clara sees her own; who may only read puts none."""
    card = salon.ask(clara(home_branch_id=HERE))
    salon.ask(PutPhoto(card.id, 1, a_picture()))
    for request in (ShowPhoto(card.id), ReadPhoto(card.id), PutPhoto(card.id, 2, a_picture()), RemovePhoto(card.id, 2)):
        refused(NotFound, "client_not_found", lambda r=request: salon.ask(r, BORIS))
    assert salon.ask(ReadPhoto(card.id), a_user("clients.read.own", client_id=card.id)).version == 2
    reader = anna("clients.read")
    refused(Forbidden, "permission_missing", lambda: salon.ask(PutPhoto(card.id, 2, a_picture()), reader))


def test_that_there_is_no_such_card_comes_before_what_is_wrong_with_the_picture(salon: Harness) -> None:
    card = salon.ask(clara(home_branch_id=HERE))
    refused(NotFound, "client_not_found", lambda: salon.ask(PutPhoto(card.id, 1, b"no picture"), BORIS))


def test_a_photo_is_sealed_for_its_client_and_its_version(salon: Harness) -> None:
    """The database holds no picture; moved to another card it does not open."""
    card, other = salon.ask(clara()), salon.ask(clara(phones=()))
    for one in (card, other):
        salon.ask(PutPhoto(one.id, 1, a_picture()))
    content = salon.ask(ReadPhoto(card.id)).content
    with salon.session() as session:
        kept = session.scalar(select(photos.c.content).where(photos.c.client_id == card.id))
        assert kept is not None and content[:40] not in kept
        session.execute(update(photos).where(photos.c.client_id == other.id).values(content=kept))
        session.commit()
    refused(Conflict, "photo_damaged", lambda: salon.ask(ReadPhoto(other.id)))


def test_a_photo_goes_with_the_person(salon: Harness) -> None:
    card = salon.ask(clara())
    salon.ask(PutPhoto(card.id, 1, a_picture()))
    salon.ask(EraseClient(card.id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(ReadPhoto(card.id)))
    with salon.session() as session:
        assert session.execute(select(photos)).all() == []
