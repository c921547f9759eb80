"""What loyalty gives a completed visit by all that was known of the time: the same live and in a simulation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.loyalty.domain.facts import Bill
from services.loyalty.domain.judging import case_of, judge_case
from services.loyalty.domain.programme import Programme
from services.loyalty.domain.promotion import Promotion
from services.loyalty.domain.rules.offer import Case
from services.loyalty.domain.standing import Standing, Visit, WantedLine
from services.loyalty.domain.verdict import Verdict

Difference = Literal["older_promise", "loyalty_away", "late_facts", "recorded"]

# By what booking says it worked out a discount; what it asked loyalty for is another only by what loyalty heard later.
_REASONS: dict[str | None, Difference] = {
    "promise": "older_promise",
    "copy": "loyalty_away",
    "loyalty": "late_facts",
    "none": "loyalty_away",
}


@dataclass(frozen=True, slots=True)
class Had:
    """What earlier visits of the client were given that bears on later ones; `once` as in `Standing`."""

    once: tuple[tuple[str, UUID], ...] = ()
    budget: int = 0

    def and_then(self, appointment_id: UUID, verdict: Verdict) -> "Had":
        """After one more visit."""
        if not verdict.once and not verdict.budget_used:
            return self
        once = tuple((key, appointment_id) for key in verdict.once)
        return Had(self.once + once, self.budget + verdict.budget_used)


NOTHING = Had()


def with_had(standing: Standing, had: Had) -> Standing:
    """`standing` after the visits that `had` tells of."""
    return standing if had is NOTHING else replace(standing, once=had.once, used_budget=had.budget)


def visit_of(bill: Bill, codes: Sequence[str] = ()) -> Visit:
    """What there was to price on a bill: its services; goods and adjustments have no discount."""
    lines = (line for line in bill.lines if line.kind == "service")
    wanted = tuple(WantedLine(line.line_id, line.service_id, line.category, line.price) for line in lines)
    return Visit(bill.branch_id, bill.local_date, wanted, bill.appointment_id, tuple(codes))


def granted(
    programme: Programme,
    standing: Standing,
    bill: Bill,
    had: Had,
    *,
    promotions: Sequence[Promotion] = (),
    codes: Sequence[str] = (),
    explain: bool = True,
) -> Verdict:
    """What the visit of `bill`, as it was completed, is given; `standing` is the client's at `bill.completed_at`."""
    return judge_case(case_of_bill(programme, standing, bill, had, codes=codes, explain=explain), promotions)


def case_of_bill(
    programme: Programme,
    standing: Standing,
    bill: Bill,
    had: Had,
    *,
    codes: Sequence[str] = (),
    explain: bool = True,
) -> Case:
    """What is judged where a visit is granted something."""
    return case_of(programme, with_had(standing, had), visit_of(bill, codes), explain=explain)


def as_completed(bills: Iterable[Bill]) -> list[Bill]:
    """Of all versions of some visits' bills the first of each, in the order in which they were completed."""
    first: dict[UUID, Bill] = {}
    for bill in bills:
        known = first.get(bill.appointment_id)
        if known is None or bill.version < known.version:
            first[bill.appointment_id] = bill
    return sorted(first.values(), key=order)


def order(bill: Bill) -> tuple[datetime, UUID]:
    """Of two visits that were completed at one instant the first is the same every time."""
    return bill.completed_at, bill.appointment_id


def applied(bill: Bill) -> int:
    """What booking took off the services, in minor units."""
    return sum(line.discount for line in bill.lines if line.kind == "service")


def difference(given: int, taken_off: int, source: str | None) -> Difference | None:
    """Why booking took off something else than loyalty gives; None if it did not."""
    return None if given == taken_off else _REASONS.get(source, "recorded")
