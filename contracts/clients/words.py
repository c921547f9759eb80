"""The words that cards are made of."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from contracts.message import Code, Name, Text, WallClock

Phone = Annotated[str, Meta(min_length=3, max_length=40)]
Phones = Annotated[tuple[Phone, ...], Meta(max_length=10)]
Email = Annotated[str, Meta(min_length=3, max_length=254)]
Sex = Literal["female", "male"]
Options = Annotated[tuple[Name, ...], Meta(max_length=100)]
Importance = Literal["none", "bronze", "silver", "gold"]
CategoryIds = Annotated[tuple[UUID, ...], Meta(max_length=50)]
PhoneLabels = Annotated[tuple[Annotated[str, Meta(max_length=60)], ...], Meta(max_length=10)]
Contraindications = Annotated[tuple[Name, ...], Meta(max_length=50)]


@dataclass(frozen=True)
class FieldValue:
    """What a card says in a field of the salon's own, in the words of its kind.

    A number is `-12.5`, a date `2026-12-01`, a choice one of its options, yes or no `yes` or `no`.
    """

    field_id: UUID
    value: Text | None


@dataclass(frozen=True)
class GivenByRule:
    """A category that only a rule of loyalty has given the card, or (`category_id` None) its class of importance."""

    reason: str
    category_id: UUID | None = None


Custom = Annotated[tuple[FieldValue, ...], Meta(max_length=100)]


@dataclass(frozen=True)
class Source:
    """Where the client came from first; `channel` is compared without case."""

    channel: Code
    detail: Text | None = None
    campaign: Name | None = None


class ConvenientTime(Struct, frozen=True, rename={"from_": "from"}):
    """A weekday (0 is Monday) and wall-clock times; a Struct, because `from` is a word of the language."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    from_: WallClock
    to: WallClock


@dataclass(frozen=True)
class Preferences:
    favourite_master_id: UUID | None = None
    favourite_service_ids: Annotated[tuple[UUID, ...], Meta(max_length=50)] = ()
    convenient_times: Annotated[tuple[ConvenientTime, ...], Meta(max_length=50)] = ()
    wishes: Text | None = None
