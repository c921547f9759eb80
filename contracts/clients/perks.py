"""What the salon owes one client in particular: three free coffees."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Cursor, Limit, Page, Request, Version

PerkText = Annotated[str, Meta(min_length=1, max_length=500)]
Quantity = Annotated[int, Meta(ge=1, le=1_000)]


@dataclass(frozen=True)
class Redemption:
    """One of them was given, by whom and when."""

    redeemed_by: UUID
    redeemed_at: datetime


@dataclass(frozen=True)
class Perk:
    """`left` of `quantity` can still be redeemed."""

    id: UUID
    client_id: UUID
    text: str
    quantity: int
    left: int
    given_by: UUID
    given_at: datetime
    redemptions: tuple[Redemption, ...]
    version: int


@dataclass(frozen=True)
class GivePerk(Request[Perk], permission="clients.edit"):
    client_id: UUID
    text: PerkText
    quantity: Quantity = 1


@dataclass(frozen=True)
class ShowPerk(Request[Perk], permission="clients.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class ListPerks(Request[Page[Perk]], permission="clients.read", effects=False):
    """In the order in which they were given; with `open`, those of which some are left."""

    client_id: UUID
    open: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangePerk(Request[Perk], permission="clients.edit"):
    """Refused with `perk_redeemed` where more have been redeemed than `quantity` says."""

    client_id: UUID
    id: UUID
    version: Version
    text: PerkText | UnsetType = UNSET
    quantity: Quantity | UnsetType = UNSET


@dataclass(frozen=True)
class RedeemPerk(Request[Perk], permission="client_perks.redeem"):
    """One less is left; refused with `perk_used_up` when none is."""

    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class RemovedPerk:
    id: UUID


@dataclass(frozen=True)
class RemovePerk(Request[RemovedPerk], permission="clients.edit"):
    client_id: UUID
    id: UUID
    version: Version
