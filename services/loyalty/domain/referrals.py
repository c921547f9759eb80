"""The rules: who counts, what the count gives, and which claims of having brought somebody hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.loyalty.domain.programme import Tier


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
class Personal:
    """A discount of one client's own: `percent` from `valid_from` until `valid_until`, which is not included.

    `percent` None: it was taken away. `stated_at` is when the client's card came to say so.
    """

    percent: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    stated_at: datetime

    def at(self, now: datetime) -> Decimal:
        """The percentage in force at `now`."""
        begun = self.percent is not None and self.valid_from is not None and self.valid_from <= now
        if not begun or (self.valid_until is not None and self.valid_until <= now):
            return Decimal(0)
        return self.percent or Decimal(0)

    def since(self, now: datetime) -> datetime:
        """The newest fact of `at`: that it was stated, that it began, or that it ended."""
        bounds = (self.valid_from, self.valid_until)
        return max([self.stated_at, *(at for at in bounds if at is not None and at <= now)])


def best_of(programme: Grant, own: Decimal) -> Grant:
    """The better of what the programme gives and the client's own discount; they are not added.

    What does not count is named all the same, at 0 per cent, so that the parts add up.
    """
    if not own:
        return programme
    if own <= programme.percent:
        text = f"personal discount: {plain(own)} %; the programme gives as much or more"
        return Grant(programme.percent, (*programme.parts, Part("personal", text, Decimal(0))))
    less = (Part(part.rule, f"{part.text}; the personal discount is more", Decimal(0)) for part in programme.parts)
    return Grant(own, (*less, Part("personal", f"personal discount: {plain(own)} %", own)))


def plain(percent: Decimal) -> Decimal:
    """`percent` without trailing zeros and without an exponent: 5, 7.5, 10."""
    return percent.quantize(Decimal(1)) if percent == percent.to_integral_value() else percent.normalize()


def qualifies(*, services: int, due: int, paid: int, refunded: int) -> bool:
    """Whether a completed visit makes a person count: a service was rendered and some of what was paid was kept.

    `services` is the number of service lines; `due`, `paid` and `refunded` are minor units of the whole bill.
    """
    return services > 0 and min(due, paid) - refunded > 0


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's referrer as their card says, and since when it says so."""

    referrer_id: UUID | None
    since: datetime


LOOP = "closes_a_loop"
SELF = "names_themselves"


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
