"""What certain services give: every N-th, chosen ones, the client's favourite."""

from collections import Counter
from datetime import datetime
from uuid import UUID

from services.loyalty.domain.programme import FavouriteService, NthService, Services
from services.loyalty.domain.rules.offer import Case, Offer, is_one_of, is_rendered, on_visit
from services.loyalty.domain.verdict import Evidence


def nth_service(rule: NthService, case: Case) -> Offer:
    """Every N-th of the services, counted on from the visits before."""
    before, evidence = 0, []
    for bill in case.bills:
        lines = sum(is_rendered(line) and is_one_of(line, rule.service_ids, rule.categories) for line in bill.lines)
        before += lines
        if lines and case.explain:
            evidence.append(Evidence("visit", counted=True, id=bill.appointment_id, at=bill.completed_at, amount=lines))
    offer = Offer(rule.name, rule.kind, "nth_service", needs_visit=True, evidence=tuple(evidence))
    offer.params = (("every", str(rule.every)), ("count", str(before)))
    offer.reward(rule.reward)
    if case.visit is None:
        return offer
    meant = [line for line in case.visit.lines if is_one_of(line, rule.service_ids, rule.categories)]
    offer.line_ids = tuple(line.line_id for number, line in enumerate(meant, before + 1) if number % rule.every == 0)
    if not offer.line_ids:
        more = rule.every - before % rule.every
        return offer.refuse("nth_service.not_yet", count=str(more))
    return offer


def services(rule: Services, case: Case) -> Offer:
    """Chosen services, for everybody."""
    offer = Offer(rule.name, rule.kind, "services", needs_visit=True).reward(rule.reward)
    offer.line_ids = on_visit(case, rule.service_ids, rule.categories)
    return offer.refuse("no_such_service") if offer.line_ids == () else offer


def favourite(rule: FavouriteService, case: Case) -> tuple[UUID | None, int]:
    """The service had most often, the latest of several, and how often."""
    times: Counter[UUID] = Counter()
    last: dict[UUID, tuple[datetime, UUID]] = {}
    for bill in case.within(rule.period_days):
        for line in bill.lines:
            if line.service_id is not None and is_rendered(line):
                times[line.service_id] += 1
                last[line.service_id] = (bill.completed_at, bill.appointment_id)
    best = max(times, key=lambda service_id: (times[service_id], last[service_id], service_id), default=None)
    return (None, 0) if best is None else (best, times[best])


def favourite_service(rule: FavouriteService, case: Case) -> Offer:
    """The client's favourite, once they had it often enough."""
    service_id, times = favourite(rule, case)
    offer = Offer(rule.name, rule.kind, "favourite_service", needs_visit=True)
    offer.params = (("count", str(times)), ("service_id", str(service_id or "")))
    offer.reward(rule.reward)
    if service_id is None or times < rule.min_times:
        return offer.refuse("favourite_service.too_few", count=str(rule.min_times))
    offer.line_ids = on_visit(case, {service_id}, ())
    return offer.refuse("no_such_service") if offer.line_ids == () else offer
