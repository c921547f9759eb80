"""Loyalty cards: plastic or on a phone, with a number by which the desk finds whose it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Cursor, Limit, Name, Page, Request, Version

CardColour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", max_length=7)]
CardNumber = Annotated[str, Meta(min_length=1, max_length=64)]
LoyaltyCardState = Literal["active", "blocked"]
LoyaltyCardBlockReason = Literal["lost", "stolen", "damaged", "other"]
LoyaltyCardEntryKind = Literal["issued", "blocked", "replaced", "moved"]


@dataclass(frozen=True)
class LoyaltyCardType:
    """`stands_for` is a label of the level or rule that people take it for; what counts is the programme."""

    id: UUID
    name: str
    colour: str
    stands_for: str | None
    version: int


@dataclass(frozen=True)
class CreateLoyaltyCardType(Request[LoyaltyCardType], permission="loyalty_card_types.edit"):
    name: Name
    colour: CardColour = "#808080"
    stands_for: Name | None = None


@dataclass(frozen=True)
class ShowLoyaltyCardType(Request[LoyaltyCardType], permission="loyalty_cards.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListLoyaltyCardTypes(Request[Page[LoyaltyCardType]], permission="loyalty_cards.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeLoyaltyCardType(Request[LoyaltyCardType], permission="loyalty_card_types.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    colour: CardColour | UnsetType = UNSET
    stands_for: Name | None | UnsetType = UNSET


@dataclass(frozen=True)
class LoyaltyCard:
    """A card of a client's; `replaced_by_id` is the one that came in its place."""

    id: UUID
    type_id: UUID
    type_name: str
    number: str
    client_id: UUID
    branch_id: UUID
    state: LoyaltyCardState
    issued_at: datetime
    issued_by: UUID | None
    blocked_at: datetime | None = None
    block_reason: LoyaltyCardBlockReason | None = None
    replaced_by_id: UUID | None = None


@dataclass(frozen=True)
class LoyaltyCardEntry:
    """What became of a card."""

    number: int
    kind: LoyaltyCardEntryKind
    at: datetime
    author_id: UUID | None = None


@dataclass(frozen=True)
class IssueLoyaltyCard(Request[LoyaltyCard], permission="loyalty_cards.issue"):
    """With the number that is printed on it, or with a new one of thirteen digits (EAN-13), the last a check digit."""

    client_id: UUID
    type_id: UUID
    branch_id: UUID
    number: CardNumber | None = None


@dataclass(frozen=True)
class ShowLoyaltyCard(Request[LoyaltyCard], permission="loyalty_cards.read", effects=False):
    client_id: UUID
    id: UUID


@dataclass(frozen=True)
class ListLoyaltyCards(Request[Page[LoyaltyCard]], permission="loyalty_cards.read", effects=False):
    """The newest first."""

    client_id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ListLoyaltyCardEntries(Request[Page[LoyaltyCardEntry]], permission="loyalty_cards.read", effects=False):
    """The oldest first."""

    client_id: UUID
    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class BlockLoyaltyCard(Request[LoyaltyCard], permission="loyalty_cards.block"):
    """It names nobody from now on. With `replace` another one takes its place, with `number` or a new one."""

    client_id: UUID
    id: UUID
    reason: LoyaltyCardBlockReason
    replace: bool = False
    number: CardNumber | None = None


@dataclass(frozen=True)
class LookUpLoyaltyCard(Request[LoyaltyCard], permission="loyalty_cards.read", keyed=False):
    """The card of a number, if the caller may see whose it is; too many numbers that there are not have to wait."""

    number: CardNumber
