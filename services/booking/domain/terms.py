"""On what terms a visit is discounted: by what, since when, for which reasons, and how much comes off each service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

from kernel.errors import Invalid
from kernel.money import share_out

HALF = Fraction(1, 2)


class Source(StrEnum):
    """Who said so: see `VisitVerdict`."""

    LOYALTY = "loyalty"
    PROMISE = "promise"
    COPY = "copy"
    RECORDED = "recorded"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule takes off the visit, in minor units, and why."""

    rule: str
    kind: str
    text: str
    amount: int


@dataclass(frozen=True, slots=True)
class Terms:
    """`percent` is what holds for any service, `as_of` since when; `codes` are of promotions, as they were given."""

    percent: Decimal = Decimal(0)
    as_of: datetime | None = None
    source: Source = Source.NONE
    programme_version: int | None = None
    parts: tuple[Part, ...] = ()
    gifts: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def decision(self, discount: int) -> str:
        """What to tell the client first, given how much comes off."""
        if discount:
            return "discount"
        if self.gifts:
            return "gift"
        return "offer" if self.offers else "nothing"

    def text(self, discount: int) -> str | None:
        """The same in words; of a percentage without reasons only how much it is."""
        match self.decision(discount):
            case "discount":
                said = [part.text for part in self.parts if part.amount]
                return "; ".join(said) or (f"{self.percent.normalize():f} %" if self.percent else None)
            case "gift":
                return "; ".join(self.gifts)
            case "offer":
                return "; ".join(self.offers)
        return None


NOTHING = Terms()


@dataclass(frozen=True, slots=True)
class Priced:
    """What comes off a service that costs `price`, in minor units, and the percentage that it was made of."""

    price: int
    discount: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """Terms with what comes off each service of the bill, in its order; None: by the percentage for any service."""

    terms: Terms = NOTHING
    priced: tuple[Priced | None, ...] = ()
    refused_codes: tuple[str, ...] = ()


def for_any_visit(offer: Offer) -> Offer:
    """What holds of the offer for other visits of the client, too: its percentage."""
    return Offer(replace(offer.terms, parts=(), gifts=(), offers=(), codes=()))


def percents(offer: Offer, count: int) -> list[Decimal]:
    """The percentage of each of `count` services."""
    there = [*offer.priced, *(None for _ in range(count))][:count]
    return [each.percent if each else offer.terms.percent for each in there]


def off(offer: Offer, prices: Sequence[int]) -> list[int]:
    """What comes off services at these `prices`, in minor units, never more than they cost.

    A service that costs what it was priced at gets what was said then. The others get their percentage: rounded once,
    all of them together, and shared out, so that the lines add up.
    """
    there = [*offer.priced, *(None for _ in prices)][: len(prices)]
    by_percent = [
        None if each and each.price == price else Fraction(percent) * price / 100
        for each, price, percent in zip(there, prices, percents(offer, len(prices)), strict=True)
    ]
    shares = iter(rounded_once([exact for exact in by_percent if exact is not None]))
    return [
        each.discount if exact is None and each else next(shares)
        for each, exact in zip(there, by_percent, strict=True)
    ]  # fmt: skip


def rounded_once(exact: Sequence[Fraction]) -> list[int]:
    """Whole numbers that add up to the rounded sum of `exact`: what is left over goes to the largest remainders."""
    parts = [floor(each) for each in exact]
    left = floor(sum(exact) + HALF) - sum(parts)
    by_remainder = sorted(range(len(exact)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[:left]:
        parts[place] += 1
    return parts


def shared(parts: Sequence[Part], discount: int) -> tuple[Part, ...]:
    """The same parts, adding up to `discount`: a promise may be kept at another price."""
    if sum(part.amount for part in parts) == discount:
        return tuple(parts)
    amounts = share_out(discount, [part.amount for part in parts])
    return tuple(replace(part, amount=amount) for part, amount in zip(parts, amounts, strict=True))


def codes_of(*given: Iterable[str]) -> tuple[str, ...]:
    """All codes that were given, each once: they are compared without case."""
    codes: dict[str, str] = {}
    for code in (code.strip() for some in given for code in some):
        codes.setdefault(code.casefold(), code)
    return tuple(codes.values())


def check_codes(codes: Sequence[str], offer: Offer | None) -> None:
    """Refuse the first code of which loyalty has said that it gives nothing here; while it is away nobody says so."""
    refused = {code.strip().casefold() for code in offer.refused_codes} if offer else set()
    for place, code in enumerate(codes):
        if code.strip().casefold() in refused:
            raise Invalid.field(f"codes.{place}", "code_refused", "this code gives nothing for this visit")
