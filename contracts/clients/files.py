"""Files of a client: pictures before and after, forms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.message import Cursor, Limit, Name, Page, Request, Version

LARGEST_FILE = 25 * 1024 * 1024  # bytes of a file
PART_BYTES = 1024 * 1024  # bytes of it that one message carries: more would make everybody on the bus wait

FileKind = Literal["before", "after", "form", "other"]
PartNumber = Annotated[int, Meta(ge=0, lt=LARGEST_FILE // PART_BYTES)]


@dataclass(frozen=True)
class KeptPart:
    upload_id: UUID
    number: int


@dataclass(frozen=True)
class KeepFilePart(Request[KeptPart], permission="client_files.create", keyed=False):
    """One piece of what `AddFile` puts together; forgotten after an hour if it does not."""

    client_id: UUID
    upload_id: UUID
    number: PartNumber
    content: Annotated[bytes, Meta(min_length=1, max_length=PART_BYTES)]


@dataclass(frozen=True)
class ClientFile:
    """What is known of a file; it never changes. `size` in bytes, as it is kept."""

    id: UUID
    client_id: UUID
    name: str
    kind: FileKind
    media_type: str
    size: int
    appointment_id: UUID | None
    added_by: UUID
    added_at: datetime
    version: int


@dataclass(frozen=True)
class AddFile(Request[ClientFile], permission="client_files.create", timeout=20.0):
    """A picture is kept as WebP of at most 2,048 pixels, without what the camera wrote into it; a PDF as it is.

    The name gets the ending of what is kept. `size` is that of the upload, in bytes.
    """

    client_id: UUID
    upload_id: UUID
    size: Annotated[int, Meta(ge=1, le=LARGEST_FILE)]
    name: Name
    kind: FileKind = "other"
    appointment_id: UUID | None = None


@dataclass(frozen=True)
class ShowFile(Request[ClientFile], permission="client_files.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class ListFiles(Request[Page[ClientFile]], permission="client_files.read", effects=False):
    """The newest first."""

    client_id: UUID
    kind: FileKind | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class FilePart:
    """Piece `number` of `parts`."""

    name: str
    media_type: str
    content: bytes
    number: int
    parts: int


@dataclass(frozen=True)
class ReadFile(Request[FilePart], permission="client_files.read", effects=False):
    client_id: UUID
    id: UUID
    number: PartNumber = 0


@dataclass(frozen=True)
class RemovedFile:
    id: UUID


@dataclass(frozen=True)
class RemoveFile(Request[RemovedFile], permission="client_files.delete"):
    client_id: UUID
    id: UUID
    version: Version
