"""The channels that clients come through: a tree that the salon edits, with what each costs per month."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Code, Cursor, Event, Limit, Month, Page, Request, Version
from kernel.money import Money


@dataclass(frozen=True)
class MonthlyCost:
    """What a channel costs in each month from `month` until the next such entry."""

    month: Month
    monthly: Money


MonthlyCosts = Annotated[tuple[MonthlyCost, ...], Meta(max_length=120)]


@dataclass(frozen=True)
class Channel:
    """A source in the tree. Its name is compared without case, with all others: cards name a channel by that alone."""

    id: UUID
    name: str
    parent_id: UUID | None
    active: bool
    costs: tuple[MonthlyCost, ...]
    version: int


@dataclass(frozen=True)
class CreateSource(Request[Channel], permission="sources.create"):
    name: Code
    parent_id: UUID | None = None
    active: bool = True
    costs: MonthlyCosts = ()


@dataclass(frozen=True)
class ShowSource(Request[Channel], permission="sources.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListSources(Request[Page[Channel]], permission="sources.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeSource(Request[Channel], permission="sources.edit"):
    """Another name or parent keeps the cards; `costs` replaces all that were known."""

    id: UUID
    version: Version
    name: Code | UnsetType = UNSET
    parent_id: UUID | None | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    costs: MonthlyCosts | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedSource:
    id: UUID


@dataclass(frozen=True)
class RemoveSource(Request[RemovedSource], permission="sources.delete"):
    """Refused with `source_used` while a card or another source hangs on it."""

    id: UUID
    version: Version


@dataclass(frozen=True)
class SourceChanged(Event):
    """A source as it is from `version` on; the first one says that it is new."""

    source_id: UUID
    version: int
    channel: str
    parent_id: UUID | None
    active: bool
    costs: tuple[MonthlyCost, ...]
    occurred_at: datetime


@dataclass(frozen=True)
class SourceRemoved(Event):
    source_id: UUID
    version: int
    occurred_at: datetime
