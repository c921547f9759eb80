"""What proposed rules would have given over the real history, before anybody puts them into force."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from contracts.loyalty.differences import VisitDifference
from contracts.loyalty.programmes import Document, Documents
from contracts.message import UNSET, Cursor, Limit, Name, Page, Request, UnsetType

SimulationState = Literal["running", "finished", "failed"]


@dataclass(frozen=True)
class SimulatedBranch:
    """What booking took off the visits there, what loyalty granted them, and what the proposal would have given."""

    branch_id: UUID
    visits: int
    applied: int
    granted: int
    proposed: int


@dataclass(frozen=True)
class SimulatedSegment:
    """The same of clients by what they were at the time.

    `key` is a class for `importance`, an id for `category` and `segment`, and for `visits` how often they had come
    before: `first`, `few` (up to four times) or `regular`. Who is in several categories or segments counts in each; of
    segments those are looked at that a programme or a promotion names.
    """

    kind: Literal["importance", "category", "segment", "visits"]
    key: str
    visits: int
    applied: int
    granted: int
    proposed: int


@dataclass(frozen=True)
class SimulatedRule:
    """On how many visits a rule of the proposal gave something: `amount` off prices, gifts, offers."""

    rule: str
    visits: int
    amount: int
    gifts: int
    offers: int


@dataclass(frozen=True)
class SimulatedClient:
    """How much more, or less, one client would have got."""

    client_id: UUID
    amount: int
    name: str | None = None


@dataclass(frozen=True)
class SimulatedClients:
    """How many would have got more (or less) than they were granted, how much in all; `top` are the first twenty."""

    clients: int
    amount: int
    top: tuple[SimulatedClient, ...]


@dataclass(frozen=True)
class SimulatedChange:
    """What all would have cost with every percentage, or every threshold, of the proposal moved `by` per cent.

    Thresholds in people move by one person. Percentages of clients' own and promotions stay, and so do caps.
    """

    of: Literal["percentages", "thresholds"]
    by: int
    proposed: int


@dataclass(frozen=True)
class SimulatedBudget:
    """What referral discounts took of their budget: `share` per cent of the `revenue` in money is its bound."""

    share: Decimal
    revenue: int
    bound: int
    used: int


@dataclass(frozen=True)
class SimulatedCurrency:
    """All amounts in minor units of `currency`.

    `proposed`, `granted` and `applied` are discounts, `difference` is `proposed` less `granted`, and on `changed`
    visits it is not nothing. `revenue` is what was due for the visits when they were completed, goods included and
    before refunds, `cost` what lines cost of which that is known (`lines_without_cost` are the others); `margin` is
    what was left, `margin_proposed` what would have been, had prices been the same.
    """

    currency: str
    visits: int
    changed: int
    proposed: int
    granted: int
    applied: int
    difference: int
    gifts: int
    offers: int
    revenue: int
    revenue_proposed: int
    cost: int
    margin: int
    margin_proposed: int
    lines: int
    lines_without_cost: int
    winners: SimulatedClients
    losers: SimulatedClients
    by_branch: tuple[SimulatedBranch, ...]
    by_segment: tuple[SimulatedSegment, ...]
    by_rule: tuple[SimulatedRule, ...]
    sensitivity: tuple[SimulatedChange, ...]
    budget: SimulatedBudget | None = None


@dataclass(frozen=True)
class SimulationResult:
    """`erased_visits` are those of people who were erased since: of them nothing is kept that could be compared."""

    currencies: tuple[SimulatedCurrency, ...]
    erased_visits: int


@dataclass(frozen=True)
class FactsRead:
    """Up to which event of a service the facts were known."""

    service: str
    number: int


@dataclass(frozen=True)
class Simulation:
    """A run over the visits completed on the days `since` to `until` (UTC), of `branch_id` only if it is said.

    `document` is the proposal in its normal form, nothing if the programmes are simulated as they were in force.
    `programme_version` was in force in that scope when it was asked for (0: none was). `progress` is in per cent,
    `facts` say up to which events of other services it knew of. `result` is there when it is finished.
    """

    id: UUID
    state: SimulationState
    progress: int
    asked_at: datetime
    programme_version: int
    asked_by: UUID | None = None
    branch_id: UUID | None = None
    since: date | None = None
    until: date | None = None
    document: Document | None = None
    facts: tuple[FactsRead, ...] = ()
    finished_at: datetime | None = None
    result: SimulationResult | None = None


@dataclass(frozen=True, kw_only=True)
class SimulateProgramme(Request[Simulation], permission="programme.simulate"):
    """Try a programme over what really happened; without a document the programmes that were in force.

    The document is that of PublishProgramme, with the same refusals. The proposal holds in its scope for the whole
    period instead of what did; what visits before it were given stays given. Short histories are answered at once,
    others run aside, one after the other. Whoever is bound to branches names one of theirs.
    """

    name: Name | UnsetType = UNSET
    rules: Documents | UnsetType = UNSET
    tiers: Documents | UnsetType = UNSET
    criterion: Document | None | UnsetType = UNSET
    checks: Document | None | UnsetType = UNSET
    sorting: Documents | UnsetType = UNSET
    enrolment: Document | None | UnsetType = UNSET
    combination: Document | None | UnsetType = UNSET
    points: Document | None | UnsetType = UNSET
    branch_id: UUID | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class ShowSimulation(Request[Simulation], permission="programme.simulate", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListSimulations(Request[Page[Simulation]], permission="programme.simulate", effects=False):
    """The newest first, without their results."""

    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ListSimulationDifferences(Request[Page[VisitDifference]], permission="programme.simulate", effects=False):
    """Those of the simulated visits on which booking took off something else than was granted, the oldest first."""

    id: UUID
    limit: Limit = 50
    cursor: Cursor | None = None
