"""Cohorts of clients and how many of them came again: as they are kept by month, or counted from the facts."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.analytics.domain.periods import end_of_month
from services.analytics.domain.retention import MONTHS_AFTER, WINDOWS
from services.analytics.tables.cohorts import AFTER


@dataclass(frozen=True, slots=True)
class Asked:
    """Cohorts of `first` to `last`: who ("new" or "all"), by which columns, within how many days they come again."""

    first: date
    last: date
    clients: str
    days: int
    names: Sequence[str]
    branches: Collection[UUID] | None
    as_of: date


@dataclass(frozen=True, slots=True)
class Cohort:
    """`after` counts who came in the first, second, … month after `month`."""

    month: date
    keys: dict[str, UUID]
    clients: int
    settled: int
    retained: int
    after: tuple[int, ...]


def cohorts(session: Session, asked: Asked) -> Iterator[Cohort]:
    """By month and keys. Months are kept where the question is one of those they are kept for; parts of months at the
    ends of the period are counted from the facts.
    """
    kept = _kept_as(asked)
    if kept is None:
        yield from counted(session, asked)
        return
    first = asked.first if asked.first.day == 1 else end_of_month(asked.first) + timedelta(days=1)
    last = asked.last
    if asked.last < min(asked.as_of, end_of_month(asked.last)):  # what is left of this month has not come
        last = asked.last.replace(day=1) - timedelta(days=1)
    if first > last:
        yield from counted(session, asked)
        return
    if asked.first < first:
        yield from counted(session, replace(asked, last=first - timedelta(days=1)))
    yield from _kept(session, replace(asked, first=first, last=last), *kept)
    if last < asked.last:
        yield from counted(session, replace(asked, first=last + timedelta(days=1)))


# --- kept -------------------------------------------------------------------------------------------------------------

# Months whose days are all settled, and of the one that is not, the days that are.
KEPT = """
    SELECT month {keys}, sum(clients) AS clients, sum(settled) AS settled, sum(retained) AS retained, {sums}
    FROM (
        SELECT since AS month, branch_id, master_id, clients, CASE WHEN since < :cut THEN clients ELSE 0 END AS settled,
            CASE WHEN since < :cut THEN {within} ELSE 0 END AS retained, {after}
        FROM cohorts WHERE span = 'month' AND who = :who AND kind = :kind AND since BETWEEN :first AND :last {scope}
        UNION ALL
        SELECT CAST(:cut AS DATE), branch_id, master_id, 0, clients, {within}, {nothing}
        FROM cohorts WHERE span = 'day' AND who = :who AND kind = :kind AND since BETWEEN :cut AND :settled
            AND since BETWEEN :first AND :last {scope}
    ) AS each GROUP BY month {keys} ORDER BY month {keys}
"""


def _kept_as(asked: Asked) -> tuple[str, str] | None:
    """Whose and by what key the cohorts are kept that answer; None if there are none."""
    one = asked.branches is not None and len(asked.branches) == 1
    if asked.days not in WINDOWS:
        return None
    if "branch_id" in asked.names:
        return asked.clients, "both" if "master_id" in asked.names else "branch"
    if asked.branches is None:
        return asked.clients, "master" if "master_id" in asked.names else "chain"
    if not one:
        return None
    return (asked.clients, "both") if asked.names else ("chain" if asked.clients == "new" else "all", "branch")


def _kept(session: Session, asked: Asked, who: str, kind: str) -> Iterator[Cohort]:
    settled = asked.as_of - timedelta(days=asked.days + 1)
    statement = KEPT.format(
        keys="".join(f", {name}" for name in asked.names),
        sums=", ".join(f"sum({name}) AS {name}" for name in AFTER),
        within=f"within_{asked.days}",
        after=", ".join(AFTER),
        nothing=", ".join(["0"] * len(AFTER)),
        scope="" if asked.branches is None else "AND branch_id = ANY(CAST(:branches AS UUID[]))",
    )
    words = {
        "who": who,
        "kind": kind,
        "first": asked.first,
        "last": asked.last,
        "cut": settled.replace(day=1) if settled < end_of_month(settled) else settled + timedelta(days=1),
        "settled": settled,
        "branches": None if asked.branches is None else list(asked.branches),
    }
    for row in session.execute(text(statement), words):
        after = tuple(int(getattr(row, name)) for name in AFTER)
        yield _cohort(row, asked.names, after)


# --- counted ----------------------------------------------------------------------------------------------------------

# Days on which each came, with the next one; whoever comes twice on a day came once. Whose first day it was is looked
# up in all of the history, by the index of visits by client.
DAYS = """
    WITH days AS (
        SELECT DISTINCT {keys} client_id, local_date FROM {facts}
        WHERE client_id IS NOT NULL AND local_date >= :first AND local_date <= :until {scope} {named}
    ), followed AS (
        SELECT *, lead(local_date) OVER (PARTITION BY {keys} client_id ORDER BY local_date) AS next FROM days
    ), cohort AS (
        SELECT {keys} client_id, CAST(date_trunc('month', local_date) AS DATE) AS month, max(local_date) AS latest,
            coalesce(bool_or(next <= local_date + CAST(:days AS INTEGER)), false) AS retained
        FROM followed WHERE local_date <= :last {began}
        GROUP BY {keys} client_id, month
    )
