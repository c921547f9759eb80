"""Since when somebody's visits have met the criterion of a programme, refunds included."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.loyalty.domain.facts import Bill
from services.loyalty.domain.programme import Criterion

NO_PAID_VISIT = "no_paid_visit"
REFUNDED = "refunded"


def qualified_since(bills: Iterable[Bill], criterion: Criterion) -> tuple[datetime | None, str | None]:
    """The first instant of the present stretch in which the criterion is met; or None with the reason why it is not.

    `bills` are all versions of all visits in order of `at`. A visit counts if a service was rendered and at least
    `min_paid` of what was paid was kept; a refund takes it back from its own instant on.
    """
    versions: dict[UUID, int] = {}
    good: set[UUID] = set()
    paid: set[UUID] = set()
    since = last = None
    for bill in bills:
        if len(good) < criterion.visits and last is not None and bill.at > last:
            since = None  # only now: what one instant takes and gives at once was never missing
        last = bill.at
        visit = bill.appointment_id
        if bill.version <= versions.get(visit, -1):
            continue
        versions[visit] = bill.version
        brought_in, kept = worth(bill)
        (paid.add if brought_in >= criterion.min_paid else paid.discard)(visit)
        (good.add if kept >= criterion.min_paid else good.discard)(visit)
        if len(good) >= criterion.visits:
            since = since or bill.at
    if len(good) >= criterion.visits:
        return since, None
    return None, REFUNDED if len(paid) >= criterion.visits else NO_PAID_VISIT


def worth(bill: Bill) -> tuple[int, int]:
    """What the visit brought in, and what of it was kept, in minor units; less than nothing without a service."""
    services = due = refunded = 0
    for line in bill.lines:
        services += line.kind == "service"
        due += line.price - line.discount
        refunded += line.refunded
    if not services:
        return -1, -1
    brought_in = min(due, bill.paid)
    return brought_in, brought_in - refunded
