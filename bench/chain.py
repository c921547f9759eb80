"""A branch of fifty masters with hundreds of thousands of appointments, put straight into booking's tables."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, text

MASTERS = 50
AHEAD = 60  # days that are booked ahead, less and less
PLANNED = 100  # days for which there are shifts ahead
ZONE = "Europe/Moscow"
OPENS, CLOSES = 540, 1260  # minutes after midnight
DENSITY = 0.7  # of the hours that are booked today; none `AHEAD` days later
A_DAY = round(MASTERS * DENSITY * (CLOSES - OPENS) / 60)  # appointments of a day that is over


@dataclass(frozen=True)
class Chain:
    branch: UUID
    service: UUID
    masters: tuple[UUID, ...]
    today: date


def found(engine: Engine) -> Chain:
    """The branch, its masters, one service of an hour, and shifts, without any appointment."""
    chain = Chain(uuid4(), uuid4(), tuple(uuid4() for _ in range(MASTERS)), datetime.now(UTC).date())
    known = {"branch": chain.branch, "service": chain.service, "masters": list(chain.masters), "today": chain.today}
    with engine.begin() as connection:
        for statement in FOUNDED:
            connection.execute(text(statement), known)
        _shifts(connection, chain, chain.today, PLANNED)
    return chain


def book_ahead(engine: Engine, chain: Chain) -> int:
    """Book the days ahead, a share of the hours that shrinks with the distance; how many appointments that are."""
    with engine.begin() as connection:
        return _fill(connection, chain, 0, AHEAD, f"{DENSITY} * (1 - day::numeric / {AHEAD})")


def grow_to(engine: Engine, chain: Chain, appointments: int) -> int:
    """Add days that are over until there are about so many; how many there are."""
    with engine.begin() as connection:
        there = connection.execute(text("SELECT count(*), min(local_date) FROM appointments")).one()
        oldest = (chain.today - there[1]).days if there[1] else 0
        days = max(0, appointments - there[0]) // A_DAY
        _shifts(connection, chain, date.fromordinal(chain.today.toordinal() - oldest - days), days)
        added = _fill(connection, chain, -oldest - days, days, str(DENSITY))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE appointments, segments, busy, shifts"))
    return int(there[0]) + added


FOUNDED = (
    "UPDATE settings SET currency = 'RUB'",
    f"INSERT INTO branches (id, name, time_zone) VALUES (:branch, 'Main', '{ZONE}')",
    "INSERT INTO services (id, name, category, duration_minutes, price, currency, buffer_before_minutes,"
    " buffer_after_minutes, bookable_online, active) VALUES (:service, 'Cut', 'Hair', 60, 250000, 'RUB', 0, 0, true,"
    " true)",
    "INSERT INTO masters (id, name, active) SELECT id, 'Master ' || n, true"
    " FROM unnest(:masters) WITH ORDINALITY AS m (id, n)",
    "INSERT INTO master_services (master_id, service_id, position)"
    " SELECT id, :service, 0 FROM unnest(:masters) AS m (id)",
)
SHIFTS = f"""
INSERT INTO shifts (id, master_id, branch_id, day, starts, ends, starts_at, ends_at)
SELECT gen_random_uuid(), m.id, :branch, d.day, {OPENS}, {CLOSES},
    (d.day + make_interval(mins => {OPENS})) AT TIME ZONE '{ZONE}',
    (d.day + make_interval(mins => {CLOSES})) AT TIME ZONE '{ZONE}'
FROM unnest(:masters) AS m (id), (SELECT CAST(:first AS date) + n AS day FROM generate_series(0, :days - 1) AS n) AS d
"""
# Every hour of every shift is booked or not as the hash of master and hour says, so that it is the same each time.
DRAWN = f"""
CREATE TEMPORARY TABLE drawn ON COMMIT DROP AS
SELECT gen_random_uuid() AS id, gen_random_uuid() AS segment, gen_random_uuid() AS client, m.id AS master,
    CAST(:today AS date) + day AS local_date,
    (CAST(:today AS date) + day + make_interval(mins => {OPENS} + 60 * hour)) AT TIME ZONE '{ZONE}' AS starts
FROM unnest(:masters) WITH ORDINALITY AS m (id, n), generate_series(:first, :first + :days - 1) AS day,
    generate_series(0, {(CLOSES - OPENS) // 60 - 1}) AS hour
WHERE (hashint8(m.n * 1000003 + day * 101 + hour) & 1023) / 1024.0 < %s
"""
KEPT = (
    "INSERT INTO appointments (id, branch_id, client_id, status, starts, ends, local_date, currency, percent)"
    " SELECT id, :branch, client, CASE WHEN starts < now() THEN 'completed' ELSE 'booked' END, starts,"
    " starts + interval '1 hour', local_date, 'RUB', 0 FROM drawn",
    'INSERT INTO segments (id, appointment_id, position, service_id, master_id, starts, ends, price, "before", "after")'
    " SELECT segment, id, 0, :service, master, starts, starts + interval '1 hour', 250000, 0, 0 FROM drawn",
    "INSERT INTO busy (id, appointment_id, resource_kind, resource_id, during)"
    " SELECT gen_random_uuid(), id, kind, resource, tstzrange(starts, starts + interval '1 hour') FROM drawn,"
    " LATERAL (VALUES ('master', master), ('client', client)) AS r (kind, resource)",
)


def _shifts(connection: Connection, chain: Chain, first: date, days: int) -> None:
    if days:
        known = {"masters": list(chain.masters), "branch": chain.branch, "first": first, "days": days}
        connection.execute(text(SHIFTS), known)


def _fill(connection: Connection, chain: Chain, first: int, days: int, density: str) -> int:
    known = {
        "masters": list(chain.masters),
        "branch": chain.branch,
        "service": chain.service,
        "today": chain.today,
        "first": first,
        "days": days,
    }
    if not days:
        return 0
    connection.execute(text("SET LOCAL session_replication_role = replica"))  # all that is pointed to is there
    added = connection.execute(text(DRAWN % density), known).rowcount
    for statement in KEPT:
        connection.execute(text(statement), known)
    return int(added)
