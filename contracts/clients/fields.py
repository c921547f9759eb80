"""Fields that a salon adds to its cards."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from contracts.clients.words import Options
from contracts.message import Cursor, Limit, Name, Page, Request, Version

FieldKind = Literal["text", "number", "date", "choice", "yes_no"]


@dataclass(frozen=True)
class ClientField:
    """A question to every client. Answers to a `personal` one are sealed, and shown to who may see contacts."""

    id: UUID
    name: str
    kind: FieldKind
    options: tuple[str, ...]
    required: bool
    personal: bool
    version: int


@dataclass(frozen=True)
class CreateClientField(Request[ClientField], permission="client_fields.create"):
    """`options` are those of a choice. What is `required` is asked of everybody who is registered from then on."""

    name: Name
    kind: FieldKind
    options: Options = ()
    required: bool = False
    personal: bool = True


@dataclass(frozen=True)
class ShowClientField(Request[ClientField], permission="client_fields.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListClientFields(Request[Page[ClientField]], permission="client_fields.read", effects=False):
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeClientField(Request[ClientField], permission="client_fields.edit"):
    """A kind stays, and so does how values are kept. An option that goes stays on the cards that have it."""

    id: UUID
    version: Version
    name: Name | UnsetType = UNSET
    options: Options | UnsetType = UNSET
    required: bool | UnsetType = UNSET


@dataclass(frozen=True)
class RemovedClientField:
    id: UUID


@dataclass(frozen=True)
class RemoveClientField(Request[RemovedClientField], permission="client_fields.delete"):
    """With all its values."""

    id: UUID
    version: Version
