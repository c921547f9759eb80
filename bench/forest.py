"""A forest of clients who brought each other, with a visit of every second one, put straight into loyalty's tables."""

from datetime import UTC, datetime, timedelta
from hashlib import md5
from uuid import UUID

from sqlalchemy import Engine, text

from contracts.booking import VisitCompleted, VisitLine

BRANCH = UUID(int=0xB)
SERVICE = UUID(int=0x5E)
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)


def client_id(number: int) -> UUID:
    """The same here and in the tables."""
    return UUID(md5(f"client {number}".encode()).hexdigest())


def referrer_of(number: int) -> int | None:
    """Any of those who came before, as chance has it, so that some brought many; one in five came by themselves."""
    chance = int(md5(f"chance {number}".encode()).hexdigest()[:8], 16)
    return None if number < 2 or chance % 5 == 0 else 1 + (chance // 5) % (number - 1)


_ID = "CAST(md5('client ' || {0}) AS UUID)"
_CHANCE = "CAST(CAST(CAST('x' || substr(md5('chance ' || n), 1, 8) AS BIT(32)) AS BIGINT) & 4294967295 AS BIGINT)"
_REFERRER = f"CASE WHEN n < 2 OR {_CHANCE} % 5 = 0 THEN NULL ELSE 1 + ({_CHANCE} / 5) % (n - 1) END"

GROW = (
    f"""
    CREATE TEMPORARY TABLE grown ON COMMIT DROP AS
    SELECT n, {_ID.format("n")} AS client_id, {_REFERRER} AS brought_by, CAST(:first AS TIMESTAMPTZ)
        + make_interval(secs => n) AS at
    FROM generate_series(CAST(:after AS BIGINT) + 1, CAST(:until AS BIGINT)) AS n
    """,
    f"""
    INSERT INTO claims (client_id, version, referrer_id, claimed_at)
    SELECT client_id, 1, {_ID.format("brought_by")}, at FROM grown
    """,
    f"""
    INSERT INTO clients (client_id, version, referrer_id, since, changed_at, erased, counts_since)
    SELECT client_id, 1, {_ID.format("brought_by")}, CASE WHEN brought_by IS NOT NULL THEN at END, at, FALSE,
        CASE WHEN brought_by IS NOT NULL AND n % 2 = 0 THEN at + interval '1 day' END
    FROM grown
    """,
    """
    INSERT INTO bills (appointment_id, version, client_id, branch_id, at, completed_at, starts, local_date, currency,
        lines, paid, tendered)
    SELECT CAST(md5('visit ' || n) AS UUID), 2, client_id, :branch, at + interval '1 day', at + interval '1 day',
        at + interval '22 hours', CAST(at + interval '22 hours' AS DATE), 'RUB', CAST(:lines AS JSONB), 250000, 0
    FROM grown WHERE n % 2 = 0
    """,
    """
    INSERT INTO visits (appointment_id, version, client_id, branch_id, revenue, currency, qualifies, changed_at)
    SELECT CAST(md5('visit ' || n) AS UUID), 2, client_id, :branch, 250000, 'RUB', TRUE, at + interval '1 day'
    FROM grown WHERE n % 2 = 0
    """,
)
LINES = f'[["{UUID(int=1)}", "service", 250000, 0, 0, "{SERVICE}", "hair", null]]'


def grow_to(engine: Engine, people: int) -> int:
    """Add people until there are so many; how many there were before."""
    with engine.begin() as connection:
        before = int(connection.execute(text("SELECT count(*) FROM clients")).scalar_one())
        known = {"after": before, "until": people, "first": FIRST, "branch": BRANCH, "lines": LINES}
        for statement in GROW:
            connection.execute(text(statement), known)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE claims, clients, bills, visits"))
    return before


def visit(number: int, client: int, day: int) -> VisitCompleted:
    """A visit of the client so many days after everybody's first."""
    starts = FIRST + timedelta(days=60 + day, hours=2)
    line = VisitLine(UUID(int=1), "service", 250_000, service_id=SERVICE, category="hair")
    return VisitCompleted(
        appointment_id=UUID(md5(f"event {number}".encode()).hexdigest()),
        version=2,
        branch_id=BRANCH,
        client_id=client_id(client),
        status="completed",
        starts=starts,
        ends=starts + timedelta(hours=1),
        local_date=starts.date(),
        segments=(),
        channel=None,
        occurred_at=starts + timedelta(hours=2),
        currency="RUB",
        total=250_000,
        discount=0,
        due=250_000,
        paid=250_000,
        refunded=0,
        lines=(line,),
    )
