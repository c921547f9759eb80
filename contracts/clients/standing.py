"""What other services and the gateway ask about cards."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.clients.words import ConvenientTime
from contracts.message import INTERNAL, Request


@dataclass(frozen=True)
class ClientName:
    """`name` is how to call them; the others are its parts, for whoever puts them in an order of their own.

    `wishes` are those for procedures: "no talk during the manicure".
    """

    id: UUID
    name: str
    wishes: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    patronymic: str | None = None
    preferred_name: str | None = None


@dataclass(frozen=True)
class ClientNames:
    items: tuple[ClientName, ...]


@dataclass(frozen=True)
class NameClients(Request[ClientNames], permission="clients.read", effects=False):
    """How to call each of `ids` whom the caller may see; the others are left out."""

    ids: Annotated[tuple[UUID, ...], Meta(max_length=2_000)]


@dataclass(frozen=True)
class ClientStanding:
    """Whether a card exists (`active`), is gone (`erased`) or was never there (`unknown`), and what they prefer.

    A card that was merged is gone, and `merged_into` is where the person is found. `were_homes` were those of cards of
    the person, and go on seeing them.
    """

    id: UUID
    state: Literal["active", "erased", "unknown"]
    home_branch_id: UUID | None = None
    favourite_master_id: UUID | None = None
    favourite_service_ids: tuple[UUID, ...] = ()
    convenient_times: tuple[ConvenientTime, ...] = ()
    merged_into: UUID | None = None
    were_homes: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class CheckClient(Request[ClientStanding], permission=INTERNAL, timeout=1.0, effects=False):
    id: UUID


@dataclass(frozen=True)
class ActiveClients:
    """Those that were asked for who have a card that is not erased."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True)
class CheckClients(Request[ActiveClients], permission=INTERNAL, timeout=2.0, effects=False):
    ids: Annotated[tuple[UUID, ...], Meta(max_length=500)]
