"""What a client gets: every rule is asked, what they offer is combined, and all of it is told."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.loyalty.domain.combining import Outcome, combine
from services.loyalty.domain.facts import Bill
from services.loyalty.domain.programme import PROMOTIONS, AnyRule, Enrolment, Programme, Referrals
from services.loyalty.domain.promotion import Promotion
from services.loyalty.domain.rules import OFFERS
from services.loyalty.domain.rules.offer import ZERO, Case, Offer, is_rendered
from services.loyalty.domain.rules.promotions import promotion
from services.loyalty.domain.standing import Standing, Visit
from services.loyalty.domain.verdict import Part, Verdict
from services.loyalty.domain.wording import say


def judge(
    programme: Programme,
    standing: Standing,
    visit: Visit | None = None,
    promotions: Sequence[Promotion] = (),
    *,
    branch_id: UUID | None = None,
    explain: bool = True,
) -> Verdict:
    """What the client of `standing` gets by `programme`: at any visit, or for `visit`.

    The visit that is priced may be among the client's own: it does not count for itself. `branch_id` is where the
    client is asked about without a visit; rules of some branches say nothing without it. Without `explain` prices are
    the same, but of the parts only those that give something are told, and without words and evidence.
    """
    return judge_case(case_of(programme, standing, visit, branch_id=branch_id, explain=explain), promotions)


def judge_case(case: Case, promotions: Sequence[Promotion] = ()) -> Verdict:
    """What the rules come to together in this case."""
    offers = offers_of(case, promotions)
    return _verdict(case, offers, combine(case.programme.combination, offers, case.visit))


def case_of(
    programme: Programme,
    standing: Standing,
    visit: Visit | None = None,
    *,
    branch_id: UUID | None = None,
    explain: bool = True,
) -> Case:
    """What all rules are asked."""
    bills = standing.bills
    if visit is not None:
        branch_id = visit.branch_id
        if visit.appointment_id is not None:
            bills = _without(visit.appointment_id, bills)
    return Case(programme, standing, visit, branch_id, bills, explain)


def _without(appointment_id: UUID, bills: tuple[Bill, ...]) -> tuple[Bill, ...]:
    """Each visit is there once, and most often the one that is judged is the last."""
    if bills and bills[-1].appointment_id == appointment_id:
        return bills[:-1]
    return tuple(bill for bill in bills if bill.appointment_id != appointment_id)


def offers_of(case: Case, promotions: Sequence[Promotion] = ()) -> list[Offer]:
    """What each rule and promotion offers by itself, refused or not."""
    shut = shut_out(case)
    offers = []
    for rule in case.programme.rules:
        refusal = shut or _refusal(rule, case)
        if refusal is not None and not case.explain:
            continue
        offer = OFFERS[type(rule)](rule, case)
        if refusal is not None:
            offer.refusal = None  # that the rule does not apply at all goes before what it would have said
            offer.refuse(refusal)
        offers.append(offer)
    asked = (promotion(each, case) for each in promotions)
    for offer in (each for each in asked if each is not None):
        if shut is not None and shut != "not_enrolled":  # promotions are not part of the programme
            offer.refuse(shut)
        elif _excluded(PROMOTIONS, case):
            offer.refuse("excluded")
        offers.append(offer)
    if case.visit is None:
        for offer in offers:
            if offer.needs_visit:
                offer.refuse("needs_visit")
    bounded = [offer for offer in offers if offer.limit is not None and offer.refusal is None]
    if len(bounded) > 1:
        _keep_best(bounded)
    return offers


def _keep_best(bounded: Sequence[Offer]) -> None:
    """A client has one budget: two rules that were added up would spend it twice."""
    best = max(bounded, key=lambda offer: offer.percent)
    for offer in bounded:
        if offer is not best:
            offer.refuse("less_than", by=best.rule)


def shut_out(case: Case) -> str | None:
    """Why the client gets nothing by any rule."""
    if case.standing.erased:
        return "erased"
    if any(name is None for name, _ in case.standing.excluded):
        return "excluded_from_all"
    enrolment = case.programme.enrolment
    if enrolment is not None and not _enrolled(enrolment, case):
        return "not_enrolled"
    return None


def _enrolled(enrolment: Enrolment, case: Case) -> bool:
    """Whether one of the services that enrol was rendered, on a visit before."""
    if not enrolment.service_ids:
        return True
    since = case.standing.at - timedelta(days=enrolment.days) if enrolment.days is not None else None
    return any(
        line.service_id in enrolment.service_ids and is_rendered(line)
        for bill in case.bills
        if since is None or bill.completed_at > since
        for line in bill.lines
    )


def _refusal(rule: AnyRule, case: Case) -> str | None:
    """Why this rule does not apply to the client at all."""
    if case.standing.excluded and _excluded(rule.name, case):
        return "excluded"
    if rule.branch_ids and case.branch_id not in rule.branch_ids:
        return "some_branches" if case.branch_id is None else "other_branch"
    if case.standing.staff and case.programme.checks.staff and isinstance(rule, Referrals):
        return "client_is_staff"
    return None


def _excluded(name: str, case: Case) -> bool:
    return any(each == name for each, _ in case.standing.excluded)


def _verdict(case: Case, offers: Sequence[Offer], outcome: Outcome) -> Verdict:
    given = [offer for offer in offers if offer.refusal is None]
    progress = next((offer.progress for offer in offers if offer.progress is not None), None)
    if case.explain:
        parts = tuple(_part(offer, place, outcome) for place, offer in enumerate(offers))
    else:
        parts = tuple(
            _part(offer, place, outcome, wordless=True) for place, offer in enumerate(offers) if offer.refusal is None
        )
    return Verdict(
        case.standing.client_id,
        case.standing.at,
        case.programme.id,
        case.programme.version,
        outcome.percent,
        parts,
        outcome.caps,
        outcome.lines,
        outcome.discount,
        tuple(offer.gift for offer in given if offer.gift is not None),
        tuple(offer.offer for offer in given if offer.offer is not None),
        progress,
    )


def _part(offer: Offer, place: int, outcome: Outcome, *, wordless: bool = False) -> Part:
    """What the offer came to. It is made a million times in a simulation, so it takes its fields by position."""
    refused = say(offer.refusal, offer.refusal_params) if offer.refusal is not None else None
    return Part(
        offer.rule,
        offer.kind,
        "" if wordless else say(offer.code, offer.params),
        offer.percent,
        outcome.percents.get(place, ZERO),
        offer.params,
        offer.line_ids or (),
        offer.evidence,
        offer.caps,
        refused,
        offer.gift,
        offer.offer,
        outcome.amounts.get(place, 0),
        offer.code,
        offer.refusal,
        offer.refusal_params,
        offer.once,
        offer.limit is not None,
    )
