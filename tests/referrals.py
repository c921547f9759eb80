"""Discounts by people and loops of claims, worked out in the simplest way: what the rules are compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.loyalty.domain.programme import Tier
from services.loyalty.domain.referrals import LOOP, SELF, plain


@dataclass(frozen=True, slots=True)
class Part:
    """One rule's share of a discount, with its reason in words."""

    rule: str
    text: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Grant:
    """A discount and the parts that add up to it."""

    percent: Decimal
    parts: tuple[Part, ...]


def grant(qualified: int, tiers: Iterable[Tier]) -> Grant:
    """The discount of somebody who brought `qualified` people who count."""
    reached = max((tier for tier in tiers if tier.people <= qualified), key=lambda tier: tier.people, default=None)
    if reached is None:
        return Grant(Decimal(0), ())
    people = "1 person" if qualified == 1 else f"{qualified} people"
    text = f"{people} you brought came and paid: {plain(reached.percent)} %"
    return Grant(reached.percent, (Part("referrals", text, reached.percent),))


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's referrer as their card says, and since when it says so."""

    referrer_id: UUID | None
    since: datetime


def refused(claims: Mapping[UUID, Claim]) -> dict[UUID, str]:
    """The claims that do not hold, with the reason: of each loop the youngest one.

    The card's owner lets no loop come about, but its events arrive in any order, and an old claim may meet a new one.
    The answer depends on the claims alone, so it is the same whichever way they arrived. Everybody has at most one
    referrer, so loops have no edge in common and one edge less opens each.
    """
    found: dict[UUID, str] = {}
    finished: set[UUID] = set()
    for start in claims:
        path: list[UUID] = []
        places: dict[UUID, int] = {}
        at: UUID | None = start
        while at is not None and at in claims and at not in finished and at not in places:
            places[at] = len(path)
            path.append(at)
            at = claims[at].referrer_id
        if at is not None and at in places:
            loop = path[places[at] :]
            youngest = max(loop, key=lambda client_id: (claims[client_id].since, client_id))
            found[youngest] = SELF if len(loop) == 1 else LOOP
        finished.update(path)
    return found
