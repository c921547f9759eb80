"""Free times, the holds that keep them for a while, and what to suggest to a known client."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.booking.appointments import WantedSegments
from contracts.message import PUBLIC, Request
from kernel.money import Money


@dataclass(frozen=True)
class Slot:
    """A free start. `places` is how many may still join, for a group service."""

    starts: datetime
    master_ids: tuple[UUID, ...]
    places: int | None = None


@dataclass(frozen=True)
class AvailableDay:
    date: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Availability:
    time_zone: str
    days: tuple[AvailableDay, ...]


@dataclass(frozen=True)
class FindAvailability(Request[Availability], permission=PUBLIC, effects=False):
    """Free starts for the services, one after another, by any master or by `master_id`."""

    branch_id: UUID
    service_id: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=10)]
    from_: date
    to: date
    master_id: UUID | None = None


@dataclass(frozen=True)
class SearchAvailability(Request[Availability], permission=PUBLIC, effects=False):
    """Free starts for a whole visit as `BookAppointment` takes it: masters by segment, rooms, two at once."""

    branch_id: UUID
    segments: WantedSegments
    from_: date
    to: date


# --- holds -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HeldSegment:
    service_id: UUID
    master_id: UUID
    starts: datetime
    ends: datetime
    price: Money
    room_id: UUID | None = None


@dataclass(frozen=True)
class Hold:
    """Time that nobody else gets until `expires_at`; a booking quotes its id."""

    id: UUID
    branch_id: UUID
    starts: datetime
    ends: datetime
    segments: tuple[HeldSegment, ...]
    expires_at: datetime


@dataclass(frozen=True)
class HoldTime(Request[Hold], permission=PUBLIC):
    """Keep the time while somebody fills in the form; staff may ask for more `minutes` than the branch gives."""

    branch_id: UUID
    starts: datetime
    segments: WantedSegments
    minutes: Annotated[int, Meta(ge=1, le=24 * 60)] | None = None


@dataclass(frozen=True)
class ShowHold(Request[Hold], permission=PUBLIC, effects=False):
    """Gone once it has expired, was released or was booked."""

    id: UUID


@dataclass(frozen=True)
class Released:
    id: UUID


@dataclass(frozen=True)
class ReleaseHold(Request[Released], permission=PUBLIC):
    id: UUID


# --- suggestions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SuggestedMaster:
    """`favourite` as the client said, or `usual` as their visits show (`visits` of them)."""

    master_id: UUID
    why: Literal["favourite", "usual"]
    visits: int


@dataclass(frozen=True)
class LastVisit:
    """What the client had last, to be booked again at today's prices: `segments` are ready for a booking."""

    appointment_id: UUID
    starts: datetime
    segments: tuple["RepeatSegment", ...]
    total: Money


@dataclass(frozen=True)
class RepeatSegment:
    service_id: UUID
    master_id: UUID | None
    price: Money


@dataclass(frozen=True)
class NextVisit:
    """When a service is due again: by the client's own rhythm (median gap, three visits or more), else its own."""

    service_id: UUID
    due_on: date
    interval_days: int
    why: Literal["personal", "service"]
    master_id: UUID | None = None


@dataclass(frozen=True)
class SuggestedSlot(Slot):
    """A free start; `convenient` as the client said or their visits show, `favourite` with a master of theirs."""

    convenient: bool = False
    favourite: bool = False


@dataclass(frozen=True)
class Suggestions:
    """What to offer a known client. `slots`, best first, are for the services asked for, else for the last visit's."""

    client_id: UUID
    masters: tuple[SuggestedMaster, ...]
    last_visit: LastVisit | None
    next_visits: tuple[NextVisit, ...]
    slots: tuple[SuggestedSlot, ...]


@dataclass(frozen=True)
class SuggestVisit(Request[Suggestions], permission="appointments.create", effects=False):
    branch_id: UUID
    client_id: UUID
    service_id: Annotated[tuple[UUID, ...], Meta(max_length=10)] = ()
    from_: date | None = None
    to: date | None = None
