"""What loyalty gives each completed visit: worked out anew whenever facts of the time before it come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.wire import encode
from services.loyalty.domain.facts import Bill, Erased
from services.loyalty.domain.granting import applied, as_completed, difference, granted, order
from services.loyalty.domain.promotion import Promotions
from services.loyalty.domain.verdict import Verdict
from services.loyalty.queries.dossier import Dossier
from services.loyalty.queries.facts import Given as Before
from services.loyalty.queries.promotions import all_promotions

APPLIED = text(
    """
    SELECT DISTINCT ON (appointment_id) appointment_id, applied FROM bills WHERE appointment_id = ANY(:appointments)
    ORDER BY appointment_id, version
    """
)

KEEP = text(
    """
    INSERT INTO grants (appointment_id, client_id, branch_id, completed_at, currency, programme_version, discount,
        applied, verdict, once, budget, promotions, difference)
    SELECT *
    FROM json_to_recordset(CAST(:rows AS JSON)) AS given (appointment_id UUID, client_id UUID, branch_id UUID,
        completed_at TIMESTAMPTZ, currency TEXT, programme_version INTEGER, discount BIGINT, applied BIGINT,
        verdict JSONB, once TEXT[], budget BIGINT, promotions UUID[], difference TEXT)
    ON CONFLICT (appointment_id) DO UPDATE SET client_id = excluded.client_id, branch_id = excluded.branch_id,
        completed_at = excluded.completed_at, currency = excluded.currency,
        programme_version = excluded.programme_version, discount = excluded.discount, applied = excluded.applied,
        verdict = excluded.verdict, once = excluded.once, budget = excluded.budget, promotions = excluded.promotions,
        difference = excluded.difference
    """
)

FORGET = text("DELETE FROM grants WHERE client_id = ANY(:clients)")


@dataclass(frozen=True, slots=True)
class Given:
    bill: Bill
    verdict: Verdict
    applied: int
    difference: str | None


def grant(session: Session, dossier: Dossier, since: Mapping[UUID, datetime | None]) -> None:
    """Give anew what visits completed at or after `since` get; of an erased person's nothing is kept."""
    gone = [client_id for client_id in since if any(isinstance(fact, Erased) for fact in dossier.of(client_id))]
    if gone:
        session.execute(FORGET, {"clients": gone})
    wanted: dict[UUID, list[Bill]] = {}
    for client_id, at in since.items():
        if at is not None and client_id not in gone:
            visits = [bill for bill in as_completed(dossier.bills(client_id)) if bill.completed_at >= at]
            if visits:
                wanted[client_id] = visits
    if not wanted:
        return
    ids = [bill.appointment_id for visits in wanted.values() for bill in visits]
    by = {row.appointment_id: row.applied for row in session.execute(APPLIED, {"appointments": ids})}
    offered = all_promotions(session)  # as if nobody had used them: whoever came first may be heard of last
    given = [each for client_id, visits in wanted.items() for each in _given(dossier, client_id, visits, by, offered)]
    given.sort(key=lambda each: each.bill.appointment_id)
    session.execute(KEEP, {"rows": encode([_row(each) for each in given]).decode()})


def _given(
    dossier: Dossier, client_id: UUID, visits: Sequence[Bill], by: Mapping[UUID, Any], offered: Promotions
) -> list[Given]:
    """One after the other: what is given once is given to the first."""
    had = dossier.had(client_id, before=order(visits[0]))
    found = []
    for bill in visits:
        programme = dossier.programmes.at(bill.branch_id, bill.completed_at)
        standing = dossier.history.standing(client_id, bill.completed_at, programme)
        source, codes = _by(by.get(bill.appointment_id))
        promotions = offered.at(bill.branch_id, bill.completed_at)
        verdict = granted(programme, standing, bill, had, promotions=promotions, codes=codes)
        had = had.and_then(bill.appointment_id, verdict)
        taken_off = applied(bill)
        found.append(Given(bill, verdict, taken_off, difference(verdict.discount, taken_off, source)))
    bearing = [Before(client_id, *order(each.bill), each.verdict.once, each.verdict.budget_used) for each in found]
    dossier.give_anew(client_id, bearing)
    return found


def _by(said: Any) -> tuple[str | None, tuple[str, ...]]:
    """By what booking worked a discount out, and the codes that the client named."""
    return (said[0], tuple(said[3])) if said else (None, ())


def _row(given: Given) -> dict[str, Any]:
    bill, verdict = given.bill, given.verdict
    return {
        "appointment_id": bill.appointment_id,
        "client_id": bill.client_id,
        "branch_id": bill.branch_id,
        "completed_at": bill.completed_at,
        "currency": bill.currency,
        "programme_version": verdict.programme_version,
        "discount": verdict.discount,
        "applied": given.applied,
        "verdict": _stored(verdict),
        "once": verdict.once,
        "budget": verdict.budget_used,
        "promotions": promotions_of(verdict),
        "difference": given.difference,
    }


def promotions_of(verdict: Verdict) -> tuple[UUID, ...]:
    """The promotions that gave something."""
    parts = (part for part in verdict.parts if part.kind == "promotion" and part.refused is None)
    looked_at = (each for part in parts for each in part.evidence if each.kind == "promotion" and each.counted)
    return tuple(sorted(each.id for each in looked_at if each.id is not None))


def _stored(verdict: Verdict) -> dict[str, Any]:
    """Without what can be worked out again from the facts: the evidence of somebody who brought thousands is long."""
    parts = [
        {
            "rule": part.rule,
            "kind": part.kind,
            "text": part.text,
            "offered": str(part.offered),
            "percent": str(part.percent),
            "amount": part.amount,
            "refused": part.refused,
        }
        for part in verdict.parts
    ]
    return {"percent": str(verdict.percent), "parts": parts, "gifts": verdict.gifts}
