"""Everything that booking holds about one person."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts.booking.appointments import Appointment, HistoryEntry
from contracts.booking.series import Series
from contracts.booking.waiting import WaitingEntry
from contracts.message import INTERNAL, Request


@dataclass(frozen=True)
class HeldAppointment:
    """An appointment with every text about it, and what became of it; by whom and why is told whole."""

    appointment: Appointment
    history: tuple[HistoryEntry, ...]


@dataclass(frozen=True)
class HeldTime:
    """A time that is kept free for the client until `expires_at`."""

    id: UUID
    branch_id: UUID
    starts: datetime
    ends: datetime
    expires_at: datetime


@dataclass(frozen=True)
class KnownBranchDiscount:
    branch_id: UUID
    percent: Decimal


@dataclass(frozen=True)
class KnownDiscount:
    """The percentage that booking would grant if loyalty did not answer; `by_branch` where one has another."""

    percent: Decimal
    as_of: datetime
    by_branch: tuple[KnownBranchDiscount, ...] = ()


@dataclass(frozen=True)
class NamedId:
    """What an id of a branch, a service or a master stands for."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Unreadable:
    """Something that is kept and does not open, because it is damaged."""

    what: str
    id: UUID


@dataclass(frozen=True)
class HeldByBooking:
    appointments: tuple[HeldAppointment, ...]
    series: tuple[Series, ...]
    waiting_list: tuple[WaitingEntry, ...]
    holds: tuple[HeldTime, ...]
    discount: KnownDiscount | None
    names: tuple[NamedId, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class ExportFromBooking(Request[HeldByBooking], permission=INTERNAL, timeout=8.0, effects=False):
    """What clients puts into the export of a person; whether somebody may have it was decided there."""

    client_id: UUID
