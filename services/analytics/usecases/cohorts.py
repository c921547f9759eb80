"""The rollup of who came again: what the visits of clients add to it, taken away as they were and added as they are.

Whether somebody came again is not of a visit but of all that a client did. So a client of whom a visit changed is
counted as a whole, before and after, by the same statement that makes everything anew. That is done soon after the
visit, for all whose visits changed meanwhile: until then the visit is kept as it was when it was counted.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from contracts.booking import VisitCompleted, VisitRefunded
from contracts.clients import ClientsMerged
from services.analytics.domain.retention import MONTHS_AFTER, WINDOWS
from services.analytics.tables.cohorts import AFTER, WITHIN
from services.analytics.usecases.turns import take_turn

AT_ONCE = 1_000  # visits that are counted in one transaction

# Nothing of a visit that is due already: it was counted as it was then.
MARK = """
    INSERT INTO cohorts_due (appointment_id, client_id, local_date, branch_id, master_ids)
    SELECT who.appointment_id, client_id, local_date, branch_id, (
        SELECT array_agg(DISTINCT master_id) FROM visit_parts
        WHERE visit_parts.appointment_id = who.appointment_id AND master_id IS NOT NULL
    )
    FROM {who} ON CONFLICT DO NOTHING
"""
MARK_VISITS = text(
    MARK.format(
        who="unnest(CAST(:appointments AS UUID[])) AS who (appointment_id) LEFT JOIN visits USING (appointment_id)"
    )
)
MARK_MERGED = text(MARK.format(who="visits AS who WHERE client_id = :merged"))

DUE = text("SELECT appointment_id FROM cohorts_due ORDER BY appointment_id LIMIT :most")
WHOSE = text(
    """
    SELECT client_id FROM cohorts_due WHERE appointment_id = ANY(:appointments) AND client_id IS NOT NULL
    UNION
    SELECT client_id FROM visits WHERE appointment_id = ANY(:appointments) AND client_id IS NOT NULL
    """
)
THEIRS = text(
    """
    SELECT appointment_id FROM cohorts_due WHERE client_id = ANY(:clients)
    UNION
    SELECT appointment_id FROM cohorts_due JOIN visits USING (appointment_id) WHERE visits.client_id = ANY(:clients)
    """
)
TAKEN = text("DELETE FROM cohorts_due WHERE appointment_id = ANY(:appointments)")

# Their visits as they are now, which count, and as they were when they were counted, which count no more.
_CHANGED = """
    WITH came AS (
        SELECT 1 AS sign, visits.client_id, visits.local_date, visits.branch_id, appointment_id, part.master_id
        FROM visits LEFT JOIN visit_parts AS part USING (appointment_id) WHERE visits.client_id = ANY(:clients)
        UNION ALL
        SELECT -1, visits.client_id, visits.local_date, visits.branch_id, appointment_id, part.master_id
        FROM visits LEFT JOIN visit_parts AS part USING (appointment_id) WHERE visits.client_id = ANY(:clients)
            AND appointment_id <> ALL(:appointments)
        UNION ALL
        SELECT -1, client_id, local_date, branch_id, appointment_id, master_id
        FROM cohorts_due LEFT JOIN LATERAL unnest(master_ids) AS of (master_id) ON true
        WHERE appointment_id = ANY(:appointments) AND client_id IS NOT NULL
    )
"""
# Clients whose ids begin with one of so many bytes; all of them in as many turns.
_SOME = """
    WITH came AS (
        SELECT 1 AS sign, visits.client_id, visits.local_date, visits.branch_id, appointment_id, part.master_id
        FROM visits LEFT JOIN visit_parts AS part USING (appointment_id)
        WHERE visits.client_id >= CAST(:since AS UUID) AND visits.client_id <= CAST(:until AS UUID)
    )
