"""Who came in a period: new, regular and other clients, and who sleeps by now."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, cast, func, select
from sqlalchemy.orm import Session

from contracts import analytics as wire
from kernel.caller import Caller
from services.analytics.domain.intervals import STATES
from services.analytics.domain.periods import check_period
from services.analytics.domain.trials import WINDOW
from services.analytics.queries.learnt import newest_report
from services.analytics.queries.scope import branches_asked_for
from services.analytics.queries.standings import percent, whose, why_no_states
from services.analytics.tables import client_days, client_standings, first_visits, visit_parts

REGULAR_DAYS = 3
SAYS = (
    "Clients with a completed visit in the period. New: their first one in the chain is among these. Regular: not new, "
    f"and here on {REGULAR_DAYS} days or more within the {WINDOW} days up to the last day of the period. Other: the "
    "rest. Sleeping: as of today 3 to 6 personal intervals since the last visit, at the branch, master or service of "
    "that visit."
)
NAMES: dict[wire.PeopleKey | None, str] = {"branch": "branch_id", "master": "master_id", "service": "service_id"}
SLEEPING = STATES.index("sleeping")


def people(session: Session, request: wire.ShowPeople, caller: Caller) -> wire.People:
    """A row for everybody, or one for each key that somebody came to or sleeps at."""
    branches = branches_asked_for(caller, request.branch_id)
    check_period(request.from_, request.to)
    came = _came(session, request, branches)
    report = newest_report(session)
    missing = why_no_states(report)
    sleeping = {} if missing else _sleeping(session, request.group_by, branches)
    keys = sorted(came.keys() | sleeping.keys(), key=lambda key: (key is None, str(key)))
    rows = tuple(
        _row(request.group_by, key, came.get(key, (0, 0, 0)), None if missing else sleeping.get(key, 0)) for key in keys
    )
    reason = None if any(row.came for row in rows) else "no_visits"
    return wire.People(rows, report.as_of if report else None, SAYS, reason, missing)


def _row(group_by: Any, key: UUID | None, came: tuple[int, int, int], sleeping: int | None) -> wire.PeopleRow:
    every, new, regular = came
    keys: dict[str, Any] = {NAMES[group_by]: key} if group_by else {}
    share = percent(regular / every) if every else None
    return wire.PeopleRow(every, new, regular, every - new - regular, share, sleeping, **keys)


def _came(
    session: Session, request: wire.ShowPeople, branches: Collection[UUID] | None
) -> Mapping[UUID | None, tuple[int, int, int]]:
    """By key: who came in the period, the new and the regular ones of them."""
    of_work = request.group_by in {"master", "service"}
    facts = visit_parts if of_work else client_days
    window = request.to - timedelta(days=min(WINDOW, (request.to - date.min).days + 1) - 1)
    began = (
        first_visits.c.appointment_id == visit_parts.c.appointment_id
        if of_work
        else and_(
            first_visits.c.client_id == client_days.c.client_id,
            first_visits.c.local_date == client_days.c.local_date,
            first_visits.c.branch_id == client_days.c.branch_id,
        )
    )
    within = facts.c.local_date >= request.from_
    key = [facts.c[NAMES[request.group_by]].label("key")] if request.group_by else []
    asked = (
        select(
            *key,
            facts.c.client_id,
            func.count(facts.c.local_date.distinct()).filter(facts.c.local_date >= window).label("days"),
            func.bool_or(within).label("came"),
            func.bool_or(and_(within, first_visits.c.client_id.is_not(None))).label("new"),
        )
        .select_from(facts.outerjoin(first_visits, began))
        .where(facts.c.client_id.is_not(None), facts.c.local_date.between(min(window, request.from_), request.to))
    )
    if branches is not None:
        asked = asked.where(facts.c.branch_id.in_(branches))
    each = asked.group_by(*(facts.c[NAMES[request.group_by]] for _ in key), facts.c.client_id).subquery()
    again = [each.c.key] if request.group_by else []
    counted = select(
        *again,
        cast(func.count(), Integer),
        cast(func.count().filter(each.c.new), Integer),
        cast(func.count().filter(and_(~each.c.new, each.c.days >= REGULAR_DAYS)), Integer),
    ).where(each.c.came)
    rows = session.execute(counted.group_by(*again) if again else counted).all()
    return {(row[0] if request.group_by else None): tuple(row[-3:]) for row in rows}


def _sleeping(session: Session, group_by: Any, branches: Collection[UUID] | None) -> Mapping[UUID | None, int]:
    of: Any = whose(branches)
    if group_by == "branch":
        table = client_standings
        asked = table.c.branch_id.is_not(None) if branches is None else table.c.branch_id.in_(branches)
        of = select(table).where(asked).subquery()
    if not group_by:
        return {None: session.scalar(select(func.count()).select_from(of).where(of.c.state == SLEEPING)) or 0}
    key = of.c[NAMES[group_by]]
    rows = session.execute(select(key, func.count()).where(of.c.state == SLEEPING).group_by(key))
    return {row[0]: row[1] for row in rows}
