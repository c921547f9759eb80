"""The days on which a client is glad to be remembered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.message import Cursor, Event, Limit, Page, Request

OccasionKind = Literal["birthday", "anniversary"]


@dataclass(frozen=True)
class Occasion:
    """The day when the client is `years` old, or came for the first time as many years ago."""

    date: date
    kind: OccasionKind
    client_id: UUID
    name: str
    years: int


@dataclass(frozen=True)
class ListOccasions(Request[Page[Occasion]], permission="clients.read", effects=False):
    """What falls on the dates `from_` to `to`, at most 62; birthdays only for those who may see contacts.

    Whoever was born or first came on 29 February is remembered on 28 February in years without one.
    """

    from_: date
    to: date
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class OccasionFact:
    """An occasion is known by the person, its kind and the year of its day; the day itself is not told."""

    client_id: UUID
    kind: OccasionKind
    year: int
    occurred_at: datetime


@dataclass(frozen=True)
class OccasionOpened(OccasionFact, Event):
    """A birthday or an anniversary of the first visit is near: once for each person, kind and year."""


@dataclass(frozen=True)
class OccasionClosed(OccasionFact, Event):
    """The days around it are over."""
