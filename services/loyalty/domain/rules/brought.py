"""The discount by people brought: who counts how much, the tiers, and what the levels may cost."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from functools import cache

from services.loyalty.domain.facts import Bill
from services.loyalty.domain.programme import Budget, Referrals, Tier
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.rules.offer import ZERO, Case, Offer, money_kept
from services.loyalty.domain.standing import Brought
from services.loyalty.domain.verdict import Cap, Evidence

ONE = Decimal(1)
EXACT = Context(prec=60)
WEIGHT = Decimal("0.000001")  # what a person counts for is kept to six places, so that every machine finds the same


@cache
def decayed(days: int, half_life_days: int) -> Decimal:
    """2^(-days / half life); age is counted in whole days."""
    return EXACT.power(Decimal(2), EXACT.divide(Decimal(-days), Decimal(half_life_days))).quantize(WEIGHT)


def weigh(rule: Referrals, case: Case) -> tuple[list[tuple[Brought, Decimal]], list[tuple[Brought, str]]]:
    """Who counts and how much, and who does not and why."""
    counted: list[tuple[Brought, Decimal]] = []
    left: list[tuple[Brought, str]] = []
    at = case.standing.at
    since = at - timedelta(days=rule.period_days) if rule.period_days is not None else None
    for person in case.standing.brought:
        if person.level > rule.depth:
            continue
        if person.counts_since is None:
            left.append((person, person.reason or "does_not_count"))
        elif since is not None and person.counts_since <= since:
            left.append((person, "out_of_period"))
        else:
            weight = ONE if person.level == 1 else EXACT.power(rule.weight, person.level - 1)
            if rule.half_life_days is not None:
                age = max(0, (at - person.counts_since).days)
                weight = EXACT.multiply(weight, decayed(age, rule.half_life_days))
            counted.append((person, weight))
    if rule.level_caps:
        counted, over = _capped(counted, rule.level_caps)
        left += [(person, "level_cap") for person in over]
    return counted, left


def _capped(
    counted: list[tuple[Brought, Decimal]], caps: tuple[int, ...]
) -> tuple[list[tuple[Brought, Decimal]], list[Brought]]:
    """Of each level those who count most, the earliest of equals, so that one more never makes it less."""
    room = dict(enumerate(caps, 1))
    kept, over = [], []
    for person, weight in sorted(counted, key=lambda each: (-each[1], each[0].counts_since, each[0].client_id)):
        left = room.get(person.level)
        if left is None or left > 0:
            kept.append((person, weight))
            if left is not None:
                room[person.level] = left - 1
        else:
            over.append(person)
    return kept, over


def reached(tiers: Iterable[Tier], worth: Decimal) -> Tier | None:
    """The highest tier that asks for no more than `worth` people."""
    best: Tier | None = None
    for tier in tiers:
        if tier.people <= worth and (best is None or tier.people > best.people):
            best = tier
    return best


def is_credited(person: Brought, bill: Bill, settled: timedelta, case: Case) -> bool:
    """Whether a bill of somebody brought gives credit: settled, and of a time when they were known as brought.

    A bill from before that may have given credit to who was named then; twice would break the budget.
    """
    return max(person.since, person.path_since) <= bill.completed_at <= case.standing.at - settled


def credit_of(person: Brought, budget: Budget, case: Case) -> Decimal:
    """What a person's settled bills give the client to spend, in minor units, exactly."""
    settled = timedelta(days=budget.settled_after_days)
    money = sum(money_kept(bill) for bill in person.bills if is_credited(person, bill, settled, case))
    if not money:
        return ZERO
    rate = EXACT.multiply(budget.share, EXACT.multiply(ONE - budget.ratio, EXACT.power(budget.ratio, person.level - 1)))
    return EXACT.multiply(Decimal(money), rate).scaleb(-2)


def credit(rule: Referrals, budget: Budget, case: Case) -> int:
    """What is there for referral discounts of the client in all, in whole minor units, rounded down."""
    people = (person for person in case.standing.brought if person.counts_since and person.level <= rule.depth)
    whole = ZERO
    for person in people:
        whole = EXACT.add(whole, credit_of(person, budget, case))
    return int(whole.to_integral_value(rounding=ROUND_FLOOR))


def referrals(rule: Referrals, case: Case) -> Offer:
    """What the people brought give."""
    looks_at = (rule.depth, rule.weight, rule.half_life_days, rule.level_caps, rule.period_days)
    counted, left = case.once(("weighed", looks_at), lambda: weigh(rule, case))
    plainly = rule.depth == 1 and rule.half_life_days is None
    worth = Decimal(len(counted)) if plainly else sum((weight for _, weight in counted), ZERO)
    tier = reached(rule.tiers, worth)
    offer = Offer(rule.name, rule.kind, "referrals.counted" if plainly else "referrals.weighted")
    if tier is not None:
        offer.percent = tier.percent
        if rule.max_percent is not None and tier.percent > rule.max_percent:
            offer.caps += (Cap("max_percent", tier.percent, rule.max_percent),)
            offer.percent = rule.max_percent
    if rule.budget is not None:
        _bound(offer, rule, rule.budget, case)
    if case.explain:
        _explain(offer, rule, case, counted, left, worth)
    if tier is None:
        offer.code = "referrals.too_few"
        needed = min((each.people for each in rule.tiers), default=0)
        offer.refuse("referrals.needed", count=str(needed))
    return offer


def _bound(offer: Offer, rule: Referrals, budget: Budget, case: Case) -> None:
    """Keep `offer` within what is left of the credit."""
    whole = case.once(("credit", rule.depth, budget), lambda: credit(rule, budget, case))
    used = case.standing.used_budget
    offer.limit = max(0, whole - used)
    if offer.percent and not offer.limit:
        offer.refuse("referrals.budget_used_up", credit=str(whole), used=str(used))


def _explain(
    offer: Offer,
    rule: Referrals,
    case: Case,
    counted: list[tuple[Brought, Decimal]],
    left: list[tuple[Brought, str]],
    worth: Decimal,
) -> None:
    params = [("count", str(len(counted))), ("percent", str(plain(offer.percent)))]
    if offer.code == "referrals.weighted":
        params += [("worth", str(plain(worth))), ("depth", str(rule.depth))]
        params += [("weight", str(plain(rule.weight))), ("half_life_days", str(rule.half_life_days or ""))]
    if rule.budget is not None:
        params += [("share", str(plain(rule.budget.share))), ("ratio", str(rule.budget.ratio))]
        params += [("settled_after_days", str(rule.budget.settled_after_days)), ("left", str(offer.limit))]
        params += [("used", str(case.standing.used_budget))]
    offer.params = tuple(params)
    offer.evidence = (
        *(
            Evidence(
                "person",
                counted=True,
                id=person.client_id,
                at=person.counts_since,
                level=person.level,
                weight=weight,
                amount=int(credit_of(person, rule.budget, case)) if rule.budget else None,
                reason=",".join(person.flags) or None,
            )
            for person, weight in counted
        ),
        *(
            Evidence("person", counted=False, id=person.client_id, at=person.since, level=person.level, reason=why)
            for person, why in left
        ),
    )
    over = sum(why == "level_cap" for _, why in left)
    if over:
        offer.caps += (Cap("level_caps", Decimal(len(counted) + over), Decimal(len(counted))),)
