"""Cards, sources, the search index, and where clients have appointments."""

from alembic import op

from chassis.migrations import create_bus_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_bus_tables()
    for statement in TABLES.strip().split(";\n"):
        op.execute(statement)


TABLES = """
CREATE TABLE sources (
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_sources PRIMARY KEY (key)
);
CREATE TABLE clients (
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    registered_at TIMESTAMPTZ NOT NULL,
    channel TEXT,
    channel_key TEXT,
    referrer_id UUID,
    home_branch_id UUID,
    favourite_master_id UUID,
    favourite_service_ids UUID[] NOT NULL,
    convenient_times JSONB NOT NULL,
    reference_index BYTEA,
    person BYTEA,
    health BYTEA,
    erased_at TIMESTAMPTZ,
    CONSTRAINT pk_clients PRIMARY KEY (id),
    CONSTRAINT uq_clients_reference_index UNIQUE (reference_index),
    CONSTRAINT fk_clients_channel_key FOREIGN KEY (channel_key) REFERENCES sources (key),
    CONSTRAINT fk_clients_referrer_id FOREIGN KEY (referrer_id) REFERENCES clients (id),
    CONSTRAINT ck_clients_nobody_brings_themselves CHECK (referrer_id <> id),
    CONSTRAINT ck_clients_erased_is_blank
        CHECK ((erased_at IS NULL) = (person IS NOT NULL) AND (erased_at IS NULL OR health IS NULL))
);
CREATE INDEX ix_clients_registered_at_id ON clients (registered_at, id);
CREATE INDEX ix_clients_referrer_id ON clients (referrer_id);
CREATE INDEX ix_clients_home_branch_id ON clients (home_branch_id);
CREATE TABLE search_index (
    kind TEXT NOT NULL,
    value BYTEA NOT NULL,
    client_id UUID NOT NULL,
    shared BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_search_index PRIMARY KEY (kind, value, client_id),
    CONSTRAINT fk_search_index_client_id FOREIGN KEY (client_id) REFERENCES clients (id)
);
CREATE INDEX ix_search_index_client_id ON search_index (client_id);
CREATE UNIQUE INDEX uq_search_index_phone ON search_index (value) WHERE kind = 'phone' AND NOT shared;
CREATE TABLE client_branches (
    client_id UUID NOT NULL,
    branch_id UUID NOT NULL,
    CONSTRAINT pk_client_branches PRIMARY KEY (client_id, branch_id)
);
CREATE INDEX ix_client_branches_branch_id ON client_branches (branch_id);
"""
