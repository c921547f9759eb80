"""Visits of the past, recorded in bulk as another system had them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from contracts.booking.words import Amount, Channel, Currency, LineKind, Status
from contracts.message import (
    Request,
    Text,
)


@dataclass(frozen=True)
class PastLine:
    """A line of an old bill: `amount` is what was due on it before tax; below zero for an offset or a return."""

    kind: LineKind
    amount: Amount
    service_id: UUID | None = None
    master_id: UUID | None = None
    text: Text | None = None


@dataclass(frozen=True)
class PastSegment:
    service_id: UUID
    master_id: UUID


@dataclass(frozen=True)
class PastVisit:
    """A visit as another system recorded it, with its own date and price; it occupies nothing.

    `reference` names it in that system and makes recording it again change nothing. `client_id` is None for somebody
    without a card. Only a completed visit has lines; amounts are in the installation's currency, paid in full.
    """

    reference: Annotated[str, Meta(min_length=1, max_length=200)]
    branch_id: UUID
    starts: datetime
    status: Status
    client_id: UUID | None = None
    segments: Annotated[tuple[PastSegment, ...], Meta(max_length=50)] = ()
    lines: Annotated[tuple[PastLine, ...], Meta(max_length=200)] = ()
    channel: Channel | None = None


@dataclass(frozen=True)
class Recorded:
    reference: str
    id: UUID
    created: bool


@dataclass(frozen=True)
class RecordedVisits:
    items: tuple[Recorded, ...]


@dataclass(frozen=True)
class RecordVisits(Request[RecordedVisits], permission="visits.import", timeout=30.0):
    """All or nothing: one visit that is wrong refuses the batch and names its place (`visits.17.lines.0`)."""

    currency: Currency
    visits: Annotated[tuple[PastVisit, ...], Meta(min_length=1, max_length=500)]
