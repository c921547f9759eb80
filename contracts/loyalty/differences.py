"""What loyalty gives a completed visit by all that is known of the time, and where booking took off something else."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.loyalty.discounts import Explanation, View
from contracts.message import Cursor, Limit, Page, Request
from kernel.money import Money

DifferenceReason = Literal["older_promise", "loyalty_away", "late_facts", "recorded"]


@dataclass(frozen=True)
class ExplainedVisit:
    """What the visit is given and why, and what booking took off its services; `difference` is why that is not it."""

    appointment_id: UUID
    client_id: UUID
    branch_id: UUID
    completed_at: datetime
    given: Money
    applied: Money
    why: Explanation
    difference: DifferenceReason | None = None
    name: str | None = None


@dataclass(frozen=True)
class ExplainVisit(Request[ExplainedVisit], permission="loyalty.read", effects=False):
    """Not found until the visit is completed, or if its client was erased."""

    appointment_id: UUID
    view: View | None = None


@dataclass(frozen=True)
class VisitDifference:
    """A visit on which booking took off something else than loyalty gives, with the reason.

    `older_promise`: what was promised at booking was more, or prices changed; `loyalty_away`: booking used its own
    copy; `late_facts`: what loyalty heard only afterwards; `recorded`: a visit of another
    system, or from before discounts said where they came from.
    """

    appointment_id: UUID
    client_id: UUID
    branch_id: UUID
    completed_at: datetime
    given: Money
    applied: Money
    programme_version: int
    reason: DifferenceReason
    name: str | None = None


@dataclass(frozen=True)
class ListDifferences(Request[Page[VisitDifference]], permission="loyalty_differences.read", effects=False):
    """Visits of the days `from_` to `to` in their branches, by when they were completed; at most 366 days."""

    from_: date
    to: date
    branch_id: UUID | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
