"""What masters remark about a client after a visit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Cursor, Limit, PastPage, Request, Version

NoteText = Annotated[str, Meta(min_length=1, max_length=10_000)]


@dataclass(frozen=True)
class Note:
    """A remark. A `private` one is seen by its author and by those who may change any (`client_notes.edit`)."""

    id: UUID
    client_id: UUID
    author_id: UUID
    written_at: datetime
    text: str
    private: bool
    appointment_id: UUID | None
    changed_by: UUID | None
    changed_at: datetime | None
    version: int


@dataclass(frozen=True)
class AddNote(Request[Note], permission="client_notes.create"):
    """The author is whoever asks, the time is now."""

    client_id: UUID
    text: NoteText
    private: bool = False
    appointment_id: UUID | None = None


@dataclass(frozen=True)
class ShowNote(Request[Note], permission="client_notes.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class ListNotes(Request[PastPage[Note]], permission="client_notes.read", effects=False):
    """The newest first."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeNote(Request[Note], permission="client_notes.edit"):
    """Whoever has the right for their own only changes what they wrote."""

    client_id: UUID
    id: UUID
    version: Version
    text: NoteText | UnsetType = UNSET
    private: bool | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedNote:
    id: UUID


@dataclass(frozen=True)
class RemoveNote(Request[RemovedNote], permission="client_notes.edit"):
    client_id: UUID
    id: UUID
    version: Version
