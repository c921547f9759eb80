"""One discount and the whole of how it came about. `combining` makes it, `explaining` renders it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Evidence:
    """One person, visit or promotion that a rule looked at: counted, with its weight, or not, with the reason."""

    kind: Literal["person", "visit", "promotion", "occasion", "category", "segment", "card"]
    counted: bool
    id: UUID | None = None
    at: datetime | None = None
    level: int | None = None
    weight: Decimal | None = None
    amount: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """A bound that took something away: `name`, in per cent or minor units, before and after."""

    name: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule came to: `offered` by itself, `percent` of that in the end.

    `code` and `params` are what `text` says, for other languages. `line_ids`: the lines it is for; none: all services.
    `refused`: why it gives nothing, `refusal` and `refusal_params` the same for other languages. Parts whose `percent`
    is 0 though they offered something say there what was better. `once`: the key under which this is given once.
    `budgeted`: `amount` is taken from the client's budget of referral discounts.
    """

    rule: str
    kind: str
    text: str
    offered: Decimal
    percent: Decimal
    params: tuple[tuple[str, str], ...] = ()
    line_ids: tuple[UUID, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    caps: tuple[Cap, ...] = ()
    refused: str | None = None
    gift: str | None = None
    offer: str | None = None
    amount: int = 0  # minor units of the visit that this part takes off
    code: str = ""
    refusal: str | None = None
    refusal_params: tuple[tuple[str, str], ...] = ()
    once: str | None = None
    budgeted: bool = False


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """What comes off one line, in minor units, and the percentage that it was made of."""

    line_id: UUID
    discount: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Progress:
    """The status reached, and what is missing to the next one: "2 visits to Silver"."""

    level: str | None
    by: str
    reached: int
    next_level: str | None = None
    missing: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a client gets at `at` by one version of a programme.

    Without a visit: `percent` by rules that do not depend on one. With one: `lines`, which add up to `discount`, and
    `percent` is what that is of the whole visit. `decision` is what the desk tells the client first.
    """

    client_id: UUID
    at: datetime
    programme_id: UUID | None
    programme_version: int
    percent: Decimal
    parts: tuple[Part, ...] = ()
    caps: tuple[Cap, ...] = ()
    lines: tuple[LineDiscount, ...] = ()
    discount: int = 0
    gifts: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    progress: Progress | None = None

    @property
    def decision(self) -> Literal["discount", "gift", "offer", "nothing"]:
        if self.discount or (not self.lines and self.percent):
            return "discount"
        if self.gifts:
            return "gift"
        return "offer" if self.offers else "nothing"

    @property
    def once(self) -> tuple[str, ...]:
        """The keys of what is given once and was given here: no other visit gets it."""
        return tuple(part.once for part in self.parts if part.once is not None and part.refused is None)

    @property
    def budget_used(self) -> int:
        """What referral discounts with a budget took off this visit, in minor units."""
        return sum(part.amount for part in self.parts if part.budgeted)
