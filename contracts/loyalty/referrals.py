"""Whom a client brought, and whom those brought."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.message import Request
from kernel.money import Money


@dataclass(frozen=True)
class ReferralNode:
    """Somebody brought; `visits` and `revenue` are their own, `children` the people they brought in turn."""

    client_id: UUID
    qualified: bool
    visits: int
    revenue: Money
    children: tuple["ReferralNode", ...] = ()
    name: str | None = None


@dataclass(frozen=True)
class Referrals:
    client_id: UUID
    children: tuple[ReferralNode, ...]


@dataclass(frozen=True)
class ShowReferrals(Request[Referrals], permission="loyalty.read", effects=False):
    client_id: UUID
    depth: Annotated[int, Meta(ge=1, le=10)] = 3
