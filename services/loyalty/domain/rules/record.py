"""What the client's own visits give: their number, the money spent, statuses, the first one."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from services.loyalty.domain.facts import Bill
from services.loyalty.domain.programme import FirstVisit, Levels, Spend, Step, Visits
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.rules.offer import Case, Offer, is_kept, money_kept
from services.loyalty.domain.verdict import Evidence, Progress
from services.loyalty.domain.wording import money


def reached(steps: Iterable[Step], count: int) -> Step | None:
    """The highest step that begins at `count` or below."""
    return max((step for step in steps if step.start <= count), key=lambda step: step.start, default=None)


def visits(rule: Visits, case: Case) -> Offer:
    """By the number of visits that were not given back in full."""
    count = case.once(("visits", rule.period_days), lambda: kept(case.within(rule.period_days)))
    step = reached(rule.steps, count)
    offer = Offer(rule.name, rule.kind, "visits.counted", step.percent if step else Decimal(0))
    offer.params = (("count", str(count)), ("percent", str(plain(offer.percent))))
    if step is None:
        offer.code = "visits.too_few"
        offer.refuse("visits.needed", count=str(min((each.start for each in rule.steps), default=0)))
    if case.explain:
        offer.evidence = seen(case, case.within(rule.period_days))
    return offer


def spend(rule: Spend, case: Case) -> Offer:
    """By money that was paid and stayed."""
    amount, currency = case.once(("spend", rule.period_days), lambda: spent(case.within(rule.period_days)))
    step = reached(rule.steps, amount)
    offer = Offer(rule.name, rule.kind, "spend.counted", step.percent if step else Decimal(0))
    offer.params = (
        ("spent", money(amount, currency)),
        ("amount", str(amount)),
        ("currency", currency),
        ("percent", str(plain(offer.percent))),
    )
    if step is None:
        offer.code = "spend.too_little"
        start = min((each.start for each in rule.steps), default=0)
        offer.refuse("spend.needed", start=money(start, currency), amount=str(start))
    if case.explain:
        offer.evidence = seen(case, case.within(rule.period_days))
    return offer


def kept(bills: Iterable[Bill]) -> int:
    """How many visits were not given back in full."""
    return sum(map(is_kept, bills))


def spent(bills: tuple[Bill, ...]) -> tuple[int, str]:
    """Money spent, in the currency of the latest visit: two currencies do not add up."""
    if not bills:
        return 0, ""
    currency = bills[-1].currency
    return sum(money_kept(bill) for bill in bills if bill.currency == currency), currency


def levels(rule: Levels, case: Case) -> Offer:
    """The status reached, its discount, and what is missing to the next one."""
    currency = ""
    if rule.by == "visits":
        count = case.once(("visits", rule.period_days), lambda: kept(case.within(rule.period_days)))
    elif rule.by == "spend":
        count, currency = case.once(("spend", rule.period_days), lambda: spent(case.within(rule.period_days)))
    else:
        count = _people(case, rule.period_days)
    level = max((each for each in rule.levels if each.start <= count), key=lambda each: each.start, default=None)
    further = min((each for each in rule.levels if each.start > count), key=lambda each: each.start, default=None)
    offer = Offer(rule.name, rule.kind, "levels.reached", level.percent if level else Decimal(0))
    offer.progress = Progress(
        level.name if level else None,
        rule.by,
        count,
        further.name if further else None,
        further.start - count if further else None,
    )
    amount = money(count, currency) if rule.by == "spend" else str(count)
    if level is None:
        offer.code = "levels.none"
        offer.params = (("by", rule.by), ("count", amount))
        return offer.refuse("levels.not_reached")
    privileges = ", ".join(level.privileges)
    offer.params = (("level", level.name), ("by", rule.by), ("count", amount), ("percent", str(plain(level.percent))))
    offer.params += (("privileges", privileges),) if privileges else ()
    if case.explain and rule.by != "people":
        offer.evidence = seen(case, case.within(rule.period_days))
    return offer


def _people(case: Case, days: int | None) -> int:
    since = case.standing.at - timedelta(days=days) if days is not None else None
    return sum(
        person.level == 1 and person.counts_since is not None and (since is None or person.counts_since > since)
        for person in case.standing.brought
    )


def first_visit(rule: FirstVisit, case: Case) -> Offer:
    """The first visit in the chain."""
    offer = Offer(rule.name, rule.kind, "first_visit", needs_visit=True).reward(rule.reward)
    return offer.refuse("first_visit.not_first") if case.bills else offer


def seen(case: Case, bills: tuple[Bill, ...]) -> tuple[Evidence, ...]:
    """The client's visits: those that count and those that were given back or are too long ago."""
    counted = {bill.appointment_id for bill in bills}
    return tuple(
        Evidence(
            "visit",
            counted=bill.appointment_id in counted and is_kept(bill),
            id=bill.appointment_id,
            at=bill.completed_at,
            amount=money_kept(bill),
            reason=None
            if bill.appointment_id in counted and is_kept(bill)
            else ("out_of_period" if bill.appointment_id not in counted else "given_back"),
        )
        for bill in case.bills
    )
