"""Rows of standings and of what they are made of, out of the database and into it, in binary."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from services.analytics.domain.rosters import DAY_ROW, KIN_ROW, NOBODY, ROW, WORK_ROW, Columns, Rows

# Rows glued together: a message for each of millions of rows would hold everybody.
# Clients come together by the last byte of their ids, which are random.
GLUED = """
    SELECT string_agg({columns}, '') FROM ({rows}) AS found GROUP BY get_byte(uuid_send(client_id), 15)
"""
DAYS = """
    SELECT client_id, branch_id, local_date, revenue, revenue - cost AS margin FROM visits
    WHERE client_id IS NOT NULL {whose}
"""
DAY_COLUMNS = "uuid_send(client_id) || uuid_send(branch_id) || date_send(local_date) || int8send(revenue)"
DAY_COLUMNS += " || int8send(margin)"

# A visit is by whom the larger part of it was; the last one of each client at each branch.
WORK = """
    SELECT DISTINCT ON (client_id, branch_id) client_id, branch_id,
        coalesce(master_id, CAST(:nobody AS UUID)) AS master, coalesce(service_id, CAST(:nobody AS UUID)) AS service
    FROM visit_parts WHERE client_id IS NOT NULL {whose}
    ORDER BY client_id, branch_id, local_date DESC, appointment_id DESC, revenue DESC, master_id, service_id
"""
WORK_COLUMNS = "uuid_send(client_id) || uuid_send(branch_id) || uuid_send(master) || uuid_send(service)"

THEIR_DAYS = "AND client_id = ANY(:clients)"
THEIR_WORK = """
    AND client_id = ANY(:clients)
    AND appointment_id IN (SELECT appointment_id FROM visits WHERE client_id = ANY(:clients))
"""

OTHERS = """
    SELECT client_id, coalesce(branch_id, CAST(:nobody AS UUID)) AS branch,
        coalesce(master_id, CAST(:nobody AS UUID)) AS master, coalesce(service_id, CAST(:nobody AS UUID)) AS service,
        first_day, last_day, days, middle_gap, gap_logs, visits, revenue, spent, earned
    FROM client_standings WHERE client_id <> ALL(:clients)
"""
OTHER_COLUMNS = (
    "uuid_send(client_id) || uuid_send(branch) || uuid_send(master) || uuid_send(service) || date_send(first_day)"
    " || date_send(last_day) || int4send(days) || float8send(middle_gap) || float8send(gap_logs) || int4send(visits)"
    " || int8send(revenue) || int8send(spent) || int8send(earned)"
)

KIN = "SELECT client_id, referrer_id FROM clients WHERE referrer_id IS NOT NULL"
KIN_COLUMNS = "uuid_send(client_id) || uuid_send(referrer_id)"


def days_and_work(session: Session, clients: Collection[UUID] | None = None) -> tuple[Rows, Rows]:
    """The visits of everybody or of some, and what the last ones were."""
    asked = {} if clients is None else {"clients": list(clients)}
    days, work = (
        DAYS.format(whose="" if clients is None else THEIR_DAYS),
        WORK.format(whose="" if clients is None else THEIR_WORK),
    )
    return (
        _glued(session, days, DAY_COLUMNS, asked, DAY_ROW),
        _glued(session, work, WORK_COLUMNS, asked | {"nobody": NOBODY}, WORK_ROW),
    )


def rows_of_others(session: Session, clients: Collection[UUID]) -> Rows:
    """What is kept of everybody else."""
    return _glued(session, OTHERS, OTHER_COLUMNS, {"clients": list(clients), "nobody": NOBODY}, ROW)


def kin(session: Session) -> Rows:
    """Whom each client was brought by."""
    return _glued(session, KIN, KIN_COLUMNS, {}, KIN_ROW)


def _glued(session: Session, rows: str, columns: str, asked: dict[str, Any], row: np.dtype[Any]) -> Rows:
    query: TextClause = text(GLUED.format(columns=columns, rows=rows))
    return np.frombuffer(b"".join(session.scalars(query, asked)), dtype=row)


def write(session: Session, parts: Sequence[Columns]) -> None:
    """Each part with one COPY in binary: half a million rows in seconds."""
    for columns in parts:
        shape = [("fields", ">i2")]
        for name, (kind, _) in columns.items():
            shape += [(f"l_{name}", ">i4"), (name, kind)]
        rows = np.empty(len(columns["client_id"][1]), np.dtype(shape))
        rows["fields"] = len(columns)
        for name, (kind, values) in columns.items():
            rows[f"l_{name}"], rows[name] = np.dtype(kind).itemsize, values
        cursor = session.connection().connection.cursor()
        into = f"COPY client_standings ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
        with cursor, cursor.copy(into) as copy:  # type: ignore[attr-defined]  # psycopg's
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            copy.write(rows.tobytes())
            copy.write(b"\xff\xff")
