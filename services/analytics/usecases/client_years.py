"""What clients came to by year: whatever changes of a client's year, it is added up again, and all years from years."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from services.analytics.tables import client_years
from services.analytics.usecases.arrays import array

COUNT = text(
    """
    INSERT INTO client_years (client_id, year, branch_id, first_day, last_day, visits, revenue, discount, cost)
    SELECT theirs.client_id, theirs.year, counted.*
    FROM unnest(CAST(:clients AS UUID[]), CAST(:years AS SMALLINT[])) AS theirs (client_id, year) CROSS JOIN LATERAL (
        SELECT branch_id, min(local_date), max(local_date), count(*), sum(revenue), sum(discount), sum(cost)
        FROM visits WHERE client_id = theirs.client_id AND local_date >= make_date(theirs.year, 1, 1)
            AND local_date < make_date(theirs.year + 1, 1, 1)
        GROUP BY GROUPING SETS ((branch_id), ()) HAVING count(*) > 0
    ) AS counted
    ON CONFLICT (client_id, year, branch_id) DO UPDATE SET first_day = excluded.first_day,
        last_day = excluded.last_day, visits = excluded.visits, revenue = excluded.revenue,
        discount = excluded.discount, cost = excluded.cost
    """
)

ADD_UP = text(
    """
    INSERT INTO client_years (client_id, year, branch_id, first_day, last_day, visits, revenue, discount, cost)
    SELECT client_id, 0, branch_id, min(first_day), max(last_day), sum(visits), sum(revenue), sum(discount), sum(cost)
    FROM client_years WHERE client_id = ANY(CAST(:clients AS UUID[])) AND year > 0 GROUP BY client_id, branch_id
    ON CONFLICT (client_id, year, branch_id) DO UPDATE SET first_day = excluded.first_day,
        last_day = excluded.last_day, visits = excluded.visits, revenue = excluded.revenue,
        discount = excluded.discount, cost = excluded.cost
    """
)

ALL_YEARS = text(
    "SELECT DISTINCT client_id, CAST(extract(year FROM local_date) AS INTEGER) AS year FROM visits"
    " WHERE client_id = ANY(CAST(:clients AS UUID[]))"
)

# Of every client and year, where none is kept yet.
MADE_ANEW = text(
    """
    INSERT INTO client_years (client_id, year, branch_id, first_day, last_day, visits, revenue, discount, cost)
    SELECT client_id, coalesce(extract(year FROM local_date), 0), branch_id, min(local_date), max(local_date), count(*),
        sum(revenue), sum(discount), sum(cost)
    FROM visits WHERE client_id IS NOT NULL
    GROUP BY GROUPING SETS ((client_id, extract(year FROM local_date), branch_id),
        (client_id, extract(year FROM local_date)), (client_id, branch_id), (client_id))
    """
)


def count_years(session: Session, days: Collection[tuple[UUID | None, date]], moved: Collection[UUID]) -> None:
    """The years of these days again, and every year of clients whose visits are another's, or elsewhere, by now."""
    years = {(client_id, day.year) for client_id, day in days if client_id is not None}
    if moved:
        session.execute(delete(client_years).where(client_years.c.client_id.in_(list(moved))))
        years |= {(row.client_id, row.year) for row in session.execute(ALL_YEARS, {"clients": array(moved)})}
    if not years:
        return
    theirs = sorted(years)
    clients = array(client_id for client_id, _ in theirs)
    session.execute(COUNT, {"clients": clients, "years": array(year for _, year in theirs)})
    session.execute(ADD_UP, {"clients": clients})
