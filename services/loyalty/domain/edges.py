"""Who brought somebody, by what their cards said over time, and the checks of each such edge of the graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.loyalty.domain.facts import Card
from services.loyalty.domain.programme import Checks
from services.loyalty.domain.referrals import LOOP, SELF

BEFORE = timedelta(hours=24)  # a referrer may still be named on the day of the first visit
VISITED = "visited_before"
SHARED = "shared_contact"
REFERRER_STAFF = "referrer_is_staff"
CLIENT_STAFF = "client_is_staff"
REFERRER_ERASED = "referrer_erased"
REVIEWED = "reviewed_refused"
VELOCITY = "velocity"

Judgement = Literal["holds", "refused", "flagged"]


@dataclass(frozen=True, slots=True)
class Edge:
    """Who or which channel brought `client_id`, from `since` until `until` (None: still).

    A refused edge is kept with its `reasons` and holds once none is left; a flagged one waits for somebody to look at
    it. An edge to a channel always holds.
    """

    client_id: UUID
    since: datetime
    until: datetime | None = None
    referrer_id: UUID | None = None
    source_id: UUID | None = None
    channel: str | None = None
    verdict: Judgement = "holds"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """Whom a card names: `card` says it now, `since` it did so first without naming anybody else in between.

    `first` is since when it has named somebody or other without a break: who corrects the referrer keeps that date. It
    is None for a card that was made so: visits of before are those of another system, and nobody knew the client yet.
    """

    card: Card
    since: datetime
    first: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the checks look at, as it is at one instant."""

    naming: Naming
    first_visit: datetime | None = None
    shared_contact: bool = False
    client_staff: bool = False
    referrer_staff: bool = False
    referrer_erased_at: datetime | None = None
    crowded: bool = False
    in_loop: bool = False
    review: bool | None = None


def naming_of(cards: Iterable[Card]) -> Naming | None:
    """What the last of a card's versions says, and since when; `cards` are in order of version."""
    said = list(cards)
    if not said:
        return None
    card = said.pop()
    since = card.at
    first = card.at
    parent, unchanged = parent_of(card), True
    while said and (said[-1].referrer_id is None) is (card.referrer_id is None):
        earlier = said.pop()
        unchanged = unchanged and parent_of(earlier) == parent
        if unchanged:
            since = min(since, earlier.at)
        first = min(first, earlier.at)
    return Naming(card, since, first if said else None)


def stretches(cards: Sequence[Card]) -> list[tuple[Card, datetime, datetime | None]]:
    """The edges above somebody over time: what a card said, since when, and until when; only one at any instant."""
    runs: list[tuple[Card, datetime]] = []
    for card in cards:
        if runs and parent_of(runs[-1][0]) == parent_of(card):
            runs[-1] = (card, min(runs[-1][1], card.at))
        else:
            runs.append((card, card.at))
    found: list[tuple[Card, datetime, datetime | None]] = []
    until: datetime | None = None
    for card, since in reversed(runs):
        if until is None or since < until:
            if parent_of(card) != NOBODY:
                found.append((card, since, until))
            until = since
    return found[::-1]


Parent = tuple[UUID | None, UUID | None, str | None]
NOBODY: Parent = (None, None, None)


def parent_of(card: Card) -> Parent:
    """A client brings, or a channel does: where both are said it was the client."""
    if card.referrer_id is not None:
        return (card.referrer_id, None, None)
    return (None, card.source_id, card.channel)


def check(seen: Seen, checks: Checks) -> tuple[Judgement, tuple[str, ...]]:
    """Whether an edge to a client holds, with all that speaks against it.

    A review settles whatever it can: nobody can say that somebody brought themselves, or their own referrer.
    """
    card = seen.naming.card
    if card.referrer_id == card.client_id:
        return "refused", (SELF,)
    if seen.in_loop:
        return "refused", (LOOP,)
    if seen.review is not None:
        return ("holds", ()) if seen.review else ("refused", (REVIEWED,))
    reasons = tuple(_against(seen, checks))
    if reasons:
        return "refused", reasons
    return ("flagged", (VELOCITY,)) if seen.crowded else ("holds", ())


def _against(seen: Seen, checks: Checks) -> Iterable[str]:
    if checks.earlier_visit and _came_before(seen.first_visit, seen.naming.first):
        yield VISITED
    if checks.shared_contact and seen.shared_contact:
        yield SHARED
    if checks.staff and seen.referrer_staff:
        yield REFERRER_STAFF
    if checks.staff and seen.client_staff:
        yield CLIENT_STAFF
    if seen.referrer_erased_at is not None and seen.referrer_erased_at <= seen.naming.since:
        yield REFERRER_ERASED


def _came_before(visit: datetime | None, named: datetime | None) -> bool:
    return visit is not None and named is not None and visit < named - BEFORE


def crowded(named: Iterable[tuple[datetime, UUID]], checks: Checks) -> frozenset[UUID]:
    """Those of the people who name one referrer, with since when, who are beyond what is usual in so short a time."""
    if checks.velocity is None:
        return frozenset()
    ordered, most, span = sorted(named), checks.velocity, timedelta(days=checks.velocity_days)
    return frozenset(
        client_id
        for place, (since, client_id) in enumerate(ordered)
        if place >= most and since - ordered[place - most][0] < span
    )
