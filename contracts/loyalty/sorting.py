"""Whom the rules put into categories and classes of importance, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.message import FINANCE, Request, sensitive
from kernel.money import Money


@dataclass(frozen=True)
class SortingCheck:
    """One condition: `wanted` and `found` are numbers of visits, people or days, or names of levels.

    Of `spend`, `wanted` is in minor units and `spent` is what was found.
    """

    what: Literal["visits", "spend", "people", "level", "absent_days"]
    holds: bool
    wanted: str
    found: str | None = None
    spent: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class SortingRule:
    """A rule of the programme that gives a category or a class of importance, and whether it gives it to the client.

    `reason` is what it asks for, in words; `refused` is why it does not look at the client at all.
    """

    holds: bool
    reason: str
    checks: tuple[SortingCheck, ...]
    category_id: UUID | None = None
    importance: Literal["bronze", "silver", "gold"] | None = None
    refused: str | None = None


@dataclass(frozen=True)
class ClientSorting:
    """What the rules in force give the client at `as_of`. What people gave by hand is on the card."""

    client_id: UUID
    as_of: datetime
    programme_version: int
    category_ids: tuple[UUID, ...]
    importance: Literal["bronze", "silver", "gold"] | None
    rules: tuple[SortingRule, ...]


@dataclass(frozen=True)
class ShowSorting(Request[ClientSorting], permission="loyalty.read", effects=False):
    """Not for the client themselves: how a salon sorts its clients is its own business."""

    client_id: UUID
