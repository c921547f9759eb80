"""The personal discount of a client: a rule with validity, author and reason."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import Cursor, Event, Limit, Page, Request, Version

DISCOUNT = "clients.discount"

DiscountReason = Annotated[str, Meta(min_length=1, max_length=2_000)]


@dataclass(frozen=True)
class PersonalDiscount:
    """`percent` holds from `valid_from` until `valid_until`, or for good; None: there is none. Version 1: never was.

    `reason` is told to those who may give discounts.
    """

    client_id: UUID
    version: int
    percent: Decimal | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    in_force: bool = False
    set_by: UUID | None = None
    set_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ShowPersonalDiscount(Request[PersonalDiscount], permission="clients.read", effects=False):
    client_id: UUID


@dataclass(frozen=True)
class ListPersonalDiscounts(Request[Page[PersonalDiscount]], permission="clients.read", effects=False):
    """Every version that there was, the newest first; only that one counts."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class SetPersonalDiscount(Request[PersonalDiscount], permission=DISCOUNT):
    """Above 0 and up to 100 per cent, two decimals at most; from now on if nothing else is said."""

    client_id: UUID
    version: Version
    percent: Decimal
    reason: DiscountReason
    valid_from: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True)
class RemovePersonalDiscount(Request[PersonalDiscount], permission=DISCOUNT):
    client_id: UUID
    version: Version


@dataclass(frozen=True)
class PersonalDiscountChanged(Event):
    """The rule in force from `version` on; `percent` None: there is none any more."""

    client_id: UUID
    version: int
    percent: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    occurred_at: datetime
