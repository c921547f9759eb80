"""A programme: its rules as data. `parsing` reads it from a document, `rules` says what each gives."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tier:
    """From `people` who count on, the discount is `percent`."""

    people: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """From `start` on (visits, or minor units of money), the discount is `percent`."""

    start: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Reward:
    """What a rule gives: a percentage, or a gift or an offer in words; never two of them."""

    percent: Decimal = Decimal(0)
    gift: str | None = None
    offer: str | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What the referral discounts of the levels may cost: at most `share` per cent of what those brought have paid.

    A visit of somebody `d` levels below gives the client `share` x (1 - ratio) x ratio^(d - 1) per cent of its price
    to spend as referral discount. Summed over all levels that is below `share`, for any tree (Emek et al., EC'11,
    doi 10.1145/1993574.1993606: geometric mechanisms). What was refunded within `settled_after_days` never counted.
    """

    share: Decimal
    ratio: Decimal
    settled_after_days: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`name` is unique in the programme. `branch_ids`: where it holds; none: wherever the programme does."""

    kind: ClassVar[str]
    name: str
    branch_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrals(Rule):
    """By the people brought who count: directly (`depth` 1), or deeper, each level at `weight` of the one above it.

    N = sum of weight^(d - 1) x 2^(-age / half life) over those who count down to `depth` (FIELD.md 3.4); the discount
    is that of the highest tier with `people` <= N, at most `max_percent`. `period_days`: only who came to count in the
    last so many days. `budget` bounds what deeper levels cost.
    """

    kind: ClassVar[str] = "referrals"
    tiers: tuple[Tier, ...]
    depth: int = 1
    weight: Decimal = Decimal(1)
    half_life_days: int | None = None
    level_caps: tuple[int, ...] = ()  # how many people of each level count at most; none: all
    max_percent: Decimal | None = None
    period_days: int | None = None
    budget: Budget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits(Rule):
    """By the number of completed visits, in the last `period_days` if that is said."""

    kind: ClassVar[str] = "visits"
    steps: tuple[Step, ...]
    period_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend(Rule):
    """By money spent, refunds taken off, in minor units, in the last `period_days` if that is said."""

    kind: ClassVar[str] = "spend"
    steps: tuple[Step, ...]
    period_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NthService(Rule):
    """Every `every`-th of these services, counted over all visits."""

    kind: ClassVar[str] = "nth_service"
    every: int
    reward: Reward
    service_ids: frozenset[UUID] = frozenset()
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday(Rule):
    """While the client's birthday is near, as clients says; `once`: on one visit a year only."""

    kind: ClassVar[str] = "birthday"
    reward: Reward
    once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday(Rule):
    """Around days of the calendar, every year, by the date of the branch; `once`: on one visit each."""

    kind: ClassVar[str] = "holiday"
    days: tuple[tuple[int, int], ...]  # (month, day)
    reward: Reward
    days_before: int = 0
    days_after: int = 0
    once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstVisit(Rule):
    """The first visit in the chain."""

    kind: ClassVar[str] = "first_visit"
    reward: Reward


@dataclass(frozen=True, slots=True, kw_only=True)
class Services(Rule):
    """These services, for everybody."""

    kind: ClassVar[str] = "services"
    reward: Reward
    service_ids: frozenset[UUID] = frozenset()
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class FavouriteService(Rule):
    """The service that the client had most often (the latest of several), if at least `min_times`."""

    kind: ClassVar[str] = "favourite_service"
    reward: Reward
    min_times: int = 3
    period_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(Rule):
    """Clients of a category, a class of importance or a segment."""

    kind: ClassVar[str] = "segment"
    reward: Reward
    category_ids: frozenset[UUID] = frozenset()
    importance: frozenset[str] = frozenset()
    segment_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Level:
    """A status from `start` on, with its discount and what else it brings, in words."""

    name: str
    start: int
    percent: Decimal
    privileges: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels(Rule):
    """Statuses by visits, money spent or people brought, in the last `period_days` if that is said."""

    kind: ClassVar[str] = "levels"
    by: Literal["visits", "spend", "people"]
    levels: tuple[Level, ...]
    period_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal(Rule):
    """The discount that the client's card has of its own."""

    kind: ClassVar[str] = "personal"


