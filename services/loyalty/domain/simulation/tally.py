"""What a simulation counts up; parts of it that were counted apart add up to the same."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from services.loyalty.domain.simulation.plan import CHANGES

TOP = 20  # clients who would have got most more, and less, are named


@dataclass(slots=True)
class Compared:
    """One visit, or many: what booking took off, what loyalty granted, what would have been given; in minor units."""

    visits: int = 0
    applied: int = 0
    granted: int = 0
    proposed: int = 0

    def add(self, other: "Compared") -> None:
        self.visits += other.visits
        self.applied += other.applied
        self.granted += other.granted
        self.proposed += other.proposed


@dataclass(slots=True)
class ByRule:
    """On how many visits a rule gave something, and what."""

    visits: int = 0
    amount: int = 0
    gifts: int = 0
    offers: int = 0

    def add(self, other: "ByRule") -> None:
        self.visits += other.visits
        self.amount += other.amount
        self.gifts += other.gifts
        self.offers += other.offers


@dataclass(slots=True)
class Affected:
    """Clients who would have got more (or less), how much in all, and those for whom it is most."""

    clients: int = 0
    amount: int = 0
    top: list[tuple[int, UUID]] = field(default_factory=list)

    def add(self, client_id: UUID, amount: int) -> None:
        self.clients += 1
        self.amount += amount
        self._keep([(amount, client_id)])

    def merge(self, other: "Affected") -> None:
        self.clients += other.clients
        self.amount += other.amount
        self._keep(other.top)

    def _keep(self, more: list[tuple[int, UUID]]) -> None:
        self.top = sorted(self.top + more, key=lambda each: (-each[0], each[1]))[:TOP]


@dataclass(slots=True)
class Sums:
    """Everything about visits in one currency.

    `revenue` is what was due for the visits as they were completed, with what booking took off, before refunds; `cost`
    what its lines cost where that is known. `sensitivity` is what each of `CHANGES` would have given.
    """

    all: Compared = field(default_factory=Compared)
    changed: int = 0  # visits that would have been given something else than they were granted
    gifts: int = 0
    offers: int = 0
    revenue: int = 0
    cost: int = 0
    lines: int = 0
    lines_without_cost: int = 0
    money: int = 0  # paid in money, of all history until then
    budget_used: int = 0
    winners: Affected = field(default_factory=Affected)
    losers: Affected = field(default_factory=Affected)
    branches: dict[UUID, Compared] = field(default_factory=lambda: defaultdict(Compared))
    segments: dict[tuple[str, str], Compared] = field(default_factory=lambda: defaultdict(Compared))
    rules: dict[str, ByRule] = field(default_factory=lambda: defaultdict(ByRule))
    sensitivity: list[int] = field(default_factory=lambda: [0] * len(CHANGES))

    def merge(self, other: "Sums") -> None:
        self.all.add(other.all)
        for name in (
            "changed",
            "gifts",
            "offers",
            "revenue",
            "cost",
            "lines",
            "lines_without_cost",
            "money",
            "budget_used",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.winners.merge(other.winners)
        self.losers.merge(other.losers)
        for branch_id, compared in other.branches.items():
            self.branches[branch_id].add(compared)
        for segment, compared in other.segments.items():
            self.segments[segment].add(compared)
        for rule, gave in other.rules.items():
            self.rules[rule].add(gave)
        self.add_moved(other.sensitivity)

    def add_moved(self, discounts: list[int]) -> None:
        self.sensitivity = [mine + more for mine, more in zip(self.sensitivity, discounts, strict=True)]

    def settle(self, by_client: dict[UUID, int]) -> None:
        """Tell winners from losers, by what each would have got more."""
        for client_id, more in by_client.items():
            if more > 0:
                self.winners.add(client_id, more)
            elif more < 0:
                self.losers.add(client_id, -more)


def _sums() -> dict[str, Sums]:
    return defaultdict(Sums)


@dataclass(slots=True)
class Tally:
    """`currencies` by code; `erased` are visits of people of whom nothing is kept, which nobody can compare."""

    currencies: dict[str, Sums] = field(default_factory=_sums)
    erased: int = 0

    def merge(self, other: "Tally") -> None:
        self.erased += other.erased
        for currency, sums in other.currencies.items():
            self.currencies[currency].merge(sums)
