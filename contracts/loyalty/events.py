"""What loyalty announces."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts.message import Event


@dataclass(frozen=True)
class BranchPercent:
    branch_id: UUID
    percent: Decimal


@dataclass(frozen=True)
class DiscountChanged(Event):
    """The client's discount is `percent` from `occurred_at` on; `version` grows by client.

    It is what holds at any visit, by the programme of the chain; `by_branch` where a branch has one of its own.
    """

    client_id: UUID
    version: int
    percent: Decimal
    occurred_at: datetime
    by_branch: tuple[BranchPercent, ...] = ()


@dataclass(frozen=True)
class ClientSorted(Event):
    """The categories and the class of importance that rules give the client at `version`; what they gave before ends.

    What people gave by hand is not touched. `reasons` says why each was given, in the order of `category_ids`.
    """

    client_id: UUID
    version: int
    category_ids: tuple[UUID, ...]
    reasons: tuple[str, ...]
    importance: str | None
    occurred_at: datetime
    importance_reason: str | None = None
