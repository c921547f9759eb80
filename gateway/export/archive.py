"""The archive of everything held about a person: the JSON, the PDF, the photo and the content of the files."""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec

from chassis import wire
from contracts.clients import ReadFile, ReadPhoto
from contracts.message import Request
from gateway.export.pdf import document
from gateway.files import contents
from gateway.route import Ask
from kernel.errors import Conflict

DAMAGED = {"file_damaged", "photo_damaged"}  # the JSON names what is

_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]")


def archive(reply: bytes, message: Request[Any], ask: Ask) -> Iterator[bytes]:
    """The archive piece by piece: never more of it in memory than one file, and nothing of it on a disk.

    A refusal on the way cuts it off before its table of contents is written, so that nobody takes it for whole.
    """
    held = msgspec.json.decode(reply)
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as whole:
        taken = datetime.fromisoformat(held["exported_at"])
        whole.writestr(_entry("client.json", taken, ZIP_DEFLATED), reply)
        whole.writestr(_entry("client.pdf", taken, ZIP_STORED), b"".join(document(reply, message, ask)))
        yield pipe.taken()
        for name, at, content in _uploads(held, ask):
            whole.writestr(_entry(name, at, ZIP_STORED), content)
            yield pipe.taken()
    yield pipe.taken()


def _uploads(held: dict[str, Any], ask: Ask) -> Iterator[tuple[str, datetime, bytes]]:
    """The photo and the files: compressed already, each of them."""
    client_id = UUID(held["id"])
    taken = datetime.fromisoformat(held["exported_at"])
    if (held.get("photo") or {}).get("media_type") and (content := _content(ReadPhoto(client_id), ask)):
        yield "photo.webp", taken, content
    for file in held["files"]:
        if content := _content(ReadFile(client_id, UUID(file["id"])), ask):
            at = datetime.fromisoformat(file["added_at"])
            # The same name may come twice; ids of one moment begin alike.
            yield f"files/{file['id'][-8:]} {_UNSAFE.sub('_', file['name'])}", at, content


def _content(asked: Request[Any], ask: Ask) -> bytes | None:
    """What was uploaded, whole; nothing if it is damaged."""
    try:
        found = wire.decoder(type(asked).reply)(ask(asked))
        return b"".join(contents(found, asked, ask))
    except Conflict as refusal:
        if refusal.code not in DAMAGED:
            raise
        return None


def _entry(name: str, at: datetime, method: int) -> ZipInfo:
    entry = ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = method
    entry.external_attr = 0o600 << 16
    return entry


class _Pipe(io.RawIOBase):
    """Takes what is written until somebody asks for it; it cannot be sought in."""

    def __init__(self) -> None:
        self._written = io.BytesIO()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        return self._written.write(content)

    def taken(self) -> bytes:
        """What was written since it was last asked for."""
        content = self._written.getvalue()
        self._written = io.BytesIO()
        return content
