"""A promotion: a reward for a time, in some branches, for some services and people, perhaps for whoever says a code."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.loyalty.domain.programme import Reward


@dataclass(frozen=True, slots=True)
class Promotion:
    """In force from `starts` until `ends`, which is not included. Empty sets do not restrict.

    `code` is compared without case; `limit` is how many visits may have it, `per_client` how many of one client.
    `used` and `used_by_client` are how many had it already, of all and of the client who is asked about.
    """

    id: UUID
    name: str
    reward: Reward
    starts: datetime
    ends: datetime
    branch_ids: frozenset[UUID] = frozenset()
    service_ids: frozenset[UUID] = frozenset()
    categories: frozenset[str] = frozenset()
    client_category_ids: frozenset[UUID] = frozenset()
    segment_ids: frozenset[UUID] = frozenset()
    code: str | None = None
    limit: int | None = None
    per_client: int | None = None
    used: int = 0
    used_by_client: int = 0
