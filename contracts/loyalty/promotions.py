"""Promotions: a reward for a time, in some branches, for some services and people, perhaps for whoever says a code."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import UNSET, Code, Cursor, Limit, Name, Page, Request, UnsetType, Version

Ids = Annotated[tuple[UUID, ...], Meta(max_length=200)]
Names = Annotated[tuple[Name, ...], Meta(max_length=200)]
Uses = Annotated[int, Meta(ge=1, le=1_000_000_000)]


@dataclass(frozen=True)
class Promotion:
    """In force from `starts` until `ends`, which is not included. Empty lists do not restrict.

    It gives one of `percent`, `gift` and `offer`. `limit` is how many visits may have it, `per_client` how many of one
    client; `used` is how many completed visits had it, `promised` how many visits to come were promised it by its code.
    `code` is compared without case.
    """

    id: UUID
    version: int
    name: str
    starts: datetime
    ends: datetime
    percent: Decimal | None
    gift: str | None
    offer: str | None
    branch_ids: tuple[UUID, ...]
    service_ids: tuple[UUID, ...]
    categories: tuple[str, ...]
    client_category_ids: tuple[UUID, ...]
    segment_ids: tuple[UUID, ...]
    code: str | None
    limit: int | None
    per_client: int | None
    used: int
    in_force: bool
    changed_at: datetime
    changed_by: UUID | None
    promised: int = 0


@dataclass(frozen=True, kw_only=True)
class CreatePromotion(Request[Promotion], permission="promotions.edit"):
    """From now on if `starts` is not said. A promotion with a `limit` needs a code."""

    name: Name
    ends: datetime
    starts: datetime | None = None
    percent: Decimal | None = None
    gift: Name | None = None
    offer: Name | None = None
    branch_ids: Ids = ()
    service_ids: Ids = ()
    categories: Names = ()
    client_category_ids: Ids = ()
    segment_ids: Ids = ()
    code: Code | None = None
    limit: Uses | None = None
    per_client: Uses | None = None


@dataclass(frozen=True, kw_only=True)
class ChangePromotion(Request[Promotion], permission="promotions.edit"):
    """What is not said stays; another reward takes the place of the one before. What has begun keeps its beginning."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    starts: datetime | UnsetType = UNSET
    ends: datetime | UnsetType = UNSET
    percent: Decimal | None | UnsetType = UNSET
    gift: Name | None | UnsetType = UNSET
    offer: Name | None | UnsetType = UNSET
    branch_ids: Ids | UnsetType = UNSET
    service_ids: Ids | UnsetType = UNSET
    categories: Names | UnsetType = UNSET
    client_category_ids: Ids | UnsetType = UNSET
    segment_ids: Ids | UnsetType = UNSET
    code: Code | None | UnsetType = UNSET
    limit: Uses | None | UnsetType = UNSET
    per_client: Uses | None | UnsetType = UNSET


@dataclass(frozen=True)
class EndPromotion(Request[Promotion], permission="promotions.edit"):
    """End it now; one that has not begun never begins."""

    id: UUID


@dataclass(frozen=True)
class ShowPromotion(Request[Promotion], permission="promotions.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListPromotions(Request[Page[Promotion]], permission="promotions.read", effects=False):
    """The newest first; `at`: only those in force at an instant, `branch_id`: only those that hold there."""

    branch_id: UUID | None = None
    at: datetime | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
