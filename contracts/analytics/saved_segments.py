"""Segments that people define by what clients did: counted before use, kept up to date, served to other services."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import INTERNAL, Cursor, Event, Limit, Name, Page, Request, Version

SegmentFilter = dict[str, Any]


@dataclass(frozen=True)
class SavedSegment:
    """Whoever the filter holds of, of the chain or (`branch_id`) of those who came to a branch, by their visits there.

    `members` is how many they were when that was last looked at, `counted_at`; both are null until it was.
    """

    id: UUID
    version: int
    name: str
    filter: SegmentFilter
    created_at: datetime
    changed_at: datetime
    branch_id: UUID | None = None
    created_by: UUID | None = None
    members: int | None = None
    counted_at: datetime | None = None


@dataclass(frozen=True)
class SegmentCount:
    """How many of `of` clients a filter holds of, on `as_of`."""

    clients: int
    of: int
    as_of: date
    definition: str


@dataclass(frozen=True)
class CountSegment(Request[SegmentCount], permission="analytics.read", effects=False, timeout=20.0):
    """How many a filter holds of, without saving it. Who is bound to some of the branches names one of them."""

    filter: SegmentFilter
    branch_id: UUID | None = None


@dataclass(frozen=True)
class ListSavedSegments(Request[Page[SavedSegment]], permission="analytics.read", effects=False):
    """Those of the chain for who sees the chain, and those of the branches that the caller sees."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShowSavedSegment(Request[SavedSegment], permission="analytics.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class SaveSegment(Request[SavedSegment], permission="segments.edit"):
    """Its members are found within half a minute."""

    name: Name
    filter: SegmentFilter
    branch_id: UUID | None = None


@dataclass(frozen=True)
class ChangeSegment(Request[SavedSegment], permission="segments.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    filter: SegmentFilter | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedSegment:
    id: UUID


@dataclass(frozen=True)
class RemoveSegment(Request[RemovedSegment], permission="segments.edit"):
    id: UUID
    version: Version


@dataclass(frozen=True)
class SegmentMember:
    """`name` is the client's, for those who may know it."""

    client_id: UUID
    name: str | None = None


@dataclass(frozen=True)
class ShowSegmentMembers(Request[Page[SegmentMember]], permission="analytics.read", effects=False):
    """Who is in it, as it was last looked at."""

    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class SegmentIds:
    """A page of members. `position` counts the changes of membership that this tells of already."""

    ids: tuple[UUID, ...]
    position: int
    next: str | None = None


@dataclass(frozen=True)
class ListSegmentMembers(Request[SegmentIds], permission=INTERNAL, effects=False):
    """For the other services, in any order that stays."""

    id: UUID
    limit: Annotated[int, Meta(ge=1, le=5_000)] = 5_000
    cursor: Cursor | None = None


@dataclass(frozen=True)
class SegmentMembersChanged(Event):
    """Who came into a segment and who left it; large changes come in several events.

    `position` grows by one with each event of the segment: of two events about a client the later one holds.
    """

    segment_id: UUID
    position: int
    joined: tuple[UUID, ...]
    left: tuple[UUID, ...]
    occurred_at: datetime


@dataclass(frozen=True)
class SegmentRemoved(Event):
    """It has no members any more."""

    segment_id: UUID
    position: int
    occurred_at: datetime
