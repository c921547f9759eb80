"""What each client came to in a period: from years where they are kept whole, else from visits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis.database import ROOMY
from services.analytics.domain.years import Cut, cut

KNOWN = text(
    "SELECT min(since) AS first, max(since) AS last FROM figures"
    " WHERE span = 'day' AND kind = 'visit' AND branch_id IS NULL"
)

YEARS = """
    SELECT client_id, first_day, last_day, visits, revenue, discount, cost FROM client_years
    WHERE year = ANY(:years) AND {branch}
"""
DAYS = """
    SELECT client_id, local_date AS first_day, local_date AS last_day, 1 AS visits, revenue, discount, cost FROM visits
    WHERE client_id IS NOT NULL AND local_date BETWEEN :first_{place} AND :last_{place} AND {branch}
"""
NOTHING = "SELECT client_id, first_day, last_day, visits, revenue, discount, cost FROM client_years WHERE FALSE"
OF_BRANCHES = "branch_id = ANY(CAST(:branches AS UUID[]))"

SUMS = """sum(came.visits)::BIGINT AS visits, sum(came.revenue)::BIGINT AS revenue,
    sum(came.discount)::BIGINT AS discount, sum(came.cost)::BIGINT AS cost,
    (min(came.first_day) < max(came.last_day))::INTEGER AS returned"""
ALONE = """came.visits::BIGINT AS visits, came.revenue, came.discount, came.cost,
    (came.first_day < came.last_day)::INTEGER AS returned"""


# By channel at the root. Whoever joins first and adds up then spares the planner a guess at how many clients there are.
BY_ROOT = f"""
    SELECT clients.root_key, came.client_id, {SUMS} FROM ({{rows}}) AS came
    LEFT JOIN clients ON clients.client_id = came.client_id GROUP BY clients.root_key, came.client_id
"""  # noqa: S608
BY_ROOT_ALONE = f"""
    SELECT clients.root_key, came.client_id, {ALONE} FROM ({{rows}}) AS came
    LEFT JOIN clients ON clients.client_id = came.client_id
"""  # noqa: S608


@dataclass(frozen=True)
class Came:
    """`rows` are SQL of what clients came to on parts of the period, `own` of a row for each client with their root;
    both without those who have no card; `words` are their parameters.
    """

    rows: str
    own: str
    words: dict[str, Any]


def cut_as_kept(session: Session, first: date, last: date) -> Cut:
    """The whole years and the other days of a period; whoever asks so is about to read of many clients."""
    session.execute(ROOMY)
    known = session.execute(KNOWN).one()
    return cut(first, last, None if known.first is None else (known.first, known.last))


def came(session: Session, first: date, last: date, branches: Collection[UUID] | None) -> Came:
    """None of the SQL is anybody's words."""
    years, rest = cut_as_kept(session, first, last)
    words: dict[str, Any] = {"branches": None if branches is None else list(branches), "years": years}
    parts = [YEARS.format(branch="branch_id IS NULL" if branches is None else OF_BRANCHES)] if years else []
    for place, (since, until) in enumerate(rest):
        parts.append(DAYS.format(place=place, branch="TRUE" if branches is None else OF_BRANCHES))
        words |= {f"first_{place}": since, f"last_{place}": until}
    rows = " UNION ALL ".join(parts) or NOTHING
    once = len(years) == 1 and not rest and (branches is None or len(branches) == 1)
    return Came(rows, (BY_ROOT_ALONE if once else BY_ROOT).format(rows=rows), words)
