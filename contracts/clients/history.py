"""What became of a card: who changed what of it, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.message import Cursor, Limit, PastPage, Request


@dataclass(frozen=True)
class FieldChange:
    """A field of the card, before and after, as the card shows it; masked where the caller may not see it."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class CardChange:
    """By which `version` came about. `changed_by` is a user; None for a service."""

    version: int
    changed_at: datetime
    changed_by: UUID | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class ListClientChanges(Request[PastPage[CardChange]], permission="client_changes.read", keyed=False):
    """Changes of a card, newest first, as far back as earlier versions are kept.

    Contacts are shortened until they were revealed; whoever reads of health here is told to the journal.

    With `merged_id` those of a card that was merged into this one, from before that.
    """

    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None
    merged_id: UUID | None = None
