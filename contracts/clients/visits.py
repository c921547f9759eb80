"""What the visits of a client tell: the table of them, what they brought in, and habits."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.words import Status
from contracts.message import FINANCE, Cursor, Limit, Month, Request, WallClock, sensitive
from kernel.money import Money

RevenueGroup = Literal["service", "master", "month"]


@dataclass(frozen=True)
class VisitEntry:
    """An appointment or a visit. `price` is what was due after discounts, and None before the visit is completed.

    `date` and `time` are those of the branch; `time` is None while booking, which knows its zone, does not answer.
    """

    appointment_id: UUID
    branch_id: UUID
    date: date
    time: WallClock | None
    status: Status
    service_ids: tuple[UUID, ...]
    master_ids: tuple[UUID, ...]
    price: Money | None = sensitive(FINANCE, default=None)
    refunded: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class VisitTotals:
    """Of completed visits: how many, what was due after discounts with refunds taken off, and those refunds."""

    visits: int
    revenue: Money | None = sensitive(FINANCE, default=None)
    refunded: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class VisitHistory:
    """A page of visits, and the totals of all pages together.

    What was before `history_from` the caller's roles do not show, nor count.
    """

    items: tuple[VisitEntry, ...]
    totals: VisitTotals
    next: str | None = None
    history_from: date | None = None


@dataclass(frozen=True)
class ShowVisitHistory(Request[VisitHistory], permission="visits.read", effects=False):
    """Visits on the dates `from_` to `to`, newest first; of the caller's branches, or the caller's own with `.own`.

    With `service_id` and `master_id`, visits where that master did that service. Totals are those of whole visits;
    what a service or a master brought in alone says `ShowClientRevenue`.
    """

    client_id: UUID
    from_: date | None = None
    to: date | None = None
    service_id: UUID | None = None
    master_id: UUID | None = None
    status: Status | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class RevenueRow:
    """What completed visits brought in by one service, master or month; None is what is sold without one."""

    visits: int
    service_id: UUID | None | UnsetType = UNSET
    master_id: UUID | None | UnsetType = UNSET
    month: Month | UnsetType = UNSET
    revenue: Money | None = sensitive(FINANCE, default=None)
    refunded: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class ClientRevenue:
    """Rows that add up to the revenue of `totals`; a visit of two services is a visit of each, and one in `totals`."""

    rows: tuple[RevenueRow, ...]
    totals: VisitTotals
    history_from: date | None = None


@dataclass(frozen=True)
class ShowClientRevenue(Request[ClientRevenue], permission="visits.read", effects=False):
    """By completed visits on the dates `from_` to `to`, of the caller's branches."""

    client_id: UUID
    from_: date | None = None
    to: date | None = None
    group_by: RevenueGroup = "month"


# --- habits ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HabitualService:
    service_id: UUID
    count: int
    of: int


@dataclass(frozen=True)
class HabitualMaster:
    master_id: UUID
    count: int
    of: int


@dataclass(frozen=True)
class HabitualWeekday:
    """0 is Monday."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    count: int
    of: int


@dataclass(frozen=True)
class HabitualHour:
    """The hour, by the clock of the branch, in which visits begin."""

    hour: Annotated[int, Meta(ge=0, le=23)]
    count: int
    of: int


@dataclass(frozen=True)
class HabitualInterval:
    """The middle one of the intervals between visits; `count` of them are about as long."""

    days: int
    count: int
    of: int


@dataclass(frozen=True)
class Habits:
    """What the latest `visits` completed visits show, not what somebody said: each habit with its evidence.

    "4 of 5 visits" is `count` 4 `of` 5. What fewer than three visits show, or less than half of them, is no habit.
    """

    visits: int
    since: date | None = None
    until: date | None = None
    services: tuple[HabitualService, ...] = ()
    master: HabitualMaster | None = None
    weekday: HabitualWeekday | None = None
    hour: HabitualHour | None = None
    interval: HabitualInterval | None = None
    history_from: date | None = None


@dataclass(frozen=True)
class ShowHabits(Request[Habits], permission="clients.read", effects=False):
    """By visits to the caller's branches."""

    client_id: UUID
