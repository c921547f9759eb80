"""Some clients' visits judged one after the other by what is simulated, beside what they were granted and had."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.loyalty.domain.facts import Bill, Erased, Fact
from services.loyalty.domain.granting import NOTHING, Had, applied, as_completed, case_of_bill, order
from services.loyalty.domain.history import History
from services.loyalty.domain.judging import judge_case
from services.loyalty.domain.simulation.moved import Moved, Visited
from services.loyalty.domain.simulation.plan import Plan
from services.loyalty.domain.simulation.tally import ByRule, Compared, Sums, Tally
from services.loyalty.domain.standing import Standing
from services.loyalty.domain.verdict import Verdict

REGULAR = 5  # earlier visits


class Granted(NamedTuple):
    """What loyalty has granted a visit, in minor units; `codes` of promotions that the client named."""

    discount: int = 0
    codes: tuple[str, ...] = ()


@dataclass(slots=True)
class Material:
    """All that is needed to judge `clients`: every fact that bears on them, by `at`, and what they were given.

    `had` is what they were given before the period, `granted` is by visit.
    """

    clients: frozenset[UUID]
    facts: list[Fact]
    had: dict[UUID, Had] = field(default_factory=dict)
    granted: dict[UUID, Granted] = field(default_factory=dict)


class Seen(NamedTuple):
    """A visit, who came, after how many others, and what it would have been given."""

    bill: Bill
    standing: Standing
    before: int
    granted: Granted
    verdict: Verdict


class Run:
    """One walk through time: facts are told in their order, and each visit is judged when it was completed."""

    def __init__(self, plan: Plan, material: Material, *, moved: bool = True) -> None:
        self._plan = plan
        self._material = material
        self._programmes = plan.simulated
        self._moved = Moved(plan, material.had) if moved else None
        self._had = dict(material.had)
        self._more: dict[str, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
        self.tally = Tally()

    def to_its_end(self) -> Tally:
        for seen in self.visits():
            self._count(seen)
            sums = self.tally.currencies[seen.bill.currency]
            if self._moved is not None:
                sums.add_moved(self._moved.discounts)
        for currency, by_client in self._more.items():
            self.tally.currencies[currency].settle(by_client)
        return self.tally

    def visits(self) -> Iterable[Seen]:
        """Every visit of the clients that counts, judged; what is moved is judged with it."""
        history, facts, told = History(), self._material.facts, 0
        for bill in self._in_order():
            while told < len(facts) and facts[told].at <= bill.completed_at:
                history.apply(facts[told])
                told += 1
            programme = self._programmes.at(bill.branch_id, bill.completed_at)
            standing = history.standing(bill.client_id, bill.completed_at, programme)
            offered = self._plan.promotions.at(bill.branch_id, bill.completed_at)
            known = self._material.granted.get(bill.appointment_id, Granted())
            had = self._had.get(bill.client_id, NOTHING)
            case = case_of_bill(programme, standing, bill, had, codes=known.codes, explain=False)
            verdict = judge_case(case, offered)
            if self._moved is not None and case.visit is not None:
                self._moved.judge(programme, had, Visited(bill, case.visit, standing, case, offered), verdict)
            after = had.and_then(bill.appointment_id, verdict)
            if after is not had:
                self._had[bill.client_id] = after
            if self._plan.branch_id in (None, bill.branch_id):
                yield Seen(bill, standing, len(case.bills), known, verdict)

    def _in_order(self) -> list[Bill]:
        """The visits of the period, those of people who were erased left out: of them nothing was kept."""
        bills: dict[UUID, list[Bill]] = defaultdict(list)
        gone = {fact.client_id for fact in self._material.facts if isinstance(fact, Erased)}
        for fact in self._material.facts:
            if isinstance(fact, Bill) and fact.client_id in self._material.clients:
                bills[fact.client_id].append(fact)
        found = []
        for client_id, said in bills.items():
            for bill in as_completed(said):
                self._count_money(bill)
                if self._plan.since <= bill.completed_at < self._plan.until:
                    if client_id in gone:
                        self.tally.erased += self._plan.branch_id in (None, bill.branch_id)
                    else:
                        found.append(bill)
        return sorted(found, key=order)

    def _count_money(self, bill: Bill) -> None:
        if bill.completed_at < self._plan.until:
            money = max(0, min(bill.due, bill.paid) - bill.tendered)
            self.tally.currencies[bill.currency].money += money

    def _count(self, seen: Seen) -> None:
        bill, verdict = seen.bill, seen.verdict
        sums = self.tally.currencies[bill.currency]
        one = Compared(1, applied(bill), seen.granted.discount, verdict.discount)
        more = verdict.discount - seen.granted.discount
        sums.all.add(one)
        sums.branches[bill.branch_id].add(one)
        for segment in _segments(seen):
            sums.segments[segment].add(one)
        if more:
            sums.changed += 1
            self._more[bill.currency][bill.client_id] += more
        sums.budget_used += verdict.budget_used
        _count_lines(sums, bill)
        _count_parts(sums, verdict)


def _segments(seen: Seen) -> Iterable[tuple[str, str]]:
    """What the client was at the time: their importance, categories and segments, how often they had come before."""
    standing = seen.standing
    yield "importance", standing.importance
    yield "visits", "first" if not seen.before else "few" if seen.before < REGULAR else "regular"
    for category_id in standing.category_ids:
        yield "category", str(category_id)
    for segment_id in standing.segment_ids:
        yield "segment", str(segment_id)


def _count_lines(sums: Sums, bill: Bill) -> None:
    for line in bill.lines:
        sums.lines += 1
        sums.revenue += line.due
        if line.cost is None:
            sums.lines_without_cost += 1
        else:
            sums.cost += line.cost


def _count_parts(sums: Sums, verdict: Verdict) -> None:
    sums.gifts += len(verdict.gifts)
    sums.offers += len(verdict.offers)
    for part in verdict.parts:
        if part.refused is None:
            sums.rules[part.rule].add(ByRule(1, part.amount, part.gift is not None, part.offer is not None))


def simulated(plan: Plan, material: Material) -> Tally:
    """What came of it for the clients of `material`."""
    return Run(plan, material).to_its_end()


def discounts(plan: Plan, material: Material) -> Mapping[UUID, int]:
    """By visit what it would have been given, in minor units."""
    return {seen.bill.appointment_id: seen.verdict.discount for seen in Run(plan, material, moved=False).visits()}
