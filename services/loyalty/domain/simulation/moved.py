"""What visits would have been given had percentages or thresholds been others: as `granted` finds, in less time."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.loyalty.domain.combining import combine
from services.loyalty.domain.facts import Bill
from services.loyalty.domain.granting import NOTHING, Had, with_had
from services.loyalty.domain.judging import offers_of
from services.loyalty.domain.programme import Combination, Programme
from services.loyalty.domain.promotion import Promotion
from services.loyalty.domain.rules.offer import Case, Offer
from services.loyalty.domain.simulation.plan import CHANGES, Change, Plan
from services.loyalty.domain.standing import Standing, Visit
from services.loyalty.domain.verdict import Verdict

# Not the programme's: a client's own percentage, and promotions.
OF_OTHERS = frozenset({"personal", "promotion"})
MOST = 200_000  # outcomes that are remembered


@dataclass(frozen=True, slots=True)
class Came:
    """What offers come to on a visit: the discount, which of them were not beaten, what of the budget it takes."""

    discount: int = 0
    stood: tuple[bool, ...] = ()
    budget: int = 0


NOTHING_CAME = Came()
SCALED = tuple(change for change in CHANGES if change.of == "percentages")


class Moved:
    """Each of `CHANGES` lives through the same visits, with what its own earlier visits were given.

    The graph and the visits are the same in all of them, so the standing is taken from the one that is simulated, and
    so are the offers of rules where only percentages are others. What the same offers come to at the same prices is
    worked out once.
    """

    def __init__(self, plan: Plan, had: Mapping[UUID, Had]) -> None:
        self._plan = plan
        self._timelines = [plan.changed(change) for change in CHANGES]
        self._had: list[dict[UUID, Had]] = [dict(had) for _ in CHANGES]
        self._came: dict[Any, list[Came]] = {}
        self.discounts: list[int] = [0] * len(CHANGES)

    def judge(self, programme: Programme, had: Had, visited: "Visited", verdict: Verdict) -> None:
        """Set `discounts` of a visit that is given `verdict` by `programme`, unmoved, after `had`."""
        client_id, visit_id = visited.bill.client_id, visited.bill.appointment_id
        is_moved = self._plan.is_moved(programme)
        scaled: tuple[list[Offer], list[Came]] | None = None
        for place, change in enumerate(CHANGES):
            mine = self._had[place].get(client_id, NOTHING)
            is_same = mine is had or mine == had
            is_scaled = is_same and change.of == "percentages"
            if is_same and (not is_moved or (is_scaled and not verdict.parts)):
                self.discounts[place] = verdict.discount
                after = mine.and_then(visit_id, verdict)
            else:
                if is_scaled:
                    scaled = scaled or self._scaled(programme, had, visited)
                    offers, came = scaled[0], scaled[1][place]
                else:
                    moved = self._programme(place, visited.bill) if is_moved else programme
                    offers = visited.offers(moved, mine)
                    (came,) = self._came_of(programme.combination, offers, visited.visit, (None,))
                self.discounts[place] = came.discount
                after = _after(mine, visit_id, offers, came)
            if after is not mine:
                self._had[place][client_id] = after

    def _programme(self, place: int, bill: Bill) -> Programme:
        return self._timelines[place].at(bill.branch_id, bill.completed_at)

    def _scaled(self, programme: Programme, had: Had, visited: "Visited") -> tuple[list[Offer], list[Came]]:
        """What is offered, and what it comes to by each of `SCALED`, which are the first of `CHANGES`."""
        offers = visited.offers(programme, had)
        return offers, self._came_of(programme.combination, offers, visited.visit, SCALED)

    def _came_of(
        self, combination: Combination, offers: list[Offer], visit: Visit, changes: Sequence[Change | None]
    ) -> list[Came]:
        """What offers come to by each of some changes; None: as they are."""
        if not offers:
            return [NOTHING_CAME] * len(changes)
        prices = tuple([line.price for line in visit.lines])
        key = (len(changes), id(combination), prices, *[_key(offer, visit) for offer in offers])
        came = self._came.get(key)
        if came is None:
            if len(self._came) > MOST:
                self._came.clear()
            came = self._came[key] = [_combined(combination, offers, visit, change) for change in changes]
        return came


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that was completed, as it was judged by what is simulated."""

    bill: Bill
    visit: Visit
    standing: Standing
    case: Case
    promotions: Sequence[Promotion]

    def offers(self, programme: Programme, had: Had) -> list[Offer]:
        """What another programme offers, after what else the client may have been given."""
        case = self.case
        standing = (
            case.standing
            if case.standing.once == had.once and case.standing.used_budget == had.budget
            else (with_had(self.standing, had))
        )
        again = Case(programme, standing, self.visit, case.branch_id, case.bills, explain=False, found=case.found)
        return [offer for offer in offers_of(again, self.promotions) if offer.refusal is None]


def _key(offer: Offer, visit: Visit) -> Any:
    lines = offer.line_ids
    meant = None if lines is None else tuple([line.line_id in lines for line in visit.lines])
    return offer.rule, offer.kind, offer.percent, offer.limit, meant


def _combined(combination: Combination, offers: list[Offer], visit: Visit, change: Change | None) -> Came:
    """It leaves `offers` as they are: what they come to by other changes is asked of them, too."""
    asked = [copy(offer) for offer in offers]
    for offer in asked:
        if change is not None and offer.kind not in OF_OTHERS:
            offer.percent = change.scaled(offer.percent)
    outcome = combine(combination, asked, visit)
    budget = sum(outcome.amounts.get(place, 0) for place, offer in enumerate(asked) if offer.limit is not None)
    return Came(outcome.discount, tuple([offer.refusal is None for offer in asked]), budget)


def _after(had: Had, appointment_id: UUID, offers: Sequence[Offer], came: Came) -> Had:
    """As `Had.and_then` has it."""
    keys = (
        [offer.once for offer, stood in zip(offers, came.stood, strict=True) if stood and offer.once is not None]
        if came.stood
        else []
    )
    if not keys and not came.budget:
        return had
    return Had(had.once + tuple((key, appointment_id) for key in keys), had.budget + came.budget)
