"""How discounts and what visits are given come about, in sentences for whoever reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from contracts import loyalty as views
from kernel.caller import Caller, Reach
from kernel.errors import Forbidden, NotFound
from kernel.money import Money
from services.loyalty.domain import explaining
from services.loyalty.domain.granting import as_completed, granted
from services.loyalty.domain.referrals import plain
from services.loyalty.domain.verdict import Verdict
from services.loyalty.queries.discounts import instant
from services.loyalty.queries.dossier import look_up
from services.loyalty.queries.judged import judged
from services.loyalty.queries.promotions import in_force as promotions_in_force
from services.loyalty.queries.visibility import visible_card
from services.loyalty.tables import bills, grants

RENDERINGS = {
    "administrator": explaining.administrator,
    "client": explaining.client,
    "auditor": explaining.auditor,
}


def explain(session: Session, request: views.ExplainDiscount, caller: Caller, now: datetime) -> views.Explanation:
    view = allowed_view(request.view, caller)
    visible_card(session, request.client_id, caller)
    dossier = look_up(session, [request.client_id])
    found = judged(dossier, request.client_id, instant(dossier, request.as_of, now), request.branch_id)
    return rendered(found.verdict, view)


def allowed_view(wanted: views.View | None, caller: Caller) -> views.View:
    """Clients read what is written for them, and only who audits reads everything."""
    own = caller.must("loyalty.read") is Reach.OWN
    view = wanted or ("client" if own else "administrator")
    if own and view != "client":
        raise Forbidden("permission_missing", "this is told to those who work here")
    if view == "auditor":
        caller.must(views.AUDIT)
    return view


def rendered(verdict: Verdict, view: views.View) -> views.Explanation:
    """`verdict` in the words for one reader."""
    reason = _reason(RENDERINGS[view](verdict))
    percent = plain(verdict.percent)
    return views.Explanation(view, verdict.at, verdict.programme_version, percent, verdict.decision, reason)


def _reason(said: explaining.Explanation) -> views.Reason:
    person = said.params.get("id") if said.code.startswith("person.") else None
    children = tuple(_reason(line) for line in said.lines)
    return views.Reason(said.code, said.text, said.params, children, UUID(person) if person else None)


def explain_visit(session: Session, request: views.ExplainVisit, caller: Caller) -> views.ExplainedVisit:
    """What was given is worked out once more from the facts of then; so the sentences are never older than the code."""
    view = allowed_view(request.view, caller)
    row = session.execute(select(grants).where(grants.c.appointment_id == request.appointment_id)).one_or_none()
    if row is None or not _may_see(session, row, caller):
        raise NotFound("visit_not_found", "no such completed visit")
    verdict = verdict_of(session, row)
    return views.ExplainedVisit(
        row.appointment_id,
        row.client_id,
        row.branch_id,
        row.completed_at,
        Money(row.discount, row.currency),
        Money(row.applied, row.currency),
        rendered(verdict, view),
        row.difference,
    )


def _may_see(session: Session, row: Row[Any], caller: Caller) -> bool:
    if caller.must("loyalty.read") is Reach.BRANCHES and row.branch_id in caller.branch_ids:
        return True
    try:
        visible_card(session, row.client_id, caller)
    except NotFound:
        return False
    return True


def verdict_of(session: Session, row: Row[Any]) -> Verdict:
    """The verdict of a visit that was given something, with all its evidence."""
    dossier = look_up(session, [row.client_id])
    (bill,) = as_completed(each for each in dossier.bills(row.client_id) if each.appointment_id == row.appointment_id)
    said = session.scalar(
        select(bills.c.applied).where(bills.c.appointment_id == row.appointment_id).order_by(bills.c.version).limit(1)
    )
    programme = dossier.programmes.at(bill.branch_id, bill.completed_at)
    standing = dossier.history.standing(row.client_id, bill.completed_at, programme)
    had = dossier.had(row.client_id, before=(bill.completed_at, bill.appointment_id))
    promotions = promotions_in_force(session, bill.completed_at, bill.branch_id)
    codes = tuple(said[3]) if said else ()
    return granted(programme, standing, bill, had, promotions=promotions, codes=codes)
