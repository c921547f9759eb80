"""Working forecasts out before anybody asks: fitting and trying models takes seconds, and weeks end once a week."""

from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from chassis.aside import Lane
from chassis.database import PATIENT
from services.analytics.domain.forecasts import LONGEST, USUALLY_AHEAD, forecast, made_from
from services.analytics.domain.openness import WEEK, whole_weeks
from services.analytics.queries.daily import visits_by_day

lane = Lane()

# The chain, its branches, services and categories of the last years, of which nobody has looked at the weeks today.
WANTED = text(
    """
    SELECT DISTINCT figures.branch_id, figures.service_id, figures.category FROM figures
    WHERE span = 'month' AND since >= :since AND (
        kind = 'visit' OR branch_id IS NULL AND (
            kind = 'service' AND service_id IS NOT NULL OR kind = 'category' AND category IS NOT NULL
        )
    ) AND NOT EXISTS (
        SELECT FROM forecasts WHERE checked_on = :today
            AND forecasts.branch_id IS NOT DISTINCT FROM figures.branch_id
            AND forecasts.service_id IS NOT DISTINCT FROM figures.service_id
            AND forecasts.category IS NOT DISTINCT FROM figures.category
    )
    ORDER BY service_id NULLS FIRST, category NULLS FIRST, branch_id NULLS FIRST LIMIT 1
    """
)
KNOWN = text("SELECT document FROM forecasts WHERE made_from = :made_from LIMIT 1")
KEEP = text(
    """
    INSERT INTO forecasts (branch_id, service_id, category, checked_on, made_from, document)
    VALUES (:branch_id, :service_id, :category, :today, :made_from, CAST(:document AS JSONB))
    ON CONFLICT (branch_id, service_id, category) DO UPDATE SET checked_on = excluded.checked_on,
        made_from = excluded.made_from, document = excluded.document
    """
)


def foresee(session: Session, today: date) -> bool:
    """Keep the forecast of one of those that nobody has looked at today. Whether there was one."""
    since = (today - timedelta(days=WEEK * LONGEST)).replace(day=1)
    of = session.execute(WANTED, {"since": since, "today": today}).one_or_none()
    if of is None:
        return False
    weeks = _weeks(session, of, today)
    key = made_from(weeks, USUALLY_AHEAD)
    known = session.execute(KNOWN, {"made_from": key}).one_or_none()
    if known is None:
        session.execute(PATIENT)
        document = msgspec.to_builtins(lane(forecast, weeks, USUALLY_AHEAD))
    else:
        document = known.document
    kept = {"today": today, "made_from": key, "document": msgspec.json.encode(document).decode()}
    session.execute(KEEP, {**of._asdict(), **kept})
    return True


def _weeks(session: Session, of: Row[Any], today: date) -> list[int]:
    last = today - timedelta(days=1)
    first = today - timedelta(days=WEEK * (LONGEST + 2))
    branches = None if of.branch_id is None else [of.branch_id]
    visits = visits_by_day(session, first, last, branches, of.service_id, of.category)
    return whole_weeks(visits, first, last)[1][-LONGEST:]
