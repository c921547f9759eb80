"""A client's own visits, as the client's page shows them, and moving one of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.booking.online import OnlineBranch, OnlineSegment
from contracts.booking.words import CancelledBy, Status
from contracts.message import Cursor, Limit, Page, Request
from kernel.money import Money


@dataclass(frozen=True)
class OwnAppointment:
    """A visit in names. `can_change_until`: the cut-off of moving and cancelling; none once nothing can be changed."""

    id: UUID
    status: Status
    branch: OnlineBranch
    starts: datetime
    ends: datetime
    segments: tuple[OnlineSegment, ...]
    total: Money
    discount: Money
    due: Money
    version: int
    can_change_until: datetime | None = None
    cancelled_by: CancelledBy | None = None


@dataclass(frozen=True)
class ListOwnAppointments(Request[Page[OwnAppointment]], permission="appointments.read", effects=False):
    """Visits of the card that the caller's account belongs to: those ahead, the next one first; or (`past`) those that
    are over, were cancelled or missed, the latest first."""

    past: bool = False
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class ShowOwnAppointment(Request[OwnAppointment], permission="appointments.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class MoveOwnAppointment(Request[OwnAppointment], permission="appointments.move"):
    """The same services by the same masters at another time, by the rules of `MoveOnlineAppointment`."""

    id: UUID
    starts: datetime
