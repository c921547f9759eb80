"""Files of a client: sent in pieces, kept sealed, read by who may."""

import hashlib
import io
from datetime import timedelta
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import delete, select, text, update

from chassis.database import new_id
from contracts.clients import (
    AddFile,
    ClientFile,
    EraseClient,
    KeepFilePart,
    ListFiles,
    ReadFile,
    RemoveFile,
    ShowFile,
)
from contracts.clients.files import PART_BYTES
from kernel.caller import Caller
from kernel.errors import Conflict, Forbidden, Gone, Invalid, NotFound, Stale
from kernel.time import utc_now
from services.clients.tables import file_parts, files, upload_parts
from tests.builders import HERE, OWNER, anna, boris
from tests.component.clients.conftest import clara, refused
from tests.component.clients.test_client_photos import a_picture
from tests.facts import booked, numbered
from tests.harness import Harness

RIGHTS = ("clients.read", "client_files.read", "client_files.create", "client_files.delete")
PLANTED = b"Clara Zetkin, ammonia, +79161234567"
PDF = b"%PDF-1.7\n" + PLANTED


def send(salon: Harness, client_id: UUID, content: bytes, caller: Caller = OWNER, **said: object) -> ClientFile:
    """As the gateway does: the pieces, then what they are."""
    upload_id = UUID(bytes=hashlib.sha256(content).digest()[:16])
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        salon.ask(KeepFilePart(client_id, upload_id, number, content[start : start + PART_BYTES]), caller)
    return salon.ask(AddFile(client_id, upload_id, len(content), **{"name": "form.pdf"} | said), caller)


def read(salon: Harness, file: ClientFile) -> bytes:
    first = salon.ask(ReadFile(file.client_id, file.id))
    rest = [salon.ask(ReadFile(file.client_id, file.id, number)).content for number in range(1, first.parts)]
    return b"".join([first.content, *rest])


def kept(salon: Harness, table: object) -> list[object]:
    with salon.session() as session:
        return list(session.execute(select(table)))


def test_a_file_belongs_to_a_visit_of_that_client(salon: Harness) -> None:
    """Not to somebody else's, nor to one that nobody knows; nothing is kept of it."""
    card, other = salon.ask(clara()), salon.ask(clara(phones=(), first_name="Olga"))
    salon.deliver(booked(numbered(1), other.id))
    for visit in (numbered(1), numbered(2)):
        refused(Invalid, "appointment_unknown", lambda v=visit: send(salon, card.id, PDF, appointment_id=v))
    assert kept(salon, files) == []


def test_a_pdf_comes_back_as_it_was_in_as_many_pieces_as_it_takes(salon: Harness) -> None:
    card, visit = salon.ask(clara()), numbered(1)
    salon.deliver(booked(visit, card.id))
    content = PDF + bytes(range(256)) * 10_000  # more than two pieces
    file = send(salon, card.id, content, kind="form", name=" Анкета Клары.PDF ", appointment_id=visit)
    assert (file.name, file.kind, file.media_type) == ("Анкета Клары.pdf", "form", "application/pdf")
    assert (file.size, file.appointment_id, file.added_by) == (len(content), visit, OWNER.id)
    assert read(salon, file) == content
    assert salon.ask(ShowFile(card.id, file.id)) == file
    assert len(kept(salon, file_parts)) == 3
    assert kept(salon, upload_parts) == []
    refused(NotFound, "part_not_found", lambda: salon.ask(ReadFile(card.id, file.id, 3)))


def test_a_picture_is_written_anew_and_smaller(salon: Harness) -> None:
    """Whatever the sender called it, without what the camera wrote."""
    card = salon.ask(clara())
    exif = Image.Exif()
    exif[0x0132] = "2026:01:01 12:00:00"
    file = send(salon, card.id, a_picture(3000, 1500, exif=exif, comment=PLANTED), name="before.jpg", kind="before")
    assert (file.name, file.media_type) == ("before.webp", "image/webp")
    image = Image.open(io.BytesIO(read(salon, file)))
    assert (image.format, image.size, dict(image.getexif())) == ("WEBP", (2048, 1024), {})


@pytest.mark.parametrize("content", [b"MZ\x90 a program", b"<html><script>", b"PK\x03\x04", a_picture()[:300]])
def test_what_is_neither_a_picture_nor_a_pdf_is_refused(salon: Harness, content: bytes) -> None:
    card = salon.ask(clara())
    refusal = refused(Invalid, "file_unreadable", lambda: send(salon, card.id, content))
    assert list(refusal.details["errors"]) == ["content"]
    assert kept(salon, files) == []


@pytest.mark.parametrize("name", ["../passwd", "a\r\nSet-Cookie: b", " . ", "\\\\host\\share"])
def test_a_file_has_a_name_that_files_can_have(salon: Harness, name: str) -> None:
    card = salon.ask(clara())
    assert "name" in refused(Invalid, "name_invalid", lambda: send(salon, card.id, PDF, name=name)).details["errors"]


def test_a_file_of_which_a_piece_is_missing_is_not_kept(salon: Harness) -> None:
    """Neither with too few, nor with pieces of somebody else."""
    card, upload = salon.ask(clara()), new_id()
    salon.ask(KeepFilePart(card.id, upload, 0, PDF))
    salon.ask(KeepFilePart(card.id, upload, 0, PDF))  # once more changes nothing
    refused(Conflict, "upload_incomplete", lambda: salon.ask(AddFile(card.id, upload, len(PDF) + 1, "a")))
    stranger = anna(*RIGHTS)
    refused(Conflict, "upload_incomplete", lambda: salon.ask(AddFile(card.id, upload, len(PDF), "a"), stranger))
    assert salon.ask(AddFile(card.id, upload, len(PDF), "a")).name == "a.pdf"


