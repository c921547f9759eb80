"""Which cards may be one person's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.message import Cursor, Limit, Page, Request

Reason = Literal["phone", "email", "birth_date_and_name"]


@dataclass(frozen=True)
class LikelyCard:
    id: UUID
    name: str
    registered_at: datetime
    version: int


@dataclass(frozen=True)
class LikelyDuplicates:
    """Two cards that may be one person's: the same phone or e-mail, or the same birth date and much the same name."""

    first: LikelyCard
    second: LikelyCard
    reason: Reason


@dataclass(frozen=True)
class ListLikelyDuplicates(Request[Page[LikelyDuplicates]], permission="clients.merge", timeout=10.0, effects=False):
    """Pairs of cards that the caller sees. A page may have fewer than `limit`, even none, and others after it."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class DismissedDuplicates:
    first_id: UUID
    second_id: UUID


@dataclass(frozen=True)
class DismissDuplicates(Request[DismissedDuplicates], permission="clients.merge"):
    """Two cards are of two people: they are not listed together again."""

    first_id: UUID
    second_id: UUID
