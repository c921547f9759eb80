"""Calendars in RFC 5545 form: secret feeds of masters and branches, and one appointment to add to one's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.booking.words import Key
from contracts.message import PUBLIC, Cursor, Limit, Page, Request

FeedContent = Literal["appointments", "shifts", "both"]


@dataclass(frozen=True)
class CalendarFeed:
    """A subscription without a sign-in, until it is revoked, also when whoever made it has left: `created_by` is the id
    of a user or the name of a service. `key` and `path` are told once, when it is made.
    """

    id: UUID
    content: FeedContent
    master_id: UUID | None
    branch_id: UUID | None
    created_at: datetime
    revoked_at: datetime | None
    version: int
    key: str | None = None
    path: str | None = None
    created_by: str | None = None


@dataclass(frozen=True)
class CreateFeed(Request[CalendarFeed], permission="feeds.create"):
    """Of a master or of a branch. Of a master somebody whose rights end at branches sees these branches only."""

    content: FeedContent = "appointments"
    master_id: UUID | None = None
    branch_id: UUID | None = None


@dataclass(frozen=True)
class ShowFeed(Request[CalendarFeed], permission="feeds.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListFeeds(Request[Page[CalendarFeed]], permission="feeds.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class RevokeFeed(Request[CalendarFeed], permission="feeds.edit"):
    id: UUID


@dataclass(frozen=True)
class CalendarFile:
    """The text of a calendar: services and places, no names of clients."""

    content: str


@dataclass(frozen=True)
class ReadFeed(Request[CalendarFile], permission=PUBLIC, timeout=15.0, effects=False):
    key: Key


@dataclass(frozen=True)
class ReadAppointmentCalendar(Request[CalendarFile], permission="appointments.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ReadOnlineCalendar(Request[CalendarFile], permission=PUBLIC, effects=False):
    key: Key
