"""Series: appointments that repeat by a rule of RFC 5545, on the wall clock of the branch."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from contracts.booking.appointments import Alternative, WantedSegment, WantedSegments
from contracts.booking.words import ByDay, Channel, Frequency, Policy, Scope, Status, Why
from contracts.message import Cursor, Limit, Page, Request, Text


@dataclass(frozen=True)
class Rule:
    """A subset of RFC 5545: it ends by `count` or on the date `until`, and leaves out the dates of `exdates`.

    `by_day` is `MO`, or for MONTHLY also `1MO` and `-1FR`. At most 104 occurrences.
    """

    freq: Frequency
    interval: Annotated[int, Meta(ge=1, le=52)] = 1
    by_day: Annotated[tuple[ByDay, ...], Meta(max_length=7)] = ()
    count: Annotated[int, Meta(ge=1, le=104)] | None = None
    until: date | None = None
    exdates: Annotated[tuple[date, ...], Meta(max_length=104)] = ()


@dataclass(frozen=True)
class Occurrence:
    """One time of the rule. `occurrence` is the start by the rule, and moves with the rule only; `starts` is where it
    lies. What stays the same whatever is changed is the id of its appointment.

    `outcome`: `free`, `shifted` to the next free time, `skipped`, or `conflict` with its `code` and alternatives.
    """

    occurrence: datetime
    starts: datetime | None
    outcome: Literal["free", "shifted", "skipped", "conflict"]
    code: str | None = None
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class SeriesPreview:
    occurrences: tuple[Occurrence, ...]


@dataclass(frozen=True)
class SeriesAppointment:
    appointment_id: UUID
    occurrence: datetime
    starts: datetime
    status: Status


@dataclass(frozen=True)
class Series:
    """`rrule` is the rule as RFC 5545 writes it. `left_out` are occurrences of it without an appointment: skipped by
    the policy, or cancelled before the rule left them for a while. What was before `history_from` is not shown.
    """

    id: UUID
    branch_id: UUID
    client_id: UUID
    starts: datetime
    rule: Rule
    rrule: str
    segments: tuple[WantedSegment, ...]
    appointments: tuple[SeriesAppointment, ...]
    left_out: tuple[datetime, ...]
    version: int
    split_from: UUID | None = None
    history_from: date | None = None


@dataclass(frozen=True)
class PreviewSeries(Request[SeriesPreview], permission="appointments.create", timeout=15.0, effects=False):
    """What `BookSeries` would do with each occurrence."""

    branch_id: UUID
    client_id: UUID
    starts: datetime
    segments: WantedSegments
    rule: Rule
    policy: Policy = "fail"
    health_reason: Why | None = None


@dataclass(frozen=True)
class BookSeries(Request[Series], permission="appointments.create", timeout=30.0):
    """All or nothing. With the policy `fail` a conflict refuses it (`series_conflicts`), with `skip` that occurrence is
    left out, with `next_free` it goes to the next free time before the one that follows. `contraindicated` is a
    conflict by any policy, unless it is passed over with `health_reason`.
    """

    branch_id: UUID
    client_id: UUID
    starts: datetime
    segments: WantedSegments
    rule: Rule
    policy: Policy = "fail"
    channel: Channel | None = None
    comment: Text | None = None
    health_reason: Why | None = None


@dataclass(frozen=True)
class ShowSeries(Request[Series], permission="appointments.read", effects=False):
    id: UUID


@dataclass(frozen=True)
class ListSeries(Request[Page[Series]], permission="appointments.read", effects=False):
    branch_id: UUID | None = None
    client_id: UUID | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


@dataclass(frozen=True)
class PreviewSeriesChange(Request[SeriesPreview], permission="appointments.edit", timeout=15.0, effects=False):
    """What `ChangeSeries` would do."""

    id: UUID
    scope: Scope
    appointment_id: UUID | None = None
    starts: datetime | None = None
    segments: WantedSegments | None = None
    rule: Rule | None = None
    policy: Policy = "fail"
    health_reason: Why | None = None


@dataclass(frozen=True)
class ChangeSeries(Request[Series], permission="appointments.edit", timeout=30.0):
    """Change this occurrence, this and those that follow (which become a series of their own), or all still to come.

    `appointment_id` says which one `this` is; `starts` is its new time, by which the others move on the wall clock.
    Occurrences keep their appointments and ids as long as the rule keeps them.
    """

    id: UUID
    scope: Scope
    appointment_id: UUID | None = None
    starts: datetime | None = None
    segments: WantedSegments | None = None
    rule: Rule | None = None
    policy: Policy = "fail"
    health_reason: Why | None = None


@dataclass(frozen=True)
class CancelSeries(Request[Series], permission="appointments.cancel", timeout=15.0):
    """Cancel this occurrence, this and those that follow, or all still to come."""

    id: UUID
    scope: Scope
    reason: Text
    appointment_id: UUID | None = None
