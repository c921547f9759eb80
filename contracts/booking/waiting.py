"""The waiting list: who wants to come, and the freed times that they are offered one after another."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from contracts.booking.appointments import Appointment, WantedSegment, WantedSegments
from contracts.booking.words import Why
from contracts.message import Cursor, Limit, Page, Request, Version, WallClock

WaitingStatus = Literal["waiting", "offered", "booked", "expired", "cancelled"]


@dataclass(frozen=True)
class WaitingTime:
    """A weekday (0 is Monday) and the wall-clock times between which the visit may begin."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    earliest: WallClock
    latest: WallClock


WaitingTimes = Annotated[tuple[WaitingTime, ...], Meta(max_length=50)]


@dataclass(frozen=True)
class Offer:
    """A time held for the client alone until `expires_at`; then it goes to the next in the list."""

    hold_id: UUID
    starts: datetime
    ends: datetime
    master_ids: tuple[UUID, ...]
    expires_at: datetime


@dataclass(frozen=True)
class WaitingEntry:
    """Somebody who waits for a time from the date `earliest` to `latest`, both included, at one of `times` if any."""

    id: UUID
    branch_id: UUID
    client_id: UUID
    segments: tuple[WantedSegment, ...]
    earliest: date
    latest: date
    times: tuple[WaitingTime, ...]
    status: WaitingStatus
    created_at: datetime
    version: int
    offer: Offer | None = None
    offers_made: int = 0
    appointment_id: UUID | None = None


@dataclass(frozen=True)
class AddToWaitingList(Request[WaitingEntry], permission="waiting_list.create"):
    branch_id: UUID
    client_id: UUID
    segments: WantedSegments
    earliest: date
    latest: date
    times: WaitingTimes = ()


@dataclass(frozen=True)
class ShowWaitingEntry(Request[WaitingEntry], permission="waiting_list.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListWaitingList(Request[Page[WaitingEntry]], permission="waiting_list.read", effects=False):
    """In the order in which they are offered times."""

    branch_id: UUID | None = None
    client_id: UUID | None = None
    status: WaitingStatus | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ChangeWaitingEntry(Request[WaitingEntry], permission="waiting_list.edit"):
    id: UUID
    version: Version
    earliest: date | UnsetType = UNSET
    latest: date | UnsetType = UNSET
    times: WaitingTimes | UnsetType = UNSET


@dataclass(frozen=True)
class AcceptOffer(Request[Appointment], permission="waiting_list.edit"):
    """Books what is held for the client. Refused with `offer_expired` once it went to somebody else.

    With `contraindicated` it is refused, or with `health_reason` made, like any booking.
    """

    id: UUID
    health_reason: Why | None = None


@dataclass(frozen=True)
class DeclineOffer(Request[WaitingEntry], permission="waiting_list.edit"):
    """The time goes to the next; the client waits on."""

    id: UUID


@dataclass(frozen=True)
class LeaveWaitingList(Request[WaitingEntry], permission="waiting_list.edit"):
    id: UUID
