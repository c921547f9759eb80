"""What analytics holds about a person, for the export of all that is held."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.message import FINANCE, INTERNAL, Request, sensitive
from kernel.money import Money


@dataclass(frozen=True)
class FactPart:
    """What a visit was for."""

    service_id: UUID | None
    category: str | None
    master_id: UUID | None
    revenue: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class VisitFact:
    """A completed visit by its newest bill."""

    appointment_id: UUID
    branch_id: UUID
    local_date: date
    parts: tuple[FactPart, ...]
    revenue: Money | None = sensitive(FINANCE, default=None)


@dataclass(frozen=True)
class AppointmentFact:
    """An appointment and what became of it."""

    appointment_id: UUID
    branch_id: UUID
    local_date: date
    status: str
    channel: str | None
    late_minutes: int | None
    cancelled_by: str | None
    booked_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True)
class EnquiryFact:
    """When somebody wrote through a form, and when that was answered."""

    enquiry_id: UUID
    branch_id: UUID | None
    channel: str
    received_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True)
class HeldByAnalytics:
    """Facts beside an id and nothing else: no name and no contact is known here.

    `root` is the channel at the top of the chain of those who brought the client.
    """

    channel: str | None
    root: str | None
    referrer_id: UUID | None
    registered_at: datetime | None
    first_visit_id: UUID | None
    visits: tuple[VisitFact, ...]
    appointments: tuple[AppointmentFact, ...] = ()
    enquiries: tuple[EnquiryFact, ...] = ()


@dataclass(frozen=True)
class ExportFromAnalytics(Request[HeldByAnalytics], permission=INTERNAL, timeout=8.0, effects=False):
    """What clients puts into the export of a person; whether somebody may have it was decided there."""

    client_id: UUID