"""

# Months are counted from the year 0, and a month's bit is that of its number by 16: of thirteen in a row none have
# the same, so that their sum tells which of the twelve after the first are there.
_COUNTED = f"""
    , keyed AS (
        SELECT DISTINCT sign, kind, client_id, local_date,
            CASE WHEN kind IN ('branch', 'both') THEN branch_id END AS branch_id,
            CASE WHEN kind IN ('master', 'both') THEN master_id END AS master_id
        FROM came CROSS JOIN (VALUES ('chain'), ('branch'), ('master'), ('both')) AS kinds (kind)
        WHERE master_id IS NOT NULL OR kind IN ('chain', 'branch')
    ), followed AS (
        SELECT *, lead(local_date) OVER own - local_date AS gap, row_number() OVER own = 1 AS first,
            CAST(date_part('year', local_date) * 12 + date_part('month', local_date) AS INTEGER) AS month
        FROM keyed WINDOW own AS (PARTITION BY sign, kind, client_id, branch_id, master_id ORDER BY local_date)
    ), months AS (
        SELECT sign, kind, client_id, branch_id, master_id, month, max(local_date) AS latest, min(gap) AS gap,
            CAST(sum(CAST(1 << month % 16 AS BIGINT)) OVER (
                PARTITION BY sign, kind, client_id, branch_id, master_id ORDER BY month
                RANGE BETWEEN CURRENT ROW AND {MONTHS_AFTER} FOLLOWING
            ) AS INTEGER) AS bits
        FROM followed GROUP BY sign, kind, client_id, branch_id, master_id, month
    ), newcomers AS (
        SELECT followed.sign, followed.kind, followed.client_id, followed.branch_id, followed.master_id,
            followed.month, local_date, followed.gap, bits
        FROM followed JOIN months ON (months.sign, months.kind, months.client_id, months.month)
                = (followed.sign, followed.kind, followed.client_id, followed.month)
            AND months.branch_id IS NOT DISTINCT FROM followed.branch_id
            AND months.master_id IS NOT DISTINCT FROM followed.master_id
        WHERE followed.first
    ), began AS (
        SELECT DISTINCT ON (sign, client_id) sign, client_id, local_date, branch_id FROM came
        ORDER BY sign, client_id, local_date, appointment_id
    ), counted AS (
        SELECT sign, 'all' AS who, kind, branch_id, master_id, month, latest AS day, gap, bits FROM months
        UNION ALL
        SELECT sign, 'new', kind, branch_id, master_id, month, local_date, gap, bits FROM newcomers
        UNION ALL
        SELECT sign, 'chain', kind, branch_id, master_id, month, local_date, gap, bits
        FROM newcomers JOIN began USING (sign, client_id, local_date, branch_id) WHERE kind = 'branch'
    ), summed AS (
        SELECT span, who, kind, CAST(date_trunc(span, day) AS DATE) AS since, branch_id, master_id,
            sum(sign) AS clients,
            {", ".join(f"coalesce(sum(sign) FILTER (WHERE gap <= {days}), 0) AS within_{days}" for days in WINDOWS)},
            {
    ", ".join(
        f"sum(sign * (bits >> (month + {after}) % 16 & 1)) AS after_{after}" for after in range(1, MONTHS_AFTER + 1)
    )
}
        FROM counted CROSS JOIN (VALUES ('day'), ('month')) AS spans (span)
        GROUP BY 1, 2, 3, 4, 5, 6
    )
    INSERT INTO cohorts AS kept (span, who, kind, since, branch_id, master_id, clients, {", ".join(WITHIN + AFTER)})
    SELECT span, who, kind, since, branch_id, master_id, clients, {", ".join(WITHIN + AFTER)} FROM summed
    WHERE ({", ".join(("clients", *WITHIN, *AFTER))}) <> ({", ".join(["0"] * (1 + len(WITHIN + AFTER)))})
    ON CONFLICT (span, who, kind, since, branch_id, master_id) DO UPDATE
    SET {", ".join(f"{name} = kept.{name} + excluded.{name}" for name in ("clients", *WITHIN, *AFTER))}
"""  # noqa: S608  words of ours

MOVE = text(_CHANGED + _COUNTED)
MADE_ANEW = text(_SOME + _COUNTED)
DROP_EMPTY = text("DELETE FROM cohorts WHERE clients = 0")


def mark_visits(session: Session, bills: Iterable[VisitCompleted | VisitRefunded]) -> None:
    """Remember these visits as they were counted, before they change."""
    take_turn(session)
    session.execute(MARK_VISITS, {"appointments": sorted({bill.appointment_id for bill in bills})})


def mark_visits_of_merged(session: Session, merge: ClientsMerged) -> None:
    """The same of all visits of a card, before they become those of another."""
    take_turn(session)
    session.execute(MARK_MERGED, {"merged": merge.merged_id})


def count_cohorts(session: Session, most: int = AT_ONCE) -> bool:
    """Count clients whose visits are due. Whether more of them may be left."""
    take_turn(session)
    due = list(session.scalars(DUE, {"most": most}))
    if not due:
        return False
    appointments, clients = set(due), set[UUID]()
    while True:  # a visit that changed hands brings another client, of whom others may be due
        clients |= set(session.scalars(WHOSE, {"appointments": list(appointments)}))
        found = set(session.scalars(THEIRS, {"clients": list(clients)}))
        if found <= appointments:
            break
        appointments |= found
    asked = {"appointments": list(appointments), "clients": list(clients)}
    session.execute(MOVE, asked)
    session.execute(TAKEN, {"appointments": list(appointments)})
    session.execute(DROP_EMPTY)
    return len(due) == most
