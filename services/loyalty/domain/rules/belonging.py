"""What a client gets for who they are: their category or segment, the discount of their own card."""

from services.loyalty.domain.programme import Personal, Segment
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.rules.offer import Case, Offer, in_segments
from services.loyalty.domain.verdict import Evidence


def segment(rule: Segment, case: Case) -> Offer:
    """Clients of a category, a class of importance or a segment; one of them is enough."""
    standing = case.standing
    offer = Offer(rule.name, rule.kind, "segment").reward(rule.reward)
    categories = sorted(rule.category_ids & standing.category_ids)
    offer.evidence = tuple(Evidence("category", counted=True, id=each) for each in categories)
    offer.evidence += in_segments(rule.segment_ids, case)
    if standing.importance in rule.importance:
        offer.evidence += (Evidence("category", counted=True, reason=standing.importance),)
    return offer if offer.evidence else offer.refuse("segment.not_in")


def personal(rule: Personal, case: Case) -> Offer:
    """The discount of the client's own, while it is in force."""
    said = case.standing.personal
    offer = Offer(rule.name, rule.kind, "personal.unsaid")
    if said is None or said.percent is None:
        return offer.refuse("personal.none")
    offer.code = "personal"
    offer.percent = said.in_force(case.standing.at)
    offer.params = (("percent", str(plain(said.percent))),)
    if case.explain:
        offer.evidence = (Evidence("card", counted=bool(offer.percent), id=said.client_id, at=said.at),)
    return offer if offer.percent else offer.refuse("personal.not_in_force")