"""
COUNTED = """
    SELECT {keys} month, count(*) AS clients, count(*) FILTER (WHERE settled) AS settled,
        count(*) FILTER (WHERE settled AND retained) AS retained
    FROM (SELECT *, latest + CAST(:days AS INTEGER) < :as_of AS settled FROM cohort) AS each
    GROUP BY {keys} month ORDER BY month {order}
"""
ACTIVE = """
    SELECT {keys} month, after, count(*) AS clients FROM (
        SELECT DISTINCT {cohort_keys} cohort.client_id, cohort.month,
            CAST((date_part('year', local_date) - date_part('year', month)) * 12
                + date_part('month', local_date) - date_part('month', month) AS INTEGER) AS after
        FROM cohort JOIN days ON days.client_id = cohort.client_id {same} AND local_date > latest
    ) AS came WHERE after BETWEEN 1 AND :after GROUP BY {keys} month, after
"""
IN_CHAIN = """
    AND EXISTS (SELECT FROM first_visits WHERE first_visits.client_id = followed.client_id
                AND first_visits.local_date = followed.local_date {scope})
"""
BY_KEY = """
    AND NOT EXISTS (SELECT FROM visits JOIN {facts} AS part USING (appointment_id)
                    WHERE visits.client_id = followed.client_id AND visits.local_date < followed.local_date
                    {scope} {same})
"""


def counted(session: Session, asked: Asked) -> Iterator[Cohort]:
    """The same from the facts alone, for whatever is asked."""
    longest = max(asked.days, 31 * (MONTHS_AFTER + 1))
    values = {
        "first": asked.first,
        "last": asked.last,
        "until": date.fromordinal(min(date.max.toordinal(), asked.last.toordinal() + longest)),
        "days": asked.days,
        "as_of": asked.as_of,
        "after": MONTHS_AFTER,
        "branches": None if asked.branches is None else list(asked.branches),
    }
    statements = _statements(asked.names, asked.clients, bounded=asked.branches is not None)
    counted, came = (session.execute(text(each), values).all() for each in statements)
    active: dict[Any, int] = defaultdict(int)
    for row in came:
        active[(*_key(row, asked.names), row.after)] = row.clients
    for row in counted:
        key = _key(row, asked.names)
        yield _cohort(row, asked.names, tuple(active[(*key, after)] for after in range(1, MONTHS_AFTER + 1)))


def _statements(names: Sequence[str], clients: str, *, bounded: bool) -> tuple[str, str]:
    facts = "visit_parts" if "master_id" in names else "visits"
    began = "" if clients == "all" else BY_KEY if names else IN_CHAIN
    of_branches = "branch_id = ANY(CAST(:branches AS UUID[]))"
    keys = "".join(f"{name}, " for name in names)
    part = "" if not bounded else f"AND part.{of_branches}" if names else f"AND {of_branches}"
    began = began.format(facts=facts, scope=part, same=" ".join(f"AND part.{name} = followed.{name}" for name in names))
    words = {
        "keys": keys,
        "facts": facts,
        "scope": f"AND {of_branches}" if bounded else "",
        "named": "AND master_id IS NOT NULL" if "master_id" in names else "",
        "began": began,
        "order": "".join(f", {name}" for name in names),
        "cohort_keys": "".join(f"cohort.{name}, " for name in names),
        "same": " ".join(f"AND days.{name} = cohort.{name}" for name in names),
    }
    return (DAYS + COUNTED).format(**words), (DAYS + ACTIVE).format(**words)


def _key(row: Row[Any], names: Collection[str]) -> tuple[date | UUID, ...]:
    return (row.month, *(getattr(row, name) for name in names))


def _cohort(row: Row[Any], names: Collection[str], after: tuple[int, ...]) -> Cohort:
    keys = {name: getattr(row, name) for name in names}
    return Cohort(row.month, keys, int(row.clients), int(row.settled), int(row.retained), after)
