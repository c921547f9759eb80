"""Who comes again: segments, who is due or stays away, what clients are worth, who misses what they booked."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.message import Cursor, Limit, Page, Request, Version
from kernel.money import Money

SegmentName = Literal[
    "new",
    "champions",
    "loyal",
    "potential",
    "promising",
    "needs_attention",
    "about_to_sleep",
    "at_risk",
    "cooling",
    "hibernating",
]
StateName = Literal["active", "due", "at_risk", "sleeping", "lost"]
RecencyBy = Literal["days", "interval"]
PeopleKey = Literal["branch", "master", "service"]


@dataclass(frozen=True)
class CalibrationGroup:
    """Of so many people: how many were said to come, and how many came."""

    people: int
    said_percent: Decimal
    came_percent: Decimal


@dataclass(frozen=True)
class ModelScore:
    """`auc`: how often who came was ranked before who did not; `brier`: the mean squared error, 0 is perfect.

    `shown` says that it beats the rule, which is by how many personal intervals have gone since the last visit.
    """

    name: str
    auc: Decimal
    brier: Decimal
    shown: bool
    calibration: tuple[CalibrationGroup, ...]


@dataclass(frozen=True)
class ModelTrial:
    """What models would have said on the date `as_of` of the `days` after it, against what came; the rule first."""

    as_of: date
    days: int
    people: int
    scores: tuple[ModelScore, ...]


# --- segments -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ScoreBorders:
    """From which value on a score is 2, 3, 4 and 5; None where nobody has that score. Recency scores the other way.

    Money is in minor units. `fixed` says that there were too few clients for quintiles.
    """

    recency: tuple[Decimal | None, ...]
    visits: tuple[Decimal | None, ...]
    money: tuple[int | None, ...]
    fixed: bool


@dataclass(frozen=True)
class SegmentRow:
    """`visits` and `revenue` are those of the window; of a segment without clients there is a row of zeros."""

    segment: SegmentName
    meaning: str
    clients: int
    visits: int
    revenue: Money


@dataclass(frozen=True)
class Segments:
    """As of the morning of `as_of`. `borders` are of the chain or of the one branch asked for.

    `reason` says why there is nothing: `not_computed_yet`, `no_visits`, or `too_few_gaps` for intervals.
    """

    as_of: date | None
    window_days: int
    recency: RecencyBy
    rows: tuple[SegmentRow, ...]
    borders: ScoreBorders | None
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowSegments(Request[Segments], permission="analytics.read", effects=False):
    """By recency in days, or in personal intervals."""

    recency: RecencyBy = "days"
    branch_id: UUID | None = None


@dataclass(frozen=True)
class ClientStanding:
    """Where a client stands; what cannot be said is None. `causes` say in words why they are in that state.

    `returns_percent` is the chance of a visit within 90 days or those asked for, `alive_percent` that they have not
    left for good, `expected_visits` how many to expect within 90 days, `value` the revenue and `margin_value` the
    margin of a year of them, `network_value` the margin of the next year of those whom they brought, as the definition
    of lifetime value says.
    """

    client_id: UUID
    scores: int
    segment: SegmentName
    first_visit: date
    last_visit: date
    days_since: int
    visits: int
    revenue: Money
    master_id: UUID | None
    interval_days: Decimal | None
    overdue: Decimal | None
    state: StateName | None
    returns_percent: Decimal | None
    alive_percent: Decimal | None
    expected_visits: Decimal | None
    value: Money | None
    causes: tuple[str, ...]
    name: str | None = None
    service_id: UUID | None = None
    margin_value: Money | None = None
    network_value: Money | None = None


@dataclass(frozen=True)
class ListStandings(Request[Page[ClientStanding]], permission="analytics.read", effects=False):
    """Those of a segment or a state or both, who spent most first.

    `returns_percent` is of a visit within `within_days`; the rule, where no model beat it, knows only 90 days.
    """

    segment: SegmentName | None = None
    state: StateName | None = None
    recency: RecencyBy = "days"
    branch_id: UUID | None = None
    master_id: UUID | None = None
    service_id: UUID | None = None
    within_days: Annotated[int, Meta(ge=1, le=365)] = 90
    limit: Limit = 50
    cursor: Cursor | None = None


# --- who stays away -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StateBorders:
    """From how many personal intervals on somebody is in a state; lost after `lost_days` in any case."""

    due: Decimal
    at_risk: Decimal
    sleeping: Decimal
    lost: Decimal
    lost_days: int


@dataclass(frozen=True)
class StateCount:
    """`revenue` is that of the window; `returned_percent` the share of such clients who came within 90 days before,
    `returns_percent` the chance of those of today to come within the next 90, on average.
    """

    state: StateName
    clients: int
    revenue: Money
    returned_percent: Decimal | None
    returns_percent: Decimal | None = None


@dataclass(frozen=True)
class StatesOf:
    """Clients by state, of a branch where they came, or of the master or the service of their last visit."""

    active: int
    due: int
    at_risk: int
    sleeping: int
    lost: int
    branch_id: UUID | UnsetType = UNSET
    master_id: UUID | None | UnsetType = UNSET
    service_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class Churn:
    """`model` is what chances of a visit are by: the best that beat the rule, else `rule`; `model_reason` says why.

    `reason`: `not_computed_yet`, `no_visits`, or `too_few_gaps` while too few clients came twice.
    """

    as_of: date | None
    usual_days: Decimal | None
    borders: StateBorders
    states: tuple[StateCount, ...]
    branches: tuple[StatesOf, ...]
    masters: tuple[StatesOf, ...]
    services: tuple[StatesOf, ...]
    model: str | None
    model_reason: str | None
    back_test: ModelTrial | None
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowChurn(Request[Churn], permission="analytics.read", effects=False):
    """Who is due, at risk, sleeping or lost."""

    branch_id: UUID | None = None


@dataclass(frozen=True)
class ChurnSettings:
    """The borders of states that clients will be judged by; `version` is 1 before anybody changed them."""

    version: int
    due: Decimal
    at_risk: Decimal
    sleeping: Decimal
    lost: Decimal
    lost_days: int


@dataclass(frozen=True)
class ShowChurnSettings(Request[ChurnSettings], permission="analytics.read", effects=False):
    pass


@dataclass(frozen=True)
class ChangeChurnSettings(Request[ChurnSettings], permission="settings.edit"):
    """They must ascend; everybody is judged by them within a minute."""

    version: Version
    due: Decimal | UnsetType = UNSET
    at_risk: Decimal | UnsetType = UNSET
    sleeping: Decimal | UnsetType = UNSET
    lost: Decimal | UnsetType = UNSET
    lost_days: Annotated[int, Meta(ge=30, le=3_650)] | UnsetType = UNSET


# --- new, regular, sleeping -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PeopleRow:
    """`came` at all in the period; `new`, `regular` and `other` of those add up to it. `sleeping` are as of today."""

    came: int
    new: int
    regular: int
    other: int
    regular_percent: Decimal | None
    sleeping: int | None
    branch_id: UUID | UnsetType = UNSET
    master_id: UUID | None | UnsetType = UNSET
    service_id: UUID | None | UnsetType = UNSET


@dataclass(frozen=True)
class People:
    """`reason`: `no_visits` in the period. `sleeping` is None, and `sleeping_reason` says why, as in Churn."""

    rows: tuple[PeopleRow, ...]
    as_of: date | None
    definition: str
    reason: str | None = None
    sleeping_reason: str | None = None


@dataclass(frozen=True)
class ShowPeople(Request[People], permission="analytics.read", effects=False, timeout=10.0):
    """New, regular and sleeping clients, in all or by one key."""

    from_: date
    to: date
    group_by: PeopleKey | None = None
    branch_id: UUID | None = None


# --- what they are worth --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorthRow:
    """Of the clients of a segment: visits to expect within 90 days, and what their next year is worth today, by revenue
    and by margin; `network_value` is the margin of those whom they brought. None where the model of it is missing.
    """

    segment: SegmentName
    clients: int
    expected_visits: Decimal
    value: Money | None
    margin_value: Money | None
    network_value: Money | None


@dataclass(frozen=True)
class Parameter:
    """Of a fitted model, as its paper calls it."""

    name: str
    value: Decimal


@dataclass(frozen=True)
class LifetimeValue:
    """`parameters` are those of the fitted models. Without a model that beats the rule there are no rows:
    `reason` is `rule_not_beaten`, `too_few_clients`, `too_few_gaps`, `history_too_short`, `too_few_checks`,
    `no_visits` or `not_computed_yet`. `costs_told_percent` is the share of the revenue of the last 365 days of which
    any cost is known: of the rest the margin is the revenue.
    """

    as_of: date | None
    model: str | None
    parameters: tuple[Parameter, ...]
    rows: tuple[WorthRow, ...]
    back_test: ModelTrial | None
    definition: str
    reason: str | None = None
    costs_told_percent: Decimal | None = None


@dataclass(frozen=True)
class ShowLifetimeValue(Request[LifetimeValue], permission="analytics.read", effects=False):
    branch_id: UUID | None = None


# --- who does not come ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reliability:
    """A client's appointments in the period; `no_show_percent` is how likely the next is missed, between `low_percent`
    and `high_percent` with nine chances in ten.
    """

    client_id: UUID
    appointments: int
    missed: int
    cancelled: int
    no_show_percent: Decimal | None
    low_percent: Decimal | None
    high_percent: Decimal | None
    name: str | None = None


@dataclass(frozen=True)
class NoShows:
    """`appointments` are those that were kept or missed; `items` the clients most likely not to come.

    `reason`: `no_appointments`, or `too_few_clients` with two appointments, then nobody has a probability.
    """

    appointments: int
    missed: int
    missed_percent: Decimal | None
    items: tuple[Reliability, ...]
    definition: str
    reason: str | None = None


@dataclass(frozen=True)
class ShowNoShows(Request[NoShows], permission="analytics.read", effects=False, timeout=10.0):
    """How reliable clients are, the least first."""

    from_: date
    to: date
    branch_id: UUID | None = None
    limit: Limit = 50