AnyRule = (
    Referrals
    | Visits
    | Spend
    | NthService
    | Birthday
    | Holiday
    | FirstVisit
    | Services
    | FavouriteService
    | Segment
    | Levels
    | Personal
)
RULES: dict[str, type[Rule]] = {
    rule.kind: rule
    for rule in (
        Referrals, Visits, Spend, NthService, Birthday, Holiday, FirstVisit, Services, FavouriteService, Segment,
        Levels, Personal,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Criterion:
    """When somebody who was brought counts: from the first completed visit on which at least `min_paid` was kept."""

    visits: int = 1
    min_paid: int = 1  # minor units, refunds taken off; at least one service line


@dataclass(frozen=True, slots=True)
class Checks:
    """What an edge of the referral graph is checked for besides oneself and loops, which are never right."""

    earlier_visit: bool = True
    shared_contact: bool = True
    staff: bool = True
    velocity: int | None = 10  # more people than that by one client within `velocity_days` are flagged
    velocity_days: int = 1
    flagged_count: bool = True  # whether a flagged edge counts until somebody has looked at it


@dataclass(frozen=True, slots=True)
class Sort:
    """Whom the programme puts into a category, and takes out of it again: all of what is said has to hold."""

    category_id: UUID | None  # or
    importance: Literal["bronze", "silver", "gold"] | None
    min_visits: int | None = None
    min_spend: int | None = None
    min_people: int | None = None
    level: str | None = None
    absent_days: int | None = None  # no visit for so long
    period_days: int | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Only who had one of these services takes part, for `days` after it or for good; none: everybody does."""

    service_ids: frozenset[UUID] = frozenset()
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Rules (by name, or `promotions`) of which the best counts, or all of them together."""

    of: tuple[str, ...]
    by: Literal["best", "sum"] = "best"


PROMOTIONS = "promotions"


@dataclass(frozen=True, slots=True)
class Combination:
    """How what the rules give becomes one discount (FIELD.md 3.6).

    Each group gives one percentage by line; groups are added (`sum`), taken one after the other of what is left
    (`cascade`), or only the best of them counts (`best`). Then the caps, in per cent of a line and of the visit.
    Rules that no group names make a group of their own, of which the best counts. Rounded once, at the end.
    """

    groups: tuple[Group, ...] = ()
    by: Literal["best", "sum", "cascade"] = "best"
    max_percent_per_line: Decimal = Decimal(100)
    max_percent_per_visit: Decimal = Decimal(100)


@dataclass(frozen=True, slots=True)
class Points:
    """Bonus points: what a visit earns, what one is worth, how much of a visit they may pay, when they expire.

    `per_visit` points for each visit, `percent` of what was paid in money for services, in points of `value` minor
    units each; `per_referral` when somebody brought comes to count; `welcome` to them.
    """

    value: int = 100
    per_visit: int = 0
    percent: Decimal = Decimal(0)
    per_referral: int = 0
    welcome: int = 0
    max_percent_of_visit: Decimal = Decimal(100)
    expire_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """One version of the rules for a branch, or (None) for the chain wherever no branch has its own.

    In force from `starts` until `ends`, which is not included.
    """

    id: UUID | None
    version: int
    name: str
    starts: datetime
    ends: datetime | None = None
    branch_id: UUID | None = None
    rules: tuple[AnyRule, ...] = ()
    criterion: Criterion = field(default_factory=Criterion)
    checks: Checks = field(default_factory=Checks)
    sorting: tuple[Sort, ...] = ()
    enrolment: Enrolment | None = None
    combination: Combination = field(default_factory=Combination)
    points: Points | None = None

    def rule(self, kind: type[Rule]) -> Rule | None:
        """The first rule of a kind."""
        return next((rule for rule in self.rules if isinstance(rule, kind)), None)

    @property
    def is_timed(self) -> bool:
        """Whether what it gives fades or falls out of a period without anything happening."""
        if self.enrolment is not None and self.enrolment.days is not None:
            return True
        timed = ("period_days", "half_life_days", "budget")
        return any(getattr(rule, name, None) is not None for rule in self.rules for name in timed)

    @property
    def segment_ids(self) -> frozenset[UUID]:
        """The saved segments that its rules look at."""
        return frozenset[UUID]().union(*(rule.segment_ids for rule in self.rules if isinstance(rule, Segment)))

    @property
    def depth(self) -> int:
        """How many levels of people brought bear on anything here."""
        return max((rule.depth for rule in self.rules if isinstance(rule, Referrals)), default=1)


# What an installation starts with; the first migration writes it as version 1.
DEFAULT_TIERS = (
    Tier(1, Decimal(3)),
    Tier(3, Decimal(5)),
    Tier(5, Decimal(7)),
    Tier(10, Decimal(10)),
    Tier(20, Decimal(15)),
)
DEFAULT_RULES: tuple[AnyRule, ...] = (Referrals(name="referrals", tiers=DEFAULT_TIERS), Personal(name="personal"))
