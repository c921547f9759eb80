"""What loyalty gives each completed visit: worked out anew whenever facts of the time before it come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.loyalty.domain.facts import Bill, Erased
from services.loyalty.domain.granting import applied, as_completed, difference, granted, order
from services.loyalty.domain.promotion import Promotions
from services.loyalty.domain.verdict import Verdict
from services.loyalty.queries.dossier import Dossier
from services.loyalty.queries.dossier import Given as Before
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
    SELECT appointment_id, client_id, branch_id, completed_at, currency, programme_version, discount, applied,
        verdict, CAST(once AS TEXT[]), budget, CAST(promotions AS UUID[]), difference
    FROM unnest(CAST(:appointments AS UUID[]), CAST(:clients AS UUID[]), CAST(:branches AS UUID[]),
        CAST(:completed AS TIMESTAMPTZ[]), CAST(:currencies AS TEXT[]), CAST(:versions AS INTEGER[]),
        CAST(:discounts AS BIGINT[]), CAST(:applied AS BIGINT[]), CAST(:verdicts AS JSONB[]), CAST(:once AS TEXT[]),
        CAST(:budgets AS BIGINT[]), CAST(:promotions AS TEXT[]), CAST(:differences AS TEXT[]))
        AS given (appointment_id, client_id, branch_id, completed_at, currency, programme_version, discount, applied,
            verdict, once, budget, promotions, difference)
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
    session.execute(KEEP, _rows(given))


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
    bearing = [Before(*order(each.bill), each.verdict.once, each.verdict.budget_used) for each in found]
    dossier.give_anew(client_id, bearing)
    return found


def _by(said: Any) -> tuple[str | None, tuple[str, ...]]:
    """By what booking worked a discount out, and the codes that the client named."""
    return (said[0], tuple(said[3])) if said else (None, ())


def _rows(given: Sequence[Given]) -> dict[str, Any]:
    return {
        "appointments": [each.bill.appointment_id for each in given],
        "clients": [each.bill.client_id for each in given],
        "branches": [each.bill.branch_id for each in given],
        "completed": [each.bill.completed_at for each in given],
        "currencies": [each.bill.currency for each in given],
        "versions": [each.verdict.programme_version for each in given],
        "discounts": [each.verdict.discount for each in given],
        "applied": [each.applied for each in given],
        "verdicts": [_stored(each.verdict) for each in given],
        "once": [_array(each.verdict.once) for each in given],
        "budgets": [each.verdict.budget_used for each in given],
        "promotions": [_array(map(str, promotions_of(each.verdict))) for each in given],
        "differences": [each.difference for each in given],
    }


def promotions_of(verdict: Verdict) -> tuple[UUID, ...]:
    """The promotions that gave something."""
    parts = (part for part in verdict.parts if part.kind == "promotion" and part.refused is None)
    return tuple(sorted(each.id for part in parts for each in part.evidence if each.counted and each.id is not None))


def _array(texts: Any) -> str:
    """As PostgreSQL writes an array: several of different lengths have no array of arrays."""
    quoted = (each.replace("\\", "\\\\").replace('"', '\\"') for each in texts)
    return "{" + ",".join(f'"{each}"' for each in quoted) + "}"


def _stored(verdict: Verdict) -> str:
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
    return msgspec.json.encode({"percent": str(verdict.percent), "parts": parts, "gifts": verdict.gifts}).decode()
