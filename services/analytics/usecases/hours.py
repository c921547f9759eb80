"""Visits by the hour in which they began; a later bill may say another hour, day or branch."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

MOVE = text(
    """
    INSERT INTO visit_hours AS kept (local_date, branch_id, hour, visits)
    SELECT local_date, branch_id, hour, sum(number) FROM (
        SELECT local_date, branch_id, minute / 60 AS hour, 1 AS number FROM visits
        WHERE appointment_id = ANY(:appointments)
        UNION ALL
        SELECT local_date, branch_id, minute / 60, -1
        FROM unnest(CAST(:dates AS DATE[]), CAST(:branches AS UUID[]), CAST(:minutes AS SMALLINT[]))
            AS gone (local_date, branch_id, minute)
    ) AS moved
    GROUP BY local_date, branch_id, hour HAVING sum(number) <> 0
    ON CONFLICT (local_date, branch_id, hour) DO UPDATE SET visits = kept.visits + excluded.visits
    """
)

DROP_EMPTY = text("DELETE FROM visit_hours WHERE visits = 0 AND local_date = ANY(:dates)")

# All visits of the days asked for.
MADE_ANEW = text(
    """
    INSERT INTO visit_hours (local_date, branch_id, hour, visits)
    SELECT local_date, branch_id, minute / 60, count(*) FROM visits
    WHERE local_date >= :since AND local_date < :until GROUP BY 1, 2, 3
    """
)


def move_hours(session: Session, appointments: Collection[UUID], corrected: Collection[Row[Any]]) -> None:
    """Count the visits of `appointments` as they are kept now, and no more as they were, where they are `corrected`."""
    dates = [row.local_date for row in corrected]
    session.execute(
        MOVE,
        {
            "appointments": list(appointments),
            "dates": dates,
            "branches": [row.branch_id for row in corrected],
            "minutes": [row.minute for row in corrected],
        },
    )
    if dates:
        session.execute(DROP_EMPTY, {"dates": dates})