def test_a_repeated_request_adds_one_file(salon: Harness) -> None:
    """The pieces came again, too; they are forgotten like those of an upload that was given up."""
    card, upload = salon.ask(clara()), new_id()
    for _ in range(2):
        salon.ask(KeepFilePart(card.id, upload, 0, PDF))
        salon.ask(AddFile(card.id, upload, len(PDF), "a"), key="once")
    assert len(salon.ask(ListFiles(card.id)).items) == 1
    salon.tick()
    assert len(kept(salon, upload_parts)) == 1
    with salon.session() as session:
        session.execute(update(upload_parts).values(kept_at=utc_now() - timedelta(hours=2)))
        session.commit()
    salon.tick()
    assert kept(salon, upload_parts) == []


def test_files_are_listed_by_kind_the_newest_first(salon: Harness) -> None:
    card = salon.ask(clara())
    first, second, third = (send(salon, card.id, PDF, kind=kind) for kind in ("form", "other", "form"))
    assert salon.ask(ListFiles(card.id)).items == (third, second, first)
    assert salon.ask(ListFiles(card.id, kind="form")).items == (third, first)
    page = salon.ask(ListFiles(card.id, limit=2))
    assert salon.ask(ListFiles(card.id, limit=2, cursor=page.next)).items == (first,)


def test_reading_adding_and_removing_are_three_rights(salon: Harness) -> None:
    card = salon.ask(clara())
    file = send(salon, card.id, PDF)
    reader, sender = anna("client_files.read"), anna("client_files.create")
    for request in (AddFile(card.id, new_id(), 1, "a"), KeepFilePart(card.id, new_id(), 0, b"x")):
        refused(Forbidden, "permission_missing", lambda r=request: salon.ask(r, reader))
    for request in (ListFiles(card.id), ShowFile(card.id, file.id), ReadFile(card.id, file.id)):
        refused(Forbidden, "permission_missing", lambda r=request: salon.ask(r, sender))
    refused(Forbidden, "permission_missing", lambda: salon.ask(RemoveFile(card.id, file.id, 1), sender))
    assert send(salon, card.id, PDF, sender).added_by == sender.id
    refused(Stale, "version_stale", lambda: salon.ask(RemoveFile(card.id, file.id, 2)))
    assert salon.ask(RemoveFile(card.id, file.id, 1), anna("client_files.delete")).id == file.id
    refused(NotFound, "file_not_found", lambda: salon.ask(ReadFile(card.id, file.id)))
    assert len(kept(salon, file_parts)) == 1


def test_boris_may_not_touch_files_of_clients_of_another_branch(salon: Harness) -> None:
    card = salon.ask(clara(home_branch_id=HERE))
    file = send(salon, card.id, PDF)
    for request in (
        ListFiles(card.id),
        ShowFile(card.id, file.id),
        ReadFile(card.id, file.id),
        KeepFilePart(card.id, new_id(), 0, b"x"),
        AddFile(card.id, new_id(), 1, "a"),
        RemoveFile(card.id, file.id, 1),
    ):
        refused(NotFound, "client_not_found", lambda r=request: salon.ask(r, boris(*RIGHTS)))
    other = salon.ask(clara(phones=()))
    refused(NotFound, "file_not_found", lambda: salon.ask(ReadFile(other.id, file.id)))


def test_a_file_that_was_tampered_with_does_not_open_and_stops_no_list(salon: Harness) -> None:
    """A piece in another's place, and one that is gone."""
    card = salon.ask(clara())
    first, second = send(salon, card.id, PDF), send(salon, card.id, PDF + b"!")
    with salon.session() as session:
        theirs = select(file_parts.c.content).where(file_parts.c.file_id == second.id).scalar_subquery()
        session.execute(update(file_parts).where(file_parts.c.file_id == first.id).values(content=theirs))
        session.commit()
    refused(Conflict, "file_damaged", lambda: salon.ask(ReadFile(card.id, first.id)))
    with salon.session() as session:
        session.execute(delete(file_parts))
        session.execute(update(files).where(files.c.id == first.id).values(name=b"\x01" * 40))
        session.commit()
    refused(Conflict, "file_damaged", lambda: salon.ask(ReadFile(card.id, second.id)))
    assert salon.ask(ListFiles(card.id)).items == (second,)


def everything_in(salon: Harness) -> str:
    """Every row of every table, bytes in hexadecimal."""
    with salon.session() as session:
        names = session.scalars(text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"))
        return " ".join(
            str(row) for name in names for row in session.execute(text(f"SELECT t::text FROM {name} t")).all()
        )


def test_nothing_that_was_uploaded_is_in_the_database_in_clear_and_nothing_is_left(salon: Harness) -> None:
    """While it is on its way, when it is kept, and after the person was erased."""
    card = salon.ask(clara())
    salon.ask(KeepFilePart(card.id, new_id(), 0, PDF))
    file = send(salon, card.id, PDF, name="clara-zetkin.pdf")
    stored = everything_in(salon)
    for secret in (PLANTED, b"Zetkin", b"ammonia", b"clara-zetkin", b"%PDF-"):
        assert secret.hex() not in stored
        assert secret.decode() not in stored
    assert len(kept(salon, upload_parts)) == len(kept(salon, file_parts)) == 1
    salon.ask(EraseClient(card.id, 1))
    refused(Gone, "client_erased", lambda: salon.ask(ReadFile(card.id, file.id)))
    refused(Gone, "client_erased", lambda: salon.ask(KeepFilePart(card.id, new_id(), 0, PDF)))
    assert kept(salon, files) == kept(salon, file_parts) == kept(salon, upload_parts) == []
