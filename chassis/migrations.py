"""The Alembic environment that all services use: numbered files in `services/<name>/migrations`, run under a lock."""

from pathlib import Path
from typing import Any

from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

LOCK = 20_180_314  # any number that nothing else locks
KEYRING = Path(__file__).parent / "keyring_migrations"


def folder_of(service: str) -> Path:
    return Path(__file__).parent.parent / "services" / service / "migrations"


def upgrade(engine: Engine, folder: Path) -> list[str]:
    """Bring the database to the newest revision in `folder`; the revisions that were run. Safe beside others doing so.

    A migration waits for a lock at most five seconds, so that the release that is running is not held up behind it.
    """
    script = ScriptDirectory(str(folder), version_locations=[str(folder)])
    ran: list[str] = []

    def steps(revision: Any, _context: MigrationContext) -> Any:
        plan = script._upgrade_revs("head", revision)  # noqa: SLF001  what alembic's own `upgrade` command calls
        ran.extend(step.revision.revision for step in plan)
        return plan

    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        try:
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SET statement_timeout = '10min'"))
            connection.commit()
            context = MigrationContext.configure(connection, opts={"fn": steps, "transaction_per_migration": True})
            with Operations.context(context):
                context.run_migrations()
            connection.commit()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            connection.execute(text("RESET lock_timeout"))
            connection.execute(text("RESET statement_timeout"))
            connection.commit()
    return ran


def differences(connection: Connection, *described: MetaData) -> list[Any]:
    """What the tables in code say other than the migrated database; empty if they agree."""
    whole = MetaData()
    for part in described:
        for table in part.tables.values():
            table.to_metadata(whole)
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
    return [
        step
        for step in compare_metadata(context, whole)
        if not (step[0] == "remove_table" and step[1].name == "alembic_version")
    ]


def create_bus_tables() -> None:
    """The tables of `chassis.outbox`, as the first migration of every service makes them."""
    for statement in BUS_TABLES.strip().split(";\n"):
        op.execute(statement)


BUS_TABLES = """
CREATE TABLE event_log (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY,
    number BIGINT,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    event TEXT NOT NULL,
    request_id TEXT NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_event_log PRIMARY KEY (sequence),
    CONSTRAINT uq_event_log_number UNIQUE (number)
);
CREATE INDEX ix_event_log_unnumbered ON event_log (sequence) WHERE number IS NULL;
CREATE TABLE relay_state (
    one SMALLINT DEFAULT 1 NOT NULL,
    published BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_relay_state PRIMARY KEY (one),
    CONSTRAINT ck_relay_state_one CHECK (one = 1)
);
INSERT INTO relay_state DEFAULT VALUES;
CREATE TABLE inbox (
    producer TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    handler TEXT,
    reason TEXT,
    attempts INTEGER,
    body TEXT,
    CONSTRAINT pk_inbox PRIMARY KEY (producer, number),
    CONSTRAINT ck_inbox_state CHECK (state IN ('handled', 'parked', 'discarded'))
);
CREATE INDEX ix_inbox_parked ON inbox (producer, number) WHERE state = 'parked';
CREATE TABLE positions (
    producer TEXT NOT NULL,
    number BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (producer)
);
CREATE TABLE replies (
    caller TEXT NOT NULL,
    request TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    reply BYTEA NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    CONSTRAINT pk_replies PRIMARY KEY (caller, request, key)
);
CREATE INDEX ix_replies_at ON replies (at);
"""
