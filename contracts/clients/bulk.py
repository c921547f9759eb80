"""Many cards at once, from another system."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.clients.cards import NewClient
from contracts.message import Request


@dataclass(frozen=True)
class ImportedClient(NewClient):
    """`reference` names the person in the system they come from; registering it again changes nothing.

    `referrer_reference` points to another card by its reference, in this batch or an earlier one.
    """

    reference: Annotated[str, Meta(min_length=1, max_length=200)] = ""
    referrer_reference: Annotated[str, Meta(max_length=200)] | None = None
    registered_at: datetime | None = None


@dataclass(frozen=True)
class Imported:
    reference: str
    id: UUID
    created: bool


@dataclass(frozen=True)
class ImportedClients:
    items: tuple[Imported, ...]


@dataclass(frozen=True)
class ImportClients(Request[ImportedClients], permission="clients.import", timeout=30.0):
    """All or nothing: a card that is wrong refuses the batch and names its place (`clients.3.phones`)."""

    clients: Annotated[tuple[ImportedClient, ...], Meta(min_length=1, max_length=500)]
