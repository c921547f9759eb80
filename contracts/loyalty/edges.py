"""Who brought whom, since when, whether that holds, and what somebody who looked at it said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.message import Cursor, Limit, Page, Request, Text

Judgement = Literal["holds", "refused", "flagged"]


@dataclass(frozen=True)
class EdgeAbove:
    """Who (`client_id`) or which channel brought the client, from `since` until `until`.

    `reasons` are codes: why it does not hold, or what was noticed. What ended shows how it stood in the end.
    """

    client_id: UUID | None
    source_id: UUID | None
    channel: str | None
    since: datetime
    until: datetime | None
    verdict: Judgement
    reasons: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True)
class EdgeBelow:
    """Somebody whose card names the client; `counts_since` or `not_counted`, the code of why not."""

    client_id: UUID
    since: datetime
    verdict: Judgement
    reasons: tuple[str, ...]
    counts_since: datetime | None
    not_counted: str | None
    name: str | None = None


@dataclass(frozen=True)
class ReferralReview:
    """Somebody has looked at whether `referrer_id` brought the client; `reason` for those who may review."""

    id: UUID
    client_id: UUID
    referrer_id: UUID
    holds: bool
    reason: str | None
    reviewed_at: datetime
    reviewed_by: UUID


@dataclass(frozen=True)
class ClientEdges:
    """The dated edges above a client, the oldest first, of which the last may still stand, and those below."""

    client_id: UUID
    above: tuple[EdgeAbove, ...]
    children: tuple[EdgeBelow, ...]
    reviews: tuple[ReferralReview, ...]


@dataclass(frozen=True)
class ShowEdges(Request[ClientEdges], permission="loyalty.read", effects=False):
    client_id: UUID


@dataclass(frozen=True)
class ReviewReferral(Request[ReferralReview], permission="referrals.review"):
    """Say that the present referrer brought the client whatever the checks found, or did not."""

    client_id: UUID
    holds: bool
    reason: Text


@dataclass(frozen=True)
class NamedReferrer:
    client_id: UUID
    name: str | None = None


@dataclass(frozen=True)
class DoubtfulEdge:
    """An edge that does not hold, or that somebody should look at; `reason` is the first of its reasons."""

    client_id: UUID
    referrer: NamedReferrer
    since: datetime
    verdict: Literal["refused", "flagged"]
    reason: str
    name: str | None = None


@dataclass(frozen=True)
class ListDoubtfulEdges(Request[Page[DoubtfulEdge]], permission="referrals.read", effects=False):
    """The youngest first, by what the programme of the chain checks."""

    verdict: Literal["refused", "flagged"] | None = None
    cursor: Cursor | None = None
    limit: Limit = 50
