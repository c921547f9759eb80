"""Files in forms: which kinds, how large; refused by what they say and how they begin, before they are read whole."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

import flask
from werkzeug.exceptions import HTTPException

from gateway.pages.languages import gettext as _
from gateway.problems import TooLarge
from kernel.errors import Invalid

BEGINNING = 16  # bytes by which a kind is known
REST_OF_FORM = 64 * 1024  # for the fields beside the file
MEBIBYTE = 1024 * 1024


def _is_table(head: bytes) -> bool:
    return b"\0" not in head


BEGINS: dict[str, Callable[[bytes], bool]] = {  # by what follows the last dot of a name
    "png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "jpg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "webp": lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP",
    "pdf": lambda head: head.startswith(b"%PDF-"),
    "xlsx": lambda head: head.startswith(b"PK\x03\x04"),
    "csv": _is_table,
}
PICTURES = ("png", "jpg", "jpeg", "webp")


@dataclass(frozen=True)
class Upload:
    """A field of a form that is a file: the endings that its name may have, and at most how many bytes."""

    name: str
    kinds: tuple[str, ...] = PICTURES
    largest: int = 10 * MEBIBYTE

    @property
    def accept(self) -> str:
        return ",".join(f".{kind}" for kind in self.kinds)

    @property
    def said(self) -> str:
        """What may be sent, in words; also told when something else was."""
        kinds = ", ".join(kind.upper() for kind in self.kinds if kind != "jpeg")
        return _("%(kinds)s, up to %(size)s MB", kinds=kinds, size=self.largest // MEBIBYTE)

    def wrong_kind(self) -> Invalid:
        told = _("This file is of another kind. Choose one of these: %(said)s.", said=self.said)
        return Invalid.field(self.name, "media_type_unsupported", told)

    def too_large(self) -> TooLarge:
        told = _("This file is too large. Choose one of these: %(said)s.", said=self.said)
        return TooLarge("file_too_large", told, errors={self.name: [told]})


def expect(upload: Upload) -> None:
    """Before the form is read: refuse a body that is too long, and watch how its file begins."""
    request = flask.request
    request.max_content_length = upload.largest + REST_OF_FORM
    if (request.content_length or 0) > request.max_content_length:
        raise upload.too_large()
    flask.g.expected = upload


class UploadRequest(flask.Request):
    """Reads the files of those forms that expect one; those of others are not kept."""

    def _get_file_stream(self, *told: Any, **more: Any) -> IO[bytes]:
        filename = more["filename"] if "filename" in more else told[2]
        upload: Upload | None = flask.g.get("expected")
        if upload is None:
            raise Invalid.field("", "file_unexpected", "this form takes no file")
        if not filename:  # nothing was chosen
            return BytesIO()
        kind = filename.rpartition(".")[2].lower()
        if kind not in upload.kinds:
            raise upload.wrong_kind()
        return _Watched(upload, kind)


class _Watched(BytesIO):
    """What was sent so far; refused as soon as its beginning or its length is wrong."""

    def __init__(self, upload: Upload, kind: str) -> None:
        super().__init__()
        self._upload, self._kind, self._known = upload, kind, False

    def write(self, piece: Any) -> int:
        written = super().write(piece)
        length = self.tell()
        if length > self._upload.largest:
            raise self._upload.too_large()
        if not self._known and length >= BEGINNING:
            self._known = True
            if not BEGINS[self._kind](bytes(self.getbuffer()[:BEGINNING])):
                raise self._upload.wrong_kind()
        return written


def sent(upload: Upload) -> tuple[str, bytes] | None:
    """The name and the content of the file, nothing if none was chosen."""
    try:
        file = flask.request.files.get(upload.name)
    except HTTPException:
        raise upload.too_large() from None
    if file is None or not file.filename:
        return None
    content = file.stream.read()
    kind = file.filename.rpartition(".")[2].lower()
    if not content or not BEGINS[kind](content[:BEGINNING]):
        raise upload.wrong_kind()
    return file.filename.replace("\\", "/").rpartition("/")[2][:200], content
