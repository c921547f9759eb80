"""Diaries, open hours and enquiries for visits that were drawn, and all that is counted soon after events."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from bench.alone import full_size
from bench.beside import drawn_id
from bench.visits import BRANCHES, LAST, MASTERS, months
from services.analytics.usecases.cohorts import MADE_ANEW
from services.analytics.usecases.forecasts import foresee
from services.analytics.usecases.stages import keep_stages
from services.analytics.usecases.workload import count_again

FORESEEN = 3 if full_size() else 1  # the chain, and its first branches
SLICES = 16 if full_size() else 1  # of the clients, by the first digit of their ids
ROOMS = 4  # of each branch

# Each visit was booked some day before, and one in ten of as many more was cancelled or missed.
FILL = (
    """
    INSERT INTO bookings (appointment_id, version, client_id, branch_id, local_date, starts, ends, minute, status,
        channel, late_minutes, overlap, booked_at, completed_at)
    SELECT appointment_id, 2, client_id, branch_id, local_date, starts, starts + interval '1 hour', minute, 'completed',
        channel, late_minutes, false, starts - make_interval(days => minute / 60 % 7), starts + interval '1 hour'
    FROM visits WHERE local_date >= :since AND local_date < :until
    """,
    """
    INSERT INTO bookings (appointment_id, version, client_id, branch_id, local_date, starts, ends, minute, status,
        channel, overlap, booked_at, cancelled_at, cancelled_by)
    SELECT CAST(md5('lost ' || appointment_id) AS UUID), 2, client_id, branch_id, local_date, starts,
        starts + interval '1 hour', minute, CASE WHEN revenue % 20000 = 0 THEN 'cancelled' ELSE 'no_show' END, channel,
        false, starts - interval '3 days', starts - interval '1 day', 'client'
    FROM visits WHERE local_date >= :since AND local_date < :until AND minute = 600
    """,
    """
    INSERT INTO booked_segments (appointment_id, position, branch_id, local_date, service_id, master_id, starts, ends,
        unit_ids)
    SELECT appointment_id, 0, branch_id, local_date, part.service_id, part.master_id, starts,
        starts + interval '1 hour',
        ARRAY[CAST(md5(format('room %s %s', branch_id, get_byte(uuid_send(appointment_id), 0) % :rooms)) AS UUID)]
    FROM visits JOIN (
        SELECT DISTINCT ON (appointment_id) appointment_id, service_id, master_id FROM visit_parts
        WHERE local_date >= :since AND local_date < :until ORDER BY appointment_id, service_id
    ) AS part USING (appointment_id) WHERE local_date >= :since AND local_date < :until
    """,
    """
    INSERT INTO open_days (master_id, branch_id, local_date, version, minutes, starts, ends, opens, closes)
    SELECT CAST(md5('master ' || branch || ' ' || master) AS UUID), CAST(md5('branch ' || branch) AS UUID), day, 1, 600,
        ARRAY[day + interval '9 hours'], ARRAY[day + interval '19 hours'], '{540}', '{1140}'
    FROM generate_series(0, :branches - 1) AS branch, generate_series(0, :masters - 1) AS master,
        generate_series(CAST(:since AS TIMESTAMP), :until - interval '1 day', interval '1 day') AS day
    WHERE (branch + master + CAST(extract(day FROM day) AS INTEGER)) % 7 > 0
    """,
    """
    INSERT INTO enquiries (enquiry_id, version, client_id, branch_id, channel, known, received_at, answered_at)
    SELECT CAST(md5('enquiry ' || appointment_id) AS UUID), 1, client_id, branch_id,
        CASE WHEN revenue % 30000 = 0 THEN 'site' ELSE 'messenger' END, true, starts - interval '2 days',
        starts - interval '2 days' + make_interval(mins => minute % 90)
    FROM visits WHERE local_date >= :since AND local_date < :until AND get_byte(uuid_send(appointment_id), 1) % 50 = 0
    """,
)
FILLED = text("SELECT EXISTS (SELECT FROM open_days WHERE local_date = :since)")
COUNTED = text("SELECT EXISTS (SELECT FROM went WHERE span = 'month' AND since = :since)")
COHORTS = text("SELECT EXISTS (SELECT FROM cohorts)")


def draw_diaries(engine: Engine) -> None:
    """Beside the visits that are there; what an earlier run has come to is not made again."""
    for since, until in months():
        with engine.begin() as connection:
            if not connection.execute(FILLED, {"since": since}).scalar_one():
                _fill(connection, since, until)
    _vacuum(engine)  # else the planner takes them for empty
    for since, until in months():
        with Session(engine) as session, session.begin():
            if not session.scalar(COUNTED, {"since": since}):
                count_again(session, _days(since, until))
    _vacuum(engine)
    with engine.begin() as connection:
        if not connection.execute(COHORTS).scalar_one():
            connection.execute(text("SET LOCAL work_mem = '256MB'"))
            for first in range(0, 16, 16 // SLICES):
                last = first + 16 // SLICES - 1
                connection.execute(MADE_ANEW, {"since": f"{first:x}" + "0" * 31, "until": f"{last:x}" + "f" * 31})
    with Session(engine) as session, session.begin():
        keep_stages(session, session.scalars(text("SELECT DISTINCT client_id FROM enquiries")).all())
        for _ in range(FORESEEN):
            foresee(session, LAST + timedelta(days=1))
    _vacuum(engine)


def _vacuum(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _fill(connection: Connection, since: date, until: date) -> None:
    given = {"since": since, "until": until, "branches": BRANCHES, "masters": MASTERS, "rooms": ROOMS}
    for statement in FILL:
        connection.execute(text(statement), given)


def _days(since: date, until: date) -> list[tuple[date, UUID]]:
    branches = [drawn_id(f"branch {each}") for each in range(BRANCHES)]
    return [(since + timedelta(days=day), each) for day in range((until - since).days) for each in branches]
