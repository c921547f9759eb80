"""Cards of one person, made one, on the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.clients.cards import Client
from contracts.message import Cursor, Event, Limit, Page, Request, Version

TakenField = Literal[
    "first_name", "last_name", "patronymic", "preferred_name", "email", "sex", "birth_date", "source", "referrer_id",
    "home_branch_id", "favourite_master_id", "favourite_service_ids", "convenient_times", "wishes", "comment",
    "importance", "custom", "photo",
]  # fmt: skip


@dataclass(frozen=True)
class MergeClients(Request[Client], permission="clients.merge", timeout=15.0):
    """Make the duplicate a part of the card `id`, which is answered; the duplicate is gone as `merged` from then on.

    What the card does not say is taken from the duplicate, and of the fields in `take` also what it does say. Phones,
    categories and contraindications are united. Whoever names versions is refused if one of the cards has another by
    now; where appointments to come overlap, it is `merge_overlaps` with their ids.
    """

    id: UUID
    duplicate_id: UUID
    kept_version: Version | None = None
    duplicate_version: Version | None = None
    take: Annotated[tuple[TakenField, ...], Meta(max_length=18)] = ()


@dataclass(frozen=True)
class Merge:
    """One card that became a part of another, `kept_id`, which may have become a part of a third one since.

    `taken` are the fields that the duplicate gave, `card` is the duplicate as it was.
    """

    merged_id: UUID
    kept_id: UUID
    merged_at: datetime
    merged_by: UUID | None
    taken: tuple[TakenField, ...]
    card: Client | None


@dataclass(frozen=True)
class ListMerges(Request[Page[Merge]], permission="client_changes.read", effects=False):
    """Which cards became parts of this one, newest first."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ClientsMerged(Event):
    """Whatever is known of `merged_id` is known of `client_id` from now on.

    `merged_version` is the last version of the card that is gone, `version` that of the card that is kept. What was
    the home of one of the two and is not the person's, `were_homes`, goes on seeing the person.
    """

    client_id: UUID
    version: int
    merged_id: UUID
    merged_version: int
    occurred_at: datetime
    were_homes: tuple[UUID, ...] = ()
