"""Who came again: cohorts by month of the first visit, or of any, in the chain, by branch and by master."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from contracts.analytics import CohortRow, Cohorts, ShowCohorts
from kernel.caller import Caller
from services.analytics.domain.periods import check_period
from services.analytics.domain.retention import definition, months_after
from services.analytics.domain.shares import percent
from services.analytics.queries.cohorts import Asked, Cohort, cohorts
from services.analytics.queries.scope import branches_asked_for

KEYS = {"branch": "branch_id", "master": "master_id"}


def retention(session: Session, asked: ShowCohorts, as_of: date, caller: Caller) -> Cohorts:
    """A row for each month, branch and master asked for that has clients."""
    branches = branches_asked_for(caller, asked.branch_id)
    check_period(asked.from_, asked.to)
    names = [KEYS[key] for key in KEYS if key in asked.group_by]
    of = Asked(asked.from_, asked.to, asked.clients, asked.days, names, branches, as_of)
    rows = tuple(_row(each, as_of) for each in cohorts(session, of))
    return Cohorts(rows, asked.days, as_of, definition(asked.clients, asked.days, asked.group_by), _reason(rows))


def _row(of: Cohort, as_of: date) -> CohortRow:
    return CohortRow(
        month=of.month.strftime("%Y-%m"),
        clients=of.clients,
        settled=of.settled,
        retained=of.retained,
        lost=of.settled - of.retained,
        retained_percent=percent(of.retained, of.settled),
        active=of.after[: months_after(of.month, as_of)],
        **of.keys,
    )


def _reason(rows: Sequence[CohortRow]) -> str | None:
    if not rows:
        return "no_visits"
    return None if any(row.settled for row in rows) else "too_early"
