"""What promotions give."""

from uuid import UUID

from services.loyalty.domain.programme import PROMOTIONS
from services.loyalty.domain.promotion import Promotion, code_key
from services.loyalty.domain.rules.offer import Case, Offer, in_segments, on_visit
from services.loyalty.domain.verdict import Evidence


def promotion(said: Promotion, case: Case) -> Offer | None:
    """What one promotion gives; nothing is said of one with a code that nobody named, because codes are secrets."""
    if said.code is not None and not _named(said.code, case):
        return None
    offer = Offer(PROMOTIONS, "promotion", "promotion", needs_visit=True)
    offer.params = (("name", said.name), *((("code", said.code),) if said.code is not None else ()))
    offer.reward(said.reward)
    offer.line_ids = on_visit(case, said.service_ids, said.categories)
    offer.once = None if said.per_client is None else key_of(said)
    refusal = why_not(said, case, offer.line_ids)
    offer.evidence = (Evidence("promotion", counted=refusal is None, id=said.id, at=said.starts, reason=refusal),)
    offer.evidence += in_segments(said.segment_ids, case)
    return offer if refusal is None else offer.refuse(refusal)


def key_of(said: Promotion) -> str:
    """By what the visits of a client that had a promotion are told."""
    return f"promotion:{said.id}"


def _had(said: Promotion, case: Case) -> int:
    """How many other visits of the client had it."""
    mine = case.visit.appointment_id if case.visit else None
    key = key_of(said)
    return sum(given == key and appointment_id != mine for given, appointment_id in case.standing.once)


def _named(code: str, case: Case) -> bool:
    return case.visit is not None and code_key(code) in map(code_key, case.visit.codes)


def why_not(said: Promotion, case: Case, line_ids: tuple[UUID, ...] | None) -> str | None:
    """The first reason against it, if there is one."""
    standing = case.standing
    if not said.starts <= standing.at < said.ends:
        return "promotion.not_in_force"
    if said.branch_ids and case.branch_id is not None and case.branch_id not in said.branch_ids:
        return "other_branch"
    if (said.client_category_ids or said.segment_ids) and not (
        said.client_category_ids & standing.category_ids or said.segment_ids & standing.segment_ids
    ):
        return "segment.not_in"
    if line_ids == ():
        return "no_such_service"
    if said.limit is not None and said.used >= said.limit:
        return "promotion.used_up"
    if said.per_client is not None and said.used_by_client + _had(said, case) >= said.per_client:
        return "promotion.had_already"
    return None
