"""What several questions about dates and branches have in common, where they are asked in plain SQL."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

BUCKETS = {
    "day": "local_date",
    "week": "CAST(date_trunc('week', local_date) AS DATE)",
    "month": "CAST(date_trunc('month', local_date) AS DATE)",
    "period": "CAST(NULL AS DATE)",
}
# Open and booked time by day and by month, for conditions on `span` and `since`.
WORKED = """(
    SELECT 'day' AS span, local_date AS since, branch_id, kind, resource_id, open_minutes, busy_minutes, outside_minutes
    FROM work_days
    UNION ALL
    SELECT 'month', month, branch_id, kind, resource_id, open_minutes, busy_minutes, outside_minutes FROM work_months
) AS worked"""
# Days of branches with visits of which nobody has told when masters worked: of a history that was taken over.
DAYS_OF_NO_HOURS = """
    SELECT since AS local_date, branch_id, revenue FROM figures
    WHERE span = 'day' AND kind = 'visit' AND branch_id IS NOT NULL AND since BETWEEN :first AND :last {scope}
        AND NOT EXISTS (
            SELECT FROM work_days WHERE kind = 'masters' AND local_date = figures.since
                AND work_days.branch_id = figures.branch_id AND open_minutes > 0
        )
"""


def period_of(since: date, bucket: str) -> str:
    """A day, a week by its Monday, or a month, as in ISO 8601."""
    return since.isoformat()[:7] if bucket == "month" else since.isoformat()


def in_branches(branches: Collection[UUID] | None, table: str = "") -> str:
    """The condition that keeps to these branches, which the statement is given as `branches`."""
    return "" if branches is None else f"AND {table}branch_id = ANY(CAST(:branches AS UUID[]))"
