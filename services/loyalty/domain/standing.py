"""What is true of one client at an instant, for the rules: whom they brought, their visits, what else was said."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from services.loyalty.domain.facts import Bill, PersonalDiscount

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Brought:
    """Somebody below the client in the graph, `level` 1 if directly, and whether they count.

    `counts_since` is the first instant of the present stretch in which they do; None with the `reason` why they do
    not. `flags` are what the checks noticed and nobody has reviewed. `bills` are those of theirs with revenue.
    `path_since`: since when everybody between the client and them has been there, not before `since`.
    """

    client_id: UUID
    level: int
    since: datetime
    counts_since: datetime | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    bills: tuple[Bill, ...] = ()
    path_since: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Window:
    """An occasion that is open: its kind, year, and since when."""

    kind: str
    year: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for `client_id` at `at`.

    `brought` is ordered by level, then by when they were brought; `bills` are the client's own completed visits, as
    they stood at `at`, by completion. `excluded` maps names of rules (None: all) to the reason. `used_budget` is what
    referral discounts with a budget have already given the client, in minor units. `once` maps what is given once
    ("birthday:2026") to the visit that had it.
    """

    client_id: UUID
    at: datetime
    brought: tuple[Brought, ...] = ()
    bills: tuple[Bill, ...] = ()
    personal: PersonalDiscount | None = None
    category_ids: frozenset[UUID] = frozenset()
    importance: str = "none"
    segment_ids: frozenset[UUID] = frozenset()
    occasions: tuple[Window, ...] = ()
    excluded: tuple[tuple[str | None, str | None], ...] = ()
    staff: bool = False
    erased: bool = False
    used_budget: int = 0
    once: tuple[tuple[str, UUID], ...] = ()


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A service that is to be priced, in minor units."""

    line_id: UUID
    service_id: UUID | None
    category: str | None
    price: int


@dataclass(frozen=True, slots=True)
class Visit:
    """What is to be priced: a visit of `client_id`'s in a branch on a day there; `codes` are of promotions."""

    branch_id: UUID
    local_date: date
    lines: tuple[WantedLine, ...]
    appointment_id: UUID | None = None
    codes: tuple[str, ...] = ()
