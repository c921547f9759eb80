"""Files and the photo of a client: shown, added and removed."""

import hashlib
from uuid import UUID

from flask import Response

from contracts.clients import (
    LARGEST_FILE,
    PART_BYTES,
    AddFile,
    KeepFilePart,
    ListFiles,
    PutPhoto,
    ReadFile,
    ReadPhoto,
    RemoveFile,
    RemovePhoto,
    ShowPhoto,
)
from gateway.files import response_of
from gateway.pages.clients_parts import CLIENT
from gateway.pages.clients_words import FILE_KINDS
from gateway.pages.forms import Form
from gateway.pages.languages import gettext as _
from gateway.pages.site import Area, done, seen_at, shown
from gateway.pages.uploads import MEBIBYTE, PICTURES, Upload
from gateway.pages.visitor import Visitor
from gateway.route import File

FILE = Upload("file", (*PICTURES, "pdf"), LARGEST_FILE)
PHOTO = Upload("photo", PICTURES, 5 * MEBIBYTE)
A_DAY = "private, max-age=86400"

area = Area("clients-files")


@area.page(f"{CLIENT}/files", ListFiles)
def files(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002  a word of the address
    return shown(
        "clients/files.html",
        id=id,
        found=visitor.all(ListFiles, client_id=id),
        photo=visitor.ask_if(ShowPhoto(id)),
        kinds=FILE_KINDS,
        upload=FILE,
        photo_upload=PHOTO,
        may_add=visitor.may(AddFile),
        may_remove=visitor.may(RemoveFile),
        may_put=visitor.may(PutPhoto),
    )


@area.page(f"{CLIENT}/files/<uuid:file_id>", ReadFile)
def file(visitor: Visitor, form: Form, id: UUID, file_id: UUID) -> Response:  # noqa: A002
    """The file itself: to be saved, or a picture to be looked at."""
    asked = ReadFile(id, file_id)
    response = response_of(File("application/pdf", cache=A_DAY), asked, visitor.raw(asked), visitor.raw)
    if form.ticked("shown") and response.mimetype == "image/webp":
        del response.headers["Content-Disposition"]
    return response


@area.form(f"{CLIENT}/files", AddFile, KeepFilePart, takes=FILE)
def add_file(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    """Sent on in parts; with the key of the form the same bytes have the same id, so that they are kept once."""
    name, content = form.file(FILE)
    kind = form.one_of("kind", FILE_KINDS)
    upload_id = UUID(bytes=hashlib.sha256(form.key.encode() + content).digest()[:16])
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        visitor.ask(KeepFilePart(id, upload_id, number, content[start : start + PART_BYTES]))
    visitor.ask(AddFile(id, upload_id, len(content), name, kind), form.key)  # type: ignore[arg-type]
    return done(_("The file is kept"), refresh="files timeline")


@area.form(f"{CLIENT}/files/<uuid:file_id>/remove", RemoveFile)
def remove_file(visitor: Visitor, form: Form, id: UUID, file_id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemoveFile(id, file_id, form.whole("version")), form.key)
    return done(_("The file is gone"), refresh="files timeline")


@area.page(f"{CLIENT}/photo", ReadPhoto)
def photo(visitor: Visitor, _form: Form, id: UUID) -> Response:  # noqa: A002
    asked = ReadPhoto(id)
    return response_of(File("image/webp", cache=A_DAY), asked, visitor.raw(asked), visitor.raw)


@area.form(f"{CLIENT}/photo", PutPhoto, takes=PHOTO)
def put_photo(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(PutPhoto(id, form.whole("version"), form.file(PHOTO)[1]), form.key)
    return seen_at(f"/clients/{id}")


@area.form(f"{CLIENT}/photo/remove", RemovePhoto)
def remove_photo(visitor: Visitor, form: Form, id: UUID) -> Response:  # noqa: A002
    visitor.ask(RemovePhoto(id, form.whole("version")), form.key)
    return seen_at(f"/clients/{id}")
