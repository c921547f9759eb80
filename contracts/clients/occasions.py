"""The days on which a client is glad to be remembered."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from contracts.message import Cursor, Limit, Page, Request


@dataclass(frozen=True)
class Occasion:
    """The day when the client is `years` old, or has been registered for as many."""

    date: date
    kind: Literal["birthday", "anniversary"]
    client_id: UUID
    name: str
    years: int


@dataclass(frozen=True)
class ListOccasions(Request[Page[Occasion]], permission="clients.read", effects=False):
    """What falls on the dates `from_` to `to`, at most 62; birthdays only for those who may see contacts.

    Whoever was born or registered on 29 February is remembered on 28 February in years without one.
    """

    from_: date
    to: date
    limit: Limit = 50
    cursor: Cursor | None = None
