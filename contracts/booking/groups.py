"""Group events: one master, many clients, a place for each."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.booking.words import Capacity
from contracts.message import Cursor, Limit, Page, Request, Text, Version


@dataclass(frozen=True)
class GroupEvent:
    """A group service at a time; booking the service at that time joins it and takes one of `places_left`."""

    id: UUID
    branch_id: UUID
    service_id: UUID
    master_id: UUID
    room_id: UUID | None
    starts: datetime
    ends: datetime
    capacity: int
    places_left: int
    status: Literal["planned", "cancelled"]
    version: int


@dataclass(frozen=True)
class CreateGroupEvent(Request[GroupEvent], permission="group_events.create"):
    """`capacity` is the service's unless it is given."""

    branch_id: UUID
    service_id: UUID
    master_id: UUID
    starts: datetime
    room_id: UUID | None = None
    capacity: Capacity | None = None


@dataclass(frozen=True)
class ShowGroupEvent(Request[GroupEvent], permission="group_events.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListGroupEvents(Request[Page[GroupEvent]], permission="group_events.read", effects=False):
    branch_id: UUID | None = None
    from_: date | None = None
    to: date | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeGroupEvent(Request[GroupEvent], permission="group_events.edit"):
    """Moves everybody who joined; never to fewer places than are taken."""

    id: UUID
    version: Version
    starts: datetime | UnsetType = UNSET
    master_id: UUID | UnsetType = UNSET
    capacity: Capacity | UnsetType = UNSET


@dataclass(frozen=True)
class CancelGroupEvent(Request[GroupEvent], permission="group_events.edit"):
    """Cancels the appointments of all who joined."""

    id: UUID
    reason: Text
