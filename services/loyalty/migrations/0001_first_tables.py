"""The graph, the visits that count, programmes, discounts; the default programme."""

from alembic import op

from chassis.migrations import create_bus_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_bus_tables()
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)


TABLES = """
CREATE TABLE programmes (
    version INTEGER NOT NULL,
    in_force_since TIMESTAMPTZ NOT NULL,
    tiers JSONB NOT NULL,
    CONSTRAINT pk_programmes PRIMARY KEY (version)
);
INSERT INTO programmes (version, in_force_since, tiers) VALUES (1, now(), CAST('[
    {"people": 1, "percent": "3"},
    {"people": 3, "percent": "5"},
    {"people": 5, "percent": "7"},
    {"people": 10, "percent": "10"},
    {"people": 20, "percent": "15"}
]' AS JSONB));
CREATE TABLE clients (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    referrer_id UUID,
    since TIMESTAMPTZ,
    refused TEXT,
    home_branch_id UUID,
    changed_at TIMESTAMPTZ,
    erased BOOLEAN NOT NULL,
    CONSTRAINT pk_clients PRIMARY KEY (client_id)
);
CREATE INDEX ix_clients_referrer_id ON clients (referrer_id);
CREATE INDEX ix_clients_refused ON clients (client_id) WHERE refused IS NOT NULL;
CREATE TABLE claims (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    referrer_id UUID,
    claimed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_claims PRIMARY KEY (client_id, version)
);
CREATE INDEX ix_claims_referrer_id ON claims (referrer_id);
CREATE TABLE visits (
    appointment_id UUID NOT NULL,
    version BIGINT NOT NULL,
    client_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    revenue BIGINT NOT NULL,
    currency TEXT NOT NULL,
    qualifies BOOLEAN NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_visits PRIMARY KEY (appointment_id)
);
CREATE INDEX ix_visits_client_id_changed_at ON visits (client_id, changed_at);
CREATE INDEX ix_visits_qualifying ON visits (client_id) WHERE qualifies;
CREATE TABLE presences (
    client_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    CONSTRAINT pk_presences PRIMARY KEY (client_id, branch_id)
);
CREATE TABLE discounts (
    client_id UUID NOT NULL,
    percent NUMERIC(5, 2) NOT NULL,
    parts JSONB NOT NULL,
    direct INTEGER NOT NULL,
    qualified INTEGER NOT NULL,
    as_of TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_discounts PRIMARY KEY (client_id)
);
CREATE TABLE announcements (
    client_id UUID NOT NULL,
    version BIGINT NOT NULL,
    percent NUMERIC(5, 2) NOT NULL,
    announced_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT pk_announcements PRIMARY KEY (client_id)
);
"""
