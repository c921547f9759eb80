"""Figures by day and by month: they move by the difference that a correction makes to the visits that it touches.

Distinct clients do not add up from finer figures. But a client's visits of one month are few, and with all of them at
hand it is known whether the client counts for a day, a month, a branch, a service. So what a month of a client adds is
worked out before and after a change of any of its visits, and figures move by the difference.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.analytics.domain.figures import Amounts, Came, Key, Part, added, difference
from services.analytics.usecases.arrays import array
from services.analytics.usecases.client_years import count_years

# Ids as text, which costs less than UUIDs where thousands are compared.
_PARTS = """
    SELECT CAST(appointment_id AS TEXT), CAST(service_id AS TEXT), category, CAST(master_id AS TEXT), revenue, discount,
        cost
    FROM visit_parts
"""

# OFFSET 0: one after another through the index. The planner takes so many for reason enough to read all there are.
SOME_VISITS = text(
    """
    SELECT CAST(visits.appointment_id AS TEXT), local_date, CAST(branch_id AS TEXT), CAST(visits.client_id AS TEXT),
        first.client_id IS NOT NULL, revenue, discount, cost
    FROM (
        SELECT appointment_id FROM unnest(CAST(:appointments AS UUID[])) AS written (appointment_id)
        UNION
        SELECT theirs.appointment_id
        FROM unnest(CAST(:clients AS UUID[]), CAST(:months AS DATE[])) AS month (client_id, since) CROSS JOIN LATERAL (
            SELECT appointment_id FROM visits WHERE client_id = month.client_id AND local_date >= month.since
                AND local_date < month.since + interval '1 month' OFFSET 0
        ) AS theirs
    ) AS touched
    CROSS JOIN LATERAL (SELECT * FROM visits WHERE appointment_id = touched.appointment_id OFFSET 0) AS visits
    LEFT JOIN LATERAL (
        SELECT client_id FROM first_visits WHERE appointment_id = touched.appointment_id OFFSET 0
    ) AS first ON TRUE
    """
)
SOME_PARTS = text(f"{_PARTS} WHERE appointment_id = ANY(CAST(:touched AS UUID[]))")
VISITS_OF_DAYS = text(
    """
    SELECT CAST(visits.appointment_id AS TEXT), visits.local_date, CAST(visits.branch_id AS TEXT),
        CAST(visits.client_id AS TEXT), first.client_id IS NOT NULL, revenue, discount, cost
    FROM visits LEFT JOIN first_visits AS first ON first.appointment_id = visits.appointment_id
    WHERE visits.local_date >= :since AND visits.local_date < :until
    """
)
PARTS_OF_DAYS = text(f"{_PARTS} WHERE local_date >= :since AND local_date < :until")

ADD = text(
    """
    INSERT INTO figures AS kept (span, kind, since, branch_id, service_id, category, master_id, visits, clients,
        new_clients, revenue, discount, cost)
    SELECT * FROM unnest(CAST(:span AS TEXT[]), CAST(:kind AS TEXT[]), CAST(:since AS DATE[]),
        CAST(:branch_id AS UUID[]), CAST(:service_id AS UUID[]), CAST(:category AS TEXT[]),
        CAST(:master_id AS UUID[]), CAST(:visits AS INTEGER[]), CAST(:clients AS INTEGER[]),
        CAST(:new_clients AS INTEGER[]), CAST(:revenue AS BIGINT[]), CAST(:discount AS BIGINT[]),
        CAST(:cost AS BIGINT[]))
    ON CONFLICT (span, kind, since, branch_id, service_id, category, master_id) DO UPDATE
    SET visits = kept.visits + excluded.visits, clients = kept.clients + excluded.clients,
        new_clients = kept.new_clients + excluded.new_clients, revenue = kept.revenue + excluded.revenue,
        discount = kept.discount + excluded.discount, cost = kept.cost + excluded.cost
    """
)

DROP_EMPTY = text(
    """
    DELETE FROM figures
    WHERE visits = 0 AND span IN ('day', 'month') AND kind IN ('visit', 'service', 'category', 'master')
        AND since = ANY(:sinces)
    """
)

# A first visit may be the first no more where one before it is written, or itself.
FIRST_MONTHS = text(
    """
    SELECT client_id, CAST(date_trunc('month', first.local_date) AS DATE) AS since
    FROM unnest(CAST(:clients AS UUID[]), CAST(:days AS DATE[])) AS theirs (client_id, day)
    JOIN first_visits AS first USING (client_id)
    WHERE first.local_date >= theirs.day
    """
)

ALL_MONTHS = text(
    "SELECT DISTINCT CAST(date_trunc('month', local_date) AS DATE) FROM visits WHERE client_id = ANY(:clients)"
)


COLUMNS = ("span", "kind", "since", "branch_id", "service_id", "category", "master_id", *Amounts._fields)


@dataclass(frozen=True, slots=True)
class Touched:
    """The visits that are written, and days of clients on which they are or were.

    Visits of `moved` clients become those of another, or of another day or branch: any may turn out to be somebody's
    first.
    """

    appointments: Collection[UUID] = ()
    days: Collection[tuple[UUID | None, date]] = ()
    moved: Collection[UUID] = ()


@contextmanager
def following(session: Session, touched: Touched) -> Iterator[None]:
    """Let figures and years of clients follow what is written to visits, their parts and first visits within."""
    theirs = _months(session, touched)
    asked = {
        "appointments": array(touched.appointments),
        "clients": array([client_id for client_id, _ in theirs]),
        "months": array([since for _, since in theirs]),
    }
    before = _of_touched(session, asked)
    yield
    _add(session, difference(before, _of_touched(session, asked)))
    count_years(session, touched.days, touched.moved)


def _months(session: Session, touched: Touched) -> set[tuple[UUID, date]]:
    """With the month of a first visit that may be the first no more."""
    days = [(client_id, day) for client_id, day in touched.days if client_id is not None]
    found = {(client_id, day.replace(day=1)) for client_id, day in days}
    told = {"clients": array([client_id for client_id, _ in days]), "days": array([day for _, day in days])}
    found |= {(row.client_id, row.since) for row in session.execute(FIRST_MONTHS, told)}
    if touched.moved:
        months = session.scalars(ALL_MONTHS, {"clients": list(touched.moved)}).all()
        found |= {(client_id, since) for client_id in touched.moved for since in months}
    return found


def make_anew(session: Session, since: date, until: date) -> None:
    """What all visits of these days add up to, which are those of whole months: `until` is the first of the next."""
    days = {"since": since, "until": until}
    _add(session, _added(session.execute(VISITS_OF_DAYS, days), session.execute(PARTS_OF_DAYS, days)))


def _of_touched(session: Session, asked: dict[str, Any]) -> dict[Key, Amounts]:
    visits = session.execute(SOME_VISITS, asked).all()
    return _added(visits, session.execute(SOME_PARTS, {"touched": array([visit[0] for visit in visits])}))


def _added(visits: Iterable[Row[Any]], parts: Iterable[Row[Any]]) -> dict[Key, Amounts]:
    of: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        of[part[0]].append(Part._make(part[1:]))
    return added((Came._make(visit[1:]), of[visit[0]]) for visit in visits)


def _add(session: Session, moves: dict[Key, Amounts]) -> None:
    if not moves:
        return
    rows = [(*_columns(key), *amounts) for key, amounts in moves.items()]
    columns = map(array, zip(*rows, strict=True))
    session.execute(ADD, dict(zip(COLUMNS, columns, strict=True)))
    if sinces := {key.since for key, amounts in moves.items() if amounts.visits < 0}:
        session.execute(DROP_EMPTY, {"sinces": list(sinces)})


def _columns(key: Key) -> tuple[Any, ...]:
    things = (key.of if key.kind == kind else None for kind in ("service", "category", "master"))
    return key.span, key.kind, key.since, key.branch_id, *things
