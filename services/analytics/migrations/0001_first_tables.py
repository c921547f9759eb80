"""Facts of visits, rollups by day, first visits, who came through whom."""

from alembic import op

from chassis.migrations import create_bus_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_bus_tables()
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)


TABLES = """
CREATE TABLE clients (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    referrer_id UUID,
    channel TEXT,
    channel_key TEXT,
    registered_at TIMESTAMPTZ NOT NULL,
    root_key TEXT,
    CONSTRAINT pk_clients PRIMARY KEY (client_id)
);
CREATE INDEX ix_clients_referrer_id ON clients (referrer_id);
CREATE INDEX ix_clients_spelling ON clients (channel_key, registered_at, client_id);
CREATE TABLE visits (
    appointment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    client_id UUID,
    branch_id UUID NOT NULL,
    local_date DATE NOT NULL,
    revenue BIGINT NOT NULL,
    currency TEXT NOT NULL,
    CONSTRAINT pk_visits PRIMARY KEY (appointment_id)
);
CREATE INDEX ix_visits_client_id_local_date ON visits (client_id, local_date, appointment_id);
CREATE TABLE visit_parts (
    appointment_id UUID NOT NULL,
    service_id UUID,
    category TEXT,
    master_id UUID,
    local_date DATE NOT NULL,
    branch_id UUID NOT NULL,
    client_id UUID,
    revenue BIGINT NOT NULL
);
CREATE INDEX ix_visit_parts_appointment_id ON visit_parts (appointment_id);
CREATE INDEX ix_visit_parts_local_date ON visit_parts (local_date);
CREATE TABLE client_days (
    local_date DATE NOT NULL,
    branch_id UUID NOT NULL,
    client_id UUID,
    visits INTEGER NOT NULL,
    revenue BIGINT NOT NULL,
    CONSTRAINT uq_client_days_key UNIQUE NULLS NOT DISTINCT (local_date, branch_id, client_id)
);
CREATE TABLE first_visits (
    client_id UUID NOT NULL,
    appointment_id UUID NOT NULL,
    local_date DATE NOT NULL,
    branch_id UUID NOT NULL,
    CONSTRAINT pk_first_visits PRIMARY KEY (client_id),
    CONSTRAINT uq_first_visits_appointment_id UNIQUE (appointment_id)
);
"""
