"""The categories that a salon sorts its clients into by hand."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Cursor, Limit, Name, Page, Request, Version

Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", max_length=7)]


@dataclass(frozen=True)
class ClientCategory:
    """A label on cards, told apart without case."""

    id: UUID
    name: str
    colour: str
    version: int


@dataclass(frozen=True)
class CreateClientCategory(Request[ClientCategory], permission="client_categories.create"):
    name: Name
    colour: Colour = "#808080"


@dataclass(frozen=True)
class ShowClientCategory(Request[ClientCategory], permission="client_categories.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListClientCategories(Request[Page[ClientCategory]], permission="client_categories.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeClientCategory(Request[ClientCategory], permission="client_categories.edit"):
    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedClientCategory:
    id: UUID


@dataclass(frozen=True)
class RemoveClientCategory(Request[RemovedClientCategory], permission="client_categories.delete"):
    """The label comes off every card."""

    id: UUID
    version: Version
