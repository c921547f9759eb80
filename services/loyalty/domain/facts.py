"""What loyalty goes by: facts as other services recorded them, each with the instant from which it counts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

LATE = timedelta(hours=24)  # a visit recorded later than that after its end counts from its end: it was entered in bulk


@dataclass(frozen=True, slots=True)
class Card:
    """What a card said at `version`: who brought the client, or through which channel they came.

    `at` is since when it says so: for the first version when the client was registered, which may lie years back for
    cards from another system. `shared_contact`: clients has found a phone or e-mail that both cards have.
    """

    client_id: UUID
    version: int
    at: datetime
    referrer_id: UUID | None = None
    source_id: UUID | None = None
    channel: str | None = None
    home_branch_id: UUID | None = None
    shared_contact: bool = False
    category_ids: frozenset[UUID] = frozenset()
    importance: str = "none"


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill, in minor units: `price` before the discount, `refunded` what of the rest went back."""

    line_id: UUID
    kind: Literal["service", "retail", "adjustment"]
    price: int
    discount: int = 0
    refunded: int = 0
    service_id: UUID | None = None
    category: str | None = None
    cost: int | None = None

    @property
    def due(self) -> int:
        return self.price - self.discount

    @property
    def net(self) -> int:
        return self.due - self.refunded


@dataclass(frozen=True, slots=True)
class Bill:
    """The whole bill of a completed visit as it stood from `at` on; of one visit the highest `version` counts.

    `completed_at` is when the visit came to count, `local_date` its day in the branch. `paid` is what came in,
    refunds not taken off; `tendered` is what points, certificates and memberships paid of it, less what went back so.
    """

    appointment_id: UUID
    version: int
    client_id: UUID
    branch_id: UUID
    at: datetime
    completed_at: datetime
    starts: datetime
    local_date: date
    currency: str
    lines: tuple[BillLine, ...]
    paid: int
    tendered: int = 0

    @property
    def net(self) -> int:
        """Revenue: what was due, refunds taken off."""
        return sum(line.net for line in self.lines)

    @property
    def due(self) -> int:
        return sum(line.due for line in self.lines)

    @property
    def refunded(self) -> int:
        return sum(line.refunded for line in self.lines)


@dataclass(frozen=True, slots=True)
class PersonalDiscount:
    """A discount of the client's own, from `valid_from` until `valid_until`, which is not included; None: none."""

    client_id: UUID
    version: int
    at: datetime
    percent: Decimal | None
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    def in_force(self, now: datetime) -> Decimal:
        """What it gives at `now`."""
        begun = self.percent is not None and self.valid_from is not None and self.valid_from <= now
        if not begun or (self.valid_until is not None and self.valid_until <= now):
            return Decimal(0)
        return self.percent or Decimal(0)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A birthday (or anniversary) of the year `year` came near at `at`, or (`open` False) is over."""

    client_id: UUID
    kind: Literal["birthday", "anniversary"]
    year: int
    at: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class Staff:
    """From `at` on the client works for the salon, or does not any more."""

    client_id: UUID
    at: datetime
    staff: bool


@dataclass(frozen=True, slots=True)
class Exclusion:
    """From `at` on the client is left out of `rule` (None: of all), or (`excluded` False) taken in again."""

    client_id: UUID
    at: datetime
    excluded: bool
    rule: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody has looked at whether `referrer_id` brought `client_id`: they did, whatever the checks say, or not."""

    client_id: UUID
    referrer_id: UUID
    at: datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class Segmented:
    """From `at` on a card of the client's is in a saved segment, or (`member` False) is not any more.

    Of what is said of `card_id`, which may have become part of another since, the highest `position` counts.
    """

    client_id: UUID
    segment_id: UUID
    card_id: UUID
    position: int
    at: datetime
    member: bool


@dataclass(frozen=True, slots=True)
class Erased:
    """The person is gone; their node and what it counts for stay."""

    client_id: UUID
    at: datetime


Fact = Card | Bill | PersonalDiscount | Occasion | Staff | Exclusion | Review | Segmented | Erased
